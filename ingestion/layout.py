"""Where things stand on a sheet: the header found by its labels, the columns under it, the rows that are data.

Nothing is found by position, and nothing is passed over in silence: a declared column that is missing, a column that
nobody declared and figures below the end of the data all refuse the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingestion.columns import (
    Declared,
    HeaderPath,
    folded_path,
    holds_period,
    is_pattern,
    labels_of,
    means,
    offsets,
    period_of,
    required_columns,
    value_columns,
)
from ingestion.data_end import KindOf, end_row, is_figure
from ingestion.errors import FileFault
from ingestion.grid import Grid
from ingestion.periods import Period
from ingestion.text import clean, column_letters, is_blank, printed

# Titles, notes and headers stand in the first rows; a merged range may be as wide as the sheet, so it is clipped.
HEADER_WINDOW = 200
_MOST_FILLED_CELLS = 1_000_000


@dataclass(frozen=True)
class Figures:
    """One column of figures of a wide sheet: the measure it holds, and the period where its header states one."""

    column: int
    measure: Mapping[str, Any]
    period: Period | None


@dataclass(frozen=True)
class Table:
    """A sheet with its header understood. Rows and columns count from 0 in the grid.

    `index` has the columns declared by their full header, `figures` those of the measures, from left to right as the
    YAML names them.
    """

    grid: Grid
    header_row: int
    first_row: int
    end_row: int
    paths: Sequence[HeaderPath]
    index: Mapping[HeaderPath, int]
    figures: Sequence[Figures]

    def column(self, declared: Declared) -> int:
        """The column declared by its header path."""
        return self.index[folded_path(declared)]

    def value_columns(self, layout: Mapping[str, Any]) -> list[int]:
        """Every column that holds figures."""
        if "measures" in layout:
            return [each.column for each in self.figures]
        return [self.column(each) for each in value_columns(layout)]

    def label(self, column: int) -> str:
        """The printed header of a column, from the top row down."""
        return " | ".join(self.paths[column])


def find_table(grid: Grid, layout: Mapping[str, Any], kind_of: KindOf) -> Table:
    """Find the header by its labels, check every column, and find where the data ends.

    Args:
        grid: the sheet.
        layout: how the source YAML lays it out.
        kind_of: tells labels (totals, regions, statistics) from other texts.

    Raises FileFault header_not_found, column_not_found, unexpected_column, period_not_found, data_after_end,
    empty_file (a header without data).
    """
    header_row, paths = _find_header(grid, layout)
    index = _checked_index(grid, header_row, paths, layout)
    figures = _figures(grid, header_row, paths, layout)
    first_row = header_row + int(layout["header_rows"])
    values = [each.column for each in figures] or [index[folded_path(each)] for each in value_columns(layout)]
    end = end_row(grid, first_row, layout, values, kind_of)
    _check_unlabelled(grid, header_row, paths, range(first_row, end), _beside(paths, layout))
    if grid.is_text:
        _check_line_lengths(grid, len(paths), range(first_row, end))
    if all(grid.is_blank_row(row) for row in range(first_row, end)):
        raise FileFault(
            "empty_file",
            f"Trang “{grid.sheet}” có tiêu đề ở dòng {grid.row_numbers[header_row]} nhưng không có dòng số liệu nào; "
            "đề nghị đơn vị cung cấp gửi lại.",
            f"Sheet “{grid.sheet}” has its header in row {grid.row_numbers[header_row]} but not one row of data; "
            "ask the publisher to send it again.",
        )
    return Table(grid, header_row, first_row, end, paths, index, figures)


def _find_header(grid: Grid, layout: Mapping[str, Any]) -> tuple[int, list[HeaderPath]]:
    """The first row of the header that has the most declared columns, and the header of every column.

    Where labels are merged down over all header rows, they are found from the title lines above on: the header begins
    in the first row that has a label of a declared column itself.
    """
    required = required_columns(layout)
    filled = _merged_labels(grid)
    best: tuple[int, bool, int, list[HeaderPath]] = (0, False, -1, [])
    for row in range(min(len(grid.rows), HEADER_WINDOW)):
        paths = _paths(grid, filled, row, layout)
        found = len(required) - len(_missing(required, paths))
        begins = found > 0 and _begins(grid, row, paths, required)
        if (found, begins) > best[:2]:
            best = (found, begins, row, paths)
        if found == len(required) and begins:
            break
    found, _, header_row, paths = best
    if found == 0 or 2 * found < len(required):
        raise _header_not_found(grid, required)
    missing = _missing(required, paths)
    if missing:
        raise _column_not_found(grid, header_row, missing, paths)
    return header_row, paths


def _begins(grid: Grid, row: int, paths: Sequence[HeaderPath], required: Sequence[Declared]) -> bool:
    """Whether a row has a text of its own in a column that is declared."""
    cells = enumerate(grid.rows[row][: len(paths)])
    return any(any(means(each, paths[column]) for each in required) for column, cell in cells if not is_blank(cell))


def _missing(required: Sequence[Declared], paths: Sequence[HeaderPath]) -> list[Declared]:
    """The declared columns that no header means."""
    folded = {folded_path(path) for path in paths}
    return [
        each
        for each in required
        if (not any(means(each, path) for path in paths) if is_pattern(each) else folded_path(each) not in folded)
    ]


def _figures(
    grid: Grid, header_row: int, paths: Sequence[HeaderPath], layout: Mapping[str, Any]
) -> tuple[Figures, ...]:
    """The columns of every measure. A measure has one column, or one for each period that its header states."""
    options = period_options(layout)
    found: list[Figures] = []
    owner: dict[int, Declared] = {}
    for measure in layout.get("measures", ()):
        declared = measure["column"]
        columns = [column for column, path in enumerate(paths) if means(declared, path)]
        twice = columns[1:] if not holds_period(declared) else [column for column in columns if column in owner]
        for column in twice or [column for column in columns if column in owner]:
            header = f"“{' | '.join(paths[column])}”"
            raise _unexpected(grid, header_row, column, header, "ứng với hai khai báo", "is declared twice over")
        for column in columns:
            owner[column] = declared
            period = period_of(declared, paths[column], options) if holds_period(declared) else None
            if period is None and holds_period(declared):
                raise _period_not_expected(grid, header_row, column, paths[column], options["expect"])
            found.append(Figures(column, measure, period))
    return tuple(found)


def period_options(layout: Mapping[str, Any]) -> dict[str, Any]:
    """The declared options of periods.read_period."""
    return {
        "expect": layout["period"].get("expect"),
        "administrative_quarters": layout["period"].get("quarters") == "administrative",
    }


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


def _paths(
    grid: Grid, filled: Mapping[tuple[int, int], object], row: int, layout: Mapping[str, Any]
) -> list[HeaderPath]:
    """For each column its labels from the top header row down; a label repeated by a merge counts once.

    Where the layout names `label_rows`, only these rows of the header count: the others say it in another language.
    """
    rows = range(row, min(row + int(layout["header_rows"]), len(grid.rows)))
    counting = [row + each - 1 for each in layout.get("label_rows", ())] or rows
    paths = []
    for column in range(max((len(grid.rows[each]) for each in rows), default=0)):
        labels: list[str] = []
        for each in (number for number in counting if number in rows):
            label = clean(printed(filled.get((each, column), grid.cell(each, column))))
            if label and labels[-1:] != [label]:
                labels.append(label)
        paths.append(tuple(labels))
    return paths


def _checked_index(
    grid: Grid, header_row: int, paths: Sequence[HeaderPath], layout: Mapping[str, Any]
) -> Mapping[HeaderPath, int]:
    """Folded header path -> column. Refuses a column nobody declared, and one header over two columns."""
    declared = [*required_columns(layout), *layout.get("ignore_columns", ())]
    exact = {folded_path(each) for each in declared if not is_pattern(each)}
    patterns = [each for each in declared if is_pattern(each)]
    beside = _beside(paths, layout)
    index: dict[HeaderPath, int] = {}
    for column, path in enumerate(paths):
        folded = folded_path(path)
        if not folded or column in beside:
            continue
        if folded not in exact and not any(means(each, path) for each in patterns):
            raise _unexpected(grid, header_row, column, f"“{' | '.join(path)}”", "chưa khai báo", "is not declared")
        if folded in index:
            raise _unexpected(grid, header_row, column, f"“{' | '.join(path)}”", "xuất hiện hai lần", "occurs twice")
        index[folded] = column
    return index


def _beside(paths: Sequence[HeaderPath], layout: Mapping[str, Any]) -> Mapping[int, bool]:
    """The columns of places that stand beside figures, in sheets of pairs, and whether the pair is ignored."""
    found: dict[int, bool] = {}
    for declared, is_ignored in [
        *((each, True) for each in layout.get("ignore_columns", ())),
        *((each, False) for each in value_columns(layout)),
    ]:
        for column in (number for number, path in enumerate(paths) if path and means(declared, path)):
            found.update({column + offset: is_ignored for offset in offsets(layout) if column + offset >= 0})
    return found


def _check_unlabelled(
    grid: Grid, header_row: int, paths: Sequence[HeaderPath], rows: range, beside: Mapping[int, bool]
) -> None:
    """Refuse cells without a header. Beside an ignored column of pairs there may be texts, and no figures."""
    unlabelled = [column for column, path in enumerate(paths) if not path and beside.get(column, True)]
    for row in rows:
        cells = grid.rows[row]
        for column in (*unlabelled, *range(len(paths), len(cells))):
            if column >= len(cells) or is_blank(cells[column]):
                continue
            if column not in beside or is_figure(cells[column]):
                found = f"{grid.address(row, column)} “{printed(cells[column])[:80]}”"
                raise _unexpected(grid, header_row, column, found, "không có tiêu đề cột", "has no header")


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


def _period_not_expected(grid: Grid, row: int, column: int, path: HeaderPath, expect: str | None) -> FileFault:
    place, label = f"{column_letters(column)}{grid.row_numbers[row]}", " | ".join(path)
    return FileFault(
        "period_not_found",
        f"Trang “{grid.sheet}”, cột {place}: kỳ trong tiêu đề “{label}” không phải loại kỳ đã khai báo ({expect}); "
        "kiểm tra tệp hoặc sửa layout.period của nguồn.",
        f"Sheet “{grid.sheet}”, column {place}: the period in the header “{label}” is not of the declared type "
        f"({expect}); check the file, or layout.period of the source YAML.",
    )
