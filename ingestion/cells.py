"""The cells of a table that are shape rows, and which of them are drafted alike but for their figures."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, compress, repeat
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from ingestion.columns import offsets
from ingestion.drafts import Draft, drafter, indicator_of_row, names_a_place, place_columns, said_columns
from ingestion.layout import Figures, Table
from ingestion.number_columns import are_of
from ingestion.periods import Period
from ingestion.shared_figures import with_shared
from ingestion.source import Source
from ingestion.text import is_blank

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Cells:
    """Cells in reading order: row and column of the grid each stands in, and what it holds.

    `uppers` are the upper ends of ranges that have a column of their own, None where none has. Cells of one number in
    `alike` are drafted alike but for their row and figures; `draft` makes the draft of a cell by its position here.
    """

    rows: Numbers
    columns: Numbers
    values: Sequence[object]
    uppers: Sequence[object] | None
    alike: Numbers
    draft: Callable[[int], Draft]


def cells_of(table: Table, source: Source, period: tuple[Period, str] | None, unit: str | None) -> Cells:
    """Every cell that is a shape row; `period` and `unit` are the file's, if it has them."""
    layout = source.layout
    table = with_shared(table, layout)
    figures: Sequence[Figures | None] = table.figures if "measures" in layout else (None,)
    columns = [each.column if each else table.column(layout["columns"]["value"]) for each in figures]
    upper = [table.column(layout["columns"]["value_upper"])] if "value_upper" in layout.get("columns", {}) else []
    said = [column for each in figures for column in said_columns(table, layout, each)]
    rows = _full_rows(table, 1 + max(*columns, *upper, *said, -1))
    values = _across(rows, columns)
    taken = _are_shown(values).reshape(len(rows), len(columns))
    kinds, are_named = _kinds(table, layout, rows, figures)
    if layout["blank_cells"] != "ignore":
        taken |= _may_lack_figures(table, layout, taken, are_named)
    at, which = np.nonzero(taken)
    grid_rows = np.asarray(table.rows, dtype=np.int64)[at]
    draft = drafter(table, source, period, unit)
    return Cells(
        rows=grid_rows,
        columns=np.asarray(columns, dtype=np.int64)[which],
        values=values if taken.all() else list(compress(values, taken.flat)),
        uppers=list(compress(_across(rows, upper), taken.flat)) if upper else None,
        alike=kinds[at, which] * len(figures) + which,
        draft=lambda position: draft(int(grid_rows[position]), figures[which[position]]),
    )


def _may_lack_figures(table: Table, layout: Mapping[str, Any], are_shown: Flags, are_named: Flags) -> Flags:
    """Where a blank cell is a figure that is missing, not just a cell of a blank row, or beside no place."""
    if "measures" not in layout:
        return np.fromiter((not table.grid.is_blank_row(row) for row in table.rows), bool, len(table.rows))[:, None]
    # In a sheet of pairs a short list ends above a longer one: there is neither a place nor a figure.
    return are_named if offsets(layout) else are_named | are_shown.any(axis=1, keepdims=True)


def _kinds(
    table: Table, layout: Mapping[str, Any], rows: Rows, figures: Sequence[Figures | None]
) -> tuple[Numbers, Flags]:
    """For each row and column of figures a number that is the same for cells of one draft; whether a place is named."""
    is_paired = bool(offsets(layout))
    takes_labels = not is_paired and not any("text" in place for place in layout["places"])

    @cache
    def kinds_by(said: tuple[int, ...], places: tuple[int, ...]) -> tuple[Numbers, Flags]:
        kinds, firsts = _numbered(rows, said)
        are_named = np.array([names_a_place(table, layout, table.rows[first], places) for first in firsts], bool)[kinds]
        are_declared = np.array([bool(indicator_of_row(table, layout, table.rows[first])[1]) for first in firsts], bool)
        are_declared = are_declared[kinds]
        if takes_labels:
            # Labels may stand anywhere left of the figures: each such row is of its own kind.
            kinds[~are_named] = len(firsts) + np.arange(np.count_nonzero(~are_named))
        return kinds, are_named | are_declared

    found = [kinds_by(said_columns(table, layout, each), place_columns(table, layout, each)) for each in figures]
    return np.column_stack([kinds for kinds, _ in found]), np.column_stack([are_named for _, are_named in found])


def _full_rows(table: Table, width: int) -> Rows:
    """The rows of data, each at least as long as said; a sheet keeps no blanks at the end of a row."""
    rows = (table.grid.rows[row] for row in table.rows)
    return [row if len(row) >= width else [*row, *[None] * (width - len(row))] for row in rows]


def _across(rows: Rows, columns: Sequence[int]) -> list[object]:
    """The cells of some columns, row by row."""
    if len(columns) == 1:
        return list(map(itemgetter(columns[0]), rows))
    return list(chain.from_iterable(map(itemgetter(*columns), rows)))


def _are_shown(cells: Sequence[object]) -> Flags:
    """Whether each cell shows anything; nothing but texts and nothing itself may be blank."""
    found = ~are_of({str, type(None)}, cells)
    for at in np.flatnonzero(~found).tolist():
        found[at] = not is_blank(cells[at])
    return found


def _numbered(rows: Rows, columns: Sequence[int]) -> tuple[Numbers, Numbers]:
    """A number for each row, the same where the cells of these columns are, and the first row of each number."""
    cells = [_exact(_across(rows, [column])) for column in columns]

    def keys() -> Iterable[Hashable]:
        return zip(*cells, strict=True) if cells else repeat((), len(rows))

    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys()))}
    found = np.fromiter(map(numbers.__getitem__, keys()), np.int64, len(rows))
    firsts = np.empty(len(numbers), np.int64)
    firsts[found[::-1]] = np.arange(len(rows))[::-1]
    return found, firsts


def _exact(cells: Sequence[object]) -> Sequence[Hashable]:
    """What is equal only for cells that are printed alike: True is not 1."""
    if {type(cell) for cell in cells} <= {str, type(None)}:
        return cells
    return [(type(cell), cell) for cell in cells]
