"""Several tables on one sheet: stacked and side-by-side tables cut apart at the labels where each begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ingestion.data_end import holds_figure
from ingestion.errors import FileFault
from ingestion.figures import Writing, writing_of
from ingestion.grid import MERGE, Grid
from ingestion.templates import match
from ingestion.text import is_blank, printed

Layout = Mapping[str, Any]


def cut(grid: Grid, layouts: Mapping[int, Layout]) -> Iterator[tuple[Grid, int]]:
    """Each table of a sheet with the number of its layout, from the top down and from left to right.

    A table begins where its `begins_at` or `beside_at` stands and ends before the next beginning; what stands above the
    first beginning is kept for all as `above`. Raises FileFault table_not_found.
    """
    writings = [writing_of(each, one) for each in layouts.values() for one in each.get("measures", [{}])]
    stacked = {number: layout["begins_at"] for number, layout in layouts.items() if "begins_at" in layout}
    for band, numbers in _bands(grid, stacked, writings) if stacked else [(grid, list(layouts))]:
        beside = {number: layouts[number]["beside_at"] for number in numbers if "beside_at" in layouts[number]}
        yield from _strips(band, beside, writings) if beside else ((band, number) for number in numbers)


def _bands(grid: Grid, patterns: Mapping[int, str], writings: Sequence[Writing]) -> Iterator[tuple[Grid, list[int]]]:
    found: dict[int, list[int]] = {}
    for number, pattern in patterns.items():
        rows = [row for row, cells in enumerate(grid.rows) if any(_says(pattern, value) for value in cells)]
        if not rows:
            raise _not_found(grid, pattern, "begins_at")
        for row in rows:
            found.setdefault(row, []).append(number)
    starts = sorted(found)
    above = _above(grid, range(starts[0]), writings, "begins_at")
    for start, end in pairwise([*starts, len(grid.rows)]):
        width = max((len(grid.rows[row]) for row in range(start, end)), default=0)
        yield replace(_part(grid, range(start, end), range(width)), above=above), found[start]


def _strips(grid: Grid, patterns: Mapping[int, str], writings: Sequence[Writing]) -> Iterator[tuple[Grid, int]]:
    found: dict[int, int] = {}
    first_rows = []
    for number, pattern in patterns.items():
        places = [
            (row, column) for row, cells in enumerate(grid.rows) for column, v in enumerate(cells) if _says(pattern, v)
        ]
        if not places:
            raise _not_found(grid, pattern, "beside_at")
        first_rows.append(places[0][0])
        found.update({column: number for row, column in places if row == places[0][0]})
    starts = sorted(found)
    above = _above(grid, range(min(first_rows)), writings, "beside_at")
    width = max(map(len, grid.rows), default=0)
    # What stands left of the first table would be of no table at all: it is given to the first, which must declare it.
    for start, end in pairwise([0, *starts[1:], width]):
        strip = _part(grid, range(min(first_rows), len(grid.rows)), range(start, end))
        yield replace(strip, above=above), found[max(start, starts[0])]


def _says(pattern: str, value: object) -> bool:
    return isinstance(value, str) and not is_blank(value) and match(pattern, value) is not None


def _above(grid: Grid, rows: range, writings: Sequence[Writing], field: str) -> tuple[tuple[str, str], ...]:
    """What stands above all tables: titles, and no figures of a table whose beginning is not found."""
    figures = [
        (row, column)
        for row in rows
        for column, value in enumerate(grid.rows[row])
        if holds_figure(value, writings) and match("{year}", printed(value)) is None
    ]
    if len(figures) > 1:
        raise _figures_above(grid, *figures[0], field)
    return (*grid.above, *_texts(grid, rows))


def _texts(grid: Grid, rows: range) -> list[tuple[str, str]]:
    return [
        (grid.address(row, column), printed(value))
        for row in rows
        for column, value in enumerate(grid.rows[row])
        if not is_blank(value)
    ]


def _part(grid: Grid, rows: range, columns: range) -> Grid:
    """Some rows and columns of a sheet, whose cells keep their addresses."""
    return replace(
        grid,
        rows=[grid.rows[row][columns.start : columns.stop] for row in rows],
        row_numbers=grid.row_numbers[rows.start : rows.stop],
        merges=[moved for merge in grid.merges if (moved := _moved(merge, rows, columns)) is not None],
        first_column=grid.first_column + columns.start,
    )


def _moved(merge: MERGE, rows: range, columns: range) -> MERGE | None:
    """A merged range as the part counts it; None where its first cell, which has the value, lies outside."""
    (top, left), (bottom, right) = merge
    if top not in rows or left not in columns:
        return None
    last = (min(bottom, rows.stop - 1) - rows.start, min(right, columns.stop - 1) - columns.start)
    return (top - rows.start, left - columns.start), last


def _figures_above(grid: Grid, row: int, column: int, field: str) -> FileFault:
    cell, found = grid.address(row, column), printed(grid.cell(row, column))[:80]
    return FileFault(
        "table_not_found",
        f"Trang “{grid.sheet}”: ô {cell} “{found}” là số liệu nằm trên chỗ bắt đầu của bảng đầu tiên; kiểm tra tệp "
        f"hoặc sửa {field} của nguồn.",
        f"Sheet “{grid.sheet}”: cell {cell} “{found}” is a figure above the beginning of the first table; check the "
        f"file, or {field} of the source YAML.",
    )


def _not_found(grid: Grid, pattern: str, field: str) -> FileFault:
    seen: Sequence[str] = [text[:60] for _, text in _texts(grid, range(min(len(grid.rows), 40)))][:20]
    listed = ", ".join(f"“{text}”" for text in seen) or "—"
    return FileFault(
        "table_not_found",
        f"Trang “{grid.sheet}”: không có ô nào ghi “{pattern}” để bắt đầu bảng; những ô đầu tiên là {listed}. "
        f"Kiểm tra tệp hoặc sửa {field} của nguồn.",
        f"Sheet “{grid.sheet}”: no cell says “{pattern}”, where a table begins; the first cells are {listed}. "
        f"Check the file, or {field} of the source YAML.",
    )
