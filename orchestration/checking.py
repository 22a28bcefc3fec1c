"""The dry run of one file: a night's own reading, rules and settling, in a throw-away home beside the real one.

Nothing is judged twice over: what `check` says is what the night would say, because the night's code says it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion.source import Source
from orchestration.home import Home
from orchestration.loading import settle_file
from orchestration.log_loading import SHAPE
from orchestration.trial_home import trial_home
from warehouse.columns import ROW_COUNTS
from warehouse.dossier_index import index_files
from warehouse.files import sha256_of
from warehouse.landing import landed_path
from warehouse.ledger import copy_entries
from warehouse.load_records import ACCEPTED, LandedFile, LoadRecord, live_loads, load_records
from warehouse.other_sources import SHEETS
from warehouse.sql import parquet, rows

CHECK_RUN = "check"

_FOUND = """
    select period_id, indicator_code, count(*) as rows, count(distinct province_id) as places
    from {rows} group by all order by all
"""
_FOUND_IN_LOG = """
    select strftime(event_at, '%Y-%m') as month, state, count(*) as rows, count(distinct province_id) as places
    from {rows} group by all order by all
"""
_REJECTED = """
    select sheet, cell, field, raw_value, reason_code, reason_vi, reason_en from {rows} order by row_no
"""


@dataclass(frozen=True)
class Checked:
    """What a night would make of a file today.

    Attributes:
        source_id: as which source it was read.
        file_name: the file.
        verdict: `accepted`, `accepted_with_warnings`, `quarantined` or `failed`.
        reason_vi: why, where it is not accepted without a word.
        reason_en: the same in English.
        rows_read: rows of the file; the three below add up to it.
        rows_accepted: rows that would count.
        rows_rejected: rows that would not, each with its cell and reason.
        rows_superseded: states of dossiers overtaken by later ones of the same file.
        found: per period and indicator (logs: month and state) the readable rows and how many places they speak of.
        rejected: the rejected rows.
        failed_rules: the rules that do not hold.
        drift: where its layout is not that of the source's files before, what differs and the patch that accepts it.
    """

    source_id: str
    file_name: str
    verdict: str
    reason_vi: str
    reason_en: str
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_superseded: int
    found: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    failed_rules: list[dict[str, Any]]
    drift: dict[str, Any] | None

    @property
    def is_clean(self) -> bool:
        """Whether everything in it would count."""
        return self.verdict in ACCEPTED and not self.rows_rejected

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def check_file(home: Home, source: Source, file: Path, now: datetime) -> Checked:
    """Read, judge and settle one file as a night would; nothing is written to the home.

    Args:
        home: the home, which need not exist yet; its sources, seeds, settings and earlier loads count.
        source: the source the file is from.
        file: the file, under the name its publisher gave it.
        now: the moment of the trial: the *today* of the rules.

    Raises:
        OSError: the file cannot be read.
    """
    sha256 = sha256_of(file)
    with _home_that_knows(home, source, sha256) as trial:
        landed = _land(trial, source, file, sha256, now)
        settle_file(trial, source, landed, now, CHECK_RUN)
        return _checked(trial, source, file, load_records(trial.ledger)[-1])


@contextmanager
def _home_that_knows(home: Home, source: Source, file_sha256: str) -> Iterator[Home]:
    """A home of its own with what the real one knows and the source's previous load; gone afterwards."""
    with trial_home(home, "check") as trial:
        if home.paths.ledger_db.exists() or home.settings.ledger_url:
            copy_entries(home.ledger, trial.ledger)
        for name in (*index_files(trial.ledger), *_compared_with(trial, source, file_sha256)):
            (trial.paths.home / name).parent.mkdir(parents=True, exist_ok=True)
            (trial.paths.home / name).symlink_to(home.paths.home / name)
        yield trial


def _compared_with(trial: Home, source: Source, file_sha256: str) -> list[str]:
    """Lake files that the figures of a sheet are compared with; dossiers are compared by their index."""
    if source.shape == SHAPE:
        return []
    live = [load for load in live_loads(trial.ledger) if load.is_accepted and load.payload["shape"] in SHEETS]
    return [name for load in live if load.payload["file_sha256"] != file_sha256 for name in load.payload["lake_files"]]


def _land(trial: Home, source: Source, file: Path, sha256: str, now: datetime) -> LandedFile:
    target = landed_path(trial.paths, source.source_id, sha256)
    target.parent.mkdir(parents=True)
    shutil.copyfile(file, target)
    return LandedFile(0, source.source_id, file.name, sha256, file.stat().st_size, now)


def _checked(trial: Home, source: Source, file: Path, record: LoadRecord) -> Checked:
    told = record.payload
    is_log = source.shape == SHAPE
    staged = trial.paths.staged_rows(record.load_id)
    readable = [trial.paths.home / name for name in told["lake_files"]] or ([staged] if staged.is_file() else [])
    rejected = [trial.paths.home / told["rejected_file"]] if told["rejected_file"] else []
    return Checked(
        source_id=source.source_id,
        file_name=file.name,
        verdict=told["verdict"],
        reason_vi=told["reason_vi"] or "",
        reason_en=told["reason_en"] or "",
        **{name: told[name] for name in ROW_COUNTS},
        found=_query(_FOUND_IN_LOG if is_log else _FOUND, readable),
        rejected=_query(_REJECTED, rejected),
        failed_rules=[dict(check) for check in record.checks if not check["success"]],
        drift=told["drift"],
    )


def _query(query: str, files: list[Path]) -> list[dict[str, Any]]:
    if not files:
        return []
    with duckdb.connect() as connection:
        return rows(connection, query.format(rows=parquet(*files)))
