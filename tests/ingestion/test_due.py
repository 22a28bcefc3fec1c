"""What a source owes by a day follows from its frequency, its due day and the periods it promises."""

from dataclasses import replace
from datetime import date

import pytest

from ingestion.due import covers, due_periods
from ingestion.source import load_source
from tests.ingestion.conftest import SOURCES_DIR


@pytest.fixture(scope="module")
def monthly():
    """Due on the 15th day after the end of the month, from 2022-07 on."""
    return load_source(SOURCES_DIR / "vnpt.yml")


def owed(source, today, since="2022-07"):
    return [due.period_id for due in due_periods(source, since, date.fromisoformat(today))]


def test_a_month_is_owed_from_the_day_after_its_due_day(monthly):
    assert owed(monthly, "2022-08-15") == []
    assert owed(monthly, "2022-08-16") == ["2022-07"]
    assert owed(monthly, "2022-10-16") == ["2022-07", "2022-08", "2022-09"]


def test_nothing_is_owed_beyond_the_last_period_promised_or_without_a_due_day(monthly):
    assert owed(replace(monthly, expected_to="2022-08"), "2026-01-01") == ["2022-07", "2022-08"]
    assert owed(replace(monthly, due_day=None), "2026-01-01") == []
    assert owed(replace(monthly, frequency="once"), "2026-01-01") == []


@pytest.mark.parametrize(
    ("frequency", "first", "today", "expected"),
    [
        ("year", "2020", "2023-01-20", ["2020", "2021", "2022"]),
        ("half", "2022-H1", "2023-01-16", ["2022-H1", "2022-H2"]),
        ("quarter", "2022-Q3", "2023-04-16", ["2022-Q3", "2022-Q4", "2023-Q1"]),
        ("quarter", "2023-Q1-adm", "2023-07-01", ["2023-Q1-adm", "2023-Q2-adm"]),
        ("week", "2022-07-04", "2022-08-02", ["2022-07-04", "2022-07-11"]),
        ("day", "2022-07-04", "2022-07-21", ["2022-07-04", "2022-07-05"]),
    ],
)
def test_every_frequency_has_its_periods(monthly, frequency, first, today, expected):
    assert owed(replace(monthly, frequency=frequency, expected_from=first), today) == expected


@pytest.mark.parametrize(("frequency", "months"), [("day", 2), ("week", 2), ("month", 2), ("quarter", 0)])
def test_of_a_log_that_comes_every_day_or_week_its_months_are_owed(frequency, months):
    portal = replace(load_source(SOURCES_DIR / "dvc_tinh_mo_phong.yml"), frequency=frequency)
    assert owed(portal, "2022-09-20") == ["2022-07", "2022-08"][:months]


def test_without_a_promised_first_period_the_first_one_sent_counts(monthly):
    assert owed(replace(monthly, expected_from=None), "2022-11-20", since="2022-09") == ["2022-09", "2022-10"]


def test_a_load_over_years_covers_each_of_them_and_one_without_a_date_covers_nothing(monthly):
    yearly = replace(monthly, frequency="year", expected_from="2015")
    due_2015, due_2016 = due_periods(yearly, "2015", date(2017, 2, 1))
    assert covers("1995", "2016", due_2015)
    assert covers("2016", "2016", due_2016)
    assert not covers("2016", "2016", due_2015)
    assert not covers("undated", "undated", due_2016)
