"""Many numbers of a sheet at once: what `numbers.read_number` makes of cells that hold a short one, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from itertools import compress
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.numbers import VALUE_SCALE
from ingestion.shapes import VALUE_TYPE

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Of these types exactly: a boolean is an int, and a number printed as a percentage a float.
_NUMBERS = frozenset((float, int))
# Whole numbers below have no more digits than a spreadsheet keeps; fractions above are printed without an exponent.
_LIMIT, _LEAST_FRACTION = 1e15, 1e-4
_MOST_PLACES = 6
_DIGITS = pa.decimal128(19, 0)
# What a number's last digit is worth in the base unit.
_WORTH = pa.decimal128(38 - 1 - _DIGITS.precision, VALUE_SCALE)
_WORTH_LIMIT = Decimal(10) ** (_WORTH.precision - VALUE_SCALE)
# Well below the limit of VALUE_TYPE: it is held against a product that is not exact.
_VALUE_LIMIT = 1e17


class ShortNumbers(NamedTuple):
    """Cells that hold a number of few digits: where they stand, and the number as `digits` ÷ 10^`places`."""

    at: Integers
    digits: Integers
    places: Integers

    def where(self, are_taken: Flags) -> ShortNumbers:
        """Some of them."""
        return self if are_taken.all() else ShortNumbers(*(each[are_taken] for each in self))


class NumberColumns(NamedTuple):
    """Numbers at some places of a sheet, as the columns of accepted rows have them."""

    at: Integers
    value_text: pa.Array
    value: pa.Array
    decimals: pa.Array


def are_of(types: AbstractSet[type], cells: Sequence[object]) -> Flags:
    """Which cells are of these types exactly."""
    found = set(map(type, cells))
    if found <= types or found.isdisjoint(types):
        return np.full(len(cells), found <= types)
    return np.fromiter(map(types.__contains__, map(type, cells)), bool, len(cells))


def short_numbers(cells: Sequence[object]) -> ShortNumbers:
    """The cells whose number is what a person wrote: of at most 15 digits, few of them decimals.

    Every other cell is left to `read_number`, 1/3 and 10^15 among them.
    """
    are_numbers = are_of(_NUMBERS, cells)
    at = np.flatnonzero(are_numbers)
    numbers = np.fromiter(cells if are_numbers.all() else compress(cells, are_numbers.tolist()), np.float64, len(at))
    digits, places = np.zeros(len(at), np.int64), np.full(len(at), -1)
    sizes = np.abs(numbers)
    left = np.flatnonzero((sizes < _LIMIT) & ((sizes >= _LEAST_FRACTION) | (sizes == 0)))
    for count in range(_MOST_PLACES + 1):
        scaled = np.rint(numbers[left] * 10.0**count)
        # No other number of so few digits is the same in binary.
        fits = (np.abs(scaled) < _LIMIT) & (scaled / 10.0**count == numbers[left])
        digits[left[fits]], places[left[fits]] = scaled[fits], count
        left = left[~fits]
    return ShortNumbers(at, digits, places).where(places >= 0)


def columns_of(numbers: ShortNumbers, multipliers: Sequence[Decimal], of: Integers) -> NumberColumns:
    """The numbers in the base unit, each times the multiplier that `of` gives for it.

    Those whose product cannot be made here for sure are left out, and left to `Number.times`.
    """
    worths = [multiplier.scaleb(-count) for multiplier in multipliers for count in range(_MOST_PLACES + 1)]
    of_worth = of * (_MOST_PLACES + 1) + numbers.places
    sizes = np.abs(numbers.digits) * np.array(worths, np.float64)[of_worth]
    can_be = np.array([_is_worth(each) for each in worths], bool)[of_worth] & (sizes < _VALUE_LIMIT)
    numbers, of, of_worth = numbers.where(can_be), of[can_be], of_worth[can_be]
    worth = pa.array([each if _is_worth(each) else None for each in worths], _WORTH).take(pa.array(of_worth))
    moved = np.array([multiplier.adjusted() for multiplier in multipliers], np.int64)[of]
    return NumberColumns(
        at=numbers.at,
        value_text=_texts(numbers),
        value=pc.cast(pc.multiply(pc.cast(pa.array(numbers.digits), _DIGITS), worth), VALUE_TYPE),
        decimals=pa.array(numbers.places - moved, pa.int32()),
    )


def _texts(numbers: ShortNumbers) -> pa.Array:
    found = pc.cast(pa.array(numbers.digits), pa.string())
    are_fractions = numbers.places > 0
    if are_fractions.any():
        fractions = numbers.where(are_fractions)
        printed = map(repr, (fractions.digits / 10.0**fractions.places).tolist())
        found = pc.replace_with_mask(found, pa.array(are_fractions), pa.array(list(printed), pa.string()))
    return found


def _is_worth(worth: Decimal) -> bool:
    """Whether _WORTH holds the number exactly."""
    return worth < _WORTH_LIMIT and -int(worth.normalize().as_tuple().exponent) <= VALUE_SCALE
