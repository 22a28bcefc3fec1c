"""Waivers: for a source, a failure of one check only warns until a day. Who, why and until when is in the ledger."""

import difflib
from datetime import date, datetime
from typing import Any

from expectations.suite import Rule, load_suite
from ingestion.source import Source
from orchestration.home import DBT_PROJECT, Home
from warehouse.canonical import day_in_viet_nam
from warehouse.decisions import (
    WAIVE,
    WAIVER,
    WITHDRAW,
    Decision,
    decide,
    decisions,
    last_about,
    waivers,
)
from warehouse.errors import StoreError
from warehouse.release_gate import BALANCE

COLUMNS = ("source_id", "check_name", "state", "valid_until", "decided_by", "decided_at", "reason")


def waive(home: Home, source: Source, check_name: str, until: date, by: str, reason: str, at: datetime) -> Decision:
    """Let a failure of a check only warn for a source, to the end of a day in Viet Nam.

    Loads that it holds back are judged again by the next night. Call it under the home's lock.

    Raises:
        StoreError: no such check, one that cannot be waived or need not be, or a day that is over.
    """
    _require_waivable(source, check_name)
    today = day_in_viet_nam(at)
    if until < today:
        raise StoreError(
            f"Ngày {until} đã qua (hôm nay ở Việt Nam là {today}); hãy ghi --until từ hôm nay trở đi.",
            f"The day {until} is over (in Viet Nam it is {today}); give --until as today or later.",
        )
    number = decide(home.ledger, _subject(source, check_name), WAIVE, by=by, reason=reason, at=at, valid_until=until)
    return Decision(number, at, WAIVE, WAIVER, f"{source.source_id}/{check_name}", by, reason, until)


def withdraw(home: Home, source: Source, check_name: str, by: str, reason: str, at: datetime) -> Decision:
    """Let a waived check block again what is judged from now on. Call it under the home's lock.

    Raises:
        StoreError: no waiver of it holds.
    """
    held = waivers(decisions(home.ledger, WAIVER), source.source_id, at)
    if check_name not in held:
        known = ", ".join(held) or "–"
        raise StoreError(
            f"Không có miễn trừ nào đang hiệu lực cho {check_name} của {source.source_id}; đang có: {known}.",
            f"No waiver of {check_name} for {source.source_id} holds; those that do: {known}.",
        )
    number = decide(home.ledger, _subject(source, check_name), WITHDRAW, by=by, reason=reason, at=at)
    return Decision(number, at, WITHDRAW, WAIVER, f"{source.source_id}/{check_name}", by, reason)


def list_waivers(home: Home, at: datetime) -> list[dict[str, Any]]:
    """The last decision about each waiver: `in force`, `expired` or `withdrawn` at a moment."""
    rows = []
    for subject, last in last_about(decisions(home.ledger, WAIVER), WAIVER).items():
        source_id, _, check_name = subject.partition("/")
        state = "withdrawn" if last.decision == WITHDRAW else "in force" if last.holds(at) else "expired"
        rows.append({**vars(last), "source_id": source_id, "check_name": check_name, "state": state})
    return [{name: row[name] for name in COLUMNS} for row in rows]


def _subject(source: Source, check_name: str) -> str:
    return f"{WAIVER}/{source.source_id}/{check_name}"


def _require_waivable(source: Source, check_name: str) -> None:
    rules = {rule.name: rule for rule in load_suite(source.shape).rules}
    ours = {BALANCE, *(path.stem for path in (DBT_PROJECT / "tests").rglob("*.sql"))}
    if check_name in ours or (check_name in rules and rules[check_name].is_invariant):
        raise StoreError(
            f"Không thể miễn {check_name}: quy tắc này kiểm tra chính chương trình; phải sửa nguyên nhân.",
            f"{check_name} cannot be waived: it checks the program itself; the cause has to be mended.",
        )
    if check_name not in rules:
        raise _unknown(source, check_name, rules)
    if rules[check_name].on_fail == "warn":
        raise StoreError(
            f"Không cần miễn {check_name}: quy tắc này chỉ cảnh báo, không giữ lại gì.",
            f"{check_name} needs no waiver: it only warns and holds nothing back.",
        )


def _unknown(source: Source, check_name: str, rules: dict[str, Rule]) -> StoreError:
    can_be = [rule.name for rule in rules.values() if rule.on_fail != "warn" and not rule.is_invariant]
    near = ", ".join(difflib.get_close_matches(check_name, can_be, n=3) or can_be)
    return StoreError(
        f"Không có quy tắc {check_name} cho dạng {source.shape} của {source.source_id}; gần nhất: {near}.",
        f"There is no check {check_name} for {source.source_id} (shape {source.shape}); nearest: {near}.",
    )
