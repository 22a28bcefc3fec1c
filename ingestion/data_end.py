"""Where the data of a sheet ends, and what may stand below: nothing that is a figure of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingestion.errors import FileFault
from ingestion.figures import Writing, is_written
from ingestion.grid import Grid, NoFigure
from ingestion.text import clean, fold, printed

# Tells the kind of a label (`statistic`, `region` ...), or None for all other texts.
KindOf = Callable[[str], str | None]

# Column of figures -> how its cells are written, by each of the measures in it.
Writings = Mapping[int, Sequence[Writing]]

_FIGURE = re.compile(r"[+-]?\d[\d.,]*", re.ASCII)


def end_row(grid: Grid, first_row: int, layout: Mapping[str, Any], figures: Writings, kind_of: KindOf) -> int:
    """The first row after the data, or the end of the sheet; `figures` are the columns that hold figures.

    It is blank where the layout says that data ends at a blank row, or has a text beginning with an end label left of
    the first column of figures and no figure in these columns: in a column of notes, or beside a figure, such a text
    ends nothing. Raises FileFault data_after_end for figures below that are no look-up block the layout declares.
    """
    end = _end_row(grid, first_row, layout, figures)
    below = ((row, column) for row in range(end + 1, len(grid.rows)) for column in _figures(grid, row, figures))
    repeats = _Repeats(grid, range(first_row, end), kind_of) if layout.get("below_end") == "lookup" else None
    for row, column in below:
        if repeats is None or not repeats.holds(row, column):
            raise _data_after_end(grid, end, row, column, repeats is not None)
    return end


def _end_row(grid: Grid, first_row: int, layout: Mapping[str, Any], figures: Writings) -> int:
    labels = [fold(label) for label in layout.get("end_labels", ())]
    at_blank, has_data = layout.get("ends_at") == "blank_row", False
    for row in range(first_row, len(grid.rows)) if labels or at_blank else ():
        is_blank = grid.is_blank_row(row)
        if at_blank and is_blank and has_data:
            return row
        has_data = has_data or not is_blank
        texts = [fold(value) for value in grid.rows[row][: min(figures)] if isinstance(value, str)]
        if any(text.startswith(label) for text in texts for label in labels) and not _figures(grid, row, figures):
            return row
    return len(grid.rows)


class _Repeats:
    """A look-up block under the data: rows of statistics, and rows that repeat what their columns hold above."""

    def __init__(self, grid: Grid, rows: range, kind_of: KindOf) -> None:
        self.grid, self.rows, self.kind_of = grid, rows, kind_of
        self.seen: dict[int, set[object]] = {}

    def holds(self, row: int, column: int) -> bool:
        """Whether the figure at a place below the data says nothing that the data does not say.

        Its row has the label of a statistic, or the figure and every text of the row, its province above all, stand
        above in their columns.
        """
        texts = {at: clean(value) for at, value in enumerate(self.grid.rows[row]) if isinstance(value, str)}
        if any(self.kind_of(text) == "statistic" for text in texts.values() if text):
            return True
        repeated = {column: self.grid.cell(row, column)} | texts
        return bool(texts) and all(value in self._above(at) for at, value in repeated.items())

    def _above(self, column: int) -> set[object]:
        if column not in self.seen:
            cells = (self.grid.cell(row, column) for row in self.rows)
            self.seen[column] = {clean(value) if isinstance(value, str) else value for value in cells}
        return self.seen[column]


def _figures(grid: Grid, row: int, columns: Writings) -> list[int]:
    """Those of the columns in which the row has a number, or a text that looks like one."""
    return [column for column, writings in columns.items() if holds_figure(grid.cell(row, column), writings)]


def holds_figure(value: object, writings: Sequence[Writing]) -> bool:
    """Whether a cell in a column of figures holds one, as any cell may hold it or as those of its column are written.

    Several measures may share a column, each with its own part of the cell.
    """
    return is_figure(value) or (isinstance(value, str) and any(is_written(value, each) for each in writings))


def is_figure(value: object) -> bool:
    """Whether a cell holds a number, what stands in place of one, or a text that looks like one."""
    if isinstance(value, str):
        return _FIGURE.fullmatch(value.strip()) is not None
    return isinstance(value, int | float | NoFigure) and not isinstance(value, bool)


def _data_after_end(grid: Grid, end: int, row: int, column: int, is_lookup: bool) -> FileFault:
    cell, found, ends = grid.address(row, column), printed(grid.cell(row, column))[:80], grid.row_numbers[end]
    why_vi = " (không lặp lại số nào phía trên, cũng không thuộc dòng thống kê)" if is_lookup else ""
    why_en = " (it repeats no figure above, and its row is no statistic)" if is_lookup else ""
    return FileFault(
        "data_after_end",
        f"Trang “{grid.sheet}”: số liệu kết thúc ở dòng {ends} theo end_labels, ends_at, nhưng ô {cell} bên dưới còn "
        f"“{found}”{why_vi}; kiểm tra tệp, hoặc sửa end_labels, ends_at, below_end của nguồn.",
        f"Sheet “{grid.sheet}”: by end_labels, ends_at the data ends in row {ends}, but cell {cell} below holds "
        f"“{found}”{why_en}; check the file, or end_labels, ends_at, below_end of the source YAML.",
    )
