"""Rules that hold a load against what its source told before: each meets a history it passes and one that breaks it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.report import Report
from expectations.validate import validate
from tests.expectations.sheet_rows import SUBSCRIBERS, facts, write_rows
from tests.expectations.test_every_rule import RULES_OF_HISTORY
from warehouse.load_records import Load, LoadRecord
from warehouse.paths import HomePaths
from warehouse.series_history import write_series_history

pytestmark = pytest.mark.slow

# Indicator -> figure of the smallest of ten provinces in the first month; the others have twice, three times … as many.
COLUMNS = {"tel_fixed_sub": 7_000, "tel_bb_fixed_sub": 20_000, "tel_mobile_sub": 90_000}
PLACES = [f"P63-{number}" for number in range(10, 20)]

Sheet = dict[tuple[str, str], Any]


def sheet(month: int) -> Sheet:
    """Figures of a month: each column grows by its own share, each province a little otherwise."""
    return {
        (place, code): round(first * (rank + 1) * (1 + 0.01 * number + 0.0003 * rank) ** month)
        for number, (code, first) in enumerate(COLUMNS.items(), 1)
        for rank, place in enumerate(PLACES)
    }


def rows(figures: Mapping[tuple[str, str], Any], month: int, year: int = 2022, **changes: Any) -> list[dict[str, Any]]:
    return [
        {**SUBSCRIBERS, "province_id": place, "indicator_code": code, "value": value, "value_text": str(value)}
        | {"period_id": f"{year}-{month:02d}", "place_text": place, "cell": f"{'DEF'[list(COLUMNS).index(code)]}{line}"}
        | changes
        for line, ((place, code), value) in enumerate(figures.items(), 7)
    ]


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., Report]:
    """The report of a load after the loads of months 1 to 6 of 2022."""
    paths = HomePaths(tmp_path)

    def put(path: Path, listed: list[dict[str, Any]], load_id: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pq.read_table(write_rows(path, listed))
        pq.write_table(table.append_column("load_id", pa.array([load_id] * table.num_rows)), path)

    def judge(new: list[dict[str, Any]], before: Mapping[int, Sheet] | None = None, **changes: Any) -> Report:
        earlier = []
        for month, figures in (before or {month: sheet(month) for month in range(1, 7)}).items():
            put(tmp_path / f"lake/{month}.parquet", rows(figures, month, **changes), f"old{month}")
            told = {"lake_files": [f"lake/{month}.parquet"]}
            earlier.append(LoadRecord(f"old{month}", month, month, told, None, []))
        put(paths.staged_rows("new"), new, "new")
        load = Load("new", "viettel", "subscribers", "x.xlsx", "aa", 1, facts().received_at)
        history = write_series_history(paths, load, earlier)
        known = facts(known_indicator_codes=tuple(COLUMNS), series_file=history.series, steady_file=history.steady)
        return validate("subscribers", paths.staged_rows("new"), known)

    return judge


def broken(report: Report) -> set[str]:
    assert not [result.check_name for result in report.results if result.errored]
    return {result.check_name for result in report.results if not result.success} & RULES_OF_HISTORY


def test_the_next_month_of_every_series_breaks_no_rule(judged):
    assert broken(judged(rows(sheet(7), 7))) == set()


def test_a_common_fall_of_a_whole_column_is_no_alarm(judged):
    fallen = {key: round(value * (0.6 if key[1] == "tel_mobile_sub" else 1)) for key, value in sheet(7).items()}
    assert broken(judged(rows(fallen, 7))) == set()


@pytest.mark.parametrize("factor", [10, 0.1, 3])
def test_one_figure_out_of_pace_warns_and_is_named_with_what_was_expected(judged, factor):
    figures = sheet(7)
    figures["P63-12", "tel_mobile_sub"] = round(figures["P63-12", "tel_mobile_sub"] * factor)
    report = judged(rows(figures, 7))
    assert broken(report) == {"series_keep_their_pace"}
    assert report.verdict == "accepted_with_warnings"
    assert "P63-12 Sheet1!" in report.reason_en
    assert f"→ {figures['P63-12', 'tel_mobile_sub']}" in report.reason_en


def test_a_series_that_always_leapt_may_leap_again(judged):
    wild = {month: sheet(month) for month in range(1, 7)}
    for month, factor in enumerate((1, 2, 0.7, 1.9, 0.6, 1.4), 1):
        wild[month]["P63-12", "tel_mobile_sub"] = round(wild[month]["P63-12", "tel_mobile_sub"] * factor)
    figures = sheet(7)
    figures["P63-12", "tel_mobile_sub"] = round(figures["P63-12", "tel_mobile_sub"] * 2.5)
    assert broken(judged(rows(figures, 7), wild)) == set()


def test_two_columns_swapped_quarantine_the_load_even_where_they_are_nearly_alike(judged):
    near = {month: sheet(month) for month in range(1, 8)}
    for figures in near.values():
        for rank, place in enumerate(PLACES):
            figures[place, "tel_fixed_sub"] = round(figures[place, "tel_bb_fixed_sub"] * (1.03 + 0.01 * rank))
    figures = near.pop(7)
    pairs = {"tel_fixed_sub": "tel_bb_fixed_sub", "tel_bb_fixed_sub": "tel_fixed_sub"}
    swapped = {key: figures[key[0], pairs.get(key[1], key[1])] for key in figures}
    assert broken(judged(rows(figures, 7), near)) == set()
    report = judged(rows(swapped, 7), near)
    assert broken(report) == {"columns_are_in_their_place"}
    assert report.verdict == "quarantined"
    assert "tel_bb_fixed_sub point operator:viettel ↔ tel_fixed_sub point operator:viettel" in report.reason_en


def test_last_months_figures_under_a_new_month_quarantine_the_load_but_not_where_figures_stand_still(judged):
    report = judged(rows(sheet(5), 7))
    assert broken(report) == {"figures_have_moved"}
    assert report.verdict == "quarantined"
    assert "2022-07 = 2022-05 (30/30)" in report.reason_en
    assert broken(judged(rows(sheet(1), 7), {month: sheet(1) for month in range(1, 7)})) == set()


def test_new_figures_for_a_told_month_warn_but_a_few_revised_or_provisional_ones_do_not(judged):
    report = judged(rows(sheet(7), 4))
    assert "told_figures_stand" in broken(report)
    assert "2022-04 (30/30)" in report.reason_en
    few = sheet(4) | {("P63-12", "tel_mobile_sub"): sheet(4)["P63-12", "tel_mobile_sub"] + 900}
    assert broken(judged(rows(few, 4))) == set()
    final = {key: round(value * 1.01) for key, value in sheet(4).items()}
    assert broken(judged(rows(final, 4), status="P")) == set()


@pytest.mark.parametrize(("year", "month", "told"), [(2022, 8, "2022-08 > 2022-06"), (2021, 7, "2021-07 < 2022-01")])
def test_a_month_out_of_turn_warns(judged, year, month, told):
    report = judged(rows(sheet(7), month, year))
    assert broken(report) == {"periods_follow_on"}
    assert told in report.reason_en


def test_a_month_that_was_left_out_may_come_late(judged):
    with_gap = {month: sheet(month) for month in (1, 2, 3, 5, 6)}
    assert broken(judged(rows(sheet(4), 4), with_gap)) == set()


@pytest.mark.parametrize("gone", ["P63-12", "tel_fixed_sub"])
def test_a_place_or_a_measure_that_every_file_had_is_missed(judged, gone):
    report = judged(rows({key: value for key, value in sheet(7).items() if gone not in key}, 7))
    assert broken(report) == {"steady_series_go_on"}
    assert gone in report.reason_en


def test_places_that_only_some_files_had_are_not_missed(judged):
    before = {month: sheet(month) for month in range(1, 7)}
    before[5] = {key: value for key, value in before[5].items() if key[0] != "P63-12"}
    figures = {key: value for key, value in sheet(7).items() if key[0] != "P63-12"}
    assert broken(judged(rows(figures, 7), before)) == set()
