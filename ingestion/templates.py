"""Patterns for titles, headers, sheets and file names, no regular expressions: `Tháng {month} năm {year}`, `d_{year}`.

Words are compared folded (case, accents, punctuation and blanks do not matter); a placeholder takes the rest.
`{year}` four digits, `{month}` 1-12, `{day}` 1-31, `{quarter}` 1-4 or I-IV, `{half}` 1-2, `{period}` any form
`periods.read_period` reads, `{unit}` the unit's label, `{any}` anything, also nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from ingestion.periods import Period, is_period_id, read_text
from ingestion.text import clean, fold, fold_exact, has_accents

PLACEHOLDERS = {
    "year": r"(?P<year>(?:19|20)\d\d)",
    "month": r"(?P<month>0?[1-9]|1[0-2])",
    "day": r"(?P<day>0?[1-9]|[12]\d|3[01])",
    "quarter": r"(?P<quarter>iv|iii|ii|i|[1-4])",
    "half": r"(?P<half>[12])",
    "period": r"(?P<period>.+)",
    "unit": r"(?P<unit>.+)",
    "any": r".*",
}
PERIOD_PLACEHOLDERS = frozenset({"period", "year", "month", "day", "quarter", "half"})
# These two are taken from the printed text, whose punctuation says something (`2020 (*)`, `%`).
_TO_THE_END = ("period", "unit")
_MARKS = " :;.,-–=("
# What may close the text behind them: `Average population ({unit})`.
_CLOSING = ") ]"
# A title is short; what is longer is a note.
LONGEST_TITLE = 500
_SPLIT = re.compile(r"\{([a-z]+)\}")


class BadTemplate(ValueError):
    """The pattern uses an unknown placeholder, or one twice."""


@lru_cache(maxsize=512)
def compiled(template: str, folding: Callable[[str], str] = fold) -> re.Pattern[str]:
    """The regular expression of a pattern, over folded text. Raises BadTemplate."""
    parts = _SPLIT.split(template)
    names = [name for name in parts[1::2] if name != "any"]
    if any(name not in PLACEHOLDERS for name in names) or len(set(names)) != len(names):
        raise BadTemplate(f"{template!r}: unknown or repeated placeholder; known are {', '.join(PLACEHOLDERS)}")
    if any(name in names and not template.rstrip(_CLOSING).endswith(f"{{{name}}}") for name in _TO_THE_END):
        raise BadTemplate(f"{template!r}: {{period}} and {{unit}} take the rest of the text, so they come last")
    pieces = [
        _literal(parts, index, folding) if index % 2 == 0 else PLACEHOLDERS[part] for index, part in enumerate(parts)
    ]
    return re.compile(" ?".join(piece for piece in pieces if piece), re.ASCII)


def _literal(parts: Sequence[str], index: int, folding: Callable[[str], str]) -> str:
    """Words of a pattern. Where anything may follow they stay whole: `Chỉ số 1: {any}` is not `Chỉ số 10: ...`."""
    words = re.escape(folding(parts[index]))
    if not words:
        return ""
    before = r"\b" if parts[index - 1 : index] == ["any"] and words[0].isalnum() else ""
    behind = r"\b" if parts[index + 1 : index + 2] == ["any"] and words[-1].isalnum() else ""
    return f"{before}{words}{behind}"


def placeholders(template: str) -> frozenset[str]:
    """The names of the placeholders in a pattern."""
    return frozenset(_SPLIT.split(template)[1::2])


def match(template: str, text: str) -> dict[str, str] | None:
    """What the placeholders stand for in the text, folded, or None where the pattern does not fit all of it."""
    found = compiled(template).fullmatch(fold(text)) if len(text) <= LONGEST_TITLE else None
    return None if found is None else {name: value.strip() for name, value in found.groupdict().items()}


def is_exact(template: str, text: str) -> bool:
    """Whether a pattern fits a text accent by accent; one without placeholders is compared as a whole."""
    if "{" not in template:
        return fold_exact(template) == fold_exact(text)
    return len(text) <= LONGEST_TITLE and compiled(template, fold_exact).fullmatch(fold_exact(text)) is not None


def contradicts(template: str, text: str) -> bool:
    """Whether both have accents and they are others: `Nam` may be `Năm` written without accents, `Nằm` may not."""
    words = " ".join(_SPLIT.split(template)[::2])
    return not is_exact(template, text) and has_accents(words) and has_accents(text)


def match_rest(template: str, text: str) -> str | None:
    """The printed text that the last placeholder of a pattern stands for, or None where the pattern does not fit."""
    head = compiled(template.rpartition("{")[0])
    printed = clean(text)
    found = match(template, text)
    if found is None:
        return None
    wanted = found.get("unit") or found.get("period")
    # Blanks and marks may be missing (`ĐVT:thuê bao`), so every split is tried; folds of short texts are cheap.
    for end in range(len(printed)):
        rest = printed[end:].lstrip(_MARKS)
        if fold(rest) == wanted and head.fullmatch(fold(printed[:end])):
            return _unclosed(rest)
    return None


def _unclosed(rest: str) -> str:
    """The rest without a bracket that was opened before it: `Thous. pers.)` is `Thous. pers.`."""
    return rest[:-1].rstrip() if rest[-1:] in (")", "]") and not {"(", "["} & set(rest) else rest


def match_period(template: str, text: str, administrative_quarters: bool = False) -> Period | None:
    """The period a text states by a pattern, or None."""
    return match_period_in([(template, text)], administrative_quarters)


def match_period_in(parts: Sequence[tuple[str, str]], administrative_quarters: bool = False) -> Period | None:
    """The period that several texts state together, each by its own pattern: `Năm {year}` above `Tháng {month}`."""
    found: dict[str, str] = {}
    for template, text in parts:
        said = match(template, text)
        if said is None:
            return None
        if "period" in said:
            rest = match_rest(template, text)
            return None if rest is None else read_text(rest, administrative_quarters)
        found |= said
    # A star is how the statistics office marks preliminary years; folding lost it.
    is_preliminary = any("(*)" in text for template, text in parts if placeholders(template) & PERIOD_PLACEHOLDERS)
    period = _period_of_parts(found, administrative_quarters)
    return replace(period, is_preliminary=True) if period and is_preliminary else period


def _period_of_parts(found: Mapping[str, str], administrative_quarters: bool) -> Period | None:
    year = found.get("year")
    if "quarter" in found:
        return read_text(f"quy {found['quarter']} {year}", administrative_quarters)
    if "half" in found:
        return read_text(f"{year}-H{found['half']}")
    period_id = "-".join([str(year), *(f"{int(found[part]):02d}" for part in ("month", "day") if part in found)])
    return Period(period_id) if is_period_id(period_id) else None
