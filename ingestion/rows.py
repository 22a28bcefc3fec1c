"""Cells to shape rows: each draft carries what one cell and its surroundings print, and is then settled or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingestion import areas
from ingestion.errors import RowFault
from ingestion.layout import Table
from ingestion.numbers import Number, UnreadableNumber, read_number
from ingestion.periods import UNDATED, Period, last_day, read_period
from ingestion.questions import Asker
from ingestion.source import Source
from ingestion.text import clean, is_blank, printed

BASES = ("point", "period", "ytd", "cumulative")
_MEMBER = re.compile(r"([a-z_]+):([a-z0-9_]+)", re.ASCII)
# Header label of the whole file's period and unit, with the address they were found at.
TOTAL_BREAKDOWN = "total"


@dataclass(frozen=True, slots=True)
class Draft:
    """One shape row as printed, before any question is asked. Places are (scheme, text) in the order of the YAML."""

    row: int
    column: int
    value: object
    places: tuple[tuple[str, str], ...]
    label_text: str
    indicator_code: str
    breakdown: str
    period: Period | None
    period_text: str
    unit_text: str
    basis: str
    kind: str | None
    kind_text: str
    value_upper: object = None
    qualifier: str = ""
    comparator: str = ""
    target_status: str = ""
    quote: str = ""


def drafts(table: Table, source: Source, asker: Asker, period: tuple[Period, str] | None, unit: str | None) -> Iterator[Draft]:
    """One draft per cell that is a shape row, in reading order; `period` and `unit` are the file's, where it has one."""
    layout = source.layout
    place_columns = [(place["scheme"], table.column(place["column"])) for place in layout["places"]]
    make = _wide if "measures" in layout else _long
    for row in range(table.first_row, table.end_row):
        if table.grid.is_blank_row(row):
            continue
        places = tuple((scheme, clean(printed(table.grid.cell(row, column)))) for scheme, column in place_columns)
        if not _is_left_out(table, row, layout, asker):
            yield from make(table, source, row, places, period, unit)


def _is_left_out(table: Table, row: int, layout: Mapping[str, Any], asker: Asker) -> bool:
    """Whether a label left of the first value says that the row is a total, a region or a statistic to leave out."""
    kinds = set(layout.get("skip_rows", ()))
    if layout.get("totals", "skip") == "skip":
        kinds.add("total")
    if "measures" in layout:
        first = min(table.column(measure["column"]) for measure in layout["measures"])
        cells = [table.grid.cell(row, column) for column in range(first)]
    else:
        cells = [table.grid.cell(row, table.column(place["column"])) for place in layout["places"]]
    texts = [clean(value) for value in cells if isinstance(value, str)]
    return any(asker.ask("label", text) in kinds for text in texts if text)


def _wide(
    table: Table, source: Source, row: int, places: tuple[tuple[str, str], ...], period: tuple[Period, str] | None,
    unit: str | None,
) -> Iterator[Draft]:
    layout = source.layout
    cell = table.grid.cell
    columns = [(measure, table.column(measure["column"])) for measure in layout["measures"]]
    is_empty = all(is_blank(cell(row, column)) for _, column in columns)
    if is_empty and not any(text for _, text in places):
        return
    row_period, period_text = period or _period_of_row(table, layout, row)
    row_unit = unit if unit is not None else _text(table, row, layout.get("unit", {}).get("column"))
    for measure, column in columns:
        value = cell(row, column)
        if is_blank(value) and layout["blank_cells"] == "ignore":
            continue
        yield Draft(
            row=row,
            column=column,
            value=value,
            places=places,
            label_text=table.label(column),
            indicator_code=measure["indicator_code"],
            breakdown=joined_breakdown({**layout.get("constants", {}), **measure.get("breakdown", {})}),
            period=row_period,
            period_text=period_text,
            unit_text=measure.get("unit", row_unit),
            basis=measure.get("basis", layout.get("basis", "")),
            kind="observation",
            kind_text="",
        )


