"""What is refused and open, and the decisions a person can take about it: release, discard, undo."""

import difflib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import duckdb

from orchestration.decided import decision_on, is_blocking, obstacles, unwaivable
from orchestration.home import Home
from orchestration.next_steps import next_steps
from warehouse.canonical import utc_time
from warehouse.decisions import DISCARD, LOAD, RELEASE, UNDO, Decision, decide, decisions, loads_decided, open_loads
from warehouse.errors import StoreError
from warehouse.inboxes import look_into
from warehouse.load_records import LoadRecord, load_records
from warehouse.rejection import HELD_REASON
from warehouse.sheet_counts import sheets_of
from warehouse.sql import parquet, quoted

LIST_COLUMNS = ("load_id", "source_id", "file_name", "received_at", "verdict", "rows_read", "decision", "decided_by")
COUNTED = ("source_id", "shape", "file_name", "rows_read", "rows_accepted", "rows_rejected", "rows_superseded")
CHECK_FIELDS = ("check_name", "on_fail", "rule_vi", "rule_en", "observed", "unexpected_count", "element_count")
EXAMPLES = 3
_REFUSED = ("quarantined", "failed")


def refused_loads(home: Home, *, everything: bool = False) -> list[dict[str, Any]]:
    """The open quarantined and failed loads; with `everything` those that are decided about or settled since, too."""
    decided = loads_decided(decisions(home.ledger, LOAD))
    if everything:
        every = load_records(home.ledger)
        records = [r for r in every if r.payload["verdict"] in _REFUSED or r.load_id in decided]
    else:
        once = replace(home.settings, remote_attempts=1)  # somebody is waiting for the answer
        with look_into(home.inboxes, home.source_ids, once) as sight:
            records = open_loads(home.ledger, sight)
    return [_row(record, decided.get(record.load_id)) for record in records]


def explained(home: Home, load_id: str, now: datetime) -> dict[str, Any]:
    """What failed about one load, where, with examples, and what can be done, each with the command that does it.

    Args:
        home: the home.
        load_id: the load, or the beginning of its id.
        now: the present moment.

    Raises:
        StoreError: no load, or several, have an id that begins so.
    """
    record = find_load(home, load_id)
    payload = record.payload
    decision = decision_on(home, record.load_id)
    stops = unwaivable(payload["shape"]) if payload["checks"] else frozenset()
    failed = [check for check in payload["checks"] if not check["success"]]
    return {
        **_row(record, decision),
        **{name: payload[name] for name in COUNTED},
        "decision_reason": decision.reason if decision else None,
        "reason_vi": payload["reason_vi"],
        "reason_en": payload["reason_en"],
        "failed_checks": [
            {
                **{name: check[name] for name in CHECK_FIELDS},
                "waiver": check.get("waiver"),
                "can_be_waived": is_blocking(check) and check["check_name"] not in stops,
            }
            for check in failed
        ],
        "sheets": sheets_of(record),
        "rejected": _rejected(home, record),
        "drift": payload.get("drift"),
        "next": next_steps(home, record, decision, now),
    }


def release(home: Home, load_id: str, by: str, reason: str, at: datetime) -> Decision:
    """Decide that a quarantined load counts; the next night accepts it. Call it under the home's lock.

    Raises:
        StoreError: it is not quarantined, is released already, or breaks what nobody can let pass.
    """
    record = find_load(home, load_id)
    _require(record, ("quarantined",), "cho qua", "released")
    if blocked := obstacles(record.payload["shape"], record.payload["checks"]):
        names = ", ".join(blocked)
        raise StoreError(
            f"Không thể cho qua lượt nạp {record.load_id}: {names} không chạy được hoặc là lỗi của chính chương trình. "
            f"Hãy cập nhật chương trình rồi chạy sotinh rebuild --source {record.payload['source_id']} --yes.",
            f"Load {record.load_id} cannot be released: {names} could not run, or only a fault of the program breaks "
            f"it. Update the program, then run sotinh rebuild --source {record.payload['source_id']} --yes.",
        )
    return _decide(home, record, RELEASE, by, reason, at)


def discard(home: Home, load_id: str, by: str, reason: str, at: datetime) -> Decision:
    """Decide that a refused load is closed and never counts. Call it under the home's lock.

    Raises:
        StoreError: it is not refused, or is discarded already.
    """
    record = find_load(home, load_id)
    _require(record, _REFUSED, "loại bỏ", "discarded")
    return _decide(home, record, DISCARD, by, reason, at)


