"""Excel workbooks (.xlsx) through calamine, which keeps cell types and merged ranges, once they are checked."""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ingestion.errors import FileFault
from ingestion.grid import LIMITS, Grid, Limits, check_size, too_large
from ingestion.readers.xlsx_check import check_workbook
from ingestion.readers.xlsx_marks import apply_marks
from ingestion.text import fold

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


def read_grid(path: Path, sheet: str | None, limits: Limits = LIMITS) -> Grid:
    """The sheet of this name (folded), or the only visible one when no name is declared. Hidden sheets are never read.

    Raises FileFault empty_file, too_large, unreadable_file, sheet_not_found.
    """
    check_size(path, limits)
    try:
        has_marks = check_workbook(path, limits)
        with CalamineWorkbook.from_path(path) as workbook:
            name = _choose(workbook, sheet)
            found = workbook.get_sheet_by_name(name)
            if (found.total_height + 1) * (found.total_width + 1) > limits.cells:
                raise too_large(
                    f"trang “{name}” quá nhiều ô", f"sheet “{name}” has too many cells", f"{limits.cells:,}"
                )
            rows = found.to_python(skip_empty_area=False)
            merges = found.merged_cell_ranges or []
        cells = [[None if value == "" else value for value in row] for row in rows]
        with zipfile.ZipFile(path) as archive:
            apply_marks(archive, name, cells, has_marks)
    except _DAMAGED as error:
        raise _fault_of(error) from error
    except BaseException as error:
        # A panic of the Rust below is no Exception, so that nobody catches it by accident.
        if type(error).__name__ == "PanicException":
            raise _fault_of(error) from error
        raise
    return Grid(name, cells, range(1, len(cells) + 1), merges)


def _choose(workbook: CalamineWorkbook, sheet: str | None) -> str:
    visible = [
        each.name
        for each in workbook.sheets_metadata
        if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
    ]
    exact = [name for name in visible if name == sheet]
    wanted = exact or [name for name in visible if sheet is None or fold(name) == fold(sheet)]
    if len(wanted) == 1:
        return wanted[0]
    found = ", ".join(f"“{name}”" for name in visible) or "—"
    asked = "—" if sheet is None else f"“{sheet}”"
    raise FileFault(
        "sheet_not_found",
        f"Không xác định được trang tính {asked}; các trang đang hiện: {found}. "
        "Kiểm tra tệp hoặc sửa layout.sheet của nguồn.",
        f"Sheet {asked} is not exactly one of the visible sheets: {found}. "
        "Check the file, or layout.sheet of the source YAML.",
    )


def _fault_of(error: BaseException) -> BaseException:
    """The publisher's fault, unless the disk failed: then nothing is said about the file, and it is read again."""
    if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
        return error
    return FileFault(
        "unreadable_file",
        f"Tệp bị hỏng hoặc bị cắt cụt, hoặc không phải .xlsx ({error}); đề nghị đơn vị cung cấp gửi lại.",
        f"The file is damaged, cut short, or no .xlsx workbook ({error}); ask the publisher to send it again.",
    )
