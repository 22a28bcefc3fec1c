"""Every rule of every suite meets a row or batch that passes and one that fails."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from expectations.report import Report
from expectations.suite import SUITES_DIR, load_suite
from expectations.validate import validate
from tests.expectations.sheet_rows import GOOD, TARGET, facts, write_previous_values, write_rows, write_totals

pytestmark = pytest.mark.slow

SHAPES = ("subscribers", "indicators")


def rules_of(name: str) -> set[str]:
    content = yaml.safe_load((SUITES_DIR / "common" / name).read_text(encoding="utf-8"))
    return {rule["name"] for rule in content["rules"]}


RULES_OF_HISTORY = rules_of("history.yml")  # see test_history_rules.py
RULES_OF_OTHERS = rules_of("other_sources.yml")  # see test_other_sources.py


@dataclass(frozen=True)
class RowCase:
    """Changes to the good row that the rule lets pass, and changes that it rejects."""

    rule: str
    passes: dict[str, Any]
    fails: dict[str, Any]
    shapes: tuple[str, ...] = SHAPES


SUBSCRIBERS_ONLY = ("subscribers",)
INDICATORS_ONLY = ("indicators",)

ROW_CASES = [
    RowCase("indicator_is_known", {}, {"indicator_code": "tel_pager_sub", "catalogue_unit": None}),
    RowCase("unit_is_that_of_the_catalogue", {}, {"unit": "station"}),
    RowCase("value_is_present", {"value": None, "status": "O"}, {"value": None}),
    RowCase("value_is_present", {"value": None, "status": "M;P"}, {"value": None, "status": "P"}),
    RowCase("value_not_below_minimum", {"value": 0}, {"value": -1}),
    RowCase("value_not_below_minimum", {"value": -1, "min_value": None}, {"value": "-0.0000000001"}),
    RowCase("value_not_above_maximum", {"value": 100, "max_value": 100}, {"value": 101, "max_value": 100}),
    RowCase(
        "value_not_above_maximum",
        {"value": 101, "max_value": None},
        {"value": 90, "value_upper": 101, "max_value": 100},
    ),
    RowCase(
        "ranks_are_whole",
        {"value": "12.0", "unit": "rank", "catalogue_unit": "rank"},
        {"value": "12.5", "unit": "rank", "catalogue_unit": "rank"},
    ),
    RowCase(
        "ranks_are_whole",
        {"value": "72.4"},
        {"value": "62.5", "unit": "province", "catalogue_unit": "province"},
        INDICATORS_ONLY,
    ),
    RowCase("range_is_ordered", {"value": 20, "value_upper": 25}, {"value": 25, "value_upper": 20}),
    RowCase("period_is_readable", {"period_id": "2022-08"}, {"period_id": "2022-13"}),
    RowCase("period_is_readable", {"period_id": "2022-Q1-adm"}, {"period_id": "2022-Q5"}, INDICATORS_ONLY),
    RowCase("period_is_readable", {"period_id": "2022-02-28"}, {"period_id": "2022-02-30"}, INDICATORS_ONLY),
    RowCase("period_is_readable", {"period_id": "undated"}, {"period_id": "Tháng 9"}, INDICATORS_ONLY),
    # Received 2022-10-05: October has begun, November has not.
    RowCase("period_is_plausible", {"period_id": "2022-10"}, {"period_id": "2022-11"}),
    RowCase("period_is_plausible", {"period_id": "1990-01"}, {"period_id": "1989-12"}),
    RowCase("period_is_plausible", {"period_id": "2022"}, {"period_id": "2023"}, INDICATORS_ONLY),
    RowCase("period_is_plausible", {"period_id": "2022-Q4"}, {"period_id": "2023-Q1-adm"}, INDICATORS_ONLY),
    RowCase("period_is_plausible", {"period_id": "2022-10-05"}, {"period_id": "2022-10-06"}, INDICATORS_ONLY),
    RowCase("period_is_plausible", TARGET | {"period_id": "2060"}, TARGET | {"period_id": "2061"}, INDICATORS_ONLY),
    RowCase(
        "breakdown_is_well_formed",
        {"breakdown": "operator:viettel;technology:5g"},
        {"breakdown": "technology:5g;operator:viettel"},
    ),
    RowCase("breakdown_is_well_formed", {"breakdown": "operator:vnpt"}, {"breakdown": "operator:vnpt;operator:vnpt2"}),
    RowCase(
        "breakdown_is_well_formed", {"breakdown": "level:3_and_4;operator:vnpt"}, {"breakdown": "operator:Viettel"}
    ),
    RowCase("target_is_complete", TARGET, TARGET | {"target_status": None}, INDICATORS_ONLY),
    RowCase("target_is_complete", {}, {"comparator": "ge"}),
    RowCase(
        "target_is_complete",
        TARGET | {"comparator": "range", "value_upper": 90},
        TARGET | {"comparator": "range"},
        INDICATORS_ONLY,
    ),
    RowCase("qualifier_is_known", {"qualifier": "at_most"}, {"qualifier": "roughly"}),
    RowCase("rows_are_observations", {}, TARGET, SUBSCRIBERS_ONLY),
    RowCase("period_is_a_month", {}, {"period_id": "2022"}, SUBSCRIBERS_ONLY),
    RowCase("period_is_a_month", {}, {"period_id": "undated"}, SUBSCRIBERS_ONLY),
    RowCase("basis_is_point", {}, {"basis": "ytd"}, SUBSCRIBERS_ONLY),
    RowCase(
        "operator_is_named", {"breakdown": "contract:prepaid;operator:vnpt"}, {"breakdown": "total"}, SUBSCRIBERS_ONLY
    ),
    RowCase("counts_are_whole", {"value": "12345.0"}, {"value": "12.345"}, SUBSCRIBERS_ONLY),
    RowCase(
        "counts_are_whole",
        {"value": "1.5", "unit": "million VND", "catalogue_unit": "million VND"},
        {"value": "0.5", "unit": "station", "catalogue_unit": "station"},
        SUBSCRIBERS_ONLY,
    ),
]


@dataclass(frozen=True)
class BatchCase:
    """Changes to the rows (two good ones) and to the facts of a load that break load rules, with their counts."""

    title: str
    breaks: dict[str, int]
    rows: list[dict[str, Any]]
    facts: dict[str, Any] = field(default_factory=dict)


TEN_PROVINCES = tuple(f"P63-{number:02}" for number in range(10, 20))
ALL_FACTS_FIT = {"expected_provinces": ("P63-26", "P63-27"), "previous_row_count": 2, "rows_read": 2}
TWO_PLACES: list[dict[str, Any]] = [{}, {"province_id": "P63-27"}]

BATCH_CASES = [
    BatchCase("an empty file", {"load_has_rows": 0}, []),
    BatchCase(
        "faults of a reader",
        {"row_numbers_are_unique": 1, "rows_are_complete": 1, "vocabulary_is_known": 2},
        [
            {"row_no": 1},
            {"row_no": 1, "province_id": "P63-27"},
            {"row_no": 3, "province_id": None},
            {"row_no": 4, "province_id": "P63-28", "status": "normal"},
            {"row_no": 5, "province_id": "P63-29", "area_level": "district"},
        ],
    ),
    BatchCase(
        "a form nobody filled in",
        {"most_values_are_present": 2, "most_provinces_are_present": 2, "every_province_is_present": 2},
        [{"value": None, "status": "O"}, {"province_id": "P63-27", "value": None, "status": "L"}],
        {"expected_provinces": ("P63-26", "P63-27")},
    ),
    BatchCase(
        "a broken-off file",
        {
            "most_provinces_are_present": 8,
            "every_province_is_present": 8,
            "row_count_has_not_dropped": 0,
            "most_cells_were_readable": 0,
            "every_cell_was_readable": 0,
        },
        [{"province_id": "P63-10"}, {"province_id": "P63-11"}],
        {"expected_provinces": TEN_PROVINCES, "previous_row_count": 3, "rows_read": 5},
    ),
    BatchCase(
        "one province late, one cell unreadable and a new measure",
        {"every_province_is_present": 1, "row_count_has_not_jumped": 0, "every_cell_was_readable": 0},
        [{"province_id": province} for province in TEN_PROVINCES[:9]],
        {"expected_provinces": TEN_PROVINCES, "previous_row_count": 5, "rows_read": 10},
    ),
    BatchCase(
        "places of another division of the country",
        {"places_are_of_their_boundary_set": 1},
        TWO_PLACES,
        {"boundary_misfits": ("63: 63/63 ≠ 34: 34/34 (Hà Giang, …)",)},
    ),
    BatchCase(
        "a figure the register of known errors put right, and an entry that has lapsed",
        {"figures_are_as_printed": 1, "known_errors_are_unchanged": 1},
        [{}, {"province_id": "P63-27", "correction": "slip (override): …"}],
        {"not_corrected": ("other: “1” → C5: “2”",)},
    ),
]


def judge(shape: str, folder: Path, changes: list[dict[str, Any]], **fact_changes: Any) -> Report:
    rows = [GOOD[shape] | change for change in changes]
    return validate(shape, write_rows(folder / "rows.parquet", rows), facts(**fact_changes))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_row_rule_rejects_its_bad_rows_and_no_good_one(shape: str, tmp_path: Path) -> None:
    rules = {rule.name: rule for rule in load_suite(shape).rules}
    cases = [case for case in ROW_CASES if shape in case.shapes]
    # Each row gets a province of its own, so that no case repeats the key of another.
    changes = [change for case in cases for change in (case.passes, case.fails)]
    rows = [{"province_id": f"P63-{number}"} | change for number, change in enumerate(changes)]

    reasons = {row.row_no: row.reasons for row in judge(shape, tmp_path, rows).rejected}

    for number, case in enumerate(cases):
        assert 2 * number + 1 not in reasons, (case, reasons[2 * number + 1])
        assert rules[case.rule].reason_code in reasons.get(2 * number + 2, ()), case


@pytest.mark.parametrize("shape", SHAPES)
def test_repeated_rows_keep_the_first_and_contradicting_rows_keep_none(shape: str, tmp_path: Path) -> None:
    rows = [
        {},
        {},
        {},
        {"province_id": "P63-27", "value": 5},
        {"province_id": "P63-27", "value": 6},
        {"province_id": "P63-28"},
    ]
    reasons = {row.row_no: row.reasons for row in judge(shape, tmp_path, rows).rejected}
    assert reasons == {
        2: ("repeated_row",),
        3: ("repeated_row",),
        4: ("duplicate_key",),
        5: ("duplicate_key",),
    }


def test_targets_of_one_place_and_year_differ_by_comparator_and_status(tmp_path: Path) -> None:
    rows = [
        TARGET | {"comparator": "ge"},
        TARGET | {"comparator": "le", "value": 90},
        TARGET | {"comparator": "ge", "value": 60, "target_status": "draft"},
    ]
    assert judge("indicators", tmp_path, rows).verdict == "accepted"


def test_one_target_under_two_bases_is_one_target_with_two_values(tmp_path: Path) -> None:
    rows = [TARGET, TARGET | {"basis": "point", "value": 60}]
    reasons = {row.row_no: row.reasons for row in judge("indicators", tmp_path, rows).rejected}
    assert reasons == {1: ("duplicate_key",), 2: ("duplicate_key",)}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_good_load_passes_every_rule(shape: str, tmp_path: Path) -> None:
    report = judge(shape, tmp_path, TWO_PLACES, **ALL_FACTS_FIT)
    assert report.verdict == "accepted", report
    assert all(result.success and not result.errored for result in report.results)
    assert [result.check_name for result in report.results] == [rule.name for rule in load_suite(shape).rules]


@pytest.mark.parametrize("case", BATCH_CASES, ids=lambda case: case.title)
@pytest.mark.parametrize("shape", SHAPES)
def test_load_rules_fail_on_exactly_the_planted_fault(shape: str, case: BatchCase, tmp_path: Path) -> None:
    report = judge(shape, tmp_path, case.rows, **case.facts)
    failed = {result.check_name: result.unexpected_count for result in report.results if not result.success}
    assert failed == case.breaks
    assert not any(result.errored for result in report.results)
    quarantines = any(rule.on_fail == "quarantine_load" for rule in load_suite(shape).rules if rule.name in failed)
    assert report.verdict == ("quarantined" if quarantines else "accepted_with_warnings")


@pytest.mark.parametrize(("shape", "missing", "of"), [("subscribers", 2, 8), ("indicators", 9, 10)])
def test_some_figures_may_be_missing_but_not_one_more(shape: str, missing: int, of: int, tmp_path: Path) -> None:
    blank = {"value": None, "status": "O"}
    rows = [{"province_id": f"P63-{n}"} | (blank if n < missing else {}) for n in range(of)]
    assert judge(shape, tmp_path, rows).verdict == "accepted"
    report = judge(shape, tmp_path, [row | blank if row["province_id"] == f"P63-{of - 1}" else row for row in rows])
    assert (report.verdict, report.reason_code) == ("quarantined", "too_many_missing")


@pytest.mark.parametrize(
    ("total", "parts", "is_right"),
    [
        # Counts are exact to the last one.
        ({"value": 5}, {"value": 2}, True),
        ({"value": 6}, {"value": 2}, False),
        # Thousands with one decimal: three figures, each half a hundred off at most.
        ({"value": 5150, "decimals": -2, "unit": "person"}, {"value": 2000, "decimals": -2}, True),
        ({"value": 5160, "decimals": -2, "unit": "person"}, {"value": 2000, "decimals": -2}, False),
        # The finest figure tells how exactly the column is printed: Excel drops the zeros of 82392.0.
        ({"value": "5.2", "unit": "km2"}, {"value": "2.1", "decimals": 1}, True),
        ({"value": "5.3", "unit": "km2"}, {"value": "2.1", "decimals": 1}, False),
    ],
)
@pytest.mark.parametrize("shape", SHAPES)
def test_provinces_add_up_within_printed_precision_or_both_numbers_are_told(
    shape: str, total: dict[str, Any], parts: dict[str, Any], is_right: bool, tmp_path: Path
) -> None:
    rest = {"value": 3000, "decimals": -3} if total.get("decimals") else {"value": 3, "decimals": 0}
    rest["province_id"] = "P63-27"
    totals = write_totals(tmp_path / "totals.parquet", GOOD[shape], **total)
    report = judge(shape, tmp_path, [{"max_value": None} | each for each in (parts, rest)], totals_file=totals)
    (found,) = [result for result in report.results if result.check_name == "provinces_add_up"]
    assert (found.success, found.errored, found.element_count) == (is_right, False, 1)
    if not is_right:
        told = f"{GOOD[shape]['indicator_code']} 2022-09 {GOOD[shape]['breakdown']} {total['value']} ≠ "
        assert f"Tổng cộng Sheet1!D4 {told}" in found.observed


STEADY = (10.1, 20.2, 29.7, 40.4, 51)


@pytest.mark.parametrize(
    ("before", "now", "broken"),
    [
        (STEADY, (10, 20, 30, 40, 50), ""),
        # The column in thousands after the column in single counts, and the other way.
        ([1000 * each for each in STEADY], (10, 20, 30, 40, 50), "columns"),
        (STEADY, (10000, 20000, 30000, 40000, 50000), "columns"),
        # Everybody ten times what they were is a unit; each in a way of its own is a young technology.
        (STEADY, (100, 200, 300, 400, 500), "columns"),
        (STEADY, (30, 500, 100, 400, 1500), ""),
        (STEADY[:4], (10000, 20000, 30000, 40000), ""),
        (STEADY, (10, 20, 30000, 40, 50), "cells"),
        ([*STEADY[:4], 51000], (10, 20, 30, 40, 50), "cells"),
        # New and ended counts have no ratio.
        ((0, *STEADY), (1000, 10, 20, 30, 40, 50), ""),
        ((1000, *STEADY), (0, 10, 20, 30, 40, 50), ""),
    ],
)
def test_a_lost_unit_quarantines_and_a_misplaced_mark_in_one_cell_warns(
    before: tuple[Any, ...], now: tuple[Any, ...], broken: str, tmp_path: Path
) -> None:
    rows = [{"province_id": f"P63-{number}", "value": value} for number, value in enumerate(now, start=10)]
    file = write_previous_values(tmp_path / "previous.parquet", *before)
    report = judge("subscribers", tmp_path, rows, previous_values_file=file)
    failed = {result.check_name: result.observed for result in report.results if not result.success}
    assert set(failed) == ({f"{broken}_keep_their_magnitude"} if broken else set()), failed
    assert report.verdict == {"": "accepted", "cells": "accepted_with_warnings", "columns": "quarantined"}[broken]


def test_the_reason_names_the_column_both_medians_and_the_factor_or_the_cell_and_both_values(tmp_path: Path) -> None:
    rows = [{"province_id": f"P63-{number}", "value": 10 * number} for number in range(1, 6)]
    file = write_previous_values(tmp_path / "previous.parquet", 10000, 20000, 30000, 40000, 50000)
    found = judge("subscribers", tmp_path, rows, previous_values_file=file)
    assert "tel_bb_fixed_sub 2022-09 operator:viettel Sheet1 30000 → 30 (×0.001)" in found.reason_en
    file = write_previous_values(tmp_path / "previous.parquet", 10, 20, 30000, 40, 50)
    found = judge("subscribers", tmp_path, rows, previous_values_file=file)
    assert "Vĩnh Phúc Sheet1!D12 tel_bb_fixed_sub 2022-09 operator:viettel 30000 → 30" in found.reason_en


@pytest.mark.parametrize("shape", SHAPES)
def test_no_rule_is_without_a_passing_and_a_failing_case(shape: str) -> None:
    in_own_test = {"row_is_not_repeated", "key_has_one_value", "provinces_add_up"}
    in_own_test |= {"columns_keep_their_magnitude", "cells_keep_their_magnitude"}
    in_own_test |= RULES_OF_HISTORY | RULES_OF_OTHERS
    covered = {case.rule for case in ROW_CASES if shape in case.shapes} | in_own_test
    covered |= {name for case in BATCH_CASES for name in case.breaks}
    assert covered >= {rule.name for rule in load_suite(shape).rules}


def test_every_suite_file_is_among_the_shapes_tested_here_or_is_that_of_the_logs() -> None:
    suites = Path(__file__).parents[2] / "expectations" / "suites"
    assert sorted(path.stem for path in suites.glob("*.yml")) == sorted([*SHAPES, "transactions"])
