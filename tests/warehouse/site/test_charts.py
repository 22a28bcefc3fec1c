"""Charts of counts: what their axis says is what they show."""

import re

import pytest

from warehouse.site.charts import lines_of_shares, stacked_bars


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


def test_a_line_of_shares_tells_each_share_on_an_axis_from_0_to_1_and_stops_where_nothing_was_due():
    told = {"completeness": ("Complete", [1, 0.5, None, 0.75]), "timeliness": ("In time", [0.9, 0.25, None, 0.75])}
    drawn = lines_of_shares("shares", ["07", "08", "09", "10"], told, lambda value: f"{value:.0%}")
    points = re.findall(r"<title>(.*?)</title>", drawn)
    assert points == ["07: 100%", "08: 50%", "10: 75%", "07: 90%", "08: 25%", "10: 75%"]
    assert re.findall(r">(\d+%)</text>", drawn) == ["0%", "25%", "50%", "75%", "100%"]
    lines = re.findall(r'<path d="([^"]*)" class="line reactive nofill"', drawn)
    assert [len(re.findall(r"[\d.]+ [\d.]+", line)) for line in lines] == [2, 2]
