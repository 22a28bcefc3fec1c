"""From a finished build to what users read: gate, new folder, read back, ledger, one pointer switch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from warehouse.canonical import utc_text, utc_time
from warehouse.columns import RELEASE_COLUMNS
from warehouse.content import Content, content_hash
from warehouse.errors import StoreError, clear_errors
from warehouse.export import naive_utc
from warehouse.files import make_folder, make_read_only, remove_tree, sync_folder, sync_tree, temporary
from warehouse.ledger import Entry, Ledger, append, entries, last_entry
from warehouse.load_records import load_records
from warehouse.paths import HomePaths
from warehouse.release_files import copy_tables, read_back, release_id_of, write_manifest
from warehouse.release_gate import check_balance
from warehouse.release_pointer import current_release_id, is_available, keep_newest, point_to, pointed_release_id
from warehouse.settings import Settings

# writes pages about a release into its folder, which has the database already; told the facts of its manifest
PageWriter = Callable[[Path, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Published:
    """Outcome of `publish`; `is_new` is False when the build equals the current release."""

    release_id: str
    content_hash: str
    row_counts: dict[str, int]
    is_new: bool


@dataclass(frozen=True)
class LastBuild:
    """The newest build that was published or found unchanged: what "nothing new" is measured against."""

    entry_no: int
    release_id: str
    ledger_entry: int
    code_version: str
    content_hash: str


@dataclass(frozen=True)
class Release:
    """One line of `releases list`."""

    release_id: str
    published_at: datetime
    content_hash: str
    ledger_entry: int
    code_version: str
    previous_release_id: str | None
    row_counts: dict[str, int]
    is_current: bool
    is_available: bool


def publish(
    paths: HomePaths,
    ledger: Ledger,
    warehouse_db: Path,
    *,
    ledger_entry: int,
    code_version: str,
    published_at: datetime,
    settings: Settings,
    write_pages: PageWriter | None = None,
) -> Published:
    """Publishes a build, or finds that it says what the current release says; call it under the home's lock.

    A build that says what a current release said whose files are gone is published as a new release.
    Readers see the old release until the last step, which is one rename; those who have the old file open keep it.

    Args:
        paths: the home.
        ledger: gets a `release` entry, or an `unchanged` entry when the content is the current release's.
        warehouse_db: the closed database dbt built.
        ledger_entry: entry up to which the build's inputs were exported.
        code_version: of the code that built it.
        published_at: now, the same moment the export was given.
        settings: retention and DuckDB's limits.
        write_pages: writes the pages that belong to the release; what it raises holds the release back.

    Raises:
        GateRefused: the balance does not hold.
        StoreError: disk full, read-back differs, build missing. The current release stays.
    """
    import duckdb

    with clear_errors("công bố bản phát hành", "publishing the release"):
        if not warehouse_db.is_file():
            raise StoreError(f"Chưa có {warehouse_db}; hãy dựng trước.", f"There is no {warehouse_db}; build it first.")
        limits = duckdb_limits(paths, settings)
        before = last_build(ledger)
        with duckdb.connect(warehouse_db, read_only=True, config=limits) as connection:
            check_balance(connection, paths, ledger, ledger_entry, before.ledger_entry if before else 0)
            content = content_hash(connection)
        current = _release_entry(ledger, current_release_id(ledger))
        facts = {
            "content_hash": content.content_hash,
            "ledger_entry": ledger_entry,
            "code_version": code_version,
            "published_at": utc_text(published_at),
        }
        is_unchanged = current is not None and current.payload["content_hash"] == content.content_hash
        if current and is_unchanged and is_available(paths, current.subject_id):
            append(ledger, "unchanged", current.subject_id, facts, published_at)
            if pointed_release_id(paths) != current.subject_id:  # the switch of an earlier run was cut short
                point_to(paths, current.subject_id)
            return Published(current.subject_id, content.content_hash, current.payload["row_counts"], False)
        release_id = release_id_of(published_at, content.content_hash)
        facts = {**facts, "release_id": release_id, "previous_release_id": current.subject_id if current else None}
        return _publish_new(paths, ledger, warehouse_db, content, facts, published_at, settings, write_pages)


def _publish_new(
    paths: HomePaths,
    ledger: Ledger,
    warehouse_db: Path,
    content: Content,
    facts: dict[str, Any],
    published_at: datetime,
    settings: Settings,
    write_pages: PageWriter | None,
) -> Published:
    release_id = facts["release_id"]
    folder = paths.releases / release_id
    if _release_entry(ledger, release_id):
        raise StoreError(
            f"Đã có bản phát hành {release_id}; hãy chạy lại sau một giây.",
            f"There is a release {release_id} already; run again in a second.",
        )
    work = temporary(folder)
    remove_tree(work)
    remove_tree(folder)  # left by a publication that was cut short before its ledger entry
    facts = {
        **facts,
        "table_hashes": content.table_hashes,
        "ledger_hash": _hash_of_entry(ledger, facts["ledger_entry"]),
    }
    written = write_release(ledger, warehouse_db, work, content, facts, duckdb_limits(paths, settings), write_pages)
    work.rename(folder)
    make_read_only(folder)
    sync_folder(paths.releases)
    payload = {**facts, "row_counts": written.row_counts}
    append(ledger, "release", release_id, payload, published_at)
    point_to(paths, release_id)
    keep_newest(paths, ledger, settings)
    return Published(release_id, content.content_hash, written.row_counts, True)


def write_release(
    ledger: Ledger,
    warehouse_db: Path,
    folder: Path,
    content: Content,
    facts: Mapping[str, Any],
    limits: Mapping[str, Any],
    write_pages: PageWriter | None = None,
) -> Content:
    """Writes the files of a release into a folder that is not there yet, and reads them back.

    Args:
        ledger: names the inputs.
        warehouse_db: the closed database dbt built.
        folder: the folder to make.
        content: what the database holds.
        facts: the release's facts as its ledger entry has them.
        limits: DuckDB's configuration.
        write_pages: writes the pages that belong to the release.

    Returns:
        What the folder holds: the content, with the release's own row counted.

    Raises:
        StoreError: what was written reads back otherwise.
    """
    make_folder(folder, 0o755)
    own_row = {name: facts[name] for name in RELEASE_COLUMNS if name != "row_counts"}
    copy_tables(warehouse_db, folder, {**own_row, "published_at": naive_utc(utc_time(facts["published_at"]))}, limits)
    written = read_back(folder, content, limits)
    inputs = _inputs(ledger, facts["ledger_entry"])
    told = {**facts, "row_counts": written.row_counts, "sotinh_version": version("sotinh"), "inputs": inputs}
    if write_pages:
        write_pages(folder, told)
    write_manifest(folder, told)
    sync_tree(folder)
    return written


def last_build(ledger: Ledger) -> LastBuild | None:
    """The newest build published or found unchanged; None before the first.

    A rollback does not change it: what was rolled back stays back until something new arrives.
    """
    entry = last_entry(ledger, ("release", "unchanged"))
    if entry is None:
        return None
    payload = entry.payload
    return LastBuild(
        entry_no=entry.entry_no,
        release_id=entry.subject_id,
        ledger_entry=payload["ledger_entry"],
        code_version=payload["code_version"],
        content_hash=payload["content_hash"],
    )


def list_releases(paths: HomePaths, ledger: Ledger) -> list[Release]:
    """All releases ever published, newest first; those beyond retention are not available any more."""
    current = current_release_id(ledger)
    return [
        Release(
            release_id=entry.subject_id,
            published_at=utc_time(entry.payload["published_at"]),
            content_hash=entry.payload["content_hash"],
            ledger_entry=entry.payload["ledger_entry"],
            code_version=entry.payload["code_version"],
            previous_release_id=entry.payload["previous_release_id"],
            row_counts=entry.payload["row_counts"],
            is_current=entry.subject_id == current,
            is_available=is_available(paths, entry.subject_id),
        )
        for entry in reversed(entries(ledger, "release"))
    ]


def release_facts(ledger: Ledger, release_id: str) -> dict[str, Any]:
    """What the ledger tells of a published release: its entry's payload.

    Raises:
        LookupError: there is no such release.
    """
    entry = _release_entry(ledger, release_id)
    if entry is None:
        raise LookupError(release_id)
    return entry.payload


def duckdb_limits(paths: HomePaths, settings: Settings) -> dict[str, Any]:
    """DuckDB's configuration for work in this home; what does not fit in memory goes to disk."""
    limits: dict[str, Any] = {"memory_limit": settings.memory_limit, "temp_directory": str(paths.tmp)}
    if settings.threads:
        limits["threads"] = settings.threads
    return limits


def _release_entry(ledger: Ledger, release_id: str | None) -> Entry | None:
    found = entries(ledger, "release", subject_prefix=release_id) if release_id else []
    return found[-1] if found else None


def _hash_of_entry(ledger: Ledger, entry_no: int) -> str | None:
    found = entries(ledger, since=entry_no - 1, up_to=entry_no)
    return found[0].entry_hash if found else None


def _inputs(ledger: Ledger, up_to: int) -> list[dict[str, Any]]:
    return sorted(
        (
            {name: record.payload[name] for name in ("source_id", "file_name", "file_sha256", "load_id")}
            for record in load_records(ledger, up_to)
            if record.is_accepted and not record.superseded_by
        ),
        key=lambda item: (item["source_id"], item["load_id"]),
    )
