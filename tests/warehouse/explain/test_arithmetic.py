"""Decimals of the star: what is rounded, when, and what cannot be held."""

from decimal import Decimal
from fractions import Fraction

import pytest

from warehouse.explain.arithmetic import added, held, quotient


@pytest.mark.parametrize(
    ("number", "decimal"),
    [
        (Fraction(1, 3), "0.3333333333"),
        (Fraction(2, 3), "0.6666666667"),
        (Fraction(5, 10**11), "0.0000000001"),  # half a unit goes away from zero
        (Fraction(-5, 10**11), "-0.0000000001"),
        (Fraction(10**28 - 1, 10**10), "999999999999999999.9999999999"),
    ],
)
def test_a_number_is_held_at_ten_decimals_and_half_a_unit_goes_away_from_zero(number, decimal):
    assert held(number) == Decimal(decimal)


def test_a_number_of_too_many_digits_is_no_value_of_the_star():
    assert held(Fraction(10**18)) is None
    assert held(Fraction(10**28 - 1, 10**10) + Fraction(5, 10**11)) is None


def test_sums_are_exact_however_many_digits_they_have():
    assert added([Decimal("999999999999999999.9999999999"), Decimal("0.0000000001")]) == 10**18
    assert added([None, Decimal(0)]) == 0
    assert added([None]) is None


@pytest.mark.parametrize(
    ("numerator", "denominator", "factor", "expected"),
    [
        (Fraction(1279200), Fraction(1066000), 100, "120"),
        (Fraction(2), Fraction(3), 1, "0.6666666667"),
        (Fraction(-2), Fraction(3), 100, "-66.6666666667"),
        (Fraction("0.0000004"), Fraction(1), 100, "0"),  # parts are taken at six decimals, before the factor
    ],
)
def test_a_quotient_is_rounded_once_behind_the_division(numerator, denominator, factor, expected):
    assert quotient(numerator, denominator, factor) == Decimal(expected)


def test_a_quotient_by_zero_or_of_parts_beyond_what_is_exact_is_none():
    assert quotient(Fraction(1), Fraction(0)) is None
    assert quotient(Fraction(10**25), Fraction(1)) is None
