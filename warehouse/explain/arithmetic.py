"""Numbers as the star holds them: decimals of 28 digits, ten of them behind the point, rounded half away from zero."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

DIGITS, PLACES = 28, 10
_RATIO_PLACES = 6  # parts of a quotient are taken at so many decimals
_WIDEST_INTEGER = 2**127


def rounded(number: Fraction, places: int) -> int:
    """The number in units of its last place, as a whole number: 1.25 at one place is 13."""
    scaled = abs(number) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return whole if number >= 0 else -whole


def held(number: Fraction) -> Decimal | None:
    """The number as a column of the star holds it; None where it has too many digits."""
    units = rounded(number, PLACES)
    return Decimal(units).scaleb(-PLACES) if abs(units) < 10**DIGITS else None


def added(numbers: Iterable[Decimal | None]) -> Fraction | None:
    """The exact sum of those that are there; None where none is."""
    known = [Fraction(number) for number in numbers if number is not None]
    return sum(known, Fraction(0)) if known else None


def quotient(numerator: Fraction, denominator: Fraction, factor: int = 1) -> Decimal | None:
    """`factor * numerator / denominator`; None for a division by zero and beyond what can be held."""
    above, below = rounded(numerator, _RATIO_PLACES) * factor, rounded(denominator, _RATIO_PLACES)
    if below == 0 or abs(above) * 2 * 10**PLACES + abs(below) >= _WIDEST_INTEGER:
        return None
    return held(Fraction(above, below))
