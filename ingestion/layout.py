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
    assign,
    declared_columns,
    exact_path,
    holds_period,
    holds_unit,
    is_pattern,
    offsets,
    period_of,
    unit_of,
    value_columns,
)
from ingestion.data_end import KindOf, Writings, end_row, is_figure
from ingestion.errors import FileFault
from ingestion.figures import Writing, writing_of
from ingestion.furniture import numbers_row, without_repeats
from ingestion.grid import Grid
from ingestion.header import find_header, marks_of_header
from ingestion.periods import Period
from ingestion.text import is_blank, printed

# Exact path of each declared column -> the columns it means.
Columns = Mapping[HeaderPath, Sequence[int]]


@dataclass(frozen=True)
class Figures:
    """One column of figures of a wide sheet: the measure it holds, and what its header states where it states it.

    That is the period, the unit, and the statuses of footnote marks. `writing` is how its cells are written.
    """

    column: int
    measure: Mapping[str, Any]
    period: Period | None
    unit: str | None = None
    statuses: tuple[str, ...] = ()
    writing: Writing = Writing()


@dataclass(frozen=True)
class Table:
    """A sheet with its header understood. Rows and columns count from 0 in the grid.

    `rows` are those of data, `block` the label they stand under where a header has several blocks of rows. `index` has
    the columns declared by their full header, `figures` those of the measures, from left to right as the YAML names
    them. `statuses` are of the footnote marks behind the header of the one column of figures of a long sheet.
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
    statuses: tuple[str, ...] = ()

    def column(self, declared: Declared) -> int:
        """The column declared by its header path."""
        return self.index[exact_path(declared)]

    def value_columns(self, layout: Mapping[str, Any]) -> list[int]:
        """Every column that holds figures."""
        if "measures" in layout:
            return [each.column for each in self.figures]
        return [self.column(each) for each in value_columns(layout)]

    def writings(self, layout: Mapping[str, Any]) -> Writings:
        """How the cells of every column of figures are written."""
        return _writings(self.figures, self.value_columns(layout), layout)

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
    header_row, paths = find_header(grid, layout)
    meant = assign(declared_columns(layout), paths)
    index = _checked_index(grid, header_row, paths, layout, meant)
    figures = _figures(grid, header_row, paths, layout, meant)
    first_row = header_row + int(layout["header_rows"])
    if first_row < len(grid.rows) and numbers_row(grid, first_row, layout, _place_columns(index, layout)):
        first_row += 1
    values = [each.column for each in figures] or [index[exact_path(each)] for each in value_columns(layout)]
    end = end_row(grid, first_row, layout, _writings(figures, values, layout), kind_of)
    header = range(header_row, header_row + int(layout["header_rows"]))
    rows = without_repeats(grid, header, range(first_row, end))
    _check_unlabelled(grid, header_row, paths, rows, layout, meant)
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
    statuses = () if figures else marks_of_header(grid, header_row, layout).get(values[0], ())
    return Table(grid, header_row, first_row, end, rows, paths, index, figures, statuses=statuses)


def _place_columns(index: Mapping[HeaderPath, int], layout: Mapping[str, Any]) -> Mapping[int, str]:
    """Column -> scheme of the places it names."""
    return {index[exact_path(each["column"])]: each["scheme"] for each in layout["places"] if "column" in each}


def _figures(
    grid: Grid, header_row: int, paths: Sequence[HeaderPath], layout: Mapping[str, Any], meant: Columns
) -> tuple[Figures, ...]:
    """The columns of every measure. A measure has one column, or one for each period that its header states."""
    options = period_options(layout)
    marks = marks_of_header(grid, header_row, layout)
    found: list[Figures] = []
    owner: dict[int, Mapping[str, Any]] = {}
    for measure in layout.get("measures", ()):
        declared, writing = measure["column"], writing_of(layout, measure)
        columns = meant[exact_path(declared)]
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
            found.append(Figures(column, measure, period, unit, marks.get(column, ()), writing))
    return tuple(found)


def _writings(figures: Sequence[Figures], columns: Sequence[int], layout: Mapping[str, Any]) -> Writings:
    found: dict[int, list[Writing]] = {column: [] for column in columns}
    for each in figures:
        found[each.column].append(each.writing)
    return {column: writings or [writing_of(layout, {})] for column, writings in found.items()}


def _share(measure: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two measures may be in one column: each takes its own part of the cell."""
    return "cell" in measure and "cell" in other and measure["cell"] != other["cell"]


