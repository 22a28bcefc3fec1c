"""Drafts to accepted rows: place, period, unit, breakdown and number resolved, or every reason why not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ingestion.drafts import TOTAL_BREAKDOWN, Draft, joined_breakdown
from ingestion.errors import RowFault
from ingestion.layout import Table
from ingestion.periods import UNDATED, read_period
from ingestion.places import Whole, area_of_row
from ingestion.questions import Asker
from ingestion.reference import Area
from ingestion.source import Source
from ingestion.text import printed
from ingestion.values import row_fault, stated_of, status_of, upper_of, value_of
from ingestion.vocabulary import BASES, WORDS

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
    base_period_id = _base_period(draft, faults)
    unit, multiplier = unit_of(draft, asker, faults)
    breakdown = _breakdown(draft, asker, faults)
    figure, status = value_of(draft.value, where, draft.writing, source, (asker, unit, multiplier), faults)
    upper = upper_of(draft, table, source, (asker, unit, multiplier), faults)
    stated = stated_of(draft, figure, upper, faults)
    if not draft.indicator_code and "indicators" in source.layout:
        said_vi = "Tên chỉ tiêu chưa khai báo trong indicators của nguồn"
        said_en = "The name of the indicator is not declared under indicators of the source YAML"
        faults.append(row_fault("unknown_indicator", "indicator_code", draft.label_text, said_vi, said_en))
    if draft.kind is None:
        faults.append(
            row_fault(
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
        "status": status_of(status, draft),
        "target_status": draft.target_status or None,
        "base_period_id": base_period_id,
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


def _period(draft: Draft, faults: list[RowFault]) -> tuple[str | None, str | None]:
    """Period and basis. What the source declares holds, unless the printed form says that it cannot be so."""
    if draft.period is None:
        faults.append(
            row_fault(
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
            row_fault(
                "unreadable_period",
                "basis",
                f"{draft.period_text} / {basis or ''}",
                "Kỳ số liệu và cách tính (basis) không khớp hoặc chưa khai báo",
                "Period and basis contradict each other, or the basis is not declared",
            )
        )
    return draft.period.period_id, basis


def _base_period(draft: Draft, faults: list[RowFault]) -> str | None:
    """The period that a target is measured from, where it names one."""
    if not draft.base_period:
        return None
    period = read_period(draft.base_period)
    if period is None or period.period_id == UNDATED or draft.kind != "target":
        faults.append(
            row_fault(
                "unreadable_period",
                "base_period",
                draft.base_period,
                "Không đọc được kỳ gốc, hoặc dòng không phải là chỉ tiêu",
                "The base period cannot be read, or the row is no target",
            )
        )
        return None
    return period.period_id


def unit_of(draft: Draft, asker: Asker, faults: list[RowFault]) -> tuple[str | None, Decimal]:
    """The base unit and by what the figures are multiplied; 1 where the unit is not known."""
    found = asker.ask("unit", draft.unit_text)
    if found is None:
        faults.append(
            row_fault(
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
                row_fault(
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


def _check_words(draft: Draft, faults: list[RowFault]) -> None:
    """Words of the publisher must be among those known: the row is refused, since a typing error is no fault of all."""
    for field, known in WORDS.items():
        word = getattr(draft, field)
        if word and word not in known:
            listed = ", ".join(known)
            faults.append(
                row_fault(
                    "unknown_word", field, word, f"{field} phải là một trong {listed}", f"{field} is one of {listed}"
                )
            )
