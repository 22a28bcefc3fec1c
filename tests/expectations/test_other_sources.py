"""A load held against other sources: operators against a ministry's totals, counts against people."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.report import Report
from expectations.validate import validate
from tests.expectations.sheet_rows import SUBSCRIBERS, facts, write_rows
from tests.expectations.test_every_rule import RULES_OF_OTHERS
from warehouse.ledger import append, open_ledger
from warehouse.load_records import Load, load_payload, load_subject
from warehouse.other_sources import Ratio, write_other_sources
from warehouse.paths import HomePaths

pytestmark = pytest.mark.slow

NOW = datetime(2022, 10, 5, 3, tzinfo=UTC)
PER100 = Ratio("tel_bb_fixed_per100", "tel_bb_fixed_sub", "ctx_pop_avg", "100", 2, "0", "100")
EXPECTED = ("tel_bb_fixed_sub operator:viettel", "tel_bb_fixed_sub operator:vnpt")
PEOPLE = {"indicator_code": "ctx_pop_avg", "unit": "person", "breakdown": "total", "basis": "period"}

Figure = dict[str, Any]


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., Report]:
    """The report of a load of viettel beside the loads of other sources, each a source and one figure."""
    paths = HomePaths(tmp_path)
    ledger = open_ledger(tmp_path / "ledger.db")

    def put(path: Path, figures: Sequence[Figure], load_id: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pq.read_table(write_rows(path, [SUBSCRIBERS | figure for figure in figures]))
        for name, value in (("load_id", load_id), ("source_id", load_id.split("_")[0])):
            table = table.append_column(name, pa.array([value] * table.num_rows))
        pq.write_table(table, path)

    def judge(own: int, *others: tuple[str, Figure], verdict: str = "accepted") -> Report:
        for number, (source_id, figure) in enumerate(others):
            period = figure.get("period_id", "2022-09")
            label = f"indicators/year={period[:4]}" if source_id != "vnpt" else f"subscribers/month={period}"
            load_id = f"{source_id}_{number}"
            name = f"lake/{label}/{load_id}.parquet"
            put(tmp_path / name, [figure], load_id)
            load = Load(load_id, source_id, label.split("/")[0], "x.csv", f"{number:064d}", 1, NOW)
            kept = {"lake_files": [name]} if verdict == "accepted" else {}
            append(ledger, "load", load_subject(load), load_payload(load, verdict, None, None, **kept), NOW)
        put(paths.staged_rows("viettel_new"), [{"value": own}], "viettel_new")
        load = Load("viettel_new", "viettel", "subscribers", "x.xlsx", "aa", 1, NOW)
        file = write_other_sources(paths, ledger, load, [PER100])
        return validate(
            "subscribers", paths.staged_rows("viettel_new"), facts(others_file=file, expected_operators=EXPECTED)
        )

    return judge


def broken(report: Report) -> dict[str, str]:
    assert not [result.check_name for result in report.results if result.errored]
    failed = {result.check_name: result.observed for result in report.results if not result.success}
    return {name: observed for name, observed in failed.items() if name in RULES_OF_OTHERS}


VNPT = ("vnpt", {"breakdown": "operator:vnpt", "value": 400})


def total(value: int) -> tuple[str, Figure]:
    return "ministry", {"breakdown": "total", "value": value}


@pytest.mark.parametrize(
    ("others", "is_told"),
    [
        ([VNPT, total(1000)], False),
        ([VNPT, total(960)], False),
        ([VNPT, total(1050)], False),
        ([VNPT, total(950)], True),
        ([VNPT, total(1060)], True),
        # vnpt, which is due, has not reported: less than the total is no wonder, more is
        ([total(1000)], False),
        ([total(500)], True),
        ([VNPT], False),
        ([VNPT, ("ministry", {"breakdown": "total", "value": 5000, "period_id": "2022-08"})], False),
        ([VNPT, ("ministry", {"breakdown": "total", "value": 5000, "province_id": "P63-27"})], False),
        ([VNPT, ("ministry", {"breakdown": "total", "value": 5000, "basis": "ytd"})], False),
    ],
)
def test_the_operators_add_up_to_the_total_of_another_source_within_five_per_cent(judged, others, is_told):
    found = broken(judged(600, *others))
    assert set(found) == ({"sources_tell_one_thing"} if is_told else set())


def test_the_warning_names_the_province_both_figures_and_the_other_source(judged):
    (observed,) = broken(judged(600, VNPT, total(1200))).values()
    assert observed == "1 / 1: P63-26 tel_bb_fixed_sub 2022-09 1000 ≠ 1200 ministry"


def test_the_latest_load_of_another_source_counts(judged):
    assert broken(judged(600, VNPT, total(1200), total(1000))) == {}


def test_a_load_that_is_held_tells_nothing(judged):
    assert broken(judged(600, total(100), verdict="quarantined")) == {}


@pytest.mark.parametrize(
    ("people", "year", "told"),
    [
        (1000, "2021", ""),
        (500, "2021", "1 / 1: P63-26 tel_bb_fixed_per100 2022-09 = 120 ( 600 ÷ 500 gso 2021 )"),
        (500, "2020", "1 / 1: P63-26 tel_bb_fixed_per100 2022-09 = 120 ( 600 ÷ 500 gso 2020 )"),
        (500, "2019", ""),
    ],
)
def test_more_subscriptions_than_people_warn_with_the_year_of_the_population_if_it_is_not_too_old(
    judged, people, year, told
):
    found = broken(judged(600, ("gso", PEOPLE | {"value": people, "period_id": year})))
    assert found == ({"per_head_within_bounds": told} if told else {})


def test_without_other_sources_nothing_is_compared_and_that_is_said(judged):
    results = {result.check_name: result for result in judged(600).results}
    for name in RULES_OF_OTHERS:
        assert (results[name].success, results[name].element_count) == (True, 0)
        assert "no other source" in results[name].observed
