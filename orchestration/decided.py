"""What decisions of persons change for a load: whether it is judged again, and its verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from expectations.report import Report, Verdict
from expectations.suite import load_suite
from orchestration.home import Home
from warehouse.decisions import DISCARD, LOAD, WAIVER, Decision, decisions, loads_decided, waivers

DECIDED = "a person decided about it"

_RELEASED = "{by} cho qua: {reason}", "Released by {by}: {reason}"
_DISCARDED = "{by} loại bỏ, không bao giờ nạp: {reason}", "Discarded by {by}, never loaded: {reason}"


def decision_on(home: Home, load_id: str) -> Decision | None:
    """The release or discard that holds for a load."""
    return loads_decided(decisions(home.ledger, LOAD)).get(load_id)


def waived(home: Home, source_id: str, at: datetime) -> dict[str, str]:
    """Check name -> until when, by whom and why its failure only warns for a source at a moment."""
    found = waivers(decisions(home.ledger, WAIVER), source_id, at)
    return {name: f"≤ {each.valid_until}, {each.decided_by}: {each.reason}" for name, each in found.items()}


def is_decided_otherwise(home: Home, last: Mapping[str, Any], now: datetime) -> bool:
    """Whether a decision was made, or taken back, that the last reading of a file was not settled under.

    Args:
        home: the home.
        last: payload of the file's last load.
        now: the present moment; a waiver must hold at it.
    """
    is_held = last["verdict"] == "quarantined"
    if not (is_held or last.get("decision_no")):
        return False
    decision = decision_on(home, last["load_id"])
    if is_held and decision and decision.decision == DISCARD:
        return False
    if (decision.decision_no if decision else None) != last.get("decision_no"):
        return True
    told = waived(home, last["source_id"], now) if is_held else {}
    stops = unwaivable(last["shape"])
    return any(
        check.get("waiver") != told[check["check_name"]]
        for check in last["checks"]
        if check["check_name"] in told and is_blocking(check) and check["check_name"] not in stops
    )


def is_blocking(check: Mapping[str, Any]) -> bool:
    """Whether a recorded check result failed and a waiver could let it pass."""
    return not (check["success"] or check["errored"] or check["on_fail"] == "warn")


def unwaivable(shape: str) -> frozenset[str]:
    """Rules of a shape that only a fault of ours breaks: nobody can let a load pass that breaks one."""
    return frozenset(rule.name for rule in load_suite(shape).rules if rule.is_invariant)


def obstacles(shape: str, checks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Checks that could not run, and broken invariants: what no release of a load overrules."""
    stops = unwaivable(shape)
    failed = [check for check in checks if not check["success"]]
    return [check["check_name"] for check in failed if check["errored"] or check["check_name"] in stops]


def overruled(report: Report, shape: str, decision: Decision | None) -> Report:
    """The report with the verdict that a person decided on; what single rules reject stays rejected."""
    if decision is None:
        return report
    if decision.decision == DISCARD:
        return _with_verdict(report, "quarantined", _DISCARDED, decision)
    if report.verdict != "quarantined" or obstacles(shape, [vars(result) for result in report.results]):
        return report
    return _with_verdict(report, "accepted_with_warnings", _RELEASED, decision)


def _with_verdict(report: Report, verdict: Verdict, sentences: tuple[str, str], decision: Decision) -> Report:
    vi, en = (sentence.format(by=decision.decided_by, reason=decision.reason) for sentence in sentences)
    told_vi, told_en = f"{vi}. {report.reason_vi}", f"{en}. {report.reason_en}"
    return replace(report, verdict=verdict, reason_vi=told_vi, reason_en=told_en)
