"""One dossier log of a source: read in streams, validated and settled without a row becoming a Python object."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from expectations.validate import DossierWords, LoadFacts, Report, validate
from ingestion.read_log import LOG_LIMITS, LogRead, read_log
from ingestion.source import Source
from orchestration.decided import overruled, waived
from orchestration.home import Home
from warehouse import dossiers
from warehouse.decisions import Decision
from warehouse.dossier_key import key_id
from warehouse.errors import clear_errors
from warehouse.files import remove_tree
from warehouse.load_records import LandedFile, Load, previous_row_count
from warehouse.releases import duckdb_limits

SHAPE = dossiers.SHAPE


def read_landed_log(home: Home, source: Source, file: LandedFile, path: Path) -> tuple[LogRead, Path]:
    """Read a landed log into a folder of its own.

    Returns:
        What was read, and the folder for `settle_landed_log`.

    Raises:
        ingestion.errors.FileFault: the file as a whole cannot be read; the folder is gone then.
        warehouse.errors.StoreError: the disk is full or cannot be read or written; the folder is gone then.
    """
    folder = dossiers.reading_folder(home.paths, source.source_id, file.sha256)
    try:
        with clear_errors(f"đọc nhật ký của {source.source_id}", f"reading a log of {source.source_id}"):
            read = read_log(
                path,
                file.file_name,
                source,
                home.reference,
                key=home.dossier_key,
                rows_path=folder / "rows.parquet",
                rejected_path=folder / "rejected.parquet",
                # nowhere to spill: what a killed reader left in a temporary file could name a person
                limits=replace(LOG_LIMITS, threads=home.settings.threads, temp_folder=None),
            )
    except Exception:
        remove_tree(folder)
        raise
    return read, folder


def settle_landed_log(
    home: Home, source: Source, load: Load, folder: Path, decision: Decision | None, now: datetime, run_id: str
) -> None:
    """Stage what was read, judge it, and accept or quarantine it, as the report or a person's decision says."""
    rows = dossiers.stage_log(home.paths, load, folder)
    judged, limits = rows.with_name("judged.parquet"), duckdb_limits(home.paths, home.settings)
    report = validate(SHAPE, rows, _facts(home, source, load, now), rejected_path=judged, limits=limits)
    report = overruled(report, SHAPE, decision)
    settle_judged_log(home, load, report, now, run_id)


def settle_judged_log(home: Home, load: Load, report: Report, now: datetime, run_id: str) -> None:
    """Accept or quarantine a staged log as the report says."""
    limits, key = duckdb_limits(home.paths, home.settings), key_id(home.dossier_key)
    dossiers.settle_log(home.paths, home.ledger, load, report, now, run_id, limits=limits, dossier_key_id=key)


def dossier_words(home: Home) -> DossierWords:
    """The vocabularies of dossier logs as the seeds of this home have them."""
    states = home.seed("dossier_states")
    channels = home.seed("dossier_channels")
    levels = home.seed("service_levels")
    return DossierWords(
        stages={row["state"]: row["stage"] for row in states},
        channels=[row["channel"] for row in channels],
        online_channels=[row["channel"] for row in channels if row["is_online"] == "true"],
        service_levels=[row["service_level"] for row in levels],
        offline_service_levels=[row["service_level"] for row in levels if row["mapped_to"] == "information"],
    )


def _facts(home: Home, source: Source, load: Load, now: datetime) -> LoadFacts:
    return LoadFacts(
        source_id=source.source_id,
        load_id=load.load_id,
        received_at=load.received_at,
        previous_row_count=previous_row_count(
            home.ledger, source.source_id, load.file_sha256, weekday_of=load.received_at
        ),
        frequency=source.frequency,
        rows_read=load.rows_read,
        row_count_drop_tolerance=home.settings.row_count_drop_tolerance,
        row_count_jump_tolerance=home.settings.row_count_jump_tolerance,
        dossier_words=dossier_words(home),
        waivers=waived(home, source.source_id, now),
    )
