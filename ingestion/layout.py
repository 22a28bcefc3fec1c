"""Where things stand on a sheet: the header found by its labels, the columns under it, the rows that are data.

Nothing is found by position, and nothing is passed over in silence: a declared column that is missing, a column that
nobody declared and figures below the end of the data all refuse the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingestion.errors import FileFault
from ingestion.grid import Grid, NoFigure
from ingestion.text import clean, column_letters, fold, is_blank, printed

# Titles, notes and headers stand in the first rows; a merged range may be as wide as the sheet, so it is clipped.
HEADER_WINDOW = 200
_MOST_FILLED_CELLS = 1_000_000

_FIGURE = re.compile(r"[+-]?\d[\d.,]*", re.ASCII)

HeaderPath = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A sheet with its header understood. Rows and columns count from 0 in the grid."""

    grid: Grid
    header_row: int
    first_row: int
    end_row: int
    paths: Sequence[HeaderPath]
    index: Mapping[HeaderPath, int]

    def column(self, declared: str | Sequence[str]) -> int:
        """The column declared by its header path."""
        return self.index[folded_path(declared)]

    def label(self, column: int) -> str:
        """The printed header of a column, from the top row down."""
        return " | ".join(self.paths[column])


def folded_path(declared: str | Sequence[str]) -> HeaderPath:
    """A column as it is compared: its header labels from the top row down, folded."""
    return tuple(fold(label) for label in ([declared] if isinstance(declared, str) else declared))


def required_columns(layout: Mapping[str, Any]) -> list[str | Sequence[str]]:
    """Every column the layout reads from, in the order of the YAML, each once."""
    found = [place["column"] for place in layout["places"]]
    found += [layout[part]["column"] for part in ("period", "unit") if "column" in layout.get(part, {})]
    found += [measure["column"] for measure in layout.get("measures", ())]
    found += list(layout.get("columns", {}).values())
    return list({folded_path(each): each for each in found}.values())


def value_columns(layout: Mapping[str, Any]) -> list[str | Sequence[str]]:
    """The columns that hold figures."""
    if "measures" in layout:
        return [measure["column"] for measure in layout["measures"]]
    return [layout["columns"][name] for name in ("value", "value_upper") if name in layout["columns"]]


def find_table(grid: Grid, layout: Mapping[str, Any]) -> Table:
    """Find the header by its labels, check every column, and find where the data ends.

    Raises FileFault header_not_found, column_not_found, unexpected_column, data_after_end, empty_file (a header without
    data).
    """
    required = {folded_path(each): each for each in required_columns(layout)}
    header_rows = int(layout["header_rows"])
    filled = _merged_labels(grid)
    best: tuple[int, int, list[HeaderPath]] = (0, -1, [])
    for row in range(min(len(grid.rows), HEADER_WINDOW)):
        paths = _paths(grid, filled, row, header_rows)
        found = len(required.keys() & {folded_path(path) for path in paths})
        if found > best[0]:
            best = (found, row, paths)
        if found == len(required):
            break
    found, header_row, paths = best
    if found == 0 or 2 * found < len(required):
        raise _header_not_found(grid, required)
    missing = [each for path, each in required.items() if path not in {folded_path(path) for path in paths}]
    if missing:
        raise _column_not_found(grid, header_row, missing, paths)
    first_row = header_row + header_rows
    figure_paths = {folded_path(each) for each in value_columns(layout)}
    figures = [column for column, path in enumerate(paths) if folded_path(path) in figure_paths]
    end_row = _end_row(grid, first_row, [fold(label) for label in layout.get("end_labels", ())], figures)
    ignored = {folded_path(each) for each in layout.get("ignore_columns", ())}
    index = _checked_index(grid, paths, required.keys() | ignored, (header_row, first_row, end_row))
    if grid.is_text:
        _check_line_lengths(grid, len(paths), range(first_row, end_row))
    if all(grid.is_blank_row(row) for row in range(first_row, end_row)):
        raise FileFault(
            "empty_file",
            f"Trang “{grid.sheet}” có tiêu đề ở dòng {grid.row_numbers[header_row]} nhưng không có dòng số liệu nào; "
            "đề nghị đơn vị cung cấp gửi lại.",
            f"Sheet “{grid.sheet}” has its header in row {grid.row_numbers[header_row]} but not one row of data; "
            "ask the publisher to send it again.",
        )
    return Table(grid, header_row, first_row, end_row, paths, index)


def title_cells(grid: Grid, header_row: int) -> list[tuple[str, str]]:
    """Address and text of every text above the header."""
    return [
        (grid.address(row, column), printed(value))
        for row in range(header_row)
        for column, value in enumerate(grid.rows[row])
        if not is_blank(value)
    ]


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


def _paths(grid: Grid, filled: Mapping[tuple[int, int], object], row: int, header_rows: int) -> list[HeaderPath]:
    """For each column its labels from the top header row down; a label repeated by a merge counts once."""
    rows = range(row, min(row + header_rows, len(grid.rows)))
    paths = []
    for column in range(max((len(grid.rows[each]) for each in rows), default=0)):
        labels: list[str] = []
        for each in rows:
            label = clean(printed(filled.get((each, column), grid.cell(each, column))))
            if label and labels[-1:] != [label]:
                labels.append(label)
        paths.append(tuple(labels))
    return paths


def _end_row(grid: Grid, first_row: int, end_labels: Sequence[str], figures: Sequence[int]) -> int:
    """The first row after the data, or the end of the sheet.

    It has a text beginning with an end label left of the first column of figures, and no figure in these columns: in a
    column of notes, or beside a figure, such a text ends nothing. Raises FileFault data_after_end for figures below.
    """
    for row in range(first_row, len(grid.rows)) if end_labels else ():
        texts = [fold(value) for value in grid.rows[row][: min(figures)] if isinstance(value, str)]
        if any(text.startswith(label) for text in texts for label in end_labels) and not _figures(grid, row, figures):
            _check_nothing_follows(grid, row, figures)
            return row
    return len(grid.rows)


