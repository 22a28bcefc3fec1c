"""Drafts to accepted rows: place, period, unit, breakdown and number resolved, or every reason why not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ingestion.drafts import TOTAL_BREAKDOWN, Draft, joined_breakdown
from ingestion.errors import RowFault
from ingestion.figures import COMPARATOR_OF, Figure, Writing, part_of_cell, read_words, without_marks
from ingestion.grid import NoFigure, Percent
from ingestion.layout import Table
from ingestion.numbers import VALUE_SCALE, WHOLE_DIGITS, Number, NumberOutOfRange, UnreadableNumber, read_number
from ingestion.places import Whole, area_of_row
from ingestion.questions import Asker
from ingestion.reference import Area
from ingestion.source import Source
from ingestion.text import clean, is_blank, printed
from ingestion.vocabulary import BASES, WORDS

# What yearbooks and ministries print where nothing was collected, for sources that declare no missing_tokens. A dash is
# not among them: it is zero in some publications and "cannot exist" in others, so a source has to say which.
MISSING_TOKENS = {"..": "L", "...": "L", "…": "L"}

# Statuses that say why there is no figure.
MISSING_STATUSES = ("L", "M", "O", "Q")

# Reason of a missing mark at a place that is no area of the period's set.
MISSING_OUTSIDE_SET = "missing_outside_set"

_MEMBER = re.compile(r"([a-z_]+):([a-z0-9_]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Said of a row that is a total, a region or a statistic the source declares to leave out: no shape row at all.

    `whole` is what an accepted row would be, with the boundary set of the provinces that make it up, where the figure
    of a region or of the country can be read: provinces are checked against it.
    """

    whole: dict[str, Any] | None = None


def settle(draft: Draft, table: Table, source: Source, asker: Asker) -> dict[str, Any] | list[RowFault] | LeftOut:
    """The accepted row (without row_no), or the reasons why it is none, the first found first, or LeftOut."""
    faults: list[RowFault] = []
    area = area_of_row(draft, source, asker, faults)
    if not isinstance(area, Whole):
        return _settled(draft, area, faults, table, source, asker)
    row = _settled(draft, area.area, faults, table, source, asker) if area.area else None
    return LeftOut({**row, "boundary_set": area.boundary_set} if isinstance(row, dict) else None)


def _settled(
    draft: Draft, area: Area | None, faults: list[RowFault], table: Table, source: Source, asker: Asker
) -> dict[str, Any] | list[RowFault]:
    """The row of an area, or every reason why it is none; `faults` are those found so far."""
    where = table.grid.address(draft.row, draft.column)
    period_id, basis = _period(draft, faults)
    unit, multiplier = _unit(draft, asker, faults)
    breakdown = _breakdown(draft, asker, faults)
    figure, status = _value(draft.value, where, draft.writing, source, (asker, unit, multiplier), faults)
    upper = _upper(draft, table, source, (asker, unit, multiplier), faults)
    stated = _stated(draft, figure, upper, faults)
    if draft.kind is None:
        faults.append(
            _fault(
                "unknown_kind",
                "kind",
                draft.kind_text,
                "Loại số liệu chưa khai báo trong kinds",
                "This kind is not declared under kinds",
            )
        )
    _check_words(draft, faults)
    if figure is None and status and [fault.reason_code for fault in faults] == ["area_not_in_set"]:
        faults = [_nothing_lost(faults[0], printed(draft.value))]
    if faults or area is None:
        return faults
    catalogue_unit, low, high = (asker.ask("indicator", draft.indicator_code) or "||").split("|")
    return {
        "kind": draft.kind,
        "sheet": table.grid.sheet,
        "cell": where,
        "place_text": " | ".join(place.text for place in draft.places),
        "label_text": draft.label_text,
        "period_text": draft.period_text,
        "value_text": printed(draft.value),
        "unit_text": draft.unit_text,
        "province_id": area.province_id,
        "area_level": area.area_level,
        "boundary_set": area.boundary_set,
        "indicator_code": draft.indicator_code,
        "period_id": period_id,
        "basis": basis,
        "breakdown": breakdown,
        **stated,
        "unit": unit,
        "catalogue_unit": catalogue_unit or None,
        "min_value": Decimal(low) if low else None,
        "max_value": Decimal(high) if high else None,
        "status": _status(status, draft),
        "target_status": draft.target_status or None,
        "quote": draft.quote or None,
    }


def _nothing_lost(fault: RowFault, mark: str) -> RowFault:
    """A table over many years keeps the row of a province that was merged: it has no figure, and no area to miss it."""
    return replace(
        fault,
        reason_code=MISSING_OUTSIDE_SET,
        reason_vi=f"{fault.reason_vi} Ô không có số (“{mark}”) nên không mất số liệu nào.",
        reason_en=f"{fault.reason_en} The cell holds no figure (“{mark}”), so nothing is lost.",
    )


def _fault(code: str, field: str, raw: str, said_vi: str, said_en: str) -> RowFault:
    return RowFault(code, field, raw, f"{said_vi}: “{raw}”.", f"{said_en}: “{raw}”.")


def _period(draft: Draft, faults: list[RowFault]) -> tuple[str | None, str | None]:
    """Period and basis. What the source declares holds, unless the printed form says that it cannot be so."""
    if draft.period is None:
        faults.append(
            _fault(
                "unreadable_period",
                "period",
                draft.period_text,
                "Không đọc được kỳ số liệu, hoặc không đúng loại kỳ đã khai báo",
                "The period cannot be read, or is not of the declared type",
            )
        )
        return None, None
    implied = draft.period.basis
    basis = draft.basis or implied
    contradicts = (implied == "ytd" and basis in ("period", "cumulative")) or (implied == "point" and basis == "period")
    if basis not in BASES or contradicts:
        faults.append(
            _fault(
                "unreadable_period",
                "basis",
                f"{draft.period_text} / {basis or ''}",
                "Kỳ số liệu và cách tính (basis) không khớp hoặc chưa khai báo",
                "Period and basis contradict each other, or the basis is not declared",
            )
        )
    return draft.period.period_id, basis


