"""The value cells of a draft: figures in the base unit, how firmly they are stated, and the statuses of the row."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from ingestion.drafts import Draft
from ingestion.errors import RowFault
from ingestion.figures import COMPARATOR_OF, Figure, Writing, part_of_cell, read_words, without_marks
from ingestion.grid import NoFigure, Percent
from ingestion.layout import Table
from ingestion.numbers import VALUE_SCALE, WHOLE_DIGITS, Number, NumberOutOfRange, UnreadableNumber, read_number
from ingestion.questions import Asker
from ingestion.source import Source
from ingestion.text import clean, is_blank, printed

# What yearbooks and ministries print where nothing was collected, for sources that declare no missing_tokens. A dash is
# not among them: it is zero in some publications and "cannot exist" in others, so a source has to say which.
MISSING_TOKENS = {"..": "L", "...": "L", "…": "L"}

# Statuses that say why there is no figure.
MISSING_STATUSES = ("L", "M", "O", "Q")


def stated_of(draft: Draft, figure: Figure | None, upper: Figure | None, faults: list[RowFault]) -> dict[str, Any]:
    """Value, range, qualifier and comparator, from the figure's own words and the columns; they must not differ.

    Of a target the words are its comparator, of an observation its qualifier.
    """
    number = figure.number if figure else None
    end = (figure.upper if figure else None) or (upper.number if upper else None)
    word = figure.word if figure else "exact"
    qualifier, comparator = draft.qualifier, draft.comparator
    if draft.kind == "target":
        said = "range" if figure and figure.upper else COMPARATOR_OF.get(word, "")
        is_said_twice = draft.is_comparator_said and said and said != comparator
        comparator = said or comparator
        qualifier = qualifier or (word if word not in COMPARATOR_OF else "")
    else:
        is_said_twice = word != "exact" and qualifier not in ("", word)
        qualifier = qualifier or word
    if upper and (number is None or upper.number.value <= number.value):
        vi, en = "Đầu trên của khoảng không lớn hơn đầu dưới", "The upper end of the range is not above its lower end"
        faults.append(row_fault("unreadable_number", "value_upper", printed(draft.value_upper), vi, en))
    if is_said_twice or (figure and figure.upper and upper):
        vi, en = "Ô số liệu và cột bên cạnh nói khác nhau", "The cell and the column beside it say different things"
        faults.append(row_fault("unreadable_number", "value", printed(draft.value), vi, en))
    return {
        "value": number.value if number else None,
        "value_upper": end.value if end else None,
        "decimals": number.decimals if number else None,
        "qualifier": qualifier or "exact",
        "comparator": comparator or None,
    }


def status_of(status: str, draft: Draft) -> str:
    """The statuses of a row, in alphabetical order: why there is no figure, or all that marks and period say of it."""
    if status in MISSING_STATUSES:
        return status
    if not status and not draft.statuses:
        return "P" if draft.period and draft.period.is_preliminary else "A"
    said = {*status.split(";"), *draft.statuses, "P" if draft.period and draft.period.is_preliminary else ""}
    return ";".join(sorted(said - {"", "A"})) or "A"


def value_of(
    value: object,
    where: str,
    writing: Writing,
    source: Source,
    unit: tuple[Asker, str | None, Decimal],
    faults: list[RowFault],
) -> tuple[Figure | None, str]:
    """The figure in the base unit, or none and the status that says why; marks behind a figure are statuses too."""
    tokens = source.layout.get("missing_tokens", MISSING_TOKENS)
    raw, marks, locale = printed(value), "", writing.locale or source.number_locale
    if is_blank(value):
        if source.layout["blank_cells"] == "missing":
            return None, "O"
        faults.append(row_fault("missing_value", "value", raw, f"Ô {where} để trống", f"Cell {where} is blank"))
        return None, ""
    if isinstance(value, str):
        value, found = without_marks(value, writing.marks)
        marks = ";".join(found)
        if clean(value) in tokens:
            return None, tokens[clean(value)]
    if isinstance(value, NoFigure):
        reason_vi, reason_en = f"Ô {where}: “{raw}” {value.why_vi}.", f"Cell {where}: “{raw}” {value.why_en}."
        faults.append(RowFault("unreadable_number", "value", raw, reason_vi, reason_en))
        return None, ""
    try:
        return _figure(value, writing, locale, *unit), marks
    except NumberOutOfRange:
        faults.append(
            RowFault(
                "number_out_of_range",
                "value",
                raw,
                f"Ô {where}: số “{raw}” (sau khi đổi đơn vị) có hơn {WHOLE_DIGITS} chữ số phần nguyên hoặc hơn "
                f"{VALUE_SCALE} chữ số thập phân nên không lưu chính xác được; kiểm tra số hoặc đơn vị tính.",
                f"Cell {where}: the number “{raw}” (in the base unit) has more than {WHOLE_DIGITS} digits before or "
                f"more than {VALUE_SCALE} behind the decimal mark and cannot be stored exactly; check it, or its unit.",
            )
        )
        return None, ""
    except UnreadableNumber as error:
        faults.append(
            RowFault(
                "unreadable_number",
                "value",
                raw,
                f"Ô {where}: “{raw}” không phải số viết theo kiểu “{locale}” đã khai báo.",
                f"Cell {where}: “{raw}” is no number as written under the declared locale “{locale}” ({error}).",
            )
        )
        return None, ""


def upper_of(
    draft: Draft,
    table: Table,
    source: Source,
    unit: tuple[Asker, str | None, Decimal],
    faults: list[RowFault],
) -> Figure | None:
    """The upper figure of a range, None where there is none; its faults name its own cell."""
    if draft.upper_column is None or is_blank(draft.value_upper):
        return None
    where = table.grid.address(draft.row, draft.upper_column)
    own: list[RowFault] = []
    figure, _ = value_of(draft.value_upper, where, draft.writing, source, unit, own)
    faults += [replace(fault, field="value_upper", cell=where) for fault in own]
    return figure


def _figure(
    value: object, writing: Writing, locale: str, asker: Asker, unit: str | None, multiplier: Decimal
) -> Figure:
    """The figure in a cell, in the base unit; raises UnreadableNumber."""
    if writing.pattern:
        value = part_of_cell(printed(value), writing.pattern)
    if not (writing.is_worded and isinstance(value, str)):
        return Figure(_number(value, locale, unit).times(multiplier))
    return read_words(value, locale, unit, multiplier, lambda label: _meant_unit(asker, label))


def _meant_unit(asker: Asker, label: str) -> tuple[str, Decimal] | None:
    """Unit and multiplier of a label, None where it is not known."""
    found = asker.ask("unit", label)
    unit, _, multiplier = (found or "").rpartition("|")
    return (unit, Decimal(multiplier)) if found else None


def _number(value: object, locale: str, unit: str | None) -> Number:
    """The number in a cell. 0.724 printed as `72.4%` is 72.4 where the unit is a percentage, and refused elsewhere."""
    if not isinstance(value, Percent):
        return read_number(value, locale)
    if unit is None or not unit.startswith("%"):
        raise UnreadableNumber(f"printed as a percentage, but the unit is {unit}")
    number = read_number(float(value), locale).times(Decimal(100))
    return Number(number.value, max(number.decimals, 0))


def row_fault(code: str, field: str, raw: str, said_vi: str, said_en: str) -> RowFault:
    """What is wrong with one field of a row, said before the text that stands there."""
    return RowFault(code, field, raw, f"{said_vi}: “{raw}”.", f"{said_en}: “{raw}”.")
