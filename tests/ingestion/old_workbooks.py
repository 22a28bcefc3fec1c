"""Workbooks of the formats nobody writes any more (.xls) or writes elsewhere (.ods), byte by byte, for the tests."""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR = 512


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def begin(kind: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0))


def cell(row: int, column: int, value: Any, style: int = 0) -> bytes:
    """One cell: a number, a text, or `#DIV/0!`; style 1 prints a percentage."""
    place = struct.pack("<HHH", row, column, style)
    if value == "#DIV/0!":
        return record(0x0205, place + bytes([7, 1]))
    if isinstance(value, str):
        return record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return record(0x0203, place + struct.pack("<d", value))


def biff(sheets: Mapping[str, bytes], others: bytes = b"", hidden: Sequence[str] = ()) -> bytes:
    """The stream of a workbook whose sheets have these records."""
    styles = record(0x00E0, struct.pack("<HH16x", 0, 0)) + record(0x00E0, struct.pack("<HH16x", 0, 10))
    start = len(begin(5) + others + styles) + sum(4 + 8 + 2 * len(name) for name in sheets) + 4
    directory, bodies = b"", b""
    for name, cells in sheets.items():
        place = struct.pack("<IBBBB", start + len(bodies), int(name in hidden), 0, len(name), 1)
        directory += record(0x0085, place + name.encode("utf-16-le"))
        bodies += begin(0x10) + cells + record(0x000A)
    return begin(5) + others + styles + directory + record(0x000A) + bodies


def compound(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file with one stream, of at least 4096 bytes, so that it needs no small sectors."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // SECTOR)
    tables = next(number for number in range(1, 109) if number + 1 + count <= 128 * number)
    entry = struct.Struct("<64sHBBIII16xIQQIQ")
    root = entry.pack("Root Entry".encode("utf-16-le"), 22, 5, 1, FREE, FREE, 1, 0, 0, 0, END, 0)
    first = tables + 1
    only = entry.pack(name.encode("utf-16-le"), 2 * len(name) + 2, 2, 1, FREE, FREE, FREE, 0, 0, 0, first, len(stream))
    table = [*[TABLE] * tables, END, *range(first + 1, first + count), END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack(
        "<16xHHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, tables, 0, 4096, END, 0, END, 0, 0
    )
    header += struct.pack("<108I", *range(1, tables), *[FREE] * (109 - tables))
    fat = struct.pack(f"<{128 * tables}I", *(table + [FREE] * (128 * tables - len(table))))
    return header + fat + (root + only).ljust(SECTOR, b"\0") + stream.ljust(count * SECTOR, b"\0")


def xls(folder: Path, rows: Sequence[Sequence[Any]], sheet: str = "Sheet1", others: bytes = b"") -> Path:
    cells = [
        cell(row, column, value)
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value is not None
    ]
    path = folder / "file.xls"
    path.write_bytes(compound(biff({sheet: b"".join(cells) + others})))
    return path


def ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if value == "#DIV/0!":
        return (
            '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error">'
            "<text:p>#DIV/0!</text:p></table:table-cell>"
        )
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def ods(folder: Path, rows: Sequence[Sequence[Any]], sheet: str = "Sheet1", others: str = "", before: str = "") -> Path:
    """A spreadsheet of one sheet; `others` are rows written as XML."""
    lines = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
    names = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "calcext"))
    content = (
        f"<?xml version='1.0' encoding='UTF-8'?>{before}"
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f"<table:table table:name={quoteattr(sheet)}>{lines}{others}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return ods_file(folder, content)


def ods_file(folder: Path, content: str) -> Path:
    """A spreadsheet of this content.xml."""
    path = folder / "file.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest='urn:manifest'/>")
        archive.writestr("content.xml", content)
    return path
