"""Charts of counts: what their axis says is what they show."""

import re

import pytest

from warehouse.site.charts import stacked_bars


@pytest.mark.parametrize(
    ("greatest", "told"),
    [
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (7, [0, 2, 4, 6, 8]),
        (61, [0, 20, 40, 60, 80]),
        (1200, [0, 200, 400, 600, 800, 1000, 1200]),
    ],
)
def test_the_axis_of_counts_is_marked_at_whole_numbers_alone(greatest, told):
    parts = {"accepted": ("Accepted", [greatest - 1, 0]), "failed": ("Failed", [1, 1])}
    drawn = stacked_bars("loads", ["a", "b"], parts, lambda value: f"{value:.2f}", horizontal=True)
    axis = (
        drawn[drawn.index("axis x") : drawn.index("axis y")] if drawn.index("axis x") < drawn.index("axis y") else drawn
    )
    assert sorted({float(each) for each in re.findall(r">([0-9.]+)<", axis)}) == told