def _long(
    table: Table, source: Source, row: int, places: tuple[tuple[str, str], ...], period: tuple[Period, str] | None,
    unit: str | None,
) -> Iterator[Draft]:
    layout = source.layout
    columns = layout["columns"]
    value_column = table.column(columns["value"])
    value = table.grid.cell(row, value_column)
    if is_blank(value) and layout["blank_cells"] == "ignore":
        return
    row_period, period_text = period or _period_of_row(table, layout, row)
    said = {name: _text(table, row, columns.get(name)) for name in columns if name not in ("value", "value_upper")}
    kind_text = said.get("kind", "")
    upper = table.grid.cell(row, table.column(columns["value_upper"])) if "value_upper" in columns else None
    yield Draft(
        row=row,
        column=value_column,
        value=value,
        value_upper=upper,
        places=places,
        label_text=said.get("label", ""),
        indicator_code=said["indicator_code"],
        breakdown=";".join([*(f"{d}:{c}" for d, c in layout.get("constants", {}).items()), said.get("breakdown", "")]),
        period=row_period,
        period_text=period_text,
        unit_text=unit if unit is not None else _text(table, row, layout["unit"].get("column")),
        basis=said.get("basis", "") or layout.get("basis", ""),
        kind=layout["kinds"].get(kind_text) if "kinds" in layout else "observation",
        kind_text=kind_text,
        qualifier=said.get("qualifier", ""),
        comparator=said.get("comparator", ""),
        target_status=said.get("target_status", ""),
        quote=said.get("quote", ""),
    )


def _text(table: Table, row: int, column: str | Sequence[str] | None) -> str:
    return "" if column is None else printed(table.grid.cell(row, table.column(column))).strip()


def _period_of_row(table: Table, layout: Mapping[str, Any], row: int) -> tuple[Period | None, str]:
    value = table.grid.cell(row, table.column(layout["period"]["column"]))
    return read_period(value, **period_options(layout)), printed(value)


def period_options(layout: Mapping[str, Any]) -> dict[str, Any]:
    """The declared options of periods.read_period."""
    return {
        "expect": layout["period"].get("expect"),
        "administrative_quarters": layout["period"].get("quarters") == "administrative",
    }


def joined_breakdown(members: Mapping[str, str]) -> str:
    """Dimension and member pairs as the star writes them: `contract:prepaid;operator:viettel`, or `total`."""
    return ";".join(f"{dimension}:{members[dimension]}" for dimension in sorted(members)) or TOTAL_BREAKDOWN


def settle(draft: Draft, table: Table, source: Source, asker: Asker) -> tuple[dict[str, Any], list[RowFault]]:
    """The accepted row (without row_no), or the reasons why it is none, the first found first."""
    faults: list[RowFault] = []
    where = table.grid.address(draft.row, draft.column)
    area = _area(draft, source, asker, faults)
    period_id, basis = _period(draft, faults)
    unit, multiplier = _unit(draft, asker, faults)
    breakdown = _breakdown(draft, asker, faults)
    number, status = _value(draft.value, where, source, multiplier, faults)
    upper, _ = (None, "") if is_blank(draft.value_upper) else _value(draft.value_upper, where, source, multiplier, faults)
    if draft.kind is None:
        faults.append(_fault("unknown_kind", "kind", draft.kind_text, "Loại số liệu chưa khai báo trong kinds",
                             "This kind is not declared under kinds"))
    if faults or area is None:
        return {}, faults
    catalogue_unit, low, high = (asker.ask("indicator", draft.indicator_code) or "||").split("|")
    is_preliminary = draft.period is not None and draft.period.is_preliminary
    return {
        "kind": draft.kind,
        "sheet": table.grid.sheet,
        "cell": where,
        "place_text": " | ".join(text for _, text in draft.places),
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
        "value": number.value if number else None,
        "value_upper": upper.value if upper else None,
        "decimals": number.decimals if number else None,
        "unit": unit,
        "catalogue_unit": catalogue_unit or None,
        "min_value": Decimal(low) if low else None,
        "max_value": Decimal(high) if high else None,
        "status": status or ("P" if is_preliminary else "A"),
        "qualifier": draft.qualifier or "exact",
        "comparator": draft.comparator or None,
        "target_status": draft.target_status or None,
        "quote": draft.quote or None,
    }, []


def _fault(code: str, field: str, raw: str, said_vi: str, said_en: str) -> RowFault:
    return RowFault(code, field, raw, f"{said_vi}: “{raw}”.", f"{said_en}: “{raw}”.")


