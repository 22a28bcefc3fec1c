from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.numbers import Number, UnreadableNumber, read_number


@pytest.mark.parametrize(
    ("cell", "locale", "value", "decimals"),
    [
        ("1.778.489", "vi", "1778489", 0),
        ("112,84", "vi", "112.84", 2),
        ("2.900", "vi", "2900", 0),
        ("2.900", "en", "2.900", 3),
        ("1,234.50", "en", "1234.50", 2),
        ("\u00a0 1.234,5 ", "vi", "1234.5", 1),
        ("01", "vi", "1", 0),
        ("\u22125", "vi", "-5", 0),
        (2900.0, "vi", "2900", 0),
        (112.84, "vi", "112.84", 2),
        (0.1 + 0.2, "vi", "0.3", 1),
        (1 / 3, "vi", "0.3333333333", 10),
        (41096, "vi", "41096", 0),
    ],
)
def test_a_number_is_read_by_its_declared_locale_with_its_printed_decimals(cell, locale, value, decimals):
    assert read_number(cell, locale) == Number(Decimal(value), decimals)


@pytest.mark.parametrize(
    "cell",
    ["15.85", "2.90", "0.727", "1,234.5", "12.34.567", "1e5", "NaN", "Infinity", "١٢", "1 234", "1,", ",5", "",
     "hơn 1 triệu", "01 (0,727)", "≥ 80", "20-25", "#N/A", None, True, date(2022, 9, 1), float("nan"), float("inf"),
     1e18],
)  # fmt: skip
def test_what_contradicts_the_vietnamese_locale_is_refused_not_guessed(cell):
    with pytest.raises(UnreadableNumber):
        read_number(cell, "vi")


def test_the_number_one_thousand_and_the_text_one_thousand_stay_apart():
    assert read_number(1.234, "vi").value == Decimal("1.234")
    assert read_number("1.234", "vi").value == Decimal(1234)


def test_a_multiplier_is_exact_and_moves_the_printed_precision():
    assert read_number("1.234,567", "vi").times(Decimal(1000)) == Number(Decimal(1234567), 0)
    assert read_number("1,2", "vi").times(Decimal(1_000_000)) == Number(Decimal(1200000), -5)


@pytest.mark.parametrize("cell", ["1.000.000.000.000.000.000", "0,12345678901"])
def test_a_text_that_does_not_fit_the_stored_decimal_is_refused_not_rounded(cell):
    with pytest.raises(UnreadableNumber):
        read_number(cell, "vi")


decimals = st.decimals(min_value=-(10**17), max_value=10**17, places=4, allow_nan=False)


@given(value=decimals, places=st.integers(0, 4))
def test_every_number_written_the_vietnamese_way_comes_back_exactly(value, places):
    value = round(value, places)
    english = f"{value:,.{places}f}"
    vietnamese = english.translate(str.maketrans(",.", ".,"))
    assert read_number(vietnamese, "vi") == Number(Decimal(english.replace(",", "")), places)
    assert read_number(english, "en") == read_number(vietnamese, "vi")


@given(value=st.integers(1000, 10**15), places=st.integers(1, 4))
def test_a_number_with_both_marks_is_never_read_under_the_other_locale(value, places):
    english = f"{value:,}." + "5" * places
    with pytest.raises(UnreadableNumber):
        read_number(english, "vi")


@given(text=st.text(max_size=20))
def test_any_text_is_a_number_or_refused(text):
    for locale in ("vi", "en"):
        try:
            number = read_number(text, locale)
        except UnreadableNumber:
            continue
        assert number.value.is_finite()
        assert abs(number.value) < 10**18
