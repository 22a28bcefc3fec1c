"""From the outcomes of the rules to check results, rejected rows and the verdict with its sentences. No engine."""

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from expectations.gx_run import Outcome
from expectations.report import CHECK_ERROR, CheckResult, RejectedRow, Report, Verdict
from expectations.suite import Rule

NO_WAIVERS: Mapping[str, str] = {}

_NOT_APPLICABLE = {
    "previous_row_count": "không có lần nạp trước / no previous load",
    "previous_values_file": "không có lần nạp trước / no previous load",
    "series_file": "không có lần nạp trước / no previous load",
    "steady_file": "chưa đủ ba lần nạp trước / fewer than three previous loads",
    "others_file": "không nguồn nào khác có số liệu để đối chiếu / no other source to compare with",
    "expected_provinces": "nguồn không cam kết tỉnh nào / the source promises no provinces",
    "rows_expected": "không biết số dòng đã đọc / rows read not known",
    "boundary_misfits": "không có bộ đơn vị hành chính nào khác hợp hơn / no other boundary set fits better",
    "not_corrected": "sổ đính chính không có mục nào hết hiệu lực / no entry of the register has lapsed",
    "totals_file": "chưa đối chiếu: không có tổng nào đủ các tỉnh / not checked: no total with all of its provinces",
    "rows_read": "không biết số dòng đã đọc / rows read not known",
}

# Where the text behind a field of a rule was printed.
TEXT_OF_FIELD = {
    "value": "value_text",
    "place": "place_text",
    "period": "period_text",
    "basis": "period_text",
    "unit": "unit_text",
    "indicator_code": "label_text",
    "breakdown": "label_text",
    "kind": "label_text",
    "comparator": "label_text",
    "target_status": "label_text",
    "qualifier": "qualifier",
    "load": "value_text",
}


def columns_of_sentences(rules: Sequence[Rule]) -> set[str]:
    """Columns that the row sentences and fields of the rules show."""
    named = {name for rule in rules for text in (rule.row_vi, rule.row_en) for name in _placeholders(text)}
    return named | {TEXT_OF_FIELD[rule.field] for rule in rules}


