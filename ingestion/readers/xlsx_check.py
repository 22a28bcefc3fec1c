"""A workbook proved harmless before calamine, which has no bounds of its own, sees it.

The parts of the zip are unpacked once, counted and thrown away; whatever could be a worksheet is then followed tag by
tag, as calamine does, because one cell at XFD1048576 makes it lay out the whole rectangle. Runs of plain rows, which
are nearly all of a long sheet, are measured at once.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple
from xml.parsers import expat

from ingestion.errors import FileFault
from ingestion.grid import Limits, too_large
from ingestion.legacy_text import font_of
from ingestion.readers.xlsx_rows import Extent, extent, runs
from ingestion.text import cell_position

_CHUNK = 1 << 20
# Longer than anything looked for, so that what is cut at the border of two pieces is seen whole in the second.
_TAIL = 64
# A rectangle counts as so many columns wide at least: each row costs memory of its own.
_NARROWEST = 26
_NEVER_IN_A_WORKBOOK = (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
# Parts by which calamine would take the file for another format (.ods, .xlsb), which is not followed here.
_OTHER_FORMATS = {"content.xml", "xl/workbook.bin"}


def _in_any_encoding(*words: str) -> re.Pattern[bytes]:
    """Finds the words in UTF-8, and in UTF-16, where every other byte of them is zero."""
    return re.compile(b"|".join(rb"\0?".join(re.escape(letter.encode()) for letter in word) for word in words))


# A worksheet is known by its content, not by its name: relationships may point at any part of the zip.
_FOLLOWED = _in_any_encoding("sheetData", "uniqueCount", "rFont")
# Expat goes by these first bytes of a UTF-16 text even where it is told to read UTF-8.
_UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|\0|.\0", re.DOTALL)
_DOCUMENT_TYPE = _in_any_encoding("<!DOCTYPE")


class Seen(NamedTuple):
    """What the parts of a workbook hold that calamine does not tell.

    Cells with an error or a formula (`marks`), and runs of texts in fonts of before Unicode (`old_runs`), of which no
    style of a cell needs to know.
    """

    marks: bool
    old_runs: bool


def check_workbook(path: Path, limits: Limits) -> Seen:
    """Hold every part against the limits, and say what calamine will not tell of them.

    Raises FileFault too_large, or what zipfile and expat raise for a damaged file.
    """
    with zipfile.ZipFile(path) as archive:
        check_archive(archive, limits)
        parts = archive.infolist()
        for part in parts:
            if part.filename.lower() in _OTHER_FORMATS:
                raise zipfile.BadZipFile(f"{part.filename} belongs to another format")
        seen = [_check_content(archive, part, limits) for part in parts]
    return Seen(any(each.marks for each in seen), any(each.old_runs for each in seen))


def check_archive(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Hold the directory of a zip against the limits, before anything is unpacked. Raises FileFault too_large."""
    parts = archive.infolist()
    if len(parts) > limits.parts:
        raise too_large(f"{len(parts)} phần trong tệp nén", f"{len(parts)} parts", f"{limits.parts:,}")
    total = sum(part.file_size for part in parts)
    if total > limits.unpacked_bytes:
        raise too_large(f"giải nén ra {total:,} byte", f"{total:,} bytes unpacked", f"{limits.unpacked_bytes:,}")
    for part in parts:
        _check_packing(part, limits)


