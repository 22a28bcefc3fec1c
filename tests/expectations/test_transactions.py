"""Every rule of the suite of dossier logs meets rows that pass and rows that fail; rejected rows come as a file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import gx_run, large_load
from expectations.report import RejectedRow, Report
from expectations.suite import load_suite
from expectations.validate import validate
from tests.expectations.log_rows import facts, write_rows

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class RowCase:
    """Changes to the good row that the rule lets pass, and changes that it finds."""

    rule: str
    passes: dict[str, Any]
    fails: dict[str, Any]


PENDING: dict[str, Any] = {"state": "4", "finished_at": None}
REFUSED: dict[str, Any] = {"state": "3", "received_at": None, "finished_at": None, "returned_at": "2022-09-02"}

ROW_CASES = [
    RowCase("state_is_known", PENDING, PENDING | {"state": "11"}),
    RowCase("state_is_known", {"state": "10"}, {"state": None}),
    RowCase("channel_is_known", {"channel": "3"}, {"channel": "4"}),
    RowCase("service_level_is_known", {"service_level": "3"}, {"service_level": "1"}),
    # Received 2022-10-05 10:00 in Viet Nam: that day is over nowhere, the next has not begun.
    RowCase("event_is_plausible", {"event_at": "2022-10-05 23:59"}, {"event_at": "2022-10-06"}),
    RowCase("event_is_plausible", {"event_at": "2010-01-01"}, {"event_at": "2009-12-31 23:59"}),
    RowCase("dates_are_past", {"finished_at": "2022-10-05 23:00"}, {"finished_at": "2022-10-06"}),
    RowCase("dates_are_past", REFUSED | {"returned_at": "2022-10-05"}, REFUSED | {"returned_at": "2023-01-01"}),
    RowCase("dates_are_past", {"submitted_at": "2000-01-01"}, {"submitted_at": "1999-12-31"}),
    RowCase("received_after_submitted", {"received_at": "2022-09-01 08:00"}, {"received_at": "2022-08-31"}),
    RowCase("received_after_submitted", {"submitted_at": None}, {"submitted_at": "2022-09-02"}),
    RowCase("finished_after_received", {"finished_at": "2022-09-01"}, {"finished_at": "2022-08-31 23:00"}),
    RowCase(
        "finished_after_received",
        {"received_at": "2022-09-19 23:00"},
        {"received_at": "2022-09-20", "submitted_at": None},
    ),
    RowCase("returned_after_submitted", REFUSED, REFUSED | {"returned_at": "2022-08-31"}),
    RowCase("due_after_submitted", {"due_at": "2022-09-01"}, {"due_at": "2022-08-31"}),
    RowCase("due_after_submitted", {"due_at": None}, {"due_at": "2101-01-01"}),
    RowCase("result_is_dated", PENDING, {"finished_at": None}),
    RowCase("fee_not_negative", {"fee_vnd": 0}, {"fee_vnd": -1}),
]

WARN_CASES = [
    RowCase("end_has_a_closed_state", REFUSED | {"finished_at": "2022-09-02"}, {"state": "4"}),
    RowCase("receipt_is_dated", REFUSED, {"received_at": None}),
    RowCase("informing_service_not_filed_online", {"service_level": "2", "channel": "1"}, {"service_level": "2"}),
    RowCase("channel_and_level_are_present", {}, {"channel": None}),
    RowCase("channel_and_level_are_present", {}, {"service_level": None}),
]


@dataclass(frozen=True)
class BatchCase:
    """Rows and facts of a load that break load rules, with their counts."""

    title: str
    breaks: dict[str, int]
    rows: list[dict[str, Any]]
    facts: dict[str, Any] = field(default_factory=dict)


BATCH_CASES = [
    BatchCase("an empty file", {"load_has_rows": 0}, []),
    BatchCase(
        "faults of a reader",
        {"row_numbers_rise": 2, "rows_are_complete": 3},
        [
            {"row_no": 1, "province_id": None},
            {"row_no": 3, "event_at": None},
            {"row_no": 3, "dossier_key": None},
            {"row_no": 2},
        ],
    ),
    BatchCase(
        "a broken-off file",
        {"row_count_has_not_dropped": 0, "most_lines_were_readable": 0, "every_line_was_readable": 0},
        [{}, {}, {}],
        {"previous_row_count": 4, "rows_read": 4},
    ),
    BatchCase(
        "a long file with one line unreadable",
        {"row_count_has_not_jumped": 0, "every_line_was_readable": 0},
        [{}] * 16,
        {"previous_row_count": 10, "rows_read": 17},
    ),
]


def judge(folder: Path, rows: list[dict[str, Any]], **fact_changes: Any) -> Report:
    path = write_rows(folder / "rows.parquet", rows)
    return validate("transactions", path, facts(**fact_changes), rejected_path=folder / "judged.parquet")


def rejected(report: Report) -> list[RejectedRow]:
    """The rejected rows as the objects that a small load would have."""
    if report.rejected_file is None:
        return []
    columns = "row_no, reason_code, from_json(reasons, '[\"varchar\"]'), reason_vi, reason_en, field, raw_value"
    found = duckdb.sql(f"select {columns} from read_parquet('{report.rejected_file}')").fetchall()
    return [RejectedRow(row[0], row[1], tuple(row[2]), *row[3:]) for row in found]


def test_every_row_rule_rejects_its_bad_rows_and_no_good_one(tmp_path: Path) -> None:
    rules = {rule.name: rule for rule in load_suite("transactions").rules}
    report = judge(tmp_path, [change for case in ROW_CASES for change in (case.passes, case.fails)])
    reasons = {row.row_no: row.reasons for row in rejected(report)}
    for number, case in enumerate(ROW_CASES):
        assert 2 * number + 1 not in reasons, (case, reasons[2 * number + 1])
        assert rules[case.rule].reason_code in reasons.get(2 * number + 2, ()), case


@pytest.mark.parametrize("case", WARN_CASES, ids=lambda case: f"{case.rule} {case.fails}")
def test_every_warning_finds_its_row_and_rejects_none(case: RowCase, tmp_path: Path) -> None:
    report = judge(tmp_path, [case.passes, case.fails])
    warned = {result.check_name: result.observed for result in report.results if not result.success}
    assert warned == {case.rule: "1 / 2: row_no 2"}
    assert (report.verdict, report.rejected_file) == ("accepted_with_warnings", None)


@pytest.mark.parametrize("case", BATCH_CASES, ids=lambda case: case.title)
def test_load_rules_fail_on_exactly_the_planted_fault(case: BatchCase, tmp_path: Path) -> None:
    report = judge(tmp_path, case.rows, **case.facts)
    failed = {result.check_name: result.unexpected_count for result in report.results if not result.success}
    assert failed == case.breaks
    assert not any(result.errored for result in report.results)
    quarantines = any(rule.on_fail == "quarantine_load" for rule in load_suite("transactions").rules
                      if rule.name in failed)  # fmt: skip
    assert report.verdict == ("quarantined" if quarantines else "accepted_with_warnings")


def test_a_repeated_line_is_kept_once_and_other_states_of_the_dossier_stay(tmp_path: Path) -> None:
    one = {"dossier_key": "a" * 32}
    rows = [one, one, {}, one | {"sequence": 1}, one | {"state": "10"}, one | {"event_at": "2022-09-20"}, one]
    report = judge(tmp_path, rows)
    assert {row.row_no: row.reasons for row in rejected(report)} == {2: ("repeated_row",), 7: ("repeated_row",)}


@pytest.mark.parametrize(
    "correction",
    [
        {"due_at": "2022-09-21"},
        {"submitted_at": "2022-08-31"},
        {"returned_at": "2022-09-19"},
        {"fee_vnd": 0},
        {"paid_online": None},
        {"digitised": True},
        {"field_code": "LV04"},
        {"channel": "1"},
        {"service_level": "3"},
        {"procedure_code": "1.004195"},
        {"province_id": "P63-27"},
    ],
)
def test_a_line_that_corrects_another_of_the_same_time_is_no_repeat(tmp_path: Path, correction: dict) -> None:
    one = {"dossier_key": "a" * 32}
    assert rejected(judge(tmp_path, [one, one | correction])) == []


def test_a_good_load_passes_every_rule_and_writes_no_file(tmp_path: Path) -> None:
    report = judge(tmp_path, [{}, PENDING, REFUSED], previous_row_count=3, rows_read=3)
    assert (report.verdict, report.rejected, report.rejected_file) == ("accepted", [], None), report
    assert all(result.success and not result.errored for result in report.results)
    assert [result.check_name for result in report.results] == [r.name for r in load_suite("transactions").rules]
    assert not (tmp_path / "judged.parquet").exists()


def test_a_rejected_row_tells_every_reason_in_both_languages(tmp_path: Path) -> None:
    report = judge(tmp_path, [{}] * 30 + [{"state": "77", "received_at": "2022-08-31"}])
    (row,) = rejected(report)
    assert (row.row_no, row.field, row.raw_value, row.reason_code) == (31, "state", "77", "unknown_state")
    assert row.reasons == ("unknown_state", "received_before_submitted")
    assert row.reason_vi == (
        "Trạng thái hồ sơ phải có trong danh mục trạng thái. "
        "Tiếp nhận 2022-08-31 00:00:00 trước khi nộp 2022-09-01 08:30:00."
    )
    assert row.reason_en.endswith("Received 2022-08-31 00:00:00, before it was submitted 2022-09-01 08:30:00.")
    assert "Rejected 1 / 31 rows (3.23 %)." in report.reason_en


def test_faults_beyond_the_tolerance_quarantine_the_load_and_still_list_the_rows(tmp_path: Path) -> None:
    report = judge(tmp_path, [{}] * 10 + [{"finished_at": None}])
    assert (report.verdict, report.reason_code) == ("quarantined", "finished_without_date")
    assert [row.row_no for row in rejected(report)] == [11]


def test_every_one_of_many_bad_rows_is_in_the_file_although_great_expectations_caps_its_lists(tmp_path: Path) -> None:
    report = judge(tmp_path, [{"fee_vnd": -1} if 100 <= number < 800 else {} for number in range(900)])
    assert [row.row_no for row in rejected(report)] == list(range(101, 801))


def test_a_query_that_disagrees_with_its_expectation_counts_as_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = large_load.write_rejected

    def tampered(view: str, rows: Path, outcomes: Any, path: Path) -> Any:
        for outcome in outcomes:
            if outcome.rows_query:
                object.__setattr__(outcome, "rows_query", f"select row_no from {view}")
        return write(view, rows, outcomes, path)

    monkeypatch.setattr(large_load, "write_rejected", tampered)
    report = judge(tmp_path, [{}, {"fee_vnd": -1}])
    assert (report.verdict, report.reason_code, report.rejected_file) == ("quarantined", "check_error", None)
    (errored,) = [result for result in report.results if result.errored]
    assert errored.observed.endswith("the expectation counts 1, the query behind it finds 2")


def test_a_large_suite_without_a_place_for_its_rejected_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rejected_path"):
        validate("transactions", write_rows(tmp_path / "rows.parquet", [{}]), facts())


def test_limits_of_the_home_bind_the_engine_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.parquet", [{}, {"fee_vnd": -1}])
    limits = {"memory_limit": "300MiB", "threads": 1}
    validate("transactions", path, facts(), rejected_path=tmp_path / "judged.parquet", limits=limits)
    told = gx_run.new_cursor().execute("select current_setting('memory_limit'), current_setting('threads')").fetchall()
    assert told == [("300.0 MiB", 1)]
    assert gx_run.new_cursor().execute("select table_name from duckdb_tables()").fetchall() == []
    gx_run.set_limits({"memory_limit": "2GB", "threads": 2})


def test_no_rule_is_without_a_passing_and_a_failing_case() -> None:
    covered = {case.rule for case in ROW_CASES + WARN_CASES} | {name for case in BATCH_CASES for name in case.breaks}
    assert covered | {"row_is_not_repeated"} == {rule.name for rule in load_suite("transactions").rules}
