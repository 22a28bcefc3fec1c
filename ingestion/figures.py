"""Figures written as text: marks and other parts of the cell taken off, bounds, ranges and words read, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from ingestion.numbers import Number, UnreadableNumber, read_number
from ingestion.text import clean, fold

# The unit and multiplier a label means in the reference tables, or None.
UnitOf = Callable[[str], tuple[str, Decimal] | None]

SIGNS = {">=": "at_least", "≥": "at_least", "<=": "at_most", "≤": "at_most", ">": "more_than", "<": "less_than"}
SIGNS |= {"=": "exact", "~": "approx", "≈": "approx"}

# Words before a figure, folded; after them, in the order of the table, none, one or several blanks.
WORDS = {
    "": "exact",
    "dat": "exact",
    "tu": "exact",
    "toi thieu": "at_least",
    "it nhat": "at_least",
    "khong duoi": "at_least",
    "khong it hon": "at_least",
    "tren": "more_than",
    "hon": "more_than",
    "vuot": "more_than",
    "toi da": "at_most",
    "nhieu nhat": "at_most",
    "khong qua": "at_most",
    "khong vuot qua": "at_most",
    "duoi": "less_than",
    "gan": "almost",
    "khoang": "approx",
    "xap xi": "approx",
    "uoc": "approx",
    "uoc dat": "approx",
}
SUFFIXES = {"tro len": "at_least", "tro xuong": "at_most"}
SCALES = {"nghin": 3, "ngan": 3, "trieu": 6, "ty": 9, "ti": 9}

# Units that have a scale of their own, or that are none to be counted in thousands.
_UNSCALED = ("%", "million", "billion")

# How a word of a figure bounds a target.
COMPARATOR_OF = {"at_least": "ge", "more_than": "gt", "at_most": "le", "less_than": "lt"}

_DIGITS = r"\d[\d.,]*(?<![.,])"
_FIGURE = re.compile(rf"[+-]?{_DIGITS}", re.ASCII)
_ONE = re.compile(rf"(?P<head>[^\d]*?)(?P<figure>[+-]?{_DIGITS})(?P<label>(?:[^\d].*)?)", re.ASCII)
_RANGE = re.compile(
    rf"(?P<head>[^\d]*?)(?P<figure>{_DIGITS})(?P<first>[^\d]*?) ?(?:-|–|—|đến|tới|den|toi) ?"
    rf"(?P<upper>{_DIGITS})(?P<label>(?:[^\d].*)?)",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in the base unit, its upper end where it is a range, and how firmly it is stated (a qualifier)."""

    number: Number
    upper: Number | None = None
    word: str = "exact"


class Writing(NamedTuple):
    """How the cells of a column are written: locale of digits (None: the source's), words or not, pattern, marks."""

    locale: str | None = None
    is_worded: bool = False
    pattern: str = ""
    marks: Mapping[str, str] = {}


def writing_of(layout: Mapping[str, Any], measure: Mapping[str, Any]) -> Writing:
    """How the cells of a measure are written: as it says, or else as the layout says."""
    return Writing(
        measure.get("number_locale"),
        measure.get("figures", layout.get("figures")) == "worded",
        measure.get("cell", ""),
        layout.get("footnotes", {}),
    )


