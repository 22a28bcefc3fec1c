"""The header of a table, found by the labels that its columns are declared by, merged and blank cells filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingestion.columns import (
    Declared,
    HeaderPath,
    assign,
    declared_columns,
    exact_path,
    labels_of,
    means,
    path_of,
    required_columns,
)
from ingestion.errors import FileFault
from ingestion.figures import without_marks
from ingestion.grid import Grid
from ingestion.text import clean, is_blank, printed

# Titles, notes and headers stand in the first rows; a merged range may be as wide as the sheet, so it is clipped.
HEADER_WINDOW = 200
_MOST_FILLED_CELLS = 1_000_000


def find_header(grid: Grid, layout: Mapping[str, Any]) -> tuple[int, list[HeaderPath]]:
    """The first row of the header that has the most declared columns, and the header of every column.

    Where labels are merged down over all header rows, they are found from the title lines above on: the header begins
    in the first row that has a label of a declared column itself.
    """
    required = required_columns(layout)
    filled = _merged_labels(grid)
    best: tuple[int, bool, int, list[HeaderPath]] = (0, False, -1, [])
    for row in range(min(len(grid.rows), HEADER_WINDOW)):
        paths = _paths(grid, filled, row, layout)
        found = len(required) - len(_missing(layout, required, paths))
        begins = found > 0 and _begins(grid, row, paths, required)
        if (found, begins) > best[:2]:
            best = (found, begins, row, paths)
        if found == len(required) and begins:
            break
    found, _, header_row, paths = best
    if found == 0 or 2 * found < len(required):
        raise _header_not_found(grid, required)
    missing = _missing(layout, required, paths)
    if missing:
        raise _column_not_found(grid, header_row, missing, paths)
    return header_row, paths


def _begins(grid: Grid, row: int, paths: Sequence[HeaderPath], required: Sequence[Declared]) -> bool:
    """Whether a row has a text of its own in a column that is declared."""
    cells = enumerate(grid.rows[row][: len(paths)])
    return any(any(means(each, paths[column]) for each in required) for column, cell in cells if not is_blank(cell))


def _missing(layout: Mapping[str, Any], required: Sequence[Declared], paths: Sequence[HeaderPath]) -> list[Declared]:
    """The columns to read from that no header means."""
    columns = assign(declared_columns(layout), paths)
    return [each for each in required if not columns[exact_path(each)]]


def _paths(
    grid: Grid, filled: Mapping[tuple[int, int], object], row: int, layout: Mapping[str, Any]
) -> list[HeaderPath]:
    """The header of each column.

    Where the layout names `label_rows`, only these rows of the header count: the others say it in another language.
    """
    footnotes = layout.get("footnotes", {})
    columns = _header_texts(grid, filled, row, layout)
    return [path_of(without_marks(text, footnotes)[0] for text in texts) for texts in columns]


def _header_texts(
    grid: Grid, filled: Mapping[tuple[int, int], object], row: int, layout: Mapping[str, Any]
) -> list[list[str]]:
    """For each column the texts of the header rows that count; blanks take the label left of them where declared."""
    rows = range(row, min(row + int(layout["header_rows"]), len(grid.rows)))
    counting = [each for each in ([row + each - 1 for each in layout.get("label_rows", ())] or rows) if each in rows]
    to_fill = {row + each - 1 for each in layout.get("fill_right", ())}
    columns = range(max((len(grid.rows[each]) for each in rows), default=0))
    texts = [[clean(printed(filled.get((each, at), grid.cell(each, at)))) for each in counting] for at in columns]
    for number in (number for number, each in enumerate(counting) if each in to_fill):
        left = ""
        # A column without any label is none of the header: it is blank to the edge of the sheet, or refused.
        for labels in (labels for labels in texts if any(labels)):
            left = labels[number] or left
            labels[number] = left
    return texts


def marks_of_header(grid: Grid, header_row: int, layout: Mapping[str, Any]) -> Mapping[int, tuple[str, ...]]:
    """Column -> statuses of the footnote marks behind its labels."""
    footnotes = layout.get("footnotes")
    if not footnotes:
        return {}
    texts = _header_texts(grid, _merged_labels(grid), header_row, layout)
    return {
        column: tuple(status for text in labels for status in without_marks(text, footnotes)[1])
        for column, labels in enumerate(texts)
    }


def _merged_labels(grid: Grid) -> Mapping[tuple[int, int], object]:
    """Cells covered by a merged range in the header window, with the value of the range's first cell."""
    filled: dict[tuple[int, int], object] = {}
    width, steps = _width(grid), 0
    for (top, left), (bottom, right) in grid.merges:
        if top >= min(HEADER_WINDOW, len(grid.rows)):
            continue
        value = grid.cell(top, left)
        for row in range(top, min(bottom + 1, HEADER_WINDOW, len(grid.rows))):
            filled.update({(row, column): value for column in range(left, min(right + 1, width))})
            steps += width
        if steps > _MOST_FILLED_CELLS:
            break
    return filled


def _width(grid: Grid) -> int:
    return max((len(row) for row in grid.rows[:HEADER_WINDOW]), default=0)


def title_cells(grid: Grid, header_row: int) -> list[tuple[str, str]]:
    """Address and text of every text above the header."""
    return [*grid.above] + [
        (grid.address(row, column), printed(value))
        for row in range(header_row)
        for column, value in enumerate(grid.rows[row])
        if not is_blank(value)
    ]


def _names(columns: Sequence[Declared]) -> str:
    return ", ".join(f"“{' | '.join(labels_of(each))}”" for each in columns)


def _column_not_found(grid: Grid, row: int, missing: Sequence[Declared], paths: Sequence[HeaderPath]) -> FileFault:
    found = _names([path for path in paths if path][:60])
    number = grid.row_numbers[row]
    return FileFault(
        "column_not_found",
        f"Trang “{grid.sheet}”, tiêu đề ở dòng {number}: không có cột {_names(missing)}; các cột tìm thấy: {found}. "
        "Kiểm tra tệp hoặc sửa tên cột trong layout của nguồn.",
        f"Sheet “{grid.sheet}”, header in row {number}: no column {_names(missing)}; columns found: {found}. "
        "Check the file, or the column names in the layout of the source YAML.",
    )


def _header_not_found(grid: Grid, required: Sequence[Declared]) -> FileFault:
    texts = [text for _, text in title_cells(grid, min(len(grid.rows), HEADER_WINDOW))][:12]
    found = _names([text[:60] for text in texts]) or "—"
    wanted = _names(required)
    return FileFault(
        "header_not_found",
        f"Trang “{grid.sheet}”: không tìm thấy dòng tiêu đề có các cột {wanted}; những ô đầu tiên là {found}. "
        "Kiểm tra tệp hoặc sửa layout của nguồn.",
        f"Sheet “{grid.sheet}”: no header row with the columns {wanted}; the first cells are {found}. "
        "Check the file, or the layout of the source YAML.",
    )
