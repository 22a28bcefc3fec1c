from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingestion.number_columns import columns_of, short_numbers
from ingestion.numbers import read_number
from ingestion.text import printed

# What units are multiplied by; the last ones leave no room for decimals or digits.
MULTIPLIERS = [Decimal(each) for each in ("1", "1000", "1000000", "0.01", "1.5", "1E-9", "1E+12")]
NUMBERS = st.one_of(
    st.integers(-(10**16), 10**16),
    st.floats(allow_nan=True, allow_infinity=True),
    st.decimals(-(10**9), 10**9, places=3).map(float),
    st.sampled_from([True, None, "7", 0.0, -0.0, 1 / 3, 0.1 + 0.2, 1e15, 999999999999999.0, 0.0001, 0.00009, 2.5e-5]),
)


@given(cells=st.lists(st.tuples(NUMBERS, st.sampled_from(MULTIPLIERS)), max_size=30))
def test_a_number_in_a_column_is_what_it_is_alone(cells):
    shown = [cell for cell, _ in cells]
    short = short_numbers(shown)
    of = np.array([MULTIPLIERS.index(cells[at][1]) for at in short.at.tolist()], np.int64)
    found = columns_of(short, MULTIPLIERS, of)
    for at, text, value, decimals in zip(
        found.at.tolist(), *(each.to_pylist() for each in (found.value_text, found.value, found.decimals)), strict=True
    ):
        alone = read_number(shown[at], "vi").times(cells[at][1])
        assert (text, value, decimals) == (printed(shown[at]), alone.value, alone.decimals)


def test_numbers_as_people_write_them_are_taken_and_all_others_are_left():
    written = [0.0, 41096, 41096.0, -7.25, 112.84, 0.001, 123456789.123, 999999999999999.0]
    others = [True, "7", None, float("nan"), float("inf"), 1 / 3, 1e15, 0.00001]
    assert short_numbers([*others, *written]).at.tolist() == [len(others) + at for at in range(len(written))]
    found = columns_of(short_numbers(written), [Decimal(1)], np.zeros(len(written), np.int64))
    assert found.value.to_pylist() == [Decimal(str(cell)) for cell in written]