def without_marks(text: str, marks: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """A printed text without the declared footnote marks at its end, and their statuses."""
    if not marks:
        return text, ()
    statuses: list[str] = []
    text = text.strip()
    while found := next((mark for mark in marks if text.endswith(mark) and text != mark), None):
        statuses.append(marks[found])
        text = text.removesuffix(found).rstrip()
    return text, tuple(statuses)


def is_written(text: str, writing: Writing) -> bool:
    """Whether a text looks like a figure as the cells of a column are written: with marks, words or in its pattern."""
    text, _ = without_marks(clean(text).replace("\N{MINUS SIGN}", "-"), writing.marks)
    if writing.pattern:
        return _compiled(writing.pattern).fullmatch(text) is not None and any(map(str.isdigit, text))
    if not writing.is_worded:
        return _FIGURE.fullmatch(text) is not None
    found = _RANGE.fullmatch(text) or _ONE.fullmatch(text)
    try:
        return found is not None and bool(_word(found["head"], found["label"]))
    except UnreadableNumber:
        return False


def part_of_cell(text: str, pattern: str) -> str:
    """What stands at `{value}` in a cell; raises UnreadableNumber where the cell is not written like the pattern."""
    found = _compiled(pattern).fullmatch(clean(text))
    if found is None:
        raise UnreadableNumber(f"not written as {pattern}")
    return found["value"]


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{value\}|\{any\})", clean(pattern))
    kinds = {"{value}": r"(?P<value>[^()\[\]]+?)", "{any}": r"[^()\[\]]+?"}
    return re.compile(r" ?".join(kinds.get(piece) or re.escape(piece.strip()) for piece in pieces if piece.strip()))


def read_words(text: str, locale: str, unit: str | None, multiplier: Decimal, unit_of: UnitOf) -> Figure:
    """A figure with a bound, a range, a scale or a unit in its text: `≥ 80`, `15% đến 20%`, `hơn 1,2 triệu`.

    Args:
        text: the printed cell.
        locale: how its digits are written; words change nothing about that.
        unit: the unit of the column; a label in the cell must mean the same.
        multiplier: of the column's unit; a scale in the cell must not contradict it.
        unit_of: looks a label up.

    Raises UnreadableNumber for what is left over or could mean two things.
    """
    printed = clean(text).replace("\N{MINUS SIGN}", "-")
    found = _RANGE.fullmatch(printed) or _ONE.fullmatch(printed)
    if found is None:
        raise UnreadableNumber("no figure with words that are known")
    parts = found.groupdict()
    word, label = _word(parts["head"], parts["label"])
    scale = _scale(label, unit, multiplier, unit_of)
    number = read_number(parts["figure"], locale).times(scale)
    if "upper" not in parts:
        return Figure(number, None, word)
    if word not in ("exact", "approx") or fold(parts["first"]) not in ("", fold(label)):
        raise UnreadableNumber("a range has no other bound, and both its ends one unit")
    upper = read_number(parts["upper"], locale).times(scale)
    if upper.value <= number.value:
        raise UnreadableNumber("a range ends above its beginning")
    return Figure(number, upper, word)


def _word(head: str, label: str) -> tuple[str, str]:
    """The qualifier that stands before or behind the figure, and the label without it."""
    sign = next((each for each in SIGNS if each in head), "")
    left = head.replace(sign, "", 1).strip() if sign else head.strip()
    before = fold(left)
    word = WORDS.get(before if before == "dat" else before.removeprefix("dat "))
    if not left.replace(" ", "").isalpha() and left:
        word = None
    elif sign:
        word = SIGNS[sign] if before in ("", "dat") else None
    behind = next((each for each in SUFFIXES if fold(label).endswith(each)), None)
    if word is None or (behind and word != "exact"):
        raise UnreadableNumber(f"“{head.strip()}” is no bound that is known")
    if behind is None:
        return word, label.strip()
    return SUFFIXES[behind], fold(label).removesuffix(behind).strip()


def _scale(label: str, unit: str | None, multiplier: Decimal, unit_of: UnitOf) -> Decimal:
    """By what a figure with this label behind it is multiplied."""
    if not label:
        return multiplier
    if label == "%":
        if unit is None or not unit.startswith("%"):
            raise UnreadableNumber(f"written as a percentage, but the unit is {unit}")
        return multiplier
    # `500 triệu` in a column of billions of dong counts dong.
    power = None if unit is None or unit.startswith(_UNSCALED) else SCALES.get(fold(label))
    meant = (unit, Decimal(10) ** power) if power is not None else unit_of(label)
    if meant is None or meant[0] != unit or multiplier not in (1, meant[1]):
        raise UnreadableNumber(f"“{label}” is not the unit of the column")
    return meant[1]
