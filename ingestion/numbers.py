"""Printed numbers to exact decimals, by the declared locale; what contradicts the locale is refused, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache, lru_cache
from math import isfinite

from babel.core import Locale
from babel.numbers import NumberFormatError, parse_decimal

# Values are DECIMAL(28,10): 18 digits before the decimal point and 10 behind it.
VALUE_SCALE = 10
WHOLE_DIGITS = 28 - VALUE_SCALE
_VALUE_STEP = Decimal(1).scaleb(-VALUE_SCALE)
_VALUE_LIMIT = Decimal(10) ** WHOLE_DIGITS
_WIDE = Context(prec=60)

# A spreadsheet keeps 15 significant digits: what lies behind them in a binary number is noise (0.30000000000000004).
_SHEET_DIGITS = Context(prec=15, rounding=ROUND_HALF_EVEN)

# Longer than any number printed or stored; decimals of a million digits would pass the bounds of Python's own.
_LONGEST_NUMBER = 100

# Babel also takes exponents, words (NaN) and digits of other scripts: a printed statistic has none of them.
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*(?<![.,])", re.ASCII)


class UnreadableNumber(ValueError):
    """The cell holds no number of the declared locale."""


class NumberOutOfRange(UnreadableNumber):
    """The cell holds a number that DECIMAL(28,10) cannot hold exactly."""


@dataclass(frozen=True, slots=True)
class Number:
    """An exact value and the number of decimals printed; negative decimals after a multiplier: 1,2 million has -5."""

    value: Decimal
    decimals: int

    def times(self, multiplier: Decimal) -> Number:
        """The number in the base unit; the printed precision moves along with a power of ten."""
        if multiplier == 1:
            return self
        value = checked(_WIDE.multiply(self.value, multiplier))
        return Number(value, self.decimals - multiplier.adjusted())


def checked(value: Decimal) -> Decimal:
    """The value itself if DECIMAL(28,10) can hold it exactly; raises NumberOutOfRange otherwise."""
    if abs(value) >= _VALUE_LIMIT:
        raise NumberOutOfRange(f"{value} has more than {WHOLE_DIGITS} digits before the decimal point")
    if value != value.quantize(_VALUE_STEP, context=_WIDE):
        raise NumberOutOfRange(f"{value} has more than {VALUE_SCALE} decimals")
    return value


def read_number(cell: object, locale: str) -> Number:
    """The number in a cell. A numeric cell keeps its value; a text is parsed strictly by `locale` (`vi` or `en`).

    Raises UnreadableNumber for blanks, dates, booleans, words, and text that contradicts the locale: `15.85` under
    `vi` is neither 15,85 nor 1585. Raises NumberOutOfRange for what cannot be stored exactly.
    """
    if isinstance(cell, bool) or cell is None:
        raise UnreadableNumber("no number in the cell")
    if isinstance(cell, int):
        return Number(checked(Decimal(cell)), 0)
    if isinstance(cell, float):
        return _of_float(cell)
    if isinstance(cell, str):
        return _of_text(cell.replace("\N{NO-BREAK SPACE}", " ").strip().replace("\N{MINUS SIGN}", "-"), locale)
    raise UnreadableNumber("a date, not a number")


def _of_float(cell: float) -> Number:
    if not isfinite(cell):
        raise UnreadableNumber("not a finite number")
    value = _SHEET_DIGITS.create_decimal(repr(cell))
    if abs(value) < _VALUE_LIMIT:
        # A binary fraction (1/3) has no printed precision to lose: ten decimals are kept.
        value = value.quantize(_VALUE_STEP, rounding=ROUND_HALF_EVEN, context=_WIDE)
    value = checked(value).normalize(_WIDE)
    exponent = value.as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    return Number(value.quantize(Decimal(1).scaleb(-decimals), context=_WIDE), decimals)


@lru_cache(maxsize=65_536)
def _of_text(text: str, locale: str) -> Number:
    if not _PLAIN_NUMBER.fullmatch(text):
        raise UnreadableNumber("not a plain number")
    if len(text) > _LONGEST_NUMBER:
        raise NumberOutOfRange(f"{len(text)} characters")
    try:
        value = parse_decimal(text, locale=_locale(locale), strict=True)
    except NumberFormatError as error:
        raise UnreadableNumber(f"not a number as written under `{locale}`") from error
    exponent = value.as_tuple().exponent
    return Number(checked(value), max(0, -exponent) if isinstance(exponent, int) else 0)


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)
