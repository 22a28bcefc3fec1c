"""How outcomes become a verdict; outcomes are written by hand, nothing runs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from expectations import verdict
from expectations.gx_run import Outcome
from expectations.report import OnFail, Report
from expectations.suite import Rule


def rule(name: str = "value_not_below_minimum", on_fail: OnFail = "reject_rows", share: float = 0.05) -> Rule:
    return Rule(
        name=name,
        why="",
        severity="warning" if on_fail == "warn" else "critical",
        on_fail=on_fail,
        tolerated_share=share if on_fail == "reject_rows" else None,
        rule_vi="Giá trị không được âm.",
        rule_en="A value is not negative.",
        row_vi="Giá trị {value} nhỏ hơn 0.",
        row_en="The value {value} is below 0.",
        reason_code=f"{name}_broken",
        field="value",
        needs=None,
        elements=None,
        expectation="expect_column_values_to_be_between",
        kwargs={},
    )


def judge(*outcomes: Outcome) -> Report:
    return verdict.report(outcomes, [verdict.check_result(outcome) for outcome in outcomes], [])


HOLDS = Outcome(rule(), True, None, 0, 100)
FIVE_OF_100 = Outcome(rule(), False, None, 5, 100, row_nos=(1, 2, 3, 4, 5))
SIX_OF_100 = Outcome(rule(), False, None, 6, 100, row_nos=(1, 2, 3, 4, 5, 6))
WARNED = Outcome(rule("province_is_there", "warn"), False, None, 1, 63, examples=("P63-26 2022-09",))
SHRUNK = Outcome(rule("row_count_fits", "quarantine_load"), False, None, 0, 400, measured="400 (≥ 560)")
NOT_RUN = Outcome(rule("unit_is_known"), False, "no such function\nTraceback", 0, 100)


@pytest.mark.parametrize(
    ("outcomes", "expected", "reason_code"),
    [
        ([HOLDS], "accepted", None),
        ([HOLDS, FIVE_OF_100], "accepted_with_warnings", "value_not_below_minimum_broken"),
        ([HOLDS, SIX_OF_100], "quarantined", "value_not_below_minimum_broken"),
        ([HOLDS, WARNED], "accepted_with_warnings", "province_is_there_broken"),
        ([WARNED, SHRUNK], "quarantined", "row_count_fits_broken"),
        ([SHRUNK, NOT_RUN], "quarantined", "check_error"),
    ],
)
def test_the_worst_outcome_makes_the_verdict(outcomes: list[Outcome], expected: str, reason_code: str | None) -> None:
    report = judge(*outcomes)
    assert (report.verdict, report.reason_code) == (expected, reason_code)


def test_a_tolerance_exceeded_is_told_with_number_and_share_in_both_languages() -> None:
    report = judge(Outcome(rule(share=0.015), False, None, 3, 120, row_nos=(1, 2, 3)))
    assert report.reason_vi == "Không đạt: Giá trị không được âm. Loại 3 / 120 dòng (2,5 %), quá mức cho phép 1,5 %."
    assert (
        report.reason_en
        == "Not met: A value is not negative. Rejected 3 / 120 rows (2.5 %), beyond the tolerated 1.5 %."
    )


def test_a_quarantine_tells_what_was_found_against_what_limit() -> None:
    assert judge(SHRUNK).reason_en == "Not met: A value is not negative. Found: 400 (≥ 560)."


def test_a_quarantine_does_not_blame_the_rules_that_only_warn() -> None:
    assert "P63-26" not in judge(WARNED, SHRUNK).reason_en


def test_a_rule_that_could_not_run_never_speaks_of_bad_data() -> None:
    report = judge(NOT_RUN)
    assert report.reason_en == "The rule unit_is_known could not run, so the data is not judged yet; see audit_checks."
    result = report.results[0]
    assert (result.success, result.errored, result.unexpected_count) == (False, True, 0)
    assert result.observed == "không chạy được / could not run: no such function"


def test_a_row_keeps_all_its_reasons_in_the_order_of_the_suite() -> None:
    first = Outcome(rule("value_not_below_minimum"), False, None, 2, 10, row_nos=(3, 7))
    second = Outcome(rule("unit_is_known"), False, None, 1, 10, row_nos=(7,))

    def rows_of(row_nos: Sequence[int], columns: Sequence[str]) -> Mapping[int, Mapping[str, Any]]:
        assert (list(row_nos), list(columns)) == ([3, 7], ["value", "value_text"])
        return {row_no: {"value": Decimal("-1.5000000000"), "value_text": "-1,5"} for row_no in row_nos}

    three, seven = verdict.rejected_rows([first, HOLDS, second], rows_of)
    assert three.reasons == ("value_not_below_minimum_broken",)
    assert three.reason_en == "The value -1.5 is below 0."
    assert (three.field, three.raw_value) == ("value", "-1,5")
    assert seven.reasons == ("value_not_below_minimum_broken", "unit_is_known_broken")
    assert seven.reason_code == "value_not_below_minimum_broken"


WAIVED = "≤ 2022-11-30, An: đổi mẫu"


@pytest.mark.parametrize("outcome", [SHRUNK, SIX_OF_100], ids=["on the load", "beyond its tolerance"])
def test_a_waived_rule_warns_and_names_the_waiver(outcome: Outcome) -> None:
    waivers = {outcome.rule.name: WAIVED}
    result = verdict.check_result(outcome, waivers)
    report = verdict.report([outcome], [result], [], waivers)
    assert (report.verdict, result.success, result.severity, result.waiver) == (
        "accepted_with_warnings",
        False,
        "warning",
        WAIVED,
    )
    assert report.reason_vi.endswith(f" Được miễn: {WAIVED}.")
    assert report.reason_en.endswith(f" Waived: {WAIVED}.")


@pytest.mark.parametrize(
    "outcome",
    [NOT_RUN, Outcome(replace(rule("numbers_are_unique", "quarantine_load"), is_invariant=True), False, None, 1, 9)],
    ids=["a rule that could not run", "a fault of ours"],
)
def test_no_waiver_covers_data_that_is_not_judged_or_a_fault_of_ours(outcome: Outcome) -> None:
    waivers = {outcome.rule.name: WAIVED}
    result = verdict.check_result(outcome, waivers)
    assert (verdict.report([outcome], [result], [], waivers).verdict, result.waiver) == ("quarantined", None)