def undo(home: Home, load_id: str, by: str, reason: str, at: datetime) -> Decision:
    """Take back what was decided about a load: the next night judges it as if nobody had decided.

    Call it under the home's lock.

    Raises:
        StoreError: nothing was decided about it.
    """
    record = find_load(home, load_id)
    if decision_on(home, record.load_id) is None:
        raise StoreError(
            f"Chưa có quyết định nào về lượt nạp {record.load_id}.", f"Nothing is decided about load {record.load_id}."
        )
    return _decide(home, record, UNDO, by, reason, at)


ACTIONS: dict[str, Callable[[Home, str, str, str, datetime], Decision]] = {
    RELEASE: release,
    DISCARD: discard,
    UNDO: undo,
}


def find_load(home: Home, load_id: str) -> LoadRecord:
    """The load whose id is, or begins with, a text.

    Raises:
        StoreError: there is none, or more than one.
    """
    records = load_records(home.ledger)
    found = [record for record in records if load_id and record.load_id.startswith(load_id)]
    if len(found) == 1:
        return found[0]
    ids = [record.load_id for record in found or records]
    near = ", ".join(difflib.get_close_matches(load_id, ids, n=3, cutoff=0.3)) or "–"
    raise StoreError(
        f"Không có đúng một lượt nạp có mã bắt đầu bằng «{load_id}»; gần nhất: {near}. "
        "Xem sotinh quarantine list --all.",
        f"Not exactly one load has an id that begins with «{load_id}»; nearest: {near}. "
        "See sotinh quarantine list --all.",
    )


def _require(record: LoadRecord, verdicts: tuple[str, ...], vi: str, en: str) -> None:
    if record.verdict in verdicts:
        return
    now_vi, now_en = (
        (f"đã được lượt nạp {record.superseded_by} thay thế", f"was replaced by load {record.superseded_by}")
        if record.superseded_by
        else (f"đang là {record.verdict}", f"is {record.verdict}")
    )
    hint = f"sotinh quarantine show {record.superseded_by or record.load_id}"
    raise StoreError(
        f"Lượt nạp {record.load_id} không thể {vi}: {now_vi}. Xem {hint}.",
        f"Load {record.load_id} cannot be {en}: it {now_en}. See {hint}.",
    )


def _decide(home: Home, record: LoadRecord, decision: str, by: str, reason: str, at: datetime) -> Decision:
    before = decision_on(home, record.load_id)
    if before and before.decision == decision:
        raise StoreError(
            f"{before.decided_by} đã quyết định {decision} lượt nạp {record.load_id}; đêm sau sẽ thực hiện.",
            f"{before.decided_by} has decided to {decision} load {record.load_id} already; the next night does it.",
        )
    subject = f"{LOAD}/{record.load_id}"
    number = decide(home.ledger, subject, decision, by=by, reason=reason, at=at)
    return Decision(number, at, decision, LOAD, record.load_id, by, reason)


def _row(record: LoadRecord, decision: Decision | None) -> dict[str, Any]:
    told = {name: record.payload.get(name) for name in LIST_COLUMNS}
    return {
        **told,
        "received_at": utc_time(record.payload["received_at"]),
        "verdict": record.verdict,
        "decision": decision.decision if decision else None,
        "decided_by": decision.decided_by if decision else None,
    }


def _rejected(home: Home, record: LoadRecord) -> list[dict[str, Any]]:
    """Per first reason the number of rejected rows and the first of them; rows held back with the load come last."""
    name = record.payload["rejected_file"]
    if not name or not (home.paths.home / name).is_file():
        return []
    query = f"""
        select reason_code, count(*) over (partition by reason_code) as rejected_count,
            sheet, cell, field, raw_value, reason_vi, reason_en
        from {parquet(home.paths.home / name)}
        qualify row_number() over (partition by reason_code order by row_no) <= {EXAMPLES}
        order by reason_code = {quoted(HELD_REASON)}, rejected_count desc, reason_code, row_no
    """
    with duckdb.connect() as connection:
        rows = connection.execute(query).fetchall()
    found: dict[str, dict[str, Any]] = {}
    for reason_code, count, *example in rows:
        group = {"reason_code": reason_code, "rejected_count": count, "examples": []}
        shown = dict(zip(("sheet", "cell", "field", "raw_value", "reason_vi", "reason_en"), example, strict=True))
        found.setdefault(reason_code, group)["examples"].append(shown)
    return list(found.values())
