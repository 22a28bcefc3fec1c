"""Texts as they were stored before Unicode: in the letters of TCVN3 or VNI, told by a font or declared."""

import csv
import re
import unicodedata
from dataclasses import replace
from functools import cache
from pathlib import Path

from tests.ingestion.generated.truth import Book, Cell, Sheet

TABLES = Path(__file__).parents[3] / "ingestion" / "encodings"
FONTS = {"tcvn3": (".VnTime", ".VnArial", ".VnTimeH"), "vni": ("VNI-Times", "VNI-Helve")}
SHARE_IN_FONTS = 0.9


@cache
def _letters(encoding: str) -> dict[str, str]:
    with (TABLES / f"{encoding}.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["letter"]: "".join(chr(int(code, 16)) for code in row["code_points"].split())
            for row in csv.DictReader(file)
        }


@cache
def _stored(encoding: str) -> tuple[dict[str, str], re.Pattern[str]]:
    back = {stored: letter for letter, stored in _letters(encoding).items()}
    return back, re.compile("|".join(map(re.escape, sorted(back, key=len, reverse=True))))


def encoded(text: str, encoding: str) -> str | None:
    """The text as a typist of the encoding stored it, None where the encoding has not all of its letters."""
    text = unicodedata.normalize("NFC", text)
    letters = _letters(encoding)
    if any(not letter.isascii() and letter.isalpha() and letter not in letters for letter in text):
        return None
    stored = "".join(letters.get(letter, letter) for letter in text)
    back, pattern = _stored(encoding)
    return stored if pattern.sub(lambda found: back[found[0]], stored) == text else None


def set_letters(book: Book) -> None:
    """Store the texts of the book as the plan says; where a text has no such letters, as if the plan had not."""
    fonts, encoding = book.plan["fonts"], book.plan["encoding"]
    if fonts in ("tcvn3", "vni", "mixed"):
        for sheet in book.sheets:
            sheet.change_all(lambda cell: _in_font(book, cell))
    elif fonts.startswith("column"):
        _store_column(book, fonts.removeprefix("column_"))
    elif encoding in ("tcvn3", "vni"):
        _store_all(book, encoding)


def _in_font(book: Book, cell: Cell) -> Cell:
    if not isinstance(cell.shown, str) or book.random.random() > SHARE_IN_FONTS:
        return cell
    encoding = book.random.choice(["tcvn3", "vni"]) if book.has("fonts", "mixed") else book.plan["fonts"]
    font = book.random.choice(FONTS[encoding])
    shows_capitals = font.endswith("H")
    if shows_capitals and cell.shown != cell.shown.upper():
        font, shows_capitals = FONTS[encoding][0], False
    stored = encoded(cell.shown.lower() if shows_capitals else cell.shown, encoding)
    return cell if stored is None else replace(cell, shown=stored, font=font)


def _texts(cells: list[Cell]) -> list[str]:
    return [cell.shown for cell in cells if isinstance(cell.shown, str)]


def _store_all(book: Book, encoding: str) -> None:
    """A file whose source declares the encoding: all its texts are in it."""
    cells = [cell for sheet in book.sheets for row in sheet.rows for cell in row]
    stored = [_stored_text(text, encoding) for text in _texts(cells)]
    if None in stored or (book.format == "csv" and not _is_carried("".join(filter(None, stored)))):
        book.plan["encoding"] = "utf-8"
        return
    for sheet in book.sheets:
        sheet.change_all(lambda cell: _stored_cell(cell, encoding))
    book.raw["encoding"] = encoding


def _store_column(book: Book, encoding: str) -> None:
    """Only the places, in a file that keeps no fonts."""
    parts = [part for sheet in book.sheets if sheet.is_visible for part in sheet.parts() if part.places("place")]
    cells = [row[at] for part in parts for at in part.places("place") for row in part.body if at < len(row)]
    if any(_stored_text(text, encoding) is None for text in _texts(cells)):
        book.plan["fonts"] = "none"
        return
    for part in parts:
        _change_places(part, encoding)
    book.layout["encoded_columns"] = [{"column": "Tỉnh/TP", "encoding": encoding}]


def _change_places(part: Sheet, encoding: str) -> None:
    for row in part.body:
        for at in part.places("place"):
            if at < len(row):
                row[at] = _stored_cell(row[at], encoding)


def _stored_cell(cell: Cell, encoding: str) -> Cell:
    return replace(cell, shown=_stored_text(cell.shown, encoding)) if isinstance(cell.shown, str) else cell


def _stored_text(text: str, encoding: str) -> str | None:
    """The text in the encoding; in small letters where that has no capitals of its own."""
    stored = encoded(text, encoding)
    return encoded(text.lower(), encoding) if stored is None else stored


def _is_carried(text: str) -> bool:
    """Whether a text file of the encoding can have these characters."""
    return text.encode("cp1252", "replace").decode("cp1252") == text
