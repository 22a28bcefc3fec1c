"""How offices write texts and places."""

import unicodedata
from collections.abc import Callable
from random import Random
from typing import Any

from tests.ingestion.generated.truth import Book
from tests.ingestion.generated.world import Province

_OLD = {"òa": "oà", "óa": "oá", "ỏa": "oả", "ọa": "oạ", "ủy": "uỷ", "úy": "uý", "ùy": "uỳ"}
NBSP = "\N{NO-BREAK SPACE}"
TONES = "\u0300\u0301\u0303\u0309\u0323"


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def old_tone(text: str) -> str:
    for new, old in _OLD.items():
        text = text.replace(new, old)
    return text


def for_cp1258(text: str) -> str:
    """The letters of windows-1258: a vowel with its mark as one letter, its tone as another behind it."""
    found = []
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(part for part in parts if part in TONES)
        plain = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
        found.append(plain + tones if tones else letter)
    return "".join(found)


def spaced(text: str, random: Random) -> str:
    """The text with blanks that nobody sees."""
    return random.choice([text.replace(" ", "  "), f" {text}", f"{text} ", text.replace(" ", NBSP), f"{text}{NBSP}"])


def without_accents(text: str) -> str:
    plain = "".join(c for c in decomposed(text) if not unicodedata.combining(c))
    return plain.replace("đ", "d").replace("Đ", "D")


def _prefixed(province: Province, random: Random) -> str:
    """Only municipalities and the names that the aliases list with a prefix are known so."""
    known = [each for each in province.aliases if each.casefold().startswith(("tp", "t.", "tỉnh", "thành phố"))]
    return random.choice(known) if known else province.name


PLACES: dict[str, Callable[[Province, Random], str]] = {
    "name": lambda province, _: province.name,
    "capitals": lambda province, _: province.name.upper(),
    "decomposed": lambda province, _: decomposed(province.name),
    "eth": lambda province, _: province.name.replace("Đ", "\N{LATIN CAPITAL LETTER ETH}"),
    "old_tone": lambda province, _: old_tone(province.name),
    "spaces": lambda province, random: spaced(province.name, random),
    "english": lambda province, _: province.english,
    "alias": lambda province, random: random.choice(province.aliases or (province.name,)),
    "prefix": _prefixed,
}
_NAMES = tuple(PLACES)


def write_place(book: Book, province: Province) -> Any:
    """The place as the plan wants it; a code as a number where the plan says so."""
    how = book.plan["places"]
    if how in ("gso", "code"):
        return province.codes[book.scheme]
    if how == "gso_number":
        return int(province.codes["gso"])
    if how in ("mixture", "code_and_name"):
        how = book.random.choice(_NAMES)
    return PLACES[how](province, book.random)
