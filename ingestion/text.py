"""Vietnamese text as it is compared: one Unicode form, and a fold without case, accents and punctuation."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from functools import lru_cache

# Letters that look like Đ but are others: U+00D0 (Eth) stands in real lists for Đ (U+0110), and neither decomposes.
_D_LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ"})
_D_TO_ASCII = str.maketrans({"đ": "d", "Đ": "D"})

# Accents as capital letters behind their letter, those of tones behind their word: where a tone stands is a matter of
# taste (`Hoà`, `Hòa`), what it is never.
_QUALITIES = {"\u0302": "A", "\u0306": "U", "\u031b": "O"}
_TONES = {"\u0300": "F", "\u0301": "S", "\u0303": "X", "\u0309": "R", "\u0323": "J"}

# A mark behind a digit is a footnote: `Tháng 1¹` is not month 11, as the plain letters would have it.
_MARKED_DIGIT = re.compile(r"(?<=[0-9])(?=[¹²³⁰⁴-⁹₀-₉①-⑳½¼¾])")

LONGEST_TEXT_KEPT = 2_000

_ADDRESS = re.compile(r"([A-Za-z]{1,3})([1-9]\d{0,6})", re.ASCII)


def clean(text: str) -> str:
    """NFC, Eth as Đ, every run of blanks (also no-break spaces) as one space, no blanks around."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_D_LOOKALIKES).split())


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Words of letters and digits without case and accents; `%` stays because units live by it.

    `Thuê bao  ĐTCĐ` and `thue bao dtcd` fold to one text, as do `Hoà Bình` and `Hòa Bình`.
    """
    plain = unicodedata.normalize("NFKD", _MARKED_DIGIT.sub(" ", clean(text).translate(_D_TO_ASCII))).casefold()
    letters = (c if c.isalnum() or c == "%" else " " for c in plain if not unicodedata.combining(c))
    return " ".join("".join(letters).replace("%", " % ").split())


@lru_cache(maxsize=65_536)
def fold_exact(text: str) -> str:
    """Words as `fold` has them, with their accents as capital letters: `Năm` is `naUm`, `Nam` is `nam`."""
    plain = unicodedata.normalize("NFKD", _MARKED_DIGIT.sub(" ", clean(text))).casefold().replace("đ", "dD")
    letters = "".join(_QUALITIES.get(c, c) for c in plain)
    words = "".join(c if c.isalnum() or c in _TONES or c == "%" else " " for c in letters if _is_shown(c))
    return " ".join(map(_tones_last, words.replace("%", " % ").split()))


def has_accents(text: str) -> bool:
    """Whether any letter of a text has an accent of Vietnamese."""
    return any(c.isupper() for c in fold_exact(text))


def _is_shown(letter: str) -> bool:
    return letter in _TONES or not unicodedata.combining(letter)


def _tones_last(word: str) -> str:
    tones = sorted(_TONES[c] for c in word if c in _TONES)
    return "".join([*(c for c in word if c not in _TONES), *tones])


@lru_cache(maxsize=65_536)
def fold_name(text: str) -> str:
    """Fold of a place name or code, without any blank: `ThuaThienHue` equals `Thừa Thiên - Huế`."""
    return fold(text).replace(" ", "")


def printed(value: object) -> str:
    """A cell as text: text itself as printed, a number in its shortest form (2900.0 is `2900`), a date in ISO form."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value if len(value) <= LONGEST_TEXT_KEPT else value[:LONGEST_TEXT_KEPT] + "…"
        text = unicodedata.normalize("NFC", text)
        # A lone surrogate cannot be stored anywhere; it can only come from a damaged file.
        return text.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        is_whole = type(value) is float and value.is_integer() and abs(value) < 1e15
        return str(int(value)) if is_whole else repr(value)
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def column_number(letters: str) -> int:
    """Column of spreadsheet letters, counted from 0: `A` is 0, `AA` is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def cell_position(address: str) -> tuple[int, int]:
    """Row and column of an address, counted from 0: `B3` is (2, 1). Raises ValueError for what is no address."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(f"{address[:40]!r} is no address of a cell")
    return int(found[2]) - 1, column_number(found[1])


def is_blank(value: object) -> bool:
    """Whether a cell shows nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def column_letters(index: int) -> str:
    """Spreadsheet letters of a column counted from 0: 0 is `A`, 26 is `AA`."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
