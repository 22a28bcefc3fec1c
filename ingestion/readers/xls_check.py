"""An old Excel workbook (.xls) proved harmless before calamine, and what calamine does not tell of its cells.

Every sheet is walked record by record, as calamine does: one cell in the last row makes it lay out the whole
rectangle. On the way, cells that print another number than they hold, that hold an error or whose text is set in an old
Vietnamese font are noted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ingestion.grid import MERGE, Limits, Mark, too_large
from ingestion.legacy_text import CellRuns, Font, Runs
from ingestion.readers.compound import DamagedFile, streams
from ingestion.readers.number_formats import mark_of_format
from ingestion.readers.xls_fonts import font_name, old_fonts, rich_texts, runs_of
from ingestion.readers.xlsx_check import too_wide

_BOF, _EOF, _BOUNDSHEET, _FORMAT, _XF, _DIMENSIONS, _TEXTS, _PASSWORD = (
    0x0809, 0x000A, 0x0085, 0x041E, 0x00E0, 0x0200, 0x00FC, 0x002F,
)  # fmt: skip
_FORMULA, _NUMBER, _LABEL, _ERROR, _RK, _LABEL_INDEX, _MANY_RK = 0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00BD
_RICH_LABEL, _FONT, _CONTINUE = 0x00D6, 0x0031, 0x003C
_TEXT_CELLS = {_FORMULA, _LABEL, _LABEL_INDEX, _RICH_LABEL}
_CELLS = {_FORMULA, _NUMBER, _LABEL, _ERROR, _RK, _LABEL_INDEX, _MANY_RK, _RICH_LABEL}
_BIFF8 = 0x0600
# A sheet of this format has no more, whatever it announces.
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256
_PERCENT_FORMATS = {9, 10}
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


class _Styles(NamedTuple):
    """What the cells of all sheets refer to by number.

    Styles that print another number than the cell holds, with their marks; the old font of a style; the old fonts by
    their own number; and of the texts in several fonts the start and font number of each run.
    """

    printing: Mapping[int, Mark]
    styles: Mapping[int, Font]
    fonts: Mapping[int, Font]
    rich: Mapping[int, Sequence[tuple[int, int]]]


def check_xls(path: Path, limits: Limits) -> list[tuple[dict[tuple[int, int], Mark], CellRuns, list[MERGE]]]:
    """For each sheet, in the order of the workbook, its marked cells and those in old fonts, by row and column from 0.

    Merged ranges calamine tells itself: there are none here.

    Raises FileFault too_large, or DamagedFile, struct.error and the like for a damaged file.
    """
    found = streams(path.read_bytes())
    book = found.get("Workbook", found.get("Book"))
    if book is None:
        raise DamagedFile("a compound file without a workbook")
    starts, styles = _globals(book, limits)
    cells = 0
    sheets: list[tuple[dict[tuple[int, int], Mark], CellRuns, list[MERGE]]] = []
    for start in starts:
        sheet = _Sheet(book, start, styles)
        cells += sheet.rows * sheet.columns
        if cells > limits.cells or sheet.columns > limits.columns:
            raise too_wide(sheet.rows, sheet.columns, limits)
        sheets.append((sheet.marks, sheet.runs, []))
    return sheets


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


def _globals(book: bytes, limits: Limits) -> tuple[list[int], _Styles]:
    """Where the sheets begin, and what their cells refer to."""
    formats: dict[int, Mark | None] = dict.fromkeys(_PERCENT_FORMATS, "%")
    version, starts = 0, []
    styles, names = [], []
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
            styles.append(struct.unpack_from("<HH", content))
        elif kind == _FONT:
            names.append(font_name(content, version))
    if len(starts) > limits.parts:
        raise too_large(f"{len(starts)} trang tính", f"{len(starts)} sheets", f"{limits.parts:,}")
    marks = ((number, formats.get(style)) for number, (_, style) in enumerate(styles))
    printing = {number: mark for number, mark in marks if mark is not None}
    return starts, _styles(book, printing, [font for font, _ in styles], old_fonts(names))


def _styles(
    book: bytes, printing: Mapping[int, Mark], font_numbers: Sequence[int], fonts: Mapping[int, Font]
) -> _Styles:
    """The table of texts is looked into only where some font is an old one."""
    by_style = {style: fonts[number] for style, number in enumerate(font_numbers) if number in fonts}
    return _Styles(printing, by_style, fonts, rich_texts(_table_of_texts(book)) if fonts else {})


def _table_of_texts(book: bytes) -> list[bytes]:
    """The content of the record of texts and of those that continue it."""
    found: list[bytes] = []
    last = 0
    for kind, content in _records(book, 0):
        if kind == _TEXTS or (kind == _CONTINUE and last == _TEXTS):
            found.append(content)
            kind = _TEXTS
        last = kind
    return found


def _format_code(content: bytes, version: int) -> str:
    if version < _BIFF8:
        return content[3:].decode("latin-1")
    return content[5:].decode("utf-16-le" if content[4] & 1 else "latin-1", "replace")


def _check_texts(count: int, size: int, limits: Limits) -> None:
    if count > min(size, limits.cells):
        raise too_large(f"{count} chuỗi ký tự", f"{count} texts", f"{limits.cells:,}")


class _Sheet:
    """How far the cells of one sheet reach, which of them are marked, and which are set in old fonts."""

    def __init__(self, book: bytes, start: int, styles: _Styles) -> None:
        self.rows = self.columns = 0
        self.marks: dict[tuple[int, int], Mark] = {}
        self.runs: dict[tuple[int, int], Runs] = {}
        for kind, content in _records(book, start):
            if kind in _CELLS:
                self._take(kind, content, styles)
            elif kind == _DIMENSIONS:
                _check_dimensions(content)

    def _take(self, kind: int, content: bytes, known: _Styles) -> None:
        row, first, style = struct.unpack_from("<HHH", content)
        styles = [style] if kind != _MANY_RK else [each[0] for each in struct.iter_unpack("<HI", content[4:-2])]
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, first + len(styles))
        marks = known.printing
        self.marks |= {(row, first + at): marks[each] for at, each in enumerate(styles) if each in marks}
        error = _error(kind, content)
        if error is not None:
            self.marks[row, first] = _ERRORS.get(error, "#ERROR!")
        if known.fonts and kind in _TEXT_CELLS:
            rich = known.rich.get(struct.unpack_from("<I", content, 6)[0], ()) if kind == _LABEL_INDEX else ()
            runs = runs_of(known.styles.get(style), rich, known.fonts)
            if any(font for _, font in runs):
                self.runs[row, first] = runs


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