def _area(draft: Draft, source: Source, asker: Asker, faults: list[RowFault]) -> areas.Area | None:
    """The one area all place columns agree on; a column that knows nothing leaves it to the others."""
    texts = [(scheme, text) for scheme, text in draft.places if text]
    place_text = " | ".join(text for _, text in texts)
    if any(asker.ask("label", text) == "total" for _, text in texts):
        return areas.country(asker.reference)
    is_fixed = source.boundary_set != areas.BY_PERIOD
    if not is_fixed and draft.period is None:
        return None
    is_dated = not is_fixed and draft.period is not None and draft.period.period_id != UNDATED
    day = last_day(draft.period.period_id) if is_dated and draft.period is not None else None
    day_text = day.isoformat() if day else None
    found = {asker.ask("area", scheme, text, day_text, source.boundary_set) for scheme, text in texts} - {None}
    if len(found) == 1:
        return asker.reference.areas[str(found.pop())]
    if found:
        faults.append(_fault("ambiguous_area", "place", place_text,
                             f"Các cột địa phương chỉ những tỉnh khác nhau ({', '.join(sorted(map(str, found)))})",
                             f"The place columns mean different provinces ({', '.join(sorted(map(str, found)))})"))
        return None
    scheme, text = (texts or [("name", "")])[0]
    why = areas.resolve(asker.reference, scheme, text, day, source.boundary_set)
    if isinstance(why, areas.Unresolved):
        faults.append(RowFault(why.reason_code, "place", place_text, why.reason_vi, why.reason_en))
    return None


def _period(draft: Draft, faults: list[RowFault]) -> tuple[str | None, str | None]:
    """Period and basis. What the source declares holds, unless the printed form says that it cannot be so."""
    if draft.period is None:
        faults.append(_fault("unreadable_period", "period", draft.period_text,
                             "Không đọc được kỳ số liệu, hoặc không đúng loại kỳ đã khai báo",
                             "The period cannot be read, or is not of the declared type"))
        return None, None
    implied = draft.period.basis
    basis = draft.basis or implied
    contradicts = (implied == "ytd" and basis in ("period", "cumulative")) or (implied == "point" and basis == "period")
    if basis not in BASES or contradicts:
        faults.append(_fault("unreadable_period", "basis", f"{draft.period_text} / {basis or ''}",
                             "Kỳ số liệu và cách tính (basis) không khớp hoặc chưa khai báo",
                             "Period and basis contradict each other, or the basis is not declared"))
    return draft.period.period_id, basis


def _unit(draft: Draft, asker: Asker, faults: list[RowFault]) -> tuple[str | None, Decimal]:
    found = asker.ask("unit", draft.unit_text)
    if found is None:
        faults.append(_fault("unknown_unit", "unit", draft.unit_text,
                             "Đơn vị tính chưa có trong units.csv, unit_aliases.csv",
                             "The unit is neither in units.csv nor in unit_aliases.csv"))
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
            faults.append(_fault("unknown_breakdown", "breakdown", draft.breakdown,
                                 f"Phân tổ “{part}” chưa có trong breakdown_members.csv hoặc bị lặp",
                                 f"Member “{part}” is not in breakdown_members.csv, or is repeated"))
        else:
            members[match[1]] = match[2]
    return joined_breakdown(members)


def _value(
    value: object, where: str, source: Source, multiplier: Decimal, faults: list[RowFault]
) -> tuple[Number | None, str]:
    """The number in the base unit, or no number and the status that says why."""
    tokens = source.layout.get("missing_tokens", {})
    raw = printed(value)
    if is_blank(value):
        if source.layout["blank_cells"] == "missing":
            return None, "O"
        faults.append(_fault("missing_value", "value", raw, f"Ô {where} để trống", f"Cell {where} is blank"))
        return None, ""
    if isinstance(value, str) and clean(value) in tokens:
        return None, tokens[clean(value)]
    try:
        return read_number(value, source.number_locale).times(multiplier), ""
    except UnreadableNumber as error:
        faults.append(RowFault(
            "unreadable_number", "value", raw,
            f"Ô {where}: “{raw}” không phải số viết theo kiểu “{source.number_locale}” đã khai báo.",
            f"Cell {where}: “{raw}” is no number as written under the declared locale “{source.number_locale}”"
            f" ({error}).",
        ))
        return None, ""