def period_options(layout: Mapping[str, Any]) -> dict[str, Any]:
    """The declared options of periods.read_period."""
    return {
        "expect": layout["period"].get("expect"),
        "administrative_quarters": layout["period"].get("quarters") == "administrative",
    }


def _checked_index(
    grid: Grid, header_row: int, paths: Sequence[HeaderPath], layout: Mapping[str, Any], meant: Columns
) -> Mapping[HeaderPath, int]:
    """Exact path of each declared column -> column.

    Refuses a column nobody declared, one header over two columns, and a header without accents that may be two declared
    ones.
    """
    beside = _beside(layout, meant)
    plain = {exact_path(each) for each in declared_columns(layout) if not is_pattern(each)}
    owned = {key: [column for column in columns if column not in beside] for key, columns in meant.items()}
    index: dict[HeaderPath, int] = {}
    seen: set[HeaderPath] = set()
    for column, path in enumerate(paths):
        if not path or column in beside:
            continue
        header, owners = f"“{' | '.join(path)}”", [key for key, columns in owned.items() if column in columns]
        if not owners:
            raise _unexpected(grid, header_row, column, header, "chưa khai báo", "is not declared")
        if exact_path(path) in seen or any(key in plain and len(owned[key]) > 1 for key in owners):
            raise _unexpected(grid, header_row, column, header, "xuất hiện hai lần", "occurs twice")
        if len(plain.intersection(owners)) > 1:
            raise _unexpected(grid, header_row, column, header, "ứng với hai khai báo", "is declared twice over")
        seen.add(exact_path(path))
        index.update(dict.fromkeys(owners, column))
    return index


def _beside(layout: Mapping[str, Any], meant: Columns) -> Mapping[int, bool]:
    """The columns of places that stand beside figures, in sheets of pairs, and whether the pair is ignored."""
    found: dict[int, bool] = {}
    for declared, is_ignored, distances in [
        *((each, True, offsets(layout)) for each in layout.get("ignore_columns", ())),
        *((each["column"], False, offsets(layout, each)) for each in layout.get("measures", ())),
    ]:
        for column in meant[exact_path(declared)]:
            found.update({column + offset: is_ignored for offset in distances if column + offset >= 0})
    return found


def _check_unlabelled(
    grid: Grid,
    header_row: int,
    paths: Sequence[HeaderPath],
    rows: Sequence[int],
    layout: Mapping[str, Any],
    meant: Columns,
) -> None:
    """Refuse cells without a header. Beside an ignored column of pairs there may be texts, and no figures.

    That holds under a label too: the label of the places says nothing of figures.
    """
    beside = _beside(layout, meant)
    declared = {column for columns in meant.values() for column in columns}
    unlabelled = [
        column for column, path in enumerate(paths) if beside.get(column, not path) and column not in declared
    ]
    width = max((len(grid.rows[row]) for row in rows), default=0)
    if layout.get("unlabelled_columns") == "ordinal":
        unlabelled = [column for column in unlabelled if column in beside or not _is_ordinal(grid, column, rows)]
    columns = (*unlabelled, *range(len(paths), width))
    for row in rows if columns else ():
        cells = grid.rows[row]
        for column in columns:
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
    """A line with fewer fields than the header was cut off or lost a separator: its cells stand in wrong columns.

    So do those of a line with more fields than the others, though the last may be blank.
    """
    lines = [row for row in rows if not grid.is_blank_row(row)]
    usual = max(width, min((len(grid.rows[row]) for row in lines), default=0))
    for row in lines:
        if not width <= len(grid.rows[row]) <= usual:
            number, found = grid.row_numbers[row], len(grid.rows[row])
            raise FileFault(
                "unreadable_file",
                f"Dòng {number} có {found} trường, tiêu đề có {width}: tệp bị cắt cụt, mất hoặc thừa dấu phân cách; "
                "đề nghị đơn vị cung cấp gửi lại.",
                f"Line {number} has {found} fields, the header has {width}: the file is cut short, or lost or gained a "
                "separator; ask the publisher to send it again.",
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


def _period_not_expected(grid: Grid, row: int, column: int, path: HeaderPath, expect: str | None) -> FileFault:
    place, label = grid.address(row, column), " | ".join(path)
    return FileFault(
        "period_not_found",
        f"Trang “{grid.sheet}”, cột {place}: kỳ trong tiêu đề “{label}” không phải loại kỳ đã khai báo ({expect}); "
        "kiểm tra tệp hoặc sửa layout.period của nguồn.",
        f"Sheet “{grid.sheet}”, column {place}: the period in the header “{label}” is not of the declared type "
        f"({expect}); check the file, or layout.period of the source YAML.",
    )
