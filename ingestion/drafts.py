"""A cell of a sheet to the draft of a shape row: what it and its surroundings print, before any judgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from ingestion.columns import offsets
from ingestion.figures import Writing, without_marks, writing_of
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

# Makes the draft of the figure in a row and column of figures; a long sheet has but one column of them (None).
Drafter = Callable[[int, Figures | None], "Draft"]


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


class _Said(NamedTuple):
    """What a row of a wide sheet says of all its figures."""

    named: Named
    period: tuple[Period | None, str]
    indicator: tuple[str, str]
    unit: str


def drafter(table: Table, source: Source, period: tuple[Period, str] | None, unit: str | None) -> Drafter:
    """What makes the drafts of a table; `period` and `unit` are the file's, if it has them.

    A draft takes from its row what stands in the columns of `said_columns`, and nothing else but the figure.
    """
    layout = source.layout
    columns = _columns_of_rows(table, layout)
    fixed = tuple(Place(place["scheme"], place["text"], NO_CELL) for place in layout["places"] if "text" in place)
    footnotes = layout.get("footnotes", {})
    reaching = _reaching_texts(table)

    def named_in(row: int) -> Named:
        places = _places(table, row, columns, footnotes) + fixed
        return places, _texts(places) or _side_texts(table, row) or reaching.get(row, ())

    @lru_cache(maxsize=1)
    def said_in(row: int) -> _Said:
        row_period = period or (_period_of_row(table, layout, row) if "column" in layout["period"] else (None, ""))
        row_unit = unit if unit is not None else _text(table, row, layout.get("unit", {}).get("column"))
        return _Said(named_in(row), row_period, indicator_of_row(table, layout, row), row_unit)

    def draft(row: int, figures: Figures | None) -> Draft:
        if figures is None:
            return _long(table, source, row, named_in(row), period, unit)
        return _wide(table, source, row, said_in(row), figures)

    return draft


def said_columns(table: Table, layout: Mapping[str, Any], figures: Figures | None) -> tuple[int, ...]:
    """The columns that a draft takes its places, period, unit and other words from.

    Only where its places name nothing it takes more: labels that stand anywhere left of the figures.
    """
    declared = [layout[part]["column"] for part in ("period", "unit", "indicators") if "column" in layout.get(part, {})]
    declared += [each for name, each in layout.get("columns", {}).items() if name not in ("value", "value_upper")]
    return (*place_columns(table, layout, figures), *(table.column(each) for each in declared))


def place_columns(table: Table, layout: Mapping[str, Any], figures: Figures | None) -> tuple[int, ...]:
    """The columns that name the place of a column of figures."""
    beside = [] if figures is None else _columns_beside(layout, figures)
    return tuple(column for _, column in [*_columns_of_rows(table, layout), *beside])


def names_a_place(table: Table, layout: Mapping[str, Any], row: int, columns: Sequence[int]) -> bool:
    """Whether one of these columns of a row has a text that may be a place."""
    return bool(_texts(_places(table, row, [("", column) for column in columns], layout.get("footnotes", {}))))


def _columns_of_rows(table: Table, layout: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Scheme and column of the places that are those of a whole row."""
    if offsets(layout):
        return []
    return [(place["scheme"], table.column(place["column"])) for place in layout["places"] if "column" in place]


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


def _wide(table: Table, source: Source, row: int, said: _Said, figures: Figures) -> Draft:
    layout = source.layout
    row_label, row_code = said.indicator
    places, labels = _named_beside(table, layout, row, figures) or said.named
    measure, header = figures.measure, table.label(figures.column)
    return Draft(
        row=row,
        column=figures.column,
        value=table.grid.cell(row, figures.column),
        places=places,
        labels=labels,
        label_text=f"{row_label} | {header}" if row_label else header,
        indicator_code=measure.get("indicator_code", row_code),
        breakdown=joined_breakdown({**layout.get("constants", {}), **measure.get("breakdown", {})}),
        period=figures.period or said.period[0],
        period_text=header if figures.period else said.period[1],
        unit_text=figures.unit or measure.get("unit", said.unit),
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


def _named_beside(table: Table, layout: Mapping[str, Any], row: int, figures: Figures) -> Named | None:
    """The place of one figure where sheets are pairs of columns, each pair sorted on its own; else None."""
    if not offsets(layout):
        return None
    places = _places(table, row, _columns_beside(layout, figures), layout.get("footnotes", {}))
    return places, _texts(places)


def _columns_beside(layout: Mapping[str, Any], figures: Figures) -> list[tuple[str, int]]:
    """Scheme and column of the places that stand beside one column of figures."""
    columns = (
        (place["scheme"], figures.column + figures.measure.get("offset", place["offset"]))
        for place in layout["places"]
        if "offset" in place
    )
    return [(scheme, column) for scheme, column in columns if column >= 0]


def _long(
    table: Table,
    source: Source,
    row: int,
    named: Named,
    period: tuple[Period, str] | None,
    unit: str | None,
) -> Draft:
    layout = source.layout
    columns = layout["columns"]
    value_column = table.column(columns["value"])
    row_period, period_text = period or _period_of_row(table, layout, row)
    said = {name: _text(table, row, columns.get(name)) for name in columns if name not in ("value", "value_upper")}
    kind_text = said.get("kind", "")
    upper_column = table.column(columns["value_upper"]) if "value_upper" in columns else None
    return Draft(
        row=row,
        column=value_column,
        value=table.grid.cell(row, value_column),
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
