"""Workbooks (.xlsx, .xls, .ods) through calamine, which keeps cell types and merged ranges, once they are checked."""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ingestion.errors import FileFault
from ingestion.grid import LIMITS, MERGE, Grid, Limits, Mark, check_size, put_marks, too_large
from ingestion.legacy_text import CellRuns, decode_cells, decode_declared
from ingestion.readers.ods_check import check_ods
from ingestion.readers.xls_check import check_xls
from ingestion.readers.xlsx_check import Seen, check_workbook
from ingestion.readers.xlsx_marks import apply_marks

# What parsers not written for hostile files raise on one; a date or duration beyond Python's is an OverflowError.
_DAMAGED = (
    CalamineError,
    expat.ExpatError,
    ElementTree.ParseError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    OSError,
)


# What calamine does not tell of a sheet: the texts in old fonts, and merged ranges, which it knows of Excel's alone.
Told = tuple[CellRuns, Sequence[MERGE]]

# From the names of the visible sheets, and a test whether one shows nothing at all, the sheets to read.
Choose = Callable[[Sequence[str], Callable[[str], bool]], Sequence[str]]


def all_visible(names: Sequence[str], is_blank: Callable[[str], bool]) -> Sequence[str]:
    """Every visible sheet that shows anything."""
    return [name for name in names if not is_blank(name)]


def read_grids(
    path: Path, file_format: str, choose: Choose = all_visible, limits: Limits = LIMITS, encoding: str = ""
) -> list[Grid]:
    """The chosen sheets of a workbook (`xlsx`, `xls`, `ods`). Hidden sheets are never read.

    Texts in fonts of before Unicode are read by these fonts, cell by cell; where `encoding` names such an encoding, all
    texts are read by it, whatever their fonts.

    Raises FileFault empty_file, too_large, unreadable_file, and what `choose` raises.
    """
    check_size(path, limits)
    found = []
    try:
        checked = _CHECKS[file_format](path, limits)
        with CalamineWorkbook.from_path(path) as workbook:
            names = [each.name for each in workbook.sheets_metadata]
            visible = [
                each.name
                for each in workbook.sheets_metadata
                if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
            ]
            # A sheet is laid out once, to see whether it is blank and to read it.
            sheet = cache(workbook.get_sheet_by_name)
            chosen = choose(visible, lambda name: sheet(name).start is None)
            grids = [_grid(sheet(name), name, limits) for name in chosen]
        for grid, cells in grids:
            runs, merges = _MARKERS[file_format](path, checked, names.index(grid.sheet), grid.sheet, cells)
            if runs and not encoding:
                decode_cells(grid.sheet, cells, runs)
            numbers = range(1, len(cells) + 1)
            found.append(replace(grid, row_numbers=numbers, merges=[*grid.merges, *merges]))
    except _DAMAGED as error:
        raise _fault_of(error, file_format) from error
    except BaseException as error:
        # A panic of the Rust below is no Exception, so that nobody catches it by accident.
        if type(error).__name__ == "PanicException":
            raise _fault_of(error, file_format) from error
        raise
    return [decode_declared(grid, encoding) for grid in found] if encoding else found


def _grid(found: CalamineSheet, name: str, limits: Limits) -> tuple[Grid, list[list[object]]]:
    if (found.total_height + 1) * (found.total_width + 1) > limits.cells:
        raise too_large(f"trang “{name}” quá nhiều ô", f"sheet “{name}” has too many cells", f"{limits.cells:,}")
    cells: list[list[object]] = [
        [None if value == "" else value for value in row] if "" in row else row
        for row in found.to_python(skip_empty_area=False)
    ]
    return Grid(name, cells, (), found.merged_cell_ranges or []), cells


def _mark_xlsx(path: Path, seen: Seen, _: int, name: str, cells: list[list[object]]) -> Told:
    with zipfile.ZipFile(path) as archive:
        return apply_marks(archive, name, cells, seen), ()


def _put(
    _: Path,
    sheets: Sequence[tuple[Mapping[tuple[int, int], Mark], CellRuns, Sequence[MERGE]]],
    number: int,
    __: str,
    cells: list[list[object]],
) -> Told:
    marks, runs, merges = sheets[number]
    put_marks(cells, marks)
    return runs, merges


_CHECKS: Mapping[str, Callable[[Path, Limits], Any]] = {
    "xlsx": check_workbook,
    "xls": check_xls,
    "ods": check_ods,
}
_MARKERS: Mapping[str, Callable[[Path, Any, int, str, list[list[object]]], Told]] = {
    "xlsx": _mark_xlsx,
    "xls": _put,
    "ods": _put,
}


def _fault_of(error: BaseException, file_format: str) -> BaseException:
    """The publisher's fault, unless the disk failed: then nothing is said about the file, and it is read again."""
    if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
        return error
    return FileFault(
        "unreadable_file",
        f"Tệp bị hỏng hoặc bị cắt cụt, hoặc không phải .{file_format} ({error}); đề nghị đơn vị cung cấp gửi lại.",
        f"The file is damaged, cut short, or no .{file_format} workbook ({error}); ask the publisher to send it again.",
    )
