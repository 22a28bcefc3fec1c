"""Cells of a sheet to drafts of shape rows: what one value cell and its surroundings print, before any judgement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ingestion.columns import offsets
from ingestion.figures import Writing, without_marks, writing_of
from ingestion.grid import NoFigure
from ingestion.layout import Figures, Table, period_options
from ingestion.periods import Period, read_period
from ingestion.source import Source
from ingestion.text import clean, fold, is_blank, printed

TOTAL_BREAKDOWN = "total"

# Where a place stands that no cell names: in the source.
NO_CELL = "—"


class Place(NamedTuple):
    """What one place column prints without its footnote marks, where, and the statuses these marks stand for."""

    scheme: str
    text: str
    cell: str
    statuses: tuple[str, ...] = ()


# The places of a row and the texts that may be labels instead.
Named = tuple[tuple[Place, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Draft:
    """One shape row as printed, before any question is asked.

    `places` are in the order of the YAML; `labels` are the texts that may say that the row is a total or a region.
    """

    row: int
    column: int
    value: object
    places: tuple[Place, ...]
    labels: tuple[str, ...]
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
    base_period: str = ""
    quote: str = ""
    upper_column: int | None = None
    is_comparator_said: bool = False
    writing: Writing = Writing()
    statuses: tuple[str, ...] = ()


def drafts(table: Table, source: Source, period: tuple[Period, str] | None, unit: str | None) -> Iterator[Draft]:
    """One draft per cell that is a shape row, in reading order; `period` and `unit` are the file's, if it has them."""
    layout = source.layout
    place_columns = [
        (place["scheme"], table.column(place["column"])) for place in layout["places"] if "column" in place
    ]
    fixed = tuple(Place(place["scheme"], place["text"], NO_CELL) for place in layout["places"] if "text" in place)
    footnotes = layout.get("footnotes", {})
    make = _wide if "measures" in layout else _long
    table = _with_shared(table, _shared_figures(table, layout))
    reaching = _reaching_texts(table)
    for row in table.rows:
        if table.grid.is_blank_row(row):
            continue
        places = _places(table, row, place_columns, footnotes) + fixed
        labels = _texts(places) or _side_texts(table, row) or reaching.get(row, ())
        yield from make(table, source, row, (places, labels), period, unit)


def _places(
    table: Table, row: int, columns: Sequence[tuple[str, int]], footnotes: Mapping[str, str]
) -> tuple[Place, ...]:
    found = []
    for scheme, column in columns:
        text, statuses = without_marks(clean(printed(table.grid.cell(row, column))), footnotes)
        found.append(Place(scheme, text, table.grid.address(row, column), statuses))
    return tuple(found)


def _texts(places: Sequence[Place]) -> tuple[str, ...]:
    return tuple(place.text for place in places if place.text)


def _with_shared(table: Table, shared: Mapping[tuple[int, int], NoFigure]) -> Table:
    """The table with these cells in place of its own; those that a merged range covers are not just blank."""
    if not shared:
        return table
    rows = list(table.grid.rows)
    for (row, column), cell in shared.items():
        cells = [*rows[row], *[None] * (column + 1 - len(rows[row]))]
        cells[column] = cell
        rows[row] = cells
    return replace(table, grid=replace(table.grid, rows=rows))


def _shared_figures(table: Table, layout: Mapping[str, Any]) -> Mapping[tuple[int, int], NoFigure]:
    """Cells of merged ranges that put one figure over several: whose it is, or how it divides, nothing tells."""
    grid, figures = table.grid, table.value_columns(layout)
    found: dict[tuple[int, int], NoFigure] = {}
    for (top, left), (bottom, right) in grid.merges:
        if left not in figures or not table.first_row <= top < table.end_row or is_blank(grid.cell(top, left)):
            continue
        cells = f"{grid.address(top, left)}:{grid.letters(right)}{grid.row_numbers[min(bottom, len(grid.rows) - 1)]}"
        shared = NoFigure(
            printed(grid.cell(top, left)),
            f"nằm trong ô gộp {cells}, chung cho nhiều số liệu; hãy bỏ gộp ô và ghi riêng từng số",
            f"stands in the merged cells {cells}, over several figures; unmerge them and write each figure",
        )
        for column in (each for each in figures if left <= each <= right):
            for row in range(top, min(bottom + 1, table.end_row)):
                # Ranges never overlap in a workbook Excel wrote; in others the first one stands.
                if found.setdefault((row, column), shared) is not shared:
                    break
    return found


def _side_texts(table: Table, row: int) -> tuple[str, ...]:
    """Texts left of the first value: a total row often has its label there, merged over the blank place."""
    first = min((figures.column for figures in table.figures), default=0)
    cells = [table.grid.cell(row, column) for column in range(first)]
    return tuple(clean(value) for value in cells if isinstance(value, str) and not is_blank(value))


