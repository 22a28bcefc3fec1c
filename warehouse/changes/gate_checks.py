"""The verdicts of the gate as results of checks: one for each reason to hold a release, and the balance of its rows."""

from typing import Any

from warehouse.build_checks import RELEASE
from warehouse.changes.evidence import declared
from warehouse.changes.release_diff import ReleaseDiff
from warehouse.errors import GateRefused
from warehouse.sql import Row

GATE_CHECKS = "gate_checks"
_BALANCE = {
    "check_name": "every_row_is_accounted_for",
    "rule_vi": "Mỗi dòng đã đọc được chấp nhận, bị thay thế hoặc bị từ chối, đúng một lần, như sổ cái ghi.",
    "rule_en": "Every row read is accepted, superseded or rejected, exactly once, as the ledger tells.",
    "on_fail": "refuse_release",
}


def gate_results(diff: ReleaseDiff | None, rows_read: int) -> list[Row]:
    """The results of a gate that did not refuse the build, passes included.

    Args:
        diff: what the build changes, and the reasons to hold it; None where it was compared with nothing.
        rows_read: rows of all loads, every one of which is accounted for.

    Raises:
        KeyError: a reason to hold that gate_checks.yml does not know.
    """
    balance = _result(_BALANCE, [], str(rows_read), 0, rows_read)
    if diff is None:
        return [balance]
    rules = declared(GATE_CHECKS)
    reasons: dict[str, list[str]] = {code: [] for code in rules}
    for each in diff.held_for:
        reasons[each["reason_code"]].append(f"{each['reason_vi']} / {each['reason_en']}")
    tables = sum(len(names) for names in diff.summary["schema"].values())
    counts = {**diff.summary["causes"], "tables": tables}
    gate = [
        _result({**rule, "on_fail": "hold_release"}, reasons[code], str(counts.get(rule["observes"], 0)))
        for code, rule in rules.items()
    ]
    return [balance, *gate]


def refusal_result(refused: GateRefused) -> Row:
    """The result of a gate that refused the build, whose rows do not add up or are not those of the ledger."""
    return _result(_BALANCE, [f"{refused.vi} / {refused.en}"], "")


def _result(
    rule: dict[str, str], reasons: list[str], observed: str, unexpected: int | None = None, elements: int | None = None
) -> Row:
    told: dict[str, Any] = {name: rule[name] for name in ("check_name", "rule_vi", "rule_en", "on_fail")}
    return {
        "subject_type": RELEASE,
        "subject_id": None,
        **told,
        "severity": "critical",
        "success": not reasons,
        "errored": False,
        "observed": " ".join(reasons) or observed,
        "unexpected_count": unexpected,
        "element_count": elements,
    }
