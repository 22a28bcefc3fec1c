"""A publisher's file taken apart into cells that can be changed, and put together again in its own format."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from ingestion.errors import FileFault
from ingestion.grid import MERGE, NoFigure, Percent
from ingestion.legacy_text import LEGACY_ENCODINGS
from ingestion.readers import csv_file, workbook_file
from ingestion.source import Source

WRITTEN_FORMATS = ("xlsx", "csv")


@dataclass
class Page:
    """One sheet: rows of cells from A1 on, and the merged ranges (rows and columns from 0).

    `lines` are the numbers the reader gives the rows: in a text file a quoted field may go over several lines.
    """

    name: str
    rows: list[list[object]]
    lines: Sequence[int]
    merges: list[MERGE] = field(default_factory=list)

    def cell(self, row: int, column: int) -> object:
        """The value at a place, counted from 0; None where nothing stands."""
        cells = self.rows[row] if 0 <= row < len(self.rows) else []
        return cells[column] if column < len(cells) else None

    def put(self, row: int, column: int, value: object) -> None:
        """Write a cell."""
        self.rows.extend([] for _ in range(row + 1 - len(self.rows)))
        self.rows[row].extend(None for _ in range(column + 1 - len(self.rows[row])))
        self.rows[row][column] = value

    def insert(self, row: int, cells: list[object]) -> None:
        """Put a row before another; what stands below moves down."""
        self.rows.insert(row, cells)
        self.merges = [_moved(merge, row, 1) for merge in self.merges]

    def delete(self, row: int) -> None:
        """Take a row out; what stands below moves up."""
        del self.rows[row]
        self.merges = [_moved(merge, row + 1, -1) for merge in self.merges if merge[0][0] != row]


@dataclass
class Pages:
    """A whole file: its name and its pages, by name."""

    file_name: str
    pages: dict[str, Page]

    def change_texts(self, change: Callable[[str], str]) -> None:
        """Pass every text of the file through a function."""
        for page in self.pages.values():
            page.rows = [[change(cell) if isinstance(cell, str) else cell for cell in row] for row in page.rows]


def _moved(merge: MERGE, row: int, by: int) -> MERGE:
    (top, left), (bottom, right) = merge
    return (top + by * (top >= row), left), (bottom + by * (bottom >= row), right)


def can_write(source: Source) -> bool:
    """Whether files of the source can be written again: texts in fonts and workbooks of before 2007 cannot."""
    return source.format in WRITTEN_FORMATS and source.encoding not in LEGACY_ENCODINGS


def take_apart(path: Path, file_name: str, source: Source) -> Pages:
    """Read every visible sheet of a workbook, or a text file, cell by cell.

    Raises FileFault when the file cannot be read.
    """
    if source.format == "csv":
        grid = csv_file.read_grid(path, "", source.encoding, source.delimiter)
        return Pages(file_name, {"": Page("", [list(row) for row in grid.rows], grid.row_numbers)})
    grids = workbook_file.read_grids(path, source.format)
    pages = [Page(grid.sheet, [list(row) for row in grid.rows], grid.row_numbers, list(grid.merges)) for grid in grids]
    return Pages(file_name, {page.name: page for page in pages})


def page_of(pages: Pages, sheet: str) -> Page:
    """The page that rows of a sheet come from: a text file has one, which is named after the file."""
    return pages.pages.get(sheet) or next(iter(pages.pages.values()))


def put_together(pages: Pages, source: Source) -> bytes:
    """The bytes of the file in the format and encoding its source declares.

    Raises:
        FileFault: a cell holds what this format cannot print.
    """
    if source.format == "csv":
        return _csv(next(iter(pages.pages.values())), source)
    return _workbook(pages.pages)


def _csv(page: Page, source: Source) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=source.delimiter, lineterminator="\n")
    width = max((len(row) for row in page.rows), default=0)
    for row in page.rows:
        writer.writerow(["" if cell is None else _text(cell) for cell in row] or [""] * width)
    return text.getvalue().encode(source.encoding)


def _text(cell: object) -> str:
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _workbook(pages: Mapping[str, Page]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        percent, day = book.add_format({"num_format": "0.0##%"}), book.add_format({"num_format": "yyyy-mm-dd"})
        for page in pages.values():
            sheet = book.add_worksheet(page.name)
            for (top, left), (bottom, right) in page.merges:
                sheet.merge_range(top, left, bottom, right, "")
            for number, row in enumerate(page.rows):
                for column, cell in enumerate(row):
                    _write(sheet, number, column, cell, percent, day)
    return buffer.getvalue()


def _write(sheet: object, row: int, column: int, cell: object, percent: object, day: object) -> None:
    match cell:
        case None:
            return
        case Percent():
            sheet.write_number(row, column, float(cell), percent)  # type: ignore[attr-defined]
        case bool():
            sheet.write_boolean(row, column, cell)  # type: ignore[attr-defined]
        case int() | float() | Decimal():
            sheet.write_number(row, column, cell)  # type: ignore[attr-defined]
        case str():
            sheet.write_string(row, column, cell)  # type: ignore[attr-defined]
        case datetime() | date() | time():
            sheet.write_datetime(row, column, cell, day)  # type: ignore[attr-defined]
        case NoFigure():
            raise FileFault("not_written", f"ô «{cell}» không ghi lại được", f"the cell “{cell}” cannot be written")
        case _:
            raise FileFault("not_written", f"ô «{cell!r}» không ghi lại được", f"the cell {cell!r} cannot be written")
