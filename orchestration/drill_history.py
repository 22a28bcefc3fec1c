"""The history of a home lived through again in a throw-away home, load by load, as today's code judges it.

The real home is only read: landed bytes are copied, ledger, staged rows and lake are the throw-away home's own.
"""

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from ingestion.source import Source
from orchestration.home import Home
from orchestration.loading import settle_file
from orchestration.log_loading import SHAPE
from warehouse.canonical import utc_text
from warehouse.files import sha256_of
from warehouse.landing import is_intact, landed_path
from warehouse.ledger import append, open_ledger
from warehouse.load_records import LandedFile, LoadRecord, landed_files, live_loads, load_records
from warehouse.sql import parquet

log = logging.getLogger("sotinh.drill")

DRILL_RUN = "drill"

_FACTS = """
    select kind, province_id, indicator_code, period_id, basis, breakdown, comparator, target_status,
        value, value_upper, unit, status, qualifier
    from {rows} order by all
"""
_KEY_COLUMNS = 8

Fact = tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        verdict: of the load.
        reason_code: why it failed, where it could not be read at all.
        failed: the checks that do not hold, each with what it found.
        judged: the checks that had anything to look at.
        facts: every figure that would count, by key; of one that would count twice both contents.
        rejected: how many rows were refused.
    """

    verdict: str
    reason_code: str | None
    failed: Mapping[str, str]
    judged: Sequence[str]
    facts: Mapping[Fact, Fact]
    rejected: int


@dataclass(frozen=True)
class Lived:
    """One file of the history, lived through: the ledger as it was before, and what became of the file."""

    source: Source
    file: LandedFile
    path: Path
    ledger_before: Path
    outcome: Outcome


def copy_history(home: Home, drill: Home) -> dict[str, list[LandedFile]]:
    """Copy the landed files of sheets whose loads count into the drill's home, to be called under the lock.

    Returns:
        The files of each source in the order they came; a file whose bytes are gone is left out.
    """
    found = {}
    for source_id, source in home.sources.items():
        counting = {load.payload["file_sha256"] for load in live_loads(home.ledger, source_id) if load.is_accepted}
        files = [] if source.shape == SHAPE else landed_files(home.ledger, source_id)
        kept = [file for file in files if file.sha256 in counting and is_intact(home.paths, source_id, file.sha256)]
        for file in kept:
            target = landed_path(drill.paths, source_id, file.sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(landed_path(home.paths, source_id, file.sha256), target)
        if kept:
            found[source_id] = kept
    return found


def live_through(drill: Home, history: Mapping[str, Sequence[LandedFile]]) -> Iterator[Lived]:
    """Settle every file of the history in the drill's home, source by source.

    Args:
        drill: the drill's home, see `copy_history`.
        history: its files.
    """
    open_ledger(drill.paths.ledger_db)
    for source_id, files in history.items():
        source = drill.sources[source_id]
        for number, file in enumerate(files, 1):
            log.info("drill: %s %d/%d", source_id, number, len(files))
            before = drill.paths.home / "before" / source_id / f"{number}.db"
            before.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(drill.paths.ledger_db, before)
            append(drill.ledger, "received", f"{source_id}/{file.sha256}", _receipt(file), file.received_at)
            outcome = settle(drill, source, file, file.received_at)
            yield Lived(source, file, landed_path(drill.paths, source_id, file.sha256), before, outcome)


def _receipt(file: LandedFile) -> dict[str, Any]:
    told = {name: getattr(file, name) for name in ("source_id", "file_name", "sha256", "bytes")}
    return {**told, "mtime_ns": 0, "received_at": utc_text(file.received_at), "inbox_body": ""}


def settle(drill: Home, source: Source, file: LandedFile, now: datetime) -> Outcome:
    """Read, judge and settle a file in the drill's home as a night would, and say what became of it."""
    settle_file(drill, source, file, now, DRILL_RUN)
    return _outcome(drill, load_records(drill.ledger)[-1])


def as_before(drill: Home, lived: Lived) -> Home:
    """The drill's home with the ledger as it was before a file came: to be used for one trial."""
    ledger = drill.paths.home / "trial.db"
    shutil.copyfile(lived.ledger_before, ledger)
    trial = Home(drill.paths, replace(drill.settings, ledger_url=f"sqlite:///{ledger}"))
    vars(trial).update(reference=drill.reference, sources=drill.sources, ledger=open_ledger(ledger))  # read once
    return trial


def land(drill: Home, lived: Lived, content: bytes, file_name: str) -> LandedFile:
    """Put bytes into the drill's landing as the file that came in the place of a sound one."""
    spoilt = drill.paths.home / "spoilt"
    spoilt.write_bytes(content)
    sha256 = sha256_of(spoilt)
    target = landed_path(drill.paths, lived.source.source_id, sha256)
    target.unlink(missing_ok=True)
    spoilt.replace(target)
    return replace(lived.file, sha256=sha256, bytes=len(content), file_name=file_name, last_load=None)


def _key(row: Fact) -> Fact:
    return row[:_KEY_COLUMNS]


def _outcome(drill: Home, record: LoadRecord) -> Outcome:
    told = record.payload
    files = [drill.paths.home / name for name in told["lake_files"]] if record.is_accepted else []
    rows = duckdb.execute(_FACTS.format(rows=parquet(*files))).fetchall() if files else []
    return Outcome(
        verdict=told["verdict"],
        reason_code=told["reason_code"],
        failed={check["check_name"]: check["observed"] for check in record.checks if not check["success"]},
        judged=[check["check_name"] for check in record.checks if check["element_count"] or not check["success"]],
        facts={key: tuple(row[_KEY_COLUMNS:] for row in same) for key, same in groupby(rows, _key)},
        rejected=told["rows_rejected"],
    )
