"""What a number format prints beside or instead of the number a cell holds: percent, thousands, words of magnitude."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingestion.grid import Mark
from ingestion.text import clean

PERCENT, SCALED = "%", ","

# Words that multiply what stands before them, as printed; without accents where that is no other word (`tram` may be
# a base station).
_MAGNITUDES = frozenset(
    {"nghìn", "ngàn", "triệu", "tỷ", "tỉ", "vạn", "trăm", "chục", "nghin", "ngan", "trieu", "ty", "ti", "k", "tr"}
    | {"hundred", "thousand", "thousands", "thous", "million", "millions", "mil", "mn", "billion", "billions", "bn"}
)
# A quoted text, an escaped character, or the text of a currency, each printed as it stands.
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]', re.DOTALL)
# A comma behind the last digit of a number: each prints a thousandth.
_THOUSANDTHS = re.compile(r"[0#?],+(?![0#?,])")
_DIGITS_FIRST = re.compile(r"[.,]?\d", re.ASCII)


def mark_of_format(code: str) -> Mark | None:
    """How a number format of a workbook changes what it prints; None where it prints the number that the cell holds.

    `0.0%` is a percentage; `#,##0,` prints thousands, and `0" nghìn"` and `0"000"` say thousands of what they hold. A
    quoted or escaped `%` only stands behind the number.
    """
    bare = _LITERAL.sub("", code)
    if "%" in bare:
        return PERCENT
    is_scaled = _THOUSANDTHS.search(bare) or any(map(says_magnitude, _literals(code)))
    return SCALED if is_scaled else None


def says_magnitude(literal: str) -> bool:
    """Whether a text beside a number makes it another one: `nghìn`, `triệu đồng`, or zeros that go on its digits."""
    words = clean(literal).casefold().replace(".", " ").split()
    return not _MAGNITUDES.isdisjoint(words) or _DIGITS_FIRST.match(literal) is not None


def _literals(code: str) -> Iterator[str]:
    """The texts that a format prints as they stand, those that follow one another joined."""
    text, end = "", 0
    for found in _LITERAL.finditer(code):
        if found.start() > end:
            yield text
            text = ""
        text += next(part for part in found.groups() if part is not None)
        end = found.end()
    yield text
