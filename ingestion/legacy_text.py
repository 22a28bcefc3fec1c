"""Text written for Vietnamese fonts of before Unicode (TCVN3, VNI): which font means which encoding, and its letters.

Such a text is stored as letters of western Europe (`Hµ néi`) and reads right (`Hà nội`) in its own fonts alone. What
encodes what is data: `encodings/<encoding>.csv` has the letters, `encodings/fonts.csv` the names of the fonts.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from ingestion.errors import FileFault
from ingestion.grid import Grid
from ingestion.text import column_letters, printed

_TABLES = Path(__file__).parent / "encodings"

# Encodings of text that can be declared for a whole file or a column, beside those Python knows.
LEGACY_ENCODINGS = ("tcvn3", "vni")
# Old programs for Windows keep their bytes in this encoding; the letters of TCVN3 and VNI are those of Latin-1 in it.
CARRIER = "cp1252"

_MOST_CELLS_NAMED = 5


class Font(NamedTuple):
    """What a font makes of the characters stored under it. A font of capitals shows small letters as capitals."""

    encoding: str
    shows_capitals: bool


# Where each run of a text begins and the old font it is set in, None for any other font. The first begins at 0.
Runs = Sequence[tuple[int, Font | None]]
CellRuns = Mapping[tuple[int, int], Runs]


@lru_cache(maxsize=4_096)
def font_of(name: str) -> Font | None:
    """The old font of this name, None for every other font. The first matching line of fonts.csv counts."""
    for pattern, font in _fonts():
        if fnmatchcase(name.strip().lower(), pattern):
            return font
    return None


def decoded(text: str, encoding: str) -> str | None:
    """The text in Unicode; None where it cannot have been written in the encoding, having other letters than these."""
    letters, pattern = _letters(encoding)
    if any(_is_letter(character) for character in pattern.sub("", text)):
        return None
    return pattern.sub(lambda found: letters[found[0]], text)


def decode_cells(sheet: str, cells: list[list[object]], runs: CellRuns) -> None:
    """Put the Unicode text into the cells of a sheet that are set in old fonts; they are changed in place.

    Somebody may have typed Unicode into a cell whose font is an old one. Nearly every text can be only one of the two:
    `Hµ` holds no letter of Vietnamese in Unicode but the à of TCVN3, and `Hà` holds an à that TCVN3 does not know.
    One that could be either (`Sè`: Số in TCVN3) is read as all the others of its encoding on the sheet are, when these
    are of one kind. Raises FileFault unreadable_file for the rest, and for texts that can be neither.
    """
    found: dict[tuple[int, int], list[tuple[str, Font | None]]] = {}
    for (row, column), each in runs.items():
        value = cells[row][column] if row < len(cells) and column < len(cells[row]) else None
        if isinstance(value, str):
            ends = [start for start, _ in each[1:]] + [len(value)]
            found[row, column] = [(value[start:end], font) for (start, font), end in zip(each, ends, strict=True)]
    kinds = {(font.encoding, kind(text, font.encoding)) for text, font in _pieces(found) if font}
    refused = []
    for (row, column), pieces in found.items():
        read = [_read(text, font, kinds) for text, font in pieces]
        if None in read:
            refused.append(f"{column_letters(column)}{row + 1} “{printed(cells[row][column])[:40]}”")
        else:
            cells[row][column] = "".join(filter(None, read))
    if refused:
        raise _undecided(sheet, refused)


def kind(text: str, encoding: str) -> str:
    """What the letters of a text allow: `plain`, `old`, `unicode`, `either` or `neither`.

    A `plain` text is the same in both, `old` can only be of the encoding, `unicode` only be Vietnamese in Unicode.
    """
    read = decoded(text, encoding)
    if read == text:
        return "plain"
    if _is_unicode(text, encoding):
        return "unicode" if read is None else "either"
    return "neither" if read is None else "old"


def decode_declared(grid: Grid, encoding: str, rows: range | None = None, column: int | None = None) -> Grid:
    """The sheet with Unicode in every text, or only in some rows of one column, where the source declares the encoding.

    Raises FileFault unreadable_file for a text that cannot have been written in it.
    """
    refused: list[str] = []
    found = [list(row) for row in grid.rows]
    for row in range(len(found)) if rows is None else rows:
        for at, value in enumerate(found[row]):
            if isinstance(value, str) and column in (None, at):
                text = decoded(value, encoding)
                if text is None:
                    refused.append(f"{grid.address(row, at)} “{printed(value)[:40]}”")
                found[row][at] = text
    if refused:
        raise _contradicts(grid.sheet, encoding, refused)
    return replace(grid, rows=found)


def _pieces(cells: Mapping[tuple[int, int], Sequence[tuple[str, Font | None]]]) -> Iterator[tuple[str, Font | None]]:
    for pieces in cells.values():
        yield from pieces


def _read(text: str, font: Font | None, kinds: set[tuple[str, str]]) -> str | None:
    """One run in Unicode, None where nothing tells what it is."""
    if font is None:
        return text
    found = kind(text, font.encoding)
    if found == "either":
        seen = {each for each in ("old", "unicode") if (font.encoding, each) in kinds}
        found = seen.pop() if len(seen) == 1 else "neither"
    if found == "unicode":
        return text
    read = None if found == "neither" else decoded(text, font.encoding)
    return read.upper() if read is not None and font.shows_capitals else read


def _is_unicode(text: str, encoding: str) -> bool:
    """Whether every letter is one of Vietnamese in Unicode, Eth for Đ among them, and no sign is an old letter."""
    letters, _ = _letters(encoding)
    return all(
        character in vietnamese_letters() or character in "Ðð" or not (_is_letter(character) or character in letters)
        for character in unicodedata.normalize("NFC", text)
    )


def _is_letter(character: str) -> bool:
    """Whether a character is a letter, accent or control character outside of English; signs and blanks are none."""
    return not character.isascii() and unicodedata.category(character)[0] in "LMC"


@cache
def vietnamese_letters() -> frozenset[str]:
    """The 134 letters of Vietnamese beyond those of English, small and capital."""
    found = _letters("vni")[0].values()
    return frozenset(found)


@cache
def _letters(encoding: str) -> tuple[Mapping[str, str], re.Pattern[str]]:
    """Stored characters -> letter, and a pattern that finds them, the longest first."""
    with (_TABLES / f"{encoding}.csv").open(encoding="utf-8", newline="") as file:
        letters = {
            "".join(chr(int(code, 16)) for code in row["code_points"].split()): row["letter"]
            for row in csv.DictReader(file)
        }
    longest_first = sorted(letters, key=len, reverse=True)
    return letters, re.compile("|".join(map(re.escape, longest_first)))


@cache
def _fonts() -> tuple[tuple[str, Font], ...]:
    with (_TABLES / "fonts.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (row["font"].lower(), Font(row["encoding"], row["shows_capitals"] == "true"))
            for row in csv.DictReader(file)
        )


def _named(refused: Sequence[str]) -> str:
    return ", ".join(refused[:_MOST_CELLS_NAMED]) + (" …" if len(refused) > _MOST_CELLS_NAMED else "")


def _undecided(sheet: str, refused: Sequence[str]) -> FileFault:
    return FileFault(
        "unreadable_file",
        f"Trang “{sheet}”: phông chữ là TCVN3 hoặc VNI nhưng không xác định được {len(refused)} ô viết bằng bảng mã "
        f"nào: {_named(refused)}; đổi các ô đó sang Unicode, hoặc khai báo encoding của nguồn.",
        f"Sheet “{sheet}”: {len(refused)} cells have a TCVN3 or VNI font, and nothing tells in which encoding they "
        f"are written: {_named(refused)}; convert them to Unicode, or declare encoding in the source YAML.",
    )


def _contradicts(sheet: str, encoding: str, refused: Sequence[str]) -> FileFault:
    return FileFault(
        "unreadable_file",
        f"Trang “{sheet}”: {len(refused)} ô không thể viết bằng bảng mã {encoding} đã khai báo: {_named(refused)}; "
        "kiểm tra tệp hoặc sửa encoding của nguồn.",
        f"Sheet “{sheet}”: {len(refused)} cells cannot have been written in {encoding}, the declared encoding: "
        f"{_named(refused)}; check the file, or encoding in the source YAML.",
    )
