"""Compound files, the container of .xls: every chain of sectors proved short before calamine follows it."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTRY = 128
_STREAM, _ROOT = 2, 5
# Sector numbers from here on are marks: free, end of chain, part of a table.
_LAST_SECTOR = 0xFFFFFFFA
# Macros are packed, up to a thousand fold; calamine unpacks them whether anybody wants them or not.
_MACROS, _MOST_MACRO_BYTES = "_VBA_PROJECT_CUR", 1 << 20


class DamagedFile(ValueError):
    """The bytes are no compound file, or one whose tables lead nowhere or in circles."""


def streams(data: bytes) -> Mapping[str, bytes]:
    """The streams of a compound file by name. Every chain is followed once, within the sectors there are.

    Raises DamagedFile, or struct.error where the file is cut short.
    """
    if not data.startswith(_SIGNATURE):
        raise DamagedFile("no compound file (.xls)")
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise DamagedFile("sectors of an unknown size")
    tables, first_entry = struct.unpack_from("<II", data, 44)
    cutoff, first_mini, minis, first_extra, extras = struct.unpack_from("<IIIII", data, 56)
    size = 1 << shift
    count = len(data) // size
    if max(tables, minis, extras) > count:
        raise DamagedFile("more tables announced than the file has sectors")
    sectors = _Sectors(memoryview(data)[size:], size)
    wanted = list(struct.unpack_from("<109I", data, 76))
    while first_extra < _LAST_SECTOR and extras:
        *more, first_extra = sectors.numbers(first_extra)
        wanted += more
        extras -= 1
    table = [number for sector in wanted[:tables] if sector < _LAST_SECTOR for number in sectors.numbers(sector)]
    entries = _entries(sectors.joined(first_entry, table))
    root = next((start for _, kind, start, _ in entries if kind == _ROOT), _LAST_SECTOR)
    mini_table = [number[0] for number in struct.iter_unpack("<I", sectors.joined(first_mini, table))]
    mini = _Sectors(memoryview(sectors.joined(root, table)), 1 << mini_shift)
    found = {}
    for name, kind, start, length in entries:
        if kind == _STREAM:
            content = sectors.joined(start, table) if length >= cutoff else mini.joined(start, mini_table)
            found[name] = content[:length]
    _check_macros(entries)
    return found


class _Sectors:
    """Pieces of one size, numbered from 0."""

    def __init__(self, data: memoryview, size: int) -> None:
        self.data, self.size = data, size

    def piece(self, number: int) -> memoryview:
        """One piece. The last one of a file may be short."""
        found = self.data[number * self.size : (number + 1) * self.size]
        if not found:
            raise DamagedFile(f"sector {number} lies beyond the end")
        return found

    def numbers(self, number: int) -> tuple[int, ...]:
        """One piece as sector numbers."""
        return struct.unpack(f"<{self.size // 4}I", self.piece(number))

    def joined(self, start: int, table: list[int]) -> bytes:
        """The pieces of one chain, one after the other."""
        found: list[memoryview] = []
        while start < _LAST_SECTOR:
            if start >= len(table) or len(found) > len(table):
                raise DamagedFile("a chain of sectors leads nowhere or in circles")
            found.append(self.piece(start))
            start = table[start]
        return b"".join(found)


def _entries(directory: bytes) -> list[tuple[str, int, int, int]]:
    """Name, kind, first sector and length of every entry of the directory."""
    found = []
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        entry = directory[at : at + _ENTRY]
        letters, kind = struct.unpack_from("<HB", entry, 64)
        start, length = struct.unpack_from("<II", entry, 116)
        found.append((entry[: max(letters - 2, 0)].decode("utf-16-le", "replace"), kind, start, length))
    return found


def _check_macros(entries: list[tuple[str, int, int, int]]) -> None:
    if any(name == _MACROS for name, *_ in entries):
        size = sum(length for name, kind, _, length in entries if kind == _STREAM and name not in ("Workbook", "Book"))
        if size > _MOST_MACRO_BYTES:
            raise DamagedFile(f"{size} bytes of macros")