def has_document_type(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether an XML part declares a document type, which may define entities that grow without end."""
    with archive.open(part) as stream:
        return any(_DOCUMENT_TYPE.search(seen) for _, seen in _pieces(stream))


def is_utf_16(piece: bytes) -> bool:
    """Whether the first bytes of an XML part would be read as UTF-16."""
    return _UTF_16.match(piece) is not None


def _check_packing(part: zipfile.ZipInfo, limits: Limits) -> None:
    if part.compress_type in _NEVER_IN_A_WORKBOOK:
        raise zipfile.BadZipFile(f"{part.filename} is packed as no workbook is")
    ratio = part.file_size / max(part.compress_size, 1)
    if part.file_size > limits.ratio_free_bytes and ratio > limits.unpacked_ratio:
        raise too_large(
            f"“{part.filename}” nén {ratio:.0f} lần",
            f"“{part.filename}” is packed {ratio:.0f} fold",
            f"{limits.unpacked_ratio}",
        )


def _check_content(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> Seen:
    """Read one part to its end, which proves its size and checksum; follow it if it may hold cells or texts."""
    with archive.open(part) as stream:
        if not any(_FOLLOWED.search(seen) for _, seen in _checked(stream, part)):
            return Seen(marks=False, old_runs=False)
    follower = _Follower(limits)
    # Read as UTF-8 whatever the part declares: in another encoding its tags would be others to calamine than to us.
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = follower.start
    with archive.open(part) as stream:
        if is_utf_16(stream.read(2)):
            raise zipfile.BadZipFile(f"{part.filename} is not UTF-8")
        stream.seek(0)
        for piece, are_rows in runs(piece for piece, _ in _checked(stream, part)):
            reach = extent(piece) if are_rows else None
            if reach is None:
                parser.Parse(piece, False)
            else:
                follower.pass_over(reach)
    parser.Parse(b"", True)
    return Seen(follower.has_marks, follower.has_old_runs)


def _checked(stream: IO[bytes], part: zipfile.ZipInfo) -> Iterator[tuple[bytes, bytes]]:
    """The pieces of a part, see _pieces, none of which declares a document type. Raises BadZipFile."""
    is_xml = part.filename.lower().endswith((".xml", ".rels"))
    for piece, seen in _pieces(stream):
        # The search is slow, and so is one for `<!` in what is full of `<`.
        may_declare = is_xml and b"!" in seen and (b"<!" in seen or b"\0" in seen)
        if may_declare and _DOCUMENT_TYPE.search(seen):
            raise zipfile.BadZipFile(f"{part.filename} declares a document type")
        yield piece, seen


def _pieces(stream: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """A part piece by piece, each by itself and behind the end of what comes before."""
    tail = b""
    while piece := stream.read(_CHUNK):
        seen = tail + piece
        yield piece, seen
        tail = seen[-_TAIL:]


class _Follower:
    """Where calamine will put the cells of a worksheet. Rows and cells without an address follow the one before."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rows, self.columns = 0, _NARROWEST
        self.row, self.column = -1, -1
        self.cell: tuple[int, int] | None = None
        self.has_marks = self.has_old_runs = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take one start tag. Raises FileFault too_large, ValueError for an address that is none."""
        tag = name.rpartition(":")[2]
        if tag == "c":
            self.cell = cell_position(attributes["r"]) if "r" in attributes else (self.row, self.column + 1)
            self.column = self.cell[1]
            self.has_marks = self.has_marks or attributes.get("t") == "e"
        elif tag == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column, self.cell = -1, None
        elif tag in ("v", "is", "f") and self.cell is not None:
            self.has_marks = self.has_marks or tag == "f"
            self._count(*self.cell)
        elif tag == "rFont":
            self.has_old_runs = self.has_old_runs or font_of(attributes.get("val", "")) is not None
        elif tag == "sst" and int(attributes.get("uniqueCount", 0)) > self.limits.cells:
            found = attributes["uniqueCount"][:20]
            raise too_large(f"{found} chuỗi ký tự", f"{found} texts", f"{self.limits.cells:,}")

    def pass_over(self, rows: Extent) -> None:
        """Take plain rows at once. Raises FileFault too_large."""
        if rows.columns:
            self._count(rows.rows - 1, rows.columns - 1)
        self.row, self.column, self.cell = rows.last_row - 1, -1, None

    def _count(self, row: int, column: int) -> None:
        """Only cells with content widen the rectangle: a whole column may be styled and blank."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
        if self.columns > self.limits.columns or self.rows * self.columns > self.limits.cells:
            raise too_wide(self.rows, self.columns, self.limits)


def too_wide(rows: int, columns: int, limits: Limits) -> FileFault:
    """The fault of a sheet whose cells span too large a rectangle."""
    return too_large(
        f"trang tính có {rows:,} dòng, {columns:,} cột",
        f"{rows:,} rows, {columns:,} columns",
        f"{limits.cells:,} / {limits.columns:,}",
    )
