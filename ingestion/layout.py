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
    holds_unit,
    is_pattern,
    labels_of,
    means,
    offsets,
    period_of,
    required_columns,
    unit_of,
    value_columns,
)
from ingestion.data_end import KindOf, end_row, is_figure
from ingestion.errors import FileFault
from ingestion.figures import without_marks
from ingestion.furniture import numbers_row, without_repeats
from ingestion.grid import Grid
from ingestion.periods import Period
from ingestion.text import clean, is_blank, printed

# Titles, notes and headers stand in the first rows; a merged range may be as wide as the sheet, so it is clipped.
HEADER_WINDOW = 200
_MOST_FILLED_CELLS = 1_000_000


@dataclass(frozen=True)
class Figures:
    """One column of figures of a wide sheet: the measure it holds, and what its header states where it states it.

    That is the period, the unit, and the statuses of footnote marks.
    """

    column: int
    measure: Mapping[str, Any]
    period: Period | None
    unit: str | None = None
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A sheet with its header understood. Rows and columns count from 0 in the grid.

    `rows` are those of data, `block` the label they stand under where a header has several blocks of rows. `index` has
    the columns declared by their full header, `figures` those of the measures, from left to right as the YAML names
    them.
    """

    grid: Grid
    header_row: int
    first_row: int
    end_row: int
    rows: Sequence[int]
    paths: Sequence[HeaderPath]
    index: Mapping[HeaderPath, int]
    figures: Sequence[Figures]
    block: str = ""

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
    if first_row < len(grid.rows) and numbers_row(grid, first_row, layout, _place_columns(index, layout)):
        first_row += 1
    values = [each.column for each in figures] or [index[folded_path(each)] for each in value_columns(layout)]
    end = end_row(grid, first_row, layout, values, kind_of)
    header = range(header_row, header_row + int(layout["header_rows"]))
    rows = without_repeats(grid, header, range(first_row, end))
    _check_unlabelled(grid, header_row, paths, rows, layout)
    if grid.is_text:
        _check_line_lengths(grid, len(paths), rows)
    if all(grid.is_blank_row(row) for row in rows):
        raise FileFault(
            "empty_file",
            f"Trang “{grid.sheet}” có tiêu đề ở dòng {grid.row_numbers[header_row]} nhưng không có dòng số liệu nào; "
            "đề nghị đơn vị cung cấp gửi lại.",
            f"Sheet “{grid.sheet}” has its header in row {grid.row_numbers[header_row]} but not one row of data; "
            "ask the publisher to send it again.",
        )
    return Table(grid, header_row, first_row, end, rows, paths, index, figures)


def _place_columns(index: Mapping[HeaderPath, int], layout: Mapping[str, Any]) -> Mapping[int, str]:
    """Column -> scheme of the places it names."""
    return {index[folded_path(each["column"])]: each["scheme"] for each in layout["places"] if "column" in each}


def _find_header(grid: Grid, layout: Mapping[str, Any]) -> tuple[int, list[HeaderPath]]:
    """The first row of the header that has the most declared columns, and the header of every column."""
    required = required_columns(layout)
    filled = _merged_labels(grid)
    best: tuple[int, int, list[HeaderPath]] = (0, -1, [])
    for row in range(min(len(grid.rows), HEADER_WINDOW)):
        paths = _paths(grid, filled, row, layout)
        found = len(required) - len(_missing(required, paths))
        if found > best[0]:
            best = (found, row, paths)
        if found == len(required):
            break
    found, header_row, paths = best
    if found == 0 or 2 * found < len(required):
        raise _header_not_found(grid, required)
    missing = _missing(required, paths)
    if missing:
        raise _column_not_found(grid, header_row, missing, paths)
    return header_row, paths


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
    marks = _marks_of_header(grid, header_row, layout)
    found: list[Figures] = []
    owner: dict[int, Mapping[str, Any]] = {}
    for measure in layout.get("measures", ()):
        declared = measure["column"]
        columns = [column for column, path in enumerate(paths) if means(declared, path)]
        taken = [column for column in columns if column in owner and not _share(measure, owner[column])]
        for column in taken or (columns[1:] if not holds_period(declared) else ()):
            header = f"“{' | '.join(paths[column])}”"
            raise _unexpected(grid, header_row, column, header, "ứng với hai khai báo", "is declared twice over")
        for column in columns:
            owner[column] = measure
            period = period_of(declared, paths[column], options) if holds_period(declared) else None
            if period is None and holds_period(declared):
                raise _period_not_expected(grid, header_row, column, paths[column], options["expect"])
            unit = unit_of(declared, paths[column]) if holds_unit(declared) else None
            found.append(Figures(column, measure, period, unit, marks.get(column, ())))
    return tuple(found)


def _share(measure: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two measures may be in one column: each takes its own part of the cell."""
    return "cell" in measure and "cell" in other and measure["cell"] != other["cell"]


