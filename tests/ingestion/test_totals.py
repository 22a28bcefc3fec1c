"""Printed totals are handed over for checking: never as data, and only where all of their provinces stand."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ingestion.read import read_file
from ingestion.reference import load_reference
from ingestion.source import load_sources
from tests.ingestion.conftest import SEEDS
from tests.ingestion.sheets import WIDE, source, workbook

SOURCES = SEEDS.parents[1] / "ingestion" / "sources"
# The two provinces of a country that has no others, and the region of one of them.
HA_NOI, HUE = "P63-01", "P63-46"


@pytest.fixture
def small_country(reference):
    """The reference tables with all provinces of the 63 gone but Hà Nội and Huế."""
    return replace(reference, parts={("63", "VN"): (HA_NOI, HUE), ("63", "R63-1"): (HA_NOI,)})


def read(folder, reference, *rows, **changes):
    """A workbook of September 2022 with these rows of place, mobile subscriptions, stations."""
    declared = source(folder, WIDE, **changes)
    head = [["Tháng 9 năm 2022"], [None, "ĐVT: thuê bao"], ["Tỉnh/TP", "Di động", "Trạm 4G"]]
    path = workbook(folder, [*head, *rows])
    return read_file(path, path.name, declared, reference)


def totals(result):
    return [(t["cell"], t["province_id"], t["value"], t["parts"]) for t in result.totals.to_pylist()]


def test_the_total_and_the_region_of_a_table_are_handed_over_and_are_no_rows(tmp_path, small_country):
    result = read(
        tmp_path, small_country, ["Tổng cộng", 5, 50], ["Đồng bằng sông Hồng", 2, 20], ["Hà Nội", 2, 20], ["Huế", 3, 31]
    )
    assert totals(result) == [
        ("B4", "VN", 5, [HA_NOI, HUE]),
        ("C4", "VN", 50, [HA_NOI, HUE]),
        ("B5", "R63-1", 2, [HA_NOI]),
        ("C5", "R63-1", 20, [HA_NOI]),
    ]
    assert set(result.rows["province_id"].to_pylist()) == {HA_NOI, HUE}
    assert result.rows_read == 4


def test_a_total_is_not_checked_while_a_province_has_no_figure(tmp_path, small_country):
    result = read(tmp_path, small_country, ["Tổng cộng", 5, 50], ["Hà Nội", 2, 20], ["Huế", 3, "..."])
    assert [cell for cell, *_ in totals(result)] == ["B4"]
    alone = read(tmp_path, small_country, ["Tổng cộng", 2, 20], ["Hà Nội", 2, 20])
    assert totals(alone) == []


def test_of_several_different_totals_none_is_taken_for_the_sum(tmp_path, small_country):
    result = read(tmp_path, small_country, ["Tổng cộng", 4, 51], ["Hà Nội", 2, 20], ["Huế", 3, 31], ["Tổng số", 5, 51])
    assert [cell for cell, *_ in totals(result)] == ["C4"]


def test_a_total_that_cannot_be_read_costs_nothing(tmp_path, small_country):
    result = read(tmp_path, small_country, ["Tổng cộng", "x", None], ["Hà Nội", 2, 20], ["Huế", 3, 31])
    assert totals(result) == []
    assert (result.rows_read, result.rejected.num_rows) == (4, 0)


def test_an_indicator_that_is_no_sum_over_areas_has_nothing_to_add_up(tmp_path, small_country):
    layout = {"measures": [{"column": "Di động", "indicator_code": "tel_mobile_per100", "unit": "trên 100 dân"}]}
    result = read(tmp_path, small_country, ["Tổng cộng", 5], ["Hà Nội", 2], ["Huế", 3], layout=_of(layout))
    assert result.rows.num_rows == 2
    assert totals(result) == []


def _of(layout):
    return {**WIDE["layout"], **layout, "ignore_columns": ["TT", "Trạm 4G"]}


@pytest.mark.parametrize("year", [2005, 2007, 2008, 2009, 2015, 2016])
def test_the_statistics_offices_populations_add_up_to_regions_and_country(real_dir, population, year):
    by_area, wholes = population
    of_year = [t for t in wholes if t["period_id"] == str(year) and t["breakdown"] == "total"]
    assert len(of_year) == 7
    for total in of_year:
        assert sum(by_area[year, part] for part in total["parts"]) == total["value"], total["place_text"]
    (country,) = [t for t in of_year if t["province_id"] == "VN"]
    assert len(country["parts"]) == (64 if year < 2008 else 63)


@pytest.fixture(scope="module")
def population(real_dir):
    path = real_dir / "gso_average_population_by_province_1995_2016.csv"
    result = read_file(path, path.name, load_sources([SOURCES])["gso_population"], load_reference([SEEDS]))
    rows = [row for row in result.rows.to_pylist() if row["breakdown"] == "total"]
    by_area: dict[tuple[int, str], Decimal] = {
        (int(row["period_id"]), row["province_id"]): row["value"] for row in rows
    }
    return by_area, result.totals.to_pylist()
