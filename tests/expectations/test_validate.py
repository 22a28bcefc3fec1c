"""Whole judgements: verdicts, sentences, numbers of rows, and what happens when a rule cannot run."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from expectations import gx_run
from expectations.suite import SUITES_DIR
from expectations.validate import validate
from tests.expectations.sheet_rows import INDICATORS, SUBSCRIBERS, facts, write_rows

pytestmark = pytest.mark.slow


def provinces(number: int) -> list[dict[str, Any]]:
    return [SUBSCRIBERS | {"province_id": f"P63-{place}"} for place in range(number)]


def test_one_negative_count_among_forty_is_rejected_with_its_reason_and_the_rest_accepted(tmp_path: Path) -> None:
    rows = provinces(40)
    rows[11] |= {"value": -5, "value_text": "-5"}
    report = validate("subscribers", write_rows(tmp_path / "rows.parquet", rows), facts())

    assert report.verdict == "accepted_with_warnings"
    (row,) = report.rejected
    assert (row.row_no, row.reasons, row.field, row.raw_value) == (12, ("below_minimum",), "value", "-5")
    assert row.reason_vi == "Giá trị «-5» nhỏ hơn mức thấp nhất của chỉ tiêu tel_bb_fixed_sub (0)."
    assert report.reason_en.endswith("Rejected 1 / 40 rows (2.5 %).")


def test_negative_counts_beyond_the_tolerance_quarantine_the_load(tmp_path: Path) -> None:
    rows = provinces(40)
    for row in rows[:3]:
        row["value"] = -5
    report = validate("subscribers", write_rows(tmp_path / "rows.parquet", rows), facts())

    assert (report.verdict, report.reason_code) == ("quarantined", "below_minimum")
    assert report.reason_vi.endswith("Loại 3 / 40 dòng (7,5 %), quá mức cho phép 5 %.")
    assert [row.row_no for row in report.rejected] == [1, 2, 3]


def test_a_row_with_several_faults_names_them_all(tmp_path: Path) -> None:
    bad = INDICATORS | {"value": 120, "unit": "rank", "period_id": "2031", "province_id": "P63-1"}
    report = validate("indicators", write_rows(tmp_path / "rows.parquet", [INDICATORS] * 1 + [bad]), facts())
    assert report.rejected[0].reasons == ("unit_mismatch", "above_maximum", "implausible_period")
    assert report.rejected[0].reason_en.count(".") == 3


def test_every_one_of_many_bad_rows_is_listed_although_great_expectations_caps_its_lists(tmp_path: Path) -> None:
    rows = provinces(900)
    for row in rows[100:800]:
        row["value"] = -1
    report = validate("subscribers", write_rows(tmp_path / "rows.parquet", rows), facts())
    assert [row.row_no for row in report.rejected] == list(range(101, 801))


def test_a_shrunken_file_is_quarantined_with_its_number_and_the_limit(tmp_path: Path) -> None:
    report = validate("subscribers", write_rows(tmp_path / "rows.parquet", provinces(55)), facts(previous_row_count=70))
    assert (report.verdict, report.reason_code, report.rejected) == ("quarantined", "row_count_dropped", [])
    assert report.reason_en.endswith("Found: 55 (≥ 56).")


def test_a_setting_widens_the_tolerance_for_a_shrinking_source(tmp_path: Path) -> None:
    load = facts(previous_row_count=70, row_count_drop_tolerance=0.5)
    assert validate("subscribers", write_rows(tmp_path / "r.parquet", provinces(55)), load).verdict == "accepted"


def test_checks_that_do_not_apply_are_recorded_as_held_with_the_reason(tmp_path: Path) -> None:
    report = validate("subscribers", write_rows(tmp_path / "rows.parquet", provinces(2)), facts())
    check = next(result for result in report.results if result.check_name == "row_count_has_not_dropped")
    assert (check.success, check.observed) == (True, "không có lần nạp trước / no previous load")


def test_a_late_province_is_named_in_the_warning(tmp_path: Path) -> None:
    load = facts(expected_provinces=[f"P63-{place}" for place in range(20)])
    report = validate("subscribers", write_rows(tmp_path / "rows.parquet", provinces(19)), load)
    assert report.verdict == "accepted_with_warnings"
    assert report.reason_en.endswith("Found: 1 / 20: P63-19 2022-09.")


def test_a_province_that_need_give_nothing_of_a_period_is_not_missed(tmp_path: Path) -> None:
    promised = [f"P63-{place}" for place in range(20)]
    excused = [f"P63-{place} 2022-09" for place in range(10, 20)]
    rows = write_rows(tmp_path / "rows.parquet", provinces(10))
    assert validate("subscribers", rows, facts(expected_provinces=promised)).verdict == "quarantined"
    report = validate("subscribers", rows, facts(expected_provinces=promised, exempt_provinces=excused))
    assert report.verdict == "accepted"
    of_another_month = [each.replace("-09", "-10") for each in excused]
    load = facts(expected_provinces=promised, exempt_provinces=[*excused[1:], *of_another_month])
    report = validate("subscribers", rows, load)
    assert report.reason_en.endswith("Found: 1 / 11: P63-10 2022-09.")


def test_each_period_is_held_against_the_boundary_set_its_rows_are_of(tmp_path: Path) -> None:
    old = INDICATORS | {"boundary_set": "64", "period_id": "2007"}
    new = INDICATORS | {"boundary_set": "63", "period_id": "2008"}
    rows = [old | {"province_id": f"P64-{place}"} for place in range(20)]
    rows += [new | {"province_id": f"P63-{place}"} for place in range(19)]
    load = facts(expected_provinces=[f"P{name}-{place}" for name in (64, 63) for place in range(20)])
    report = validate("indicators", write_rows(tmp_path / "rows.parquet", rows), load)
    assert report.verdict == "accepted_with_warnings"
    assert report.reason_en.endswith("Found: 1 / 40: P63-19 2008.")


@pytest.mark.parametrize(
    ("as_expected", "verdict"), [(3, "accepted"), (2, "accepted_with_warnings"), (0, "quarantined")]
)
def test_cells_rejected_as_the_source_says_of_every_good_file_are_no_loss(
    tmp_path: Path, as_expected: int, verdict: str
) -> None:
    rows = [INDICATORS | {"province_id": f"P63-{place}"} for place in range(2)]
    load = facts(rows_read=5, rows_rejected_as_expected=as_expected)
    assert validate("indicators", write_rows(tmp_path / "rows.parquet", rows), load).verdict == verdict


def test_a_rule_that_cannot_run_is_an_error_of_its_own_and_rejects_no_row(tmp_path: Path) -> None:
    suites = Path(shutil.copytree(SUITES_DIR, tmp_path / "suites"))
    suite = yaml.safe_load((suites / "subscribers.yml").read_text(encoding="utf-8"))
    rule = next(rule for rule in suite["rules"] if rule["name"] == "basis_is_point")
    rule |= {"expectation": "expect_column_values_to_match_regex", "kwargs": {"column": "basis", "regex": "^point$"}}
    (suites / "subscribers.yml").write_text(yaml.safe_dump(suite), encoding="utf-8")

    report = validate("subscribers", write_rows(tmp_path / "rows.parquet", provinces(2)), facts(), suites)

    assert (report.verdict, report.reason_code, report.rejected) == ("quarantined", "check_error", [])
    errored = [result for result in report.results if result.errored]
    assert [(result.check_name, result.success) for result in errored] == [("basis_is_point", False)]


def test_a_load_too_long_to_copy_gets_the_same_judgement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = provinces(3)
    rows[1]["value"] = "0.5"
    path = write_rows(tmp_path / "rows.parquet", rows)
    copied = validate("subscribers", path, facts())
    monkeypatch.setattr(gx_run, "_ROWS_COPIED", 0)
    assert validate("subscribers", path, facts()) == copied


def test_folders_with_accents_quotes_and_glob_signs_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "số liệu [2022] *'tháng 9':x"
    folder.mkdir()
    (tmp_path / "số liệu 2").mkdir()
    assert validate("subscribers", write_rows(folder / "rows.parquet", provinces(2)), facts()).verdict == "accepted"


def test_a_file_that_is_no_parquet_raises_instead_of_judging(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"TT;Tinh;Thang 9\n")
    with pytest.raises(duckdb.Error):
        validate("subscribers", path, facts())


def test_nothing_is_left_in_the_shared_database(tmp_path: Path) -> None:
    validate("subscribers", write_rows(tmp_path / "rows.parquet", provinces(2)), facts())
    left = gx_run._connection().execute("select table_name from duckdb_tables()").fetchall()
    assert left == []