def _figures(grid: Grid, row: int, columns: Sequence[int]) -> list[int]:
    """Those of the columns in which the row has a number, or a text that looks like one."""
    return [column for column in columns if _is_figure(grid.cell(row, column))]


def _is_figure(value: object) -> bool:
    if isinstance(value, str):
        return _FIGURE.fullmatch(value.strip()) is not None
    return isinstance(value, int | float | NoFigure) and not isinstance(value, bool)


def _check_nothing_follows(grid: Grid, end_row: int, figures: Sequence[int]) -> None:
    for row in range(end_row + 1, len(grid.rows)):
        for column in _figures(grid, row, figures):
            cell, found = grid.address(row, column), printed(grid.cell(row, column))[:80]
            ends = grid.row_numbers[end_row]
            raise FileFault(
                "data_after_end",
                f"Trang “{grid.sheet}”: số liệu kết thúc ở dòng {ends} theo end_labels, nhưng ô {cell} bên dưới còn "
                f"“{found}”; kiểm tra tệp, hoặc sửa end_labels của nguồn.",
                f"Sheet “{grid.sheet}”: by end_labels the data ends in row {ends}, but cell {cell} below holds "
                f"“{found}”; check the file, or end_labels of the source YAML.",
            )


def _checked_index(
    grid: Grid, paths: Sequence[HeaderPath], declared: set[HeaderPath], rows: tuple[int, int, int]
) -> Mapping[HeaderPath, int]:
    """Folded header path -> column. Refuses a column nobody declared, and one header over two columns."""
    header_row, first_row, end_row = rows
    index: dict[HeaderPath, int] = {}
    for column, path in enumerate(paths):
        folded = folded_path(path)
        if not folded:
            continue
        if folded not in declared:
            raise _unexpected(grid, header_row, column, f"“{' | '.join(path)}”", "chưa khai báo", "is not declared")
        if folded in index:
            raise _unexpected(grid, header_row, column, f"“{' | '.join(path)}”", "xuất hiện hai lần", "occurs twice")
        index[folded] = column
    unlabelled = [column for column, path in enumerate(paths) if not path]
    for row in range(first_row, end_row):
        cells = grid.rows[row]
        for column in (*unlabelled, *range(len(paths), len(cells))):
            if column < len(cells) and not is_blank(cells[column]):
                found = f"{grid.address(row, column)} “{printed(cells[column])[:80]}”"
                raise _unexpected(grid, header_row, column, found, "không có tiêu đề cột", "has no header")
    return index


def _check_line_lengths(grid: Grid, width: int, rows: range) -> None:
    """A line with fewer fields than the header was cut off or lost a separator: its cells stand in wrong columns."""
    for row in rows:
        if len(grid.rows[row]) < width and not grid.is_blank_row(row):
            number, found = grid.row_numbers[row], len(grid.rows[row])
            raise FileFault(
                "unreadable_file",
                f"Dòng {number} chỉ có {found} trường, tiêu đề có {width}: tệp bị cắt cụt hoặc mất dấu phân cách; "
                "đề nghị đơn vị cung cấp gửi lại.",
                f"Line {number} has {found} fields, the header has {width}: the file is cut short or lost a separator; "
                "ask the publisher to send it again.",
            )


def _unexpected(grid: Grid, header_row: int, column: int, found: str, fault_vi: str, fault_en: str) -> FileFault:
    place = f"{column_letters(column)}{grid.row_numbers[header_row]}"
    return FileFault(
        "unexpected_column",
        f"Trang “{grid.sheet}”, cột {place}: {found} {fault_vi}; khai báo cột đó trong measures, columns hoặc "
        "ignore_columns của nguồn.",
        f"Sheet “{grid.sheet}”, column {place}: {found} {fault_en}; declare it in measures, columns or "
        "ignore_columns of the source YAML.",
    )


def _names(columns: Sequence[str | Sequence[str]]) -> str:
    return ", ".join(f"“{each if isinstance(each, str) else ' | '.join(each)}”" for each in columns)


def _column_not_found(
    grid: Grid, row: int, missing: Sequence[str | Sequence[str]], paths: Sequence[HeaderPath]
) -> FileFault:
    found = _names([path for path in paths if path][:60])
    number = grid.row_numbers[row]
    return FileFault(
        "column_not_found",
        f"Trang “{grid.sheet}”, tiêu đề ở dòng {number}: không có cột {_names(missing)}; các cột tìm thấy: {found}. "
        "Kiểm tra tệp hoặc sửa tên cột trong layout của nguồn.",
        f"Sheet “{grid.sheet}”, header in row {number}: no column {_names(missing)}; columns found: {found}. "
        "Check the file, or the column names in the layout of the source YAML.",
    )


def _header_not_found(grid: Grid, required: Mapping[HeaderPath, str | Sequence[str]]) -> FileFault:
    texts = [text for _, text in title_cells(grid, min(len(grid.rows), HEADER_WINDOW))][:12]
    found = _names([text[:60] for text in texts]) or "—"
    wanted = _names(list(required.values()))
    return FileFault(
        "header_not_found",
        f"Trang “{grid.sheet}”: không tìm thấy dòng tiêu đề có các cột {wanted}; những ô đầu tiên là {found}. "
        "Kiểm tra tệp hoặc sửa layout của nguồn.",
        f"Sheet “{grid.sheet}”: no header row with the columns {wanted}; the first cells are {found}. "
        "Check the file, or the layout of the source YAML.",
    )
