"""Excel workbooks (.xlsx) through calamine, which keeps cell types and merged ranges.

Files are hostile until checked: the parts of the zip are unpacked once, counted and thrown away, before calamine,
which has no bounds of its own, sees the file.
"""

from __future__ import annotations

import errno
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ingestion.errors import FileFault
from ingestion.grid import LIMITS, Grid, Limits, check_size, too_large
from ingestion.readers.xlsx_marks import apply_marks
from ingestion.text import column_number, fold

_CHUNK = 1 << 20
_TAIL = 256
_ROW_NUMBER = re.compile(rb"""<(?:\w+:)?row\b[^>]{0,200}?\br\s*=\s*["'](\d{1,9})""")
# calamine lays a sheet out as a full rectangle, so one cell at XFD1048576 would take all memory. Columns A to Z are not
# looked for, that would cost as much as reading: a sheet counts as 26 columns wide at least.
_WIDE_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{2,})\d""")
_NARROWEST = 26
_ERROR_VALUE = re.compile(rb"""\bt\s*=\s*["']e["']""")


def read_grid(path: Path, sheet: str | None, limits: Limits = LIMITS) -> Grid:
    """The sheet of this name (folded), or the only visible one when no name is declared. Hidden sheets are never read.

    Raises FileFault empty_file, too_large, unreadable_file, sheet_not_found.
    """
    check_size(path, limits)
    has_errors = _check_zip(path, limits)
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            name = _choose(workbook, sheet)
            found = workbook.get_sheet_by_name(name)
            if found.total_height * found.total_width > limits.cells:
                raise too_large(
                    f"trang “{name}” quá nhiều ô", f"sheet “{name}” has too many cells", f"{limits.cells:,}"
                )
            rows = found.to_python(skip_empty_area=False)
            merges = found.merged_cell_ranges or []
        cells = [[None if value == "" else value for value in row] for row in rows]
        with zipfile.ZipFile(path) as archive:
            apply_marks(archive, name, cells, has_errors)
    except (CalamineError, ElementTree.ParseError, ValueError, LookupError, OSError) as error:
        raise _fault_of(error) from error
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


def _check_zip(path: Path, limits: Limits) -> bool:
    """Unpack every part once, within the limits, and bound each worksheet; whether one of them holds an error value."""
    has_errors = False
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > limits.parts:
                raise too_large(f"{len(parts)} phần trong tệp nén", f"{len(parts)} parts", f"{limits.parts:,}")
            total = sum(part.file_size for part in parts)
            if total > limits.unpacked_bytes:
                raise too_large(
                    f"giải nén ra {total:,} byte", f"{total:,} bytes unpacked", f"{limits.unpacked_bytes:,}"
                )
            for part in parts:
                ratio = part.file_size / max(part.compress_size, 1)
                if part.file_size > limits.ratio_free_bytes and ratio > limits.unpacked_ratio:
                    raise too_large(
                        f"“{part.filename}” nén {ratio:.0f} lần",
                        f"“{part.filename}” is packed {ratio:.0f} fold",
                        f"{limits.unpacked_ratio}",
                    )
                has_errors |= _check_part(archive, part, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise _fault_of(error) from error
    return has_errors


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> bool:
    """Read one part to its end (which proves its size and checksum), bound a worksheet's rectangle, look for errors."""
    has_errors = False
    is_sheet = "worksheets/" in part.filename.lower() and part.filename.lower().endswith(".xml")
    rows, columns = 0, _NARROWEST
    for piece in _pieces(archive, part):
        if b"<!DOCTYPE" in piece and part.filename.lower().endswith((".xml", ".rels")):
            raise zipfile.BadZipFile(f"{part.filename} declares a document type")
        if is_sheet:
            has_errors |= _ERROR_VALUE.search(piece) is not None
            rows = max([rows, *(int(number) for number in _ROW_NUMBER.findall(piece)[-1:])])
            columns = max(
                [columns, *(column_number(letters.decode()) + 1 for letters in set(_WIDE_CELL.findall(piece)))]
            )
            if columns > limits.columns or rows * columns > limits.cells:
                raise too_large(
                    f"trang tính có {rows:,} dòng, {columns:,} cột",
                    f"{rows:,} rows, {columns:,} columns",
                    f"{limits.cells:,} / {limits.columns:,}",
                )
    return has_errors


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    tail = b""
    with archive.open(part) as stream:
        while piece := stream.read(_CHUNK):
            yield tail + piece
            # A tag cut at the border of two pieces is seen whole in the second.
            tail = piece[-_TAIL:]


def _fault_of(error: Exception) -> Exception:
    """The publisher's fault, unless the disk failed: then nothing is said about the file, and it is read again."""
    if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
        return error
    return FileFault(
        "unreadable_file",
        f"Tệp bị hỏng hoặc bị cắt cụt, hoặc không phải .xlsx ({error}); đề nghị đơn vị cung cấp gửi lại.",
        f"The file is damaged, cut short, or no .xlsx workbook ({error}); ask the publisher to send it again.",
    )