def _reaching_texts(table: Table) -> Mapping[int, tuple[str, ...]]:
    """For each row the texts left of the first value that reach down into it from a merged cell that begins above.

    They may say that the row belongs to a total; a province they never name, for it would have two figures.
    """
    first = min((figures.column for figures in table.figures), default=0)
    found: dict[int, tuple[str, ...]] = {}
    for (top, left), (bottom, _) in table.grid.merges:
        if left >= first or not table.first_row <= top < table.end_row:
            continue
        value = table.grid.cell(top, left)
        if not isinstance(value, str) or is_blank(value):
            continue
        for row in range(top + 1, min(bottom + 1, table.end_row)):
            # As many merged cells as there are columns of texts at most reach into one row of a sheet Excel wrote.
            if len(found.get(row, ())) >= first:
                break
            found[row] = (*found.get(row, ()), clean(value))
    return found


def _wide(
    table: Table,
    source: Source,
    row: int,
    named: Named,
    period: tuple[Period, str] | None,
    unit: str | None,
) -> Iterator[Draft]:
    layout = source.layout
    is_empty = all(is_blank(table.grid.cell(row, figures.column)) for figures in table.figures)
    row_label, row_code = indicator_of_row(table, layout, row)
    is_named = bool(row_code) or any(place.text for place in named[0] if place.cell != NO_CELL)
    if is_empty and not offsets(layout) and not is_named:
        return
    row_period = period or (_period_of_row(table, layout, row) if "column" in layout["period"] else (None, ""))
    row_unit = unit if unit is not None else _text(table, row, layout.get("unit", {}).get("column"))
    for figures in table.figures:
        value = table.grid.cell(row, figures.column)
        places, labels = _named_beside(table, source, row, figures) or named
        # In a sheet of pairs a short list ends above a longer one: there is neither a place nor a figure.
        if is_blank(value) and (layout["blank_cells"] == "ignore" or (places is not named[0] and not _texts(places))):
            continue
        measure, header = figures.measure, table.label(figures.column)
        yield Draft(
            row=row,
            column=figures.column,
            value=value,
            places=places,
            labels=labels,
            label_text=f"{row_label} | {header}" if row_label else header,
            indicator_code=measure.get("indicator_code", row_code),
            breakdown=joined_breakdown({**layout.get("constants", {}), **measure.get("breakdown", {})}),
            period=figures.period or row_period[0],
            period_text=header if figures.period else row_period[1],
            unit_text=figures.unit or measure.get("unit", row_unit),
            basis=measure.get("basis", layout.get("basis", "")),
            kind="target" if "target" in measure else "observation",
            kind_text="",
            comparator=measure.get("target", {}).get("comparator", ""),
            target_status=measure.get("target", {}).get("status", ""),
            base_period=measure.get("target", {}).get("base_period", ""),
            writing=figures.writing,
            statuses=figures.statuses + tuple(status for place in places for status in place.statuses),
        )


def indicator_of_row(table: Table, layout: Mapping[str, Any], row: int) -> tuple[str, str]:
    """Name and code of the indicator of a row, where rows are indicators; no code for a name that is not declared."""
    if "indicators" not in layout:
        return "", ""
    name, _ = without_marks(_text(table, row, layout["indicators"]["column"]), layout.get("footnotes", {}))
    codes = {fold(label): code for label, code in layout["indicators"]["labels"].items()}
    return clean(name), codes.get(fold(name), "")


def _named_beside(table: Table, source: Source, row: int, figures: Figures) -> Named | None:
    """The place of one figure where sheets are pairs of columns, each pair sorted on its own; else None."""
    columns = [
        (place["scheme"], figures.column + figures.measure.get("offset", place["offset"]))
        for place in source.layout["places"]
        if "offset" in place
    ]
    if not columns:
        return None
    footnotes = source.layout.get("footnotes", {})
    places = _places(table, row, [(scheme, column) for scheme, column in columns if column >= 0], footnotes)
    return places, _texts(places)


def _long(
    table: Table,
    source: Source,
    row: int,
    named: Named,
    period: tuple[Period, str] | None,
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
    upper_column = table.column(columns["value_upper"]) if "value_upper" in columns else None
    yield Draft(
        row=row,
        column=value_column,
        value=value,
        value_upper=None if upper_column is None else table.grid.cell(row, upper_column),
        upper_column=upper_column,
        places=named[0],
        labels=named[1],
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
        is_comparator_said=bool(said.get("comparator")),
        target_status=said.get("target_status", ""),
        base_period=said.get("base_period", ""),
        quote=said.get("quote", ""),
        writing=writing_of(layout, {}),
        statuses=table.statuses + tuple(status for place in named[0] for status in place.statuses),
    )


def _text(table: Table, row: int, column: str | Sequence[str] | None) -> str:
    return "" if column is None else printed(table.grid.cell(row, table.column(column))).strip()


def _period_of_row(table: Table, layout: Mapping[str, Any], row: int) -> tuple[Period | None, str]:
    value = table.grid.cell(row, table.column(layout["period"]["column"]))
    return read_period(value, **period_options(layout)), printed(value)


def joined_breakdown(members: Mapping[str, str]) -> str:
    """Dimension and member pairs as the star writes them: `contract:prepaid;operator:viettel`, or `total`."""
    return ";".join(f"{dimension}:{members[dimension]}" for dimension in sorted(members)) or TOTAL_BREAKDOWN