def _placeholders(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


def rejected_rows(
    outcomes: Sequence[Outcome], rows_of: Callable[[Sequence[int], Sequence[str]], Mapping[int, Mapping[str, Any]]]
) -> list[RejectedRow]:
    """One record per row that breaks a reject_rows rule, with its reasons in the order of the outcomes.

    Args:
        outcomes: Outcomes in the order of the suite.
        rows_of: Looks up columns of rows: (row numbers, columns) to values by row number and column.
    """
    broken: dict[int, list[Rule]] = {}
    for outcome in outcomes:
        for row_no in outcome.row_nos:
            broken.setdefault(row_no, []).append(outcome.rule)
    if not broken:
        return []
    rules = [outcome.rule for outcome in outcomes if outcome.row_nos]
    rows = rows_of(sorted(broken), sorted(columns_of_sentences(rules)))
    return [_rejected_row(row_no, broken[row_no], rows[row_no]) for row_no in sorted(broken)]


def _rejected_row(row_no: int, rules: Sequence[Rule], row: Mapping[str, Any]) -> RejectedRow:
    shown = {name: _shown(value) for name, value in row.items()}
    raw = row[TEXT_OF_FIELD[rules[0].field]]
    return RejectedRow(
        row_no=row_no,
        reason_code=rules[0].reason_code,
        reasons=tuple(rule.reason_code for rule in rules),
        reason_vi=" ".join(rule.row_vi.format_map(shown) for rule in rules),
        reason_en=" ".join(rule.row_en.format_map(shown) for rule in rules),
        field=rules[0].field,
        raw_value=None if raw is None else str(raw),
    )


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "–" if value is None else str(value)


def not_applicable(rule: Rule) -> CheckResult:
    """The result of a rule whose fact the load does not have: it holds, and says why it was not looked at."""
    return _check_result(rule, True, False, _NOT_APPLICABLE.get(str(rule.needs), f"– ({rule.needs})"), 0, 0)


def check_result(outcome: Outcome, waivers: Mapping[str, str] = NO_WAIVERS) -> CheckResult:
    """The outcome as a row of `audit_checks`; a failure under a waiver is a warning that names it."""
    rule, errored = outcome.rule, outcome.error is not None
    found = _check_result(
        rule, outcome.success, errored, _observed(outcome), outcome.unexpected_count, outcome.element_count
    )
    waiver = _waiver(outcome, waivers)
    return replace(found, severity="warning", waiver=waiver) if waiver else found


def _check_result(
    rule: Rule, success: bool, errored: bool, observed: str, unexpected: int, elements: int
) -> CheckResult:
    return CheckResult(
        check_name=rule.name,
        rule_vi=rule.rule_vi,
        rule_en=rule.rule_en,
        severity=rule.severity,
        on_fail=rule.on_fail,
        success=success,
        errored=errored,
        observed=observed,
        unexpected_count=unexpected,
        element_count=elements,
    )


def _observed(outcome: Outcome) -> str:
    if outcome.error is not None:
        first_line = outcome.error.strip().splitlines()[0] if outcome.error.strip() else ""
        return f"không chạy được / could not run: {first_line}"[:300]
    if outcome.measured is not None:
        return outcome.measured
    text = f"{outcome.unexpected_count} / {outcome.element_count}"
    if outcome.row_nos or outcome.rows_query:
        text += f" ({_percent(_share(outcome))})"
    if outcome.examples:
        more = ", …" if outcome.unexpected_count > len(outcome.examples) else ""
        text += f": {', '.join(outcome.examples)}{more}"
    return text


def _share(outcome: Outcome) -> float:
    return outcome.unexpected_count / outcome.element_count if outcome.element_count else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + " %"


def _vi(text: str) -> str:
    """Percentages with the Vietnamese decimal comma."""
    return text.replace(".", ",")


def _waiver(outcome: Outcome, waivers: Mapping[str, str]) -> str | None:
    """The waiver under which a failure only warns. Data that is not judged, or that is a fault of ours, has none."""
    is_ours = outcome.error is not None or outcome.rule.is_invariant
    return None if outcome.success or is_ours or outcome.rule.on_fail == "warn" else waivers.get(outcome.rule.name)


def _quarantines(outcome: Outcome) -> bool:
    if outcome.success or outcome.error is not None:
        return outcome.error is not None
    tolerated = outcome.rule.tolerated_share
    return outcome.rule.on_fail == "quarantine_load" or (tolerated is not None and _share(outcome) > tolerated)


def report(
    outcomes: Sequence[Outcome],
    results: Sequence[CheckResult],
    rejected: Sequence[RejectedRow],
    waivers: Mapping[str, str] = NO_WAIVERS,
) -> Report:
    """The verdict: quarantined before accepted with warnings before accepted.

    Any failed quarantine_load rule, any reject_rows rule beyond its tolerated share and any rule that could not run
    quarantines, unless the rule is waived; a failed warn rule, a waived one or a rejected row warns.
    """
    quarantining = [outcome for outcome in outcomes if _quarantines(outcome) and not _waiver(outcome, waivers)]
    # A rule that could not run leaves the data unjudged: that is the reason to show first, not what others found.
    quarantining.sort(key=lambda outcome: outcome.error is None)
    failed = [outcome for outcome in outcomes if not outcome.success]
    verdict: Verdict = "quarantined" if quarantining else "accepted_with_warnings" if failed else "accepted"
    if verdict == "accepted":
        return Report(list(results), [], verdict, "Mọi quy tắc đều đạt.", "Every rule holds.")
    told = quarantining or failed
    vi, en = zip(*(_sentences(outcome, _waiver(outcome, waivers)) for outcome in told), strict=True)
    first = told[0]
    return Report(
        results=list(results),
        rejected=list(rejected),
        verdict=verdict,
        reason_vi=" ".join(vi),
        reason_en=" ".join(en),
        reason_code=CHECK_ERROR if first.error is not None else first.rule.reason_code,
    )


def _sentences(outcome: Outcome, waiver: str | None) -> tuple[str, str]:
    """Why the outcome counts against the load, rule, number and share; and under which waiver it only warns."""
    vi, en = _found(outcome)
    return (f"{vi} Được miễn: {waiver}.", f"{en} Waived: {waiver}.") if waiver else (vi, en)


def _found(outcome: Outcome) -> tuple[str, str]:
    rule = outcome.rule
    if outcome.error is not None:
        return (
            f"Quy tắc {rule.name} không chạy được nên dữ liệu chưa được đánh giá; xem audit_checks.",
            f"The rule {rule.name} could not run, so the data is not judged yet; see audit_checks.",
        )
    if rule.on_fail == "reject_rows" and rule.tolerated_share is not None:
        found = f"{outcome.unexpected_count} / {outcome.element_count}"
        share, tolerated = _percent(_share(outcome)), _percent(rule.tolerated_share)
        vi, en = (
            f"Không đạt: {rule.rule_vi} Loại {found} dòng ({_vi(share)})",
            f"Not met: {rule.rule_en} Rejected {found} rows ({share})",
        )
        if _share(outcome) > rule.tolerated_share:
            return f"{vi}, quá mức cho phép {_vi(tolerated)}.", f"{en}, beyond the tolerated {tolerated}."
        return f"{vi}.", f"{en}."
    return (
        f"Không đạt: {rule.rule_vi} Thực tế: {_observed(outcome)}.",
        f"Not met: {rule.rule_en} Found: {_observed(outcome)}.",
    )
