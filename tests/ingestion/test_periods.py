from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.periods import Period, first_day, is_period_id, last_day, period_type, read_period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2022", Period("2022")),
        ("Năm 2022", Period("2022")),
        (2022.0, Period("2022")),
        ("2022-H1", Period("2022-H1")),
        ("2022-Q3", Period("2022-Q3")),
        ("2023-Q1-adm", Period("2023-Q1-adm")),
        ("2022-09", Period("2022-09")),
        ("undated", Period("undated")),
        ("Tháng 9 năm 2022", Period("2022-09")),
        ("THÁNG 09 NĂM 2022", Period("2022-09")),
        ("tháng 11/2021", Period("2021-11")),
        ("tháng 9-2022", Period("2022-09")),
        ("T9/2022", Period("2022-09")),
        ("12/2006", Period("2006-12")),
        ("Quý III/2022", Period("2022-Q3")),
        ("quý I năm 2023", Period("2023-Q1")),
        ("Q4/2022", Period("2022-Q4")),
        ("Quý I/2023 (15/12/2022 - 14/03/2023)", Period("2023-Q1-adm")),
        ("6 tháng đầu năm 2022", Period("2022-06", "ytd")),
        ("9 tháng năm 2022", Period("2022-09", "ytd")),
        ("6 tháng cuối năm 2022", Period("2022-H2")),
        ("đến cuối tháng 9-2022", Period("2022-09", "point")),
        ("Đến tháng 5/2020", Period("2020-05", "point")),
        ("tính đến 31/12/2009", Period("2009-12-31", "point")),
        ("đến 30/9/2022", Period("2022-09-30", "point")),
        ("Sơ bộ 2020", Period("2020", None, True)),
        ("Sơ bộ - Prel. 2020", Period("2020", None, True)),
        ("Prel. 2016", Period("2016", None, True)),
        ("Pre. 2016", Period("2016", None, True)),
        ("2020 (*)", Period("2020", None, True)),
        ("15/12/2022", Period("2022-12-15")),
        ("13/01/2026 12:50", Period("2026-01-13")),
        ("2026-01-20T09:30:41", Period("2026-01-20")),
        ("20220921083000", Period("2022-09-21")),
        (datetime(2022, 9, 15, 8, 30, tzinfo=UTC), Period("2022-09-15")),
    ],
)
def test_each_seen_form_is_read(text, period):
    assert read_period(text) == period


@pytest.mark.parametrize(
    "text",
    ["Dec-06", "9/22", "31/02/2022", "2022-13", "tháng 13/2022", "Quý V/2022", "22", "2022-2023", "2022 và 2023", "",
     None, True, 2022.5, "năm nay", "12/31/2022", "Quý I/2023 (01/01/2023 - 31/03/2023 và 14/03)"],
)  # fmt: skip
def test_what_is_no_period_or_may_be_two_is_not_read(text):
    assert read_period(text) is None


def test_a_source_may_declare_the_only_type_of_its_periods():
    assert read_period("2022", expect="month") is None
    assert read_period("T9/2022", expect="month") == Period("2022-09")
    assert read_period(date(2022, 9, 1), expect="month") == Period("2022-09")


def test_a_source_may_declare_its_quarters_administrative():
    assert read_period("Quý I/2023", administrative_quarters=True) == Period("2023-Q1-adm")


@pytest.mark.parametrize(
    ("period_id", "first", "last"),
    [
        ("2022", date(2022, 1, 1), date(2022, 12, 31)),
        ("2022-H2", date(2022, 7, 1), date(2022, 12, 31)),
        ("2022-Q3", date(2022, 7, 1), date(2022, 9, 30)),
        ("2023-Q1-adm", date(2022, 12, 15), date(2023, 3, 14)),
        ("2023-Q4-adm", date(2023, 9, 15), date(2023, 12, 14)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2022-12", date(2022, 12, 1), date(2022, 12, 31)),
        ("2022-09-15", date(2022, 9, 15), date(2022, 9, 15)),
    ],
)
def test_a_period_knows_its_first_and_last_day(period_id, first, last):
    assert (first_day(period_id), last_day(period_id)) == (first, last)


def test_administrative_quarters_follow_each_other_without_a_gap():
    ids = [f"{year}-Q{quarter}-adm" for year in (2022, 2023) for quarter in (1, 2, 3, 4)]
    gaps = {(first_day(after) - last_day(before)).days for before, after in zip(ids, ids[1:], strict=False)}
    assert gaps == {1}


@given(day=st.dates(min_value=date(1990, 1, 1), max_value=date(2089, 12, 31)))
def test_every_day_and_month_comes_back_from_each_way_of_writing_it(day):
    month = f"{day:%Y-%m}"
    for text in (
        f"tháng {day.month}/{day.year}",
        f"T{day.month}/{day.year}",
        f"Tháng {day.month} năm {day.year}",
        month,
    ):
        assert read_period(text) == Period(month)
    for text in (f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", day.isoformat(), f"{day:%Y%m%d}120000"):
        assert read_period(text) == Period(day.isoformat())


@given(text=st.text(alphabet="0123456789/-. TQthángnămquýIVđếnHadm()*", max_size=24))
def test_any_text_is_a_period_that_exists_or_is_refused(text):
    period = read_period(text)
    if period is not None and period.period_id != "undated":
        assert is_period_id(period.period_id)
        assert first_day(period.period_id) <= last_day(period.period_id)
        assert period_type(period.period_id) in ("year", "half", "quarter", "month", "day")
