"""The header of a sheet that nobody declared: the rows of labels above the first place, and what stands between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from ingestion.columns import HeaderPath, path_of
from ingestion.data_end import is_figure
from ingestion.furniture import counts_columns
from ingestion.grid import Grid
from ingestion.layout_record import UNIT_TITLES, filled_row
from ingestion.reference import Reference
from ingestion.templates import match_rest
from ingestion.text import clean, fold, is_blank, printed

MOST_HEADER_ROWS = 8
_MOST_ROWS_BETWEEN = 12
_WIDE_ENOUGH = 0.3


@dataclass(frozen=True)
class Head:
    """A header: its first row from 0, how many rows it has as a source declares them, and the first row of data.

    `label_rows`, from 1, are named where a row of it numbers the columns and the reader would not see that by itself,
    an error being in it.
    """

    row: int
    rows: int
    label_rows: Sequence[int]
    first_row: int


def find_head(grid: Grid, place_row: int, reference: Reference) -> Head | None:
    """The header above the first row that names a place, None where no row of labels stands there."""
    first_row = _first_row(grid, place_row, reference)
    end = _above_blanks(grid, first_row)
    has_numbers = end > 0 and _numbers_columns(grid, end - 1)
    labels_end = _above_blanks(grid, end - 1) if has_numbers else end
    top = _top_row(grid, labels_end)
    if top == labels_end:
        return None
    if not has_numbers:
        return Head(top, end - top, (), first_row)
    if _is_damaged(grid, end - 1):
        return Head(top, end - top, tuple(range(1, labels_end - top + 1)), first_row)
    return Head(top, end - 1 - top, (), first_row)


def header_paths(grid: Grid, row: int, end: int) -> list[HeaderPath]:
    """The header of each column, as far as the sheet is wide, from the rows of labels before `end`."""
    rows = [filled_row(grid, each) for each in range(row, min(end, len(grid.rows)))]
    return [path_of(clean(printed(cell)) for cell in column) for column in zip_longest(*rows)]


def is_labelled(cells: Sequence[object], reference: Reference) -> bool:
    """A total, a region or a group: such a label, and figures or nothing beside it; a header has more texts."""
    texts = _texts(cells)
    return len(texts) <= 2 and any(text in reference.label_kinds for text in texts)


def _texts(cells: Sequence[object]) -> set[str]:
    """What cells say that are neither figures nor errors of formulas."""
    texts = [cell for cell in cells if isinstance(cell, str) and not is_blank(cell)]
    return {fold(text) for text in texts if not is_figure(text) and not text.startswith("#")}


def _first_row(grid: Grid, row: int, reference: Reference) -> int:
    """The first row of data: totals and regions above the first province belong to it, and what is between them."""
    first = row
    for above in reversed(range(max(row - _MOST_ROWS_BETWEEN, 0), row)):
        if _numbers_columns(grid, above):
            break
        if is_labelled(grid.rows[above], reference):
            first = above
        elif _texts(grid.rows[above]):
            break
    return first


def _above_blanks(grid: Grid, row: int) -> int:
    """The row after the last one above that is not blank."""
    while row and grid.is_blank_row(row - 1):
        row -= 1
    return row


def _numbers_columns(grid: Grid, row: int) -> bool:
    """Whether a row says `A B 1 2 3`; errors of formulas in it do not count."""
    texts = [text for text in _cells(grid, row) if not text.startswith("#")]
    return len(texts) > 1 and counts_columns(texts)


def _is_damaged(grid: Grid, row: int) -> bool:
    return any(text.startswith("#") for text in _cells(grid, row))


def _cells(grid: Grid, row: int) -> list[str]:
    return [clean(printed(cell)) for cell in grid.rows[row] if not is_blank(cell)]


def _top_row(grid: Grid, end: int) -> int:
    """The top row of the header: rows of labels directly above its end, up to a title or a unit.

    One blank row may be between them, where the row above it is as wide as the labels below.
    """
    top = end
    while top and end - top < MOST_HEADER_ROWS and _is_header(grid, top - 1):
        top -= 1
    if 1 < top < end and grid.is_blank_row(top - 1) and _is_header(grid, top - 2):
        return top - 2 if len(_cells(grid, top - 2)) >= len(_cells(grid, top)) else top
    return top


def _is_header(grid: Grid, row: int) -> bool:
    cells = [clean(printed(cell)) for cell in filled_row(grid, row)]
    texts = [text for text in cells if text]
    # `Đơn vị tính` may head a column; a line of its own that states the unit has little beside it.
    has_unit = any(match_rest(pattern, text) for pattern in UNIT_TITLES for text in texts)
    is_wide = len(texts) >= max(2, _WIDE_ENOUGH * len(cells))
    return is_wide and len(set(texts)) >= (3 if has_unit else 2)
