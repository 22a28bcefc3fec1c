"""Which cells of an old Excel workbook (.xls) are set in old Vietnamese fonts: its tables of fonts and of texts."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence

from ingestion.legacy_text import Font, Runs, font_of

_WIDE, _PHONETIC, _RICH = 0x01, 0x04, 0x08
_BIFF8 = 0x0600


def font_name(content: bytes, version: int) -> str:
    """The name in a FONT record."""
    if version < _BIFF8:
        return content[15 : 15 + content[14]].decode("latin-1")
    if content[15] & _WIDE:
        return content[16 : 16 + 2 * content[14]].decode("utf-16-le", "replace")
    return content[16 : 16 + content[14]].decode("latin-1")


def old_fonts(names: Sequence[str]) -> dict[int, Font]:
    """The old fonts by their number in cells and texts, where number 4 is never given to a font."""
    found = {number + (number >= 4): font_of(name) for number, name in enumerate(names)}
    return {number: font for number, font in found.items() if font is not None}


def runs_of(base: Font | None, rich: Sequence[tuple[int, int]], fonts: Mapping[int, Font]) -> Runs:
    """The runs of a text: that of the cell's own font, and those that begin with another font."""
    changes = {start: fonts.get(number) for start, number in rich}
    return sorted({0: base, **changes}.items())


def rich_texts(pieces: Sequence[bytes]) -> dict[int, list[tuple[int, int]]]:
    """Of the table of texts, those in several fonts: number of the text -> start and font number of each run.

    Args:
        pieces: content of the record SST, then of every CONTINUE after it. A text may be cut anywhere between two
            characters; the rest then begins with a byte of its own that says how wide its characters are.

    Raises IndexError or struct.error where the table is cut short.
    """
    if not pieces:
        return {}
    table = _Table(pieces)
    _, count = struct.unpack("<II", table.take(8))
    found = {}
    for number in range(count):
        runs = _runs_of_text(table)
        if runs:
            found[number] = runs
    return found


def _runs_of_text(table: _Table) -> list[tuple[int, int]]:
    length, flags = struct.unpack("<HB", table.take(3))
    runs = struct.unpack("<H", table.take(2))[0] if flags & _RICH else 0
    phonetic = struct.unpack("<I", table.take(4))[0] if flags & _PHONETIC else 0
    table.skip_characters(length, bool(flags & _WIDE))
    found = list(_pairs(table.take(4 * runs)))
    table.take(phonetic)
    return found


def _pairs(content: bytes) -> Iterator[tuple[int, int]]:
    return struct.iter_unpack("<HH", content)


class _Table:
    """A reading head over the pieces of one table."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces, self.piece, self.at = pieces, 0, 0

    def take(self, count: int) -> bytes:
        """The next bytes, from as many pieces as they take. Raises IndexError beyond the last."""
        found = bytearray()
        while len(found) < count:
            self._next_if_used_up()
            more = self.pieces[self.piece][self.at : self.at + count - len(found)]
            found += more
            self.at += len(more)
        return bytes(found)

    def skip_characters(self, count: int, is_wide: bool) -> None:
        """Pass over characters. Raises IndexError beyond the last piece."""
        while count:
            if self._next_if_used_up():
                is_wide = bool(self.take(1)[0] & _WIDE)
            here = min(count, max((len(self.pieces[self.piece]) - self.at) // (1 + is_wide), 1))
            self.at += here * (1 + is_wide)
            count -= here

    def _next_if_used_up(self) -> bool:
        has_moved = False
        while self.at >= len(self.pieces[self.piece]):
            self.piece, self.at, has_moved = self.piece + 1, 0, True
        return has_moved
