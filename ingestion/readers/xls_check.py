"""An old Excel workbook (.xls) proved harmless before calamine, and what calamine does not tell of its cells.

Every sheet is walked record by record, as calamine does: one cell in the last row makes it lay out the whole
rectangle. On the way, cells that print another number than they hold and cells that hold an error are noted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingestion.grid import Limits, Mark, too_large
from ingestion.readers.compound import DamagedFile, streams
from ingestion.readers.xlsx_check import too_wide
from ingestion.readers.xlsx_marks import mark_of_format

_BOF, _EOF, _BOUNDSHEET, _FORMAT, _XF, _DIMENSIONS, _TEXTS, _PASSWORD = (
    0x0809, 0x000A, 0x0085, 0x041E, 0x00E0, 0x0200, 0x00FC, 0x002F,
)  # fmt: skip
_FORMULA, _NUMBER, _LABEL, _ERROR, _RK, _LABEL_INDEX, _MANY_RK = 0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00BD
_RICH_LABEL = 0x00D6
_CELLS = {_FORMULA, _NUMBER, _LABEL, _ERROR, _RK, _LABEL_INDEX, _MANY_RK, _RICH_LABEL}
_BIFF8 = 0x0600
# A sheet of this format has no more, whatever it announces.
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256
_PERCENT_FORMATS = {9, 10}
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def check_xls(path: Path, limits: Limits) -> list[dict[tuple[int, int], Mark]]:
    """For each sheet, in the order of the workbook, its marked cells by row and column from 0.

    Raises FileFault too_large, or DamagedFile, struct.error and the like for a damaged file.
    """
    found = streams(path.read_bytes())
    book = found.get("Workbook", found.get("Book"))
    if book is None:
        raise DamagedFile("a compound file without a workbook")
    starts, printing = _globals(book, limits)
    cells, marks = 0, []
    for start in starts:
        sheet = _Sheet(book, start, printing)
        cells += sheet.rows * sheet.columns
        if cells > limits.cells or sheet.columns > limits.columns:
            raise too_wide(sheet.rows, sheet.columns, limits)
        marks.append(sheet.marks)
    return marks


def _records(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Kind and content of the records of one part of the workbook, up to its end."""
    at, depth = start, 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + length]
        depth += (kind == _BOF) - (kind == _EOF)
        if kind == _EOF and depth <= 0:
            return
        at += 4 + length


def _globals(book: bytes, limits: Limits) -> tuple[list[int], Mapping[int, Mark]]:
    """Where the sheets begin, and the cell styles that print another number than the cell holds, with their marks."""
    formats: dict[int, Mark | None] = dict.fromkeys(_PERCENT_FORMATS, "%")
    version, starts, styles = 0, [], []
    for kind, content in _records(book, 0):
        if kind == _BOF:
            version = struct.unpack_from("<H", content)[0]
        elif kind == _PASSWORD:
            raise DamagedFile("the workbook is protected by a password")
        elif kind == _TEXTS:
            _check_texts(struct.unpack_from("<I", content, 4)[0], len(book), limits)
        elif kind == _BOUNDSHEET:
            starts.append(struct.unpack_from("<I", content)[0])
        elif kind == _FORMAT:
            number = struct.unpack_from("<H", content)[0]
            formats[number] = mark_of_format(_format_code(content, version))
        elif kind == _XF:
            styles.append(struct.unpack_from("<HH", content)[1])
    if len(starts) > limits.parts:
        raise too_large(f"{len(starts)} trang tính", f"{len(starts)} sheets", f"{limits.parts:,}")
    marks = ((number, formats.get(style)) for number, style in enumerate(styles))
    return starts, {number: mark for number, mark in marks if mark is not None}


def _format_code(content: bytes, version: int) -> str:
    if version < _BIFF8:
        return content[3:].decode("latin-1")
    return content[5:].decode("utf-16-le" if content[4] & 1 else "latin-1", "replace")


def _check_texts(count: int, size: int, limits: Limits) -> None:
    if count > min(size, limits.cells):
        raise too_large(f"{count} chuỗi ký tự", f"{count} texts", f"{limits.cells:,}")


class _Sheet:
    """How far the cells of one sheet reach, and which of them are marked."""

    def __init__(self, book: bytes, start: int, printing: Mapping[int, Mark]) -> None:
        self.rows = self.columns = 0
        self.marks: dict[tuple[int, int], Mark] = {}
        for kind, content in _records(book, start):
            if kind in _CELLS:
                self._take(kind, content, printing)
            elif kind == _DIMENSIONS:
                _check_dimensions(content)

    def _take(self, kind: int, content: bytes, printing: Mapping[int, Mark]) -> None:
        row, first, style = struct.unpack_from("<HHH", content)
        styles = [style] if kind != _MANY_RK else [each[0] for each in struct.iter_unpack("<HI", content[4:-2])]
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, first + len(styles))
        self.marks |= {(row, first + at): printing[each] for at, each in enumerate(styles) if each in printing}
        error = _error(kind, content)
        if error is not None:
            self.marks[row, first] = _ERRORS.get(error, "#ERROR!")


def _error(kind: int, content: bytes) -> int | None:
    """The code of the error that a cell shows, or None."""
    if kind == _ERROR and len(content) >= 8 and content[7] == 1:
        return content[6]
    if kind == _FORMULA and content[12:14] == b"\xff\xff" and content[6] == 2:
        return content[8]
    return None


def _check_dimensions(content: bytes) -> None:
    """Calamine sets memory aside for what is announced here."""
    wide = len(content) >= 14
    first_row, end_row = struct.unpack_from("<II" if wide else "<HH", content)
    first_column, end_column = struct.unpack_from("<HH", content, 8 if wide else 4)
    if first_row > end_row or end_row > _MOST_ROWS or first_column > end_column or end_column > _MOST_COLUMNS:
        raise DamagedFile("a sheet announces more rows or columns than there can be")