def period_options(layout: Mapping[str, Any]) -> dict[str, Any]:
    """The declared options of periods.read_period."""
    return {
        "expect": layout["period"].get("expect"),
        "administrative_quarters": layout["period"].get("quarters") == "administrative",
    }


def title_cells(grid: Grid, header_row: int) -> list[tuple[str, str]]:
    """Address and text of every text above the header."""
    return [*grid.above] + [
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
    footnotes = layout.get("footnotes", {})
    paths = []
    for texts in _header_texts(grid, filled, row, layout):
        labels: list[str] = []
        for label in (without_marks(text, footnotes)[0] for text in texts):
            if label and labels[-1:] != [label]:
                labels.append(label)
        paths.append(tuple(labels))
    return paths


def _header_texts(
    grid: Grid, filled: Mapping[tuple[int, int], object], row: int, layout: Mapping[str, Any]
) -> list[list[str]]:
    """For each column the texts of the header rows that count; blanks take the label left of them where declared."""
    rows = range(row, min(row + int(layout["header_rows"]), len(grid.rows)))
    counting = [row + each - 1 for each in layout.get("label_rows", ())] or rows
    to_fill = {row + each - 1 for each in layout.get("fill_right", ())}
    width = max((len(grid.rows[each]) for each in rows), default=0)
    texts: list[list[str]] = [[] for _ in range(width)]
    for each in (number for number in counting if number in rows):
        left = ""
        for column in range(width):
            label = clean(printed(filled.get((each, column), grid.cell(each, column))))
            left = label or left
            texts[column].append(left if each in to_fill else label)
    return texts


def _marks_of_header(grid: Grid, header_row: int, layout: Mapping[str, Any]) -> Mapping[int, tuple[str, ...]]:
    """Column -> statuses of the footnote marks behind its labels."""
    footnotes = layout.get("footnotes")
    if not footnotes:
        return {}
    texts = _header_texts(grid, _merged_labels(grid), header_row, layout)
    return {
        column: tuple(status for text in labels for status in without_marks(text, footnotes)[1])
        for column, labels in enumerate(texts)
    }


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
    grid: Grid, header_row: int, paths: Sequence[HeaderPath], rows: Sequence[int], layout: Mapping[str, Any]
) -> None:
    """Refuse cells without a header. Beside an ignored column of pairs there may be texts, and no figures."""
    beside = _beside(paths, layout)
    unlabelled = [column for column, path in enumerate(paths) if not path and beside.get(column, True)]
    width = max((len(grid.rows[row]) for row in rows), default=0)
    if layout.get("unlabelled_columns") == "ordinal":
        unlabelled = [column for column in unlabelled if column in beside or not _is_ordinal(grid, column, rows)]
    for row in rows:
        cells = grid.rows[row]
        for column in (*unlabelled, *range(len(paths), width)):
            if column >= len(cells) or is_blank(cells[column]):
                continue
            if column not in beside or is_figure(cells[column]):
                found = f"{grid.address(row, column)} “{printed(cells[column])[:80]}”"
                raise _unexpected(grid, header_row, column, found, "không có tiêu đề cột", "has no header")


def _is_ordinal(grid: Grid, column: int, rows: Sequence[int]) -> bool:
    """Whether the filled cells of a column count 1, 2, 3 and say nothing else."""
    texts = [printed(grid.cell(row, column)).strip() for row in rows]
    filled = [text for text in texts if text]
    return filled == [str(count) for count in range(1, len(filled) + 1)]


def _check_line_lengths(grid: Grid, width: int, rows: Sequence[int]) -> None:
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
    place = grid.address(header_row, column)
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
    place, label = grid.address(row, column), " | ".join(path)
    return FileFault(
        "period_not_found",
        f"Trang “{grid.sheet}”, cột {place}: kỳ trong tiêu đề “{label}” không phải loại kỳ đã khai báo ({expect}); "
        "kiểm tra tệp hoặc sửa layout.period của nguồn.",
        f"Sheet “{grid.sheet}”, column {place}: the period in the header “{label}” is not of the declared type "
        f"({expect}); check the file, or layout.period of the source YAML.",
    )
