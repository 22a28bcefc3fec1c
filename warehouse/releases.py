"""From a finished build to what users read: gate, new folder, read back, ledger, one pointer switch."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from warehouse.build_checks import BuildChecks, keep_checks, own_check_rows
from warehouse.canonical import naive_utc, utc_text, utc_time
from warehouse.changes.compare import Side
from warehouse.changes.gate_checks import gate_results
from warehouse.changes.release_diff import ReleaseDiff, approval_of, write_release_diff
from warehouse.changes.rules import Rules, keep_seeds
from warehouse.columns import RELEASE_COLUMNS
from warehouse.content import Content, content_hash
from warehouse.errors import GateRefused, StoreError, clear_errors
from warehouse.files import make_folder, make_read_only, remove_tree, sha256_of, sync_folder, sync_tree, temporary
from warehouse.holding import drop_held, hold
from warehouse.ledger import Entry, Ledger, append, entries, last_entry
from warehouse.load_records import load_records
from warehouse.paths import HomePaths
from warehouse.release_files import MANIFEST, copy_tables, read_back, release_id_of, write_manifest
from warehouse.release_gate import require_balance
from warehouse.release_pointer import current_release_id, is_available, keep_newest, point_to, pointed_release_id
from warehouse.settings import Settings

# writes pages about a release into its folder, which has the database already; told the facts of its manifest
PageWriter = Callable[[Path, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Published:
    """Outcome of `publish`.

    Attributes:
        release_id: the release users read, or the one that is held.
        content_hash: of the build.
        row_counts: of its tables.
        is_new: False when the build equals the current release, or is held.
        held_for: why the build waits for a person; empty where it is published.
    """

    release_id: str
    content_hash: str
    row_counts: dict[str, int]
    is_new: bool
    held_for: Sequence[Mapping[str, str]] = ()


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
    rules: Rules | None,
    checks: BuildChecks | None = None,
    write_pages: PageWriter | None = None,
) -> Published:
    """Publishes a build, or finds that it says what the current release says; call it under the home's lock.

    A build whose changes cannot be explained, or go beyond what is tolerated, is held for a person's approval.

    A build that says what a current release said whose files are gone is published as a new release.
    Readers see the old release until the last step, which is one rename; those who have the old file open keep it.

    Args:
        paths: the home.
        ledger: gets a `release` entry, or an `unchanged` entry when the content is the current release's.
        warehouse_db: the closed database dbt built.
        ledger_entry: entry up to which the build's inputs were exported.
        code_version: of the code that built it.
        published_at: now, the same moment the export was given.
        settings: retention, tolerances and DuckDB's limits.
        rules: what it was made with beside the loads; None for a database that is not the whole star, whose changes
            nothing can explain: it is published without a diff.
        checks: results of the build's own tests, which are kept with those of the gate; None of one without.
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
            since = before.ledger_entry if before else 0
            rows_read = require_balance(connection, paths, ledger, ledger_entry, since, checks, published_at)
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
            drop_held(paths)
            if pointed_release_id(paths) != current.subject_id:  # the switch of an earlier run was cut short
                point_to(paths, current.subject_id)
            return Published(current.subject_id, content.content_hash, current.payload["row_counts"], False)
        release_id = release_id_of(published_at, content.content_hash)
        facts = {**facts, "release_id": release_id, "previous_release_id": current.subject_id if current else None}
        diff = None
        if rules is not None:
            facts["rules"] = rules.as_facts()
            diff = _diff(paths, ledger, warehouse_db, content, facts, rules, settings)
            facts["diff"] = diff.as_facts()
        if checks:
            checks = BuildChecks(checks.run_id, [*checks.results, *gate_results(diff, rows_read)])
        if diff and diff.held_for:
            approval = approval_of(ledger, diff)
            if approval is None:
                held_id = hold(paths, ledger, warehouse_db, facts, published_at, checks)
                return Published(held_id, content.content_hash, content.row_counts, False, diff.held_for)
            facts["approved_by_entry"] = approval.entry_no
        if checks:
            keep_checks(ledger, release_id, checks, published_at)
        beside = paths.diff if diff else None
        return publish_new(paths, ledger, warehouse_db, content, facts, published_at, settings, beside, write_pages)


