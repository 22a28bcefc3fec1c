"""Text files with separated fields: one grid per file, every cell a text or nothing. The encoding is declared."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from ingestion.errors import FileFault
from ingestion.grid import LIMITS, Grid, Limits, check_size, too_large
from ingestion.legacy_text import CARRIER, LEGACY_ENCODINGS, decode_declared

_TAIL = 4


def read_grid(path: Path, sheet: str, encoding: str, delimiter: str, limits: Limits = LIMITS) -> Grid:
    """Read the whole file; a byte order mark is no part of the first field, a row's number is its first line.

    The encoding is one of Python's or of `legacy_text`.

    Raises FileFault empty_file, too_large, unreadable_file (wrong encoding, NUL characters, an open quote).
    """
    check_size(path, limits)
    rows: list[list[object]] = []
    numbers: list[int] = []
    cells = 0
    is_legacy = encoding in LEGACY_ENCODINGS
    csv.field_size_limit(limits.field_characters)
    try:
        with path.open(encoding=CARRIER if is_legacy else encoding, newline="") as file:
            if file.read(1) != "\ufeff":
                file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            line = 1
            for fields in reader:
                cells += len(fields)
                if cells > limits.cells or len(fields) > limits.columns:
                    raise too_large(
                        f"dòng {line} đã vượt số ô",
                        f"line {line} passes the number of cells",
                        f"{limits.cells:,} / {limits.columns:,}",
                    )
                if any("\0" in value for value in fields):
                    raise _unreadable(f"dòng {line} có ký tự NUL", f"line {line} holds a NUL character")
                rows.append([value if value.strip() else None for value in fields])
                numbers.append(line)
                line = reader.line_num + 1
    except UnicodeError as error:
        raise _unreadable(
            f"không đúng bảng mã {encoding} đã khai báo ({error})",
            f"it is not {encoding}, the declared encoding ({error})",
        ) from error
    except csv.Error as error:
        raise _unreadable(f"gần dòng {reader.line_num}: {error}", f"near line {reader.line_num}: {error}") from error
    unfinished = numbers[-1] if numbers and not _ends_with_break(path) else None
    grid = Grid(sheet, rows, numbers, is_text=True, unfinished=unfinished)
    return decode_declared(grid, encoding) if is_legacy else grid


def _ends_with_break(path: Path) -> bool:
    """Whether the last character is a line break, in any encoding of one or two bytes a character."""
    with path.open("rb") as file:
        file.seek(-min(_TAIL, path.stat().st_size), os.SEEK_END)
        return file.read().replace(b"\0", b"").endswith((b"\n", b"\r"))


def _unreadable(found_vi: str, found_en: str) -> FileFault:
    return FileFault(
        "unreadable_file",
        f"Không đọc được tệp CSV: {found_vi}; kiểm tra tệp hoặc khai báo encoding, delimiter của nguồn.",
        f"The CSV file cannot be read: {found_en}; check the file, or encoding and delimiter of the source YAML.",
    )
