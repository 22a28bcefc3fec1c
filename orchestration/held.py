"""A load that is held back and then released: accepted from its staged rows, neither read nor judged again."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.report import Report
from ingestion.source import Source
from orchestration.decided import decision_on, obstacles, overruled
from orchestration.home import Home
from orchestration.log_loading import SHAPE as LOG
from orchestration.log_loading import settle_judged_log
from warehouse import loads
from warehouse.canonical import utc_time
from warehouse.decisions import RELEASE
from warehouse.load_records import LandedFile, Load
from warehouse.rejection import HELD_REASON, Held
from warehouse.sql import parquet, quoted

_JUDGED = ("row_no", "field", "raw_value", "reason_code", "reasons", "reason_vi", "reason_en")


def accept_as_judged(home: Home, source: Source, file: LandedFile, now: datetime, run_id: str) -> bool:
    """Accept a released load as it was judged when it was held back: what single rules rejected stays rejected.

    Returns:
        Whether it was: without a release, or where its staged rows are gone, nothing is done.
    """
    last = file.last_load or {}
    staged = home.paths.staged_rows(last.get("load_id", ""))
    # loads of before sheets were counted are read again, for their rows could not be accounted for
    if last.get("verdict") != "quarantined" or not last.get("sheets") or not staged.is_file():
        return False
    decision = decision_on(home, last["load_id"])
    if decision is None or decision.decision != RELEASE or obstacles(source.shape, last["checks"]):
        return False
    load = replace(_recorded(last), decision_no=decision.decision_no)
    found = Report([], [], "quarantined", last["reason_vi"], last["reason_en"])
    judged = _judged(home.paths.home / last["rejected_file"], staged)
    with duckdb.connect() as connection:
        if source.shape == LOG:
            found = replace(found, rejected_file=staged.with_name("released.parquet"))
            connection.sql(judged).write_parquet(str(found.rejected_file))
        else:
            found = replace(found, rejected=[_as_held(row) for row in connection.sql(judged).fetchall()])
    report = overruled(found, source.shape, decision)
    if source.shape == LOG:
        settle_judged_log(home, load, report, now, run_id)
    else:
        loads.settle(home.paths, home.ledger, load, report, now, run_id)
    return True


def _judged(rejected: Path, staged: Path) -> str:
    """Query of the readable rows that single rules reject."""
    return f"""
        select row_no, field, nullif(raw_value, '') as raw_value, reason_code, reasons, reason_vi, reason_en
        from {parquet(rejected)}
        where reason_code <> {quoted(HELD_REASON)} and row_no in (select row_no from {parquet(staged)})
        order by row_no
    """


def _as_held(row: tuple[Any, ...]) -> Any:
    told = dict(zip(_JUDGED, row, strict=True))
    return Held(**{**told, "reasons": tuple(json.loads(told["reasons"]))})


def _recorded(payload: Mapping[str, Any]) -> Load:
    """The load that a ledger entry tells of."""
    told = {each.name: payload[each.name] for each in fields(Load) if each.name in payload}
    sheets = {sheet["sheet"]: sheet["rows_read"] for sheet in payload["sheets"]}
    return Load(**{**told, "received_at": utc_time(payload["received_at"]), "sheets": sheets})