def _unit(draft: Draft, asker: Asker, faults: list[RowFault]) -> tuple[str | None, Decimal]:
    found = asker.ask("unit", draft.unit_text)
    if found is None:
        faults.append(
            _fault(
                "unknown_unit",
                "unit",
                draft.unit_text,
                "Đơn vị tính chưa có trong units.csv, unit_aliases.csv",
                "The unit is neither in units.csv nor in unit_aliases.csv",
            )
        )
        return None, Decimal(1)
    unit, multiplier = found.rsplit("|", 1)
    return unit, Decimal(multiplier)


def _breakdown(draft: Draft, asker: Asker, faults: list[RowFault]) -> str:
    """The breakdown in alphabetical order. Unknown members are refused: a typing error must not make a new member."""
    parts = [part.strip() for part in draft.breakdown.split(";")]
    members = {}
    for part in parts:
        if part in ("", TOTAL_BREAKDOWN):
            continue
        match = _MEMBER.fullmatch(part)
        if match is None or asker.ask("member", match[1], match[2]) is None or match[1] in members:
            faults.append(
                _fault(
                    "unknown_breakdown",
                    "breakdown",
                    draft.breakdown,
                    f"Phân tổ “{part}” chưa có trong breakdown_members.csv hoặc bị lặp",
                    f"Member “{part}” is not in breakdown_members.csv, or is repeated",
                )
            )
        else:
            members[match[1]] = match[2]
    return joined_breakdown(members)


def _value(
    value: object,
    where: str,
    writing: Writing,
    source: Source,
    unit: tuple[Asker, str | None, Decimal],
    faults: list[RowFault],
) -> tuple[Figure | None, str]:
    """The figure in the base unit, or none and the status that says why; marks behind a figure are statuses too."""
    tokens = source.layout.get("missing_tokens", MISSING_TOKENS)
    raw, marks = printed(value), ""
    if is_blank(value):
        if source.layout["blank_cells"] == "missing":
            return None, "O"
        faults.append(_fault("missing_value", "value", raw, f"Ô {where} để trống", f"Cell {where} is blank"))
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
        return _figure(value, writing, *unit), marks
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
                f"Ô {where}: “{raw}” không phải số viết theo kiểu “{writing.locale}” đã khai báo.",
                f"Cell {where}: “{raw}” is no number as written under the declared locale “{writing.locale}”"
                f" ({error}).",
            )
        )
        return None, ""


def _upper(
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
    figure, _ = _value(draft.value_upper, where, draft.writing, source, unit, own)
    faults += [replace(fault, field="value_upper", cell=where) for fault in own]
    return figure


def _check_words(draft: Draft, faults: list[RowFault]) -> None:
    """Words of the publisher must be among those known: the row is refused, since a typing error is no fault of all."""
    for field, known in WORDS.items():
        word = getattr(draft, field)
        if word and word not in known:
            listed = ", ".join(known)
            faults.append(
                _fault(
                    "unknown_word", field, word, f"{field} phải là một trong {listed}", f"{field} is one of {listed}"
                )
            )


def _figure(value: object, writing: Writing, asker: Asker, unit: str | None, multiplier: Decimal) -> Figure:
    """The figure in a cell, in the base unit; raises UnreadableNumber."""
    if writing.pattern:
        value = part_of_cell(printed(value), writing.pattern)
    if not (writing.is_worded and isinstance(value, str)):
        return Figure(_number(value, writing.locale, unit).times(multiplier))
    return read_words(value, writing.locale, unit, multiplier, lambda label: _meant_unit(asker, label))


def _meant_unit(asker: Asker, label: str) -> tuple[str, Decimal] | None:
    """Unit and multiplier of a label, None where it is not known."""
    found = asker.ask("unit", label)
    unit, _, multiplier = (found or "").rpartition("|")
    return (unit, Decimal(multiplier)) if found else None


def _stated(draft: Draft, figure: Figure | None, upper: Figure | None, faults: list[RowFault]) -> dict[str, Any]:
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
    if is_said_twice or (figure and figure.upper and upper):
        vi, en = "Ô số liệu và cột bên cạnh nói khác nhau", "The cell and the column beside it say different things"
        faults.append(_fault("unreadable_number", "value", printed(draft.value), vi, en))
    return {
        "value": number.value if number else None,
        "value_upper": end.value if end else None,
        "decimals": number.decimals if number else None,
        "qualifier": qualifier or "exact",
        "comparator": comparator or None,
    }


def _status(status: str, draft: Draft) -> str:
    """The statuses of a row, in alphabetical order: why there is no figure, or all that marks and period say of it."""
    if status in MISSING_STATUSES:
        return status
    said = {*status.split(";"), *draft.statuses, "P" if draft.period and draft.period.is_preliminary else ""}
    return ";".join(sorted(said - {"", "A"})) or "A"


def _number(value: object, locale: str, unit: str | None) -> Number:
    """The number in a cell. 0.724 printed as `72.4%` is 72.4 where the unit is a percentage, and refused elsewhere."""
    if not isinstance(value, Percent):
        return read_number(value, locale)
    if unit is None or not unit.startswith("%"):
        raise UnreadableNumber(f"printed as a percentage, but the unit is {unit}")
    number = read_number(float(value), locale).times(Decimal(100))
    return Number(number.value, max(number.decimals, 0))