def _diff(
    paths: HomePaths,
    ledger: Ledger,
    warehouse_db: Path,
    content: Content,
    facts: Mapping[str, Any],
    rules: Rules,
    settings: Settings,
) -> ReleaseDiff:
    """What a build changes for users, and its files in `paths.diff`.

    It is compared with the current release; where the files of that one are gone, with the newest one before it.

    Raises:
        GateRefused: no release is at hand to compare with.
    """
    published = {entry.subject_id: entry.payload for entry in entries(ledger, "release")}
    ids = list(published)
    current = facts["previous_release_id"]
    until_current = ids[: ids.index(current) + 1] if ids else []
    is_same = bool(ids) and published[current]["content_hash"] == content.content_hash
    kept = [published[name] for name in until_current if is_available(paths, name) or (is_same and name == current)]
    if ids and not kept:
        raise GateRefused(
            "Không công bố: không còn tệp của bản phát hành nào để so sánh. Hãy lấy releases/ từ bản sao lưu.",
            "Not published: no release is left whose files could be compared with. Take releases/ from a backup.",
        )
    remove_tree(paths.diff)
    make_folder(paths.diff)
    keep_seeds(rules, paths.diff)
    after = Side(
        warehouse_db, rules.seeds, facts["ledger_entry"], facts["code_version"], facts["rules"], content.table_hashes
    )
    limits = duckdb_limits(paths, settings)
    return write_release_diff(paths, ledger, kept[-1] if kept else None, after, content, paths.diff, settings, limits)


def publish_new(
    paths: HomePaths,
    ledger: Ledger,
    warehouse_db: Path,
    content: Content,
    facts: dict[str, Any],
    published_at: datetime,
    settings: Settings,
    beside: Path | None = None,
    write_pages: PageWriter | None = None,
) -> Published:
    """Publishes a build as a release of its own; call it under the home's lock.

    Args:
        paths: the home.
        ledger: gets a `release` entry.
        warehouse_db: the closed database dbt built.
        content: what it holds.
        facts: the release's facts: ids, ledger entry, versions, moment.
        published_at: the moment in them.
        settings: retention and DuckDB's limits.
        beside: folder whose files are put beside those of the release.
        write_pages: writes the pages that belong to the release.

    Raises:
        StoreError: disk full, read-back differs. The current release stays.
    """
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
    limits = duckdb_limits(paths, settings)
    written = write_release(ledger, warehouse_db, work, content, facts, limits, beside, write_pages)
    work.rename(folder)
    make_read_only(folder)
    sync_folder(paths.releases)
    payload = {**facts, "row_counts": written.row_counts, "manifest_sha256": sha256_of(folder / MANIFEST)}
    append(ledger, "release", release_id, payload, published_at)
    point_to(paths, release_id)
    drop_held(paths)
    keep_newest(paths, ledger, settings)
    return Published(release_id, content.content_hash, written.row_counts, True)


def write_release(
    ledger: Ledger,
    warehouse_db: Path,
    folder: Path,
    content: Content,
    facts: Mapping[str, Any],
    limits: Mapping[str, Any],
    beside: Path | None = None,
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
        beside: folder whose files are put beside: what the release changes, and the seeds it was made with.
        write_pages: writes the pages that belong to the release.

    Returns:
        What the folder holds: the content, with the release's own rows counted.

    Raises:
        StoreError: what was written reads back otherwise.
    """
    make_folder(folder, 0o755)
    own_row = {name: facts[name] for name in RELEASE_COLUMNS if name != "row_counts"}
    own_row["published_at"] = naive_utc(utc_time(facts["published_at"]))
    own_checks = own_check_rows(ledger, facts)
    copy_tables(warehouse_db, folder, own_row, own_checks, limits)
    written = read_back(folder, content, len(own_checks), limits)
    if beside:
        shutil.copytree(beside, folder, dirs_exist_ok=True)
        folder.chmod(0o755)
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
