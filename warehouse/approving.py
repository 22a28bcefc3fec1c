"""A person's approval: publishes exactly what was held."""

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.canonical import naive_utc, utc_text, utc_time
from warehouse.changes.release_diff import APPROVE
from warehouse.changes.summary import CHANGES
from warehouse.content import Content, columns_of, content_hash, identifier, main_tables
from warehouse.errors import StoreError, clear_errors
from warehouse.files import remove_tree, sha256_of
from warehouse.holding import DIFF_FOLDER, open_hold
from warehouse.ledger import Entry, Ledger, append, entries
from warehouse.paths import HomePaths
from warehouse.release_pointer import current_release_id
from warehouse.releases import PageWriter, Published, duckdb_limits, publish_new
from warehouse.settings import Settings

# moments that a build sets to its own: users learn what was held when it is approved, not when it was built
_MOMENTS = ("known_from", "known_to", "superseded_from", "gap_from", "gap_to")


def approve(
    paths: HomePaths,
    ledger: Ledger,
    release_id: str | None,
    *,
    by: str,
    reason: str,
    at: datetime,
    settings: Settings,
    write_pages: PageWriter | None = None,
) -> Published:
    """Publishes the build that is held, as of now; call it under the home's lock.

    Args:
        paths: the home.
        ledger: gets a `decision` entry and a `release` entry.
        release_id: what is held; None stands for it.
        by: who decided.
        reason: why.
        at: now.
        settings: retention and DuckDB's limits.
        write_pages: writes the pages that belong to the release.

    Raises:
        StoreError: nothing is held, or something else; loads, decisions or another release came after it; or its
            files are not what was held.
    """
    with clear_errors("duyệt bản phát hành", "approving the release"):
        held = _held(ledger, release_id)
        _refuse_if_overtaken(ledger, held)
        work, content = _copy_proven(paths, held, settings)
        try:
            facts = dict(held.payload)
            diff = facts["diff"]
            decided = {
                "decision": APPROVE,
                "by": by,
                "reason": reason,
                "content_hash": content.content_hash,
                "compared_with": diff["compared_with"],
                "changes_sha256": diff["sha256"][CHANGES],
            }
            _set_moment(work, facts["published_at"], at, duckdb_limits(paths, settings))
            decision = append(ledger, "decision", f"release/{held.subject_id}", decided, at)
            facts |= {"published_at": utc_text(at), "approved_by_entry": decision}
            folder = paths.held / held.subject_id / DIFF_FOLDER
            return publish_new(paths, ledger, work, content, facts, at, settings, folder, write_pages)
        finally:
            remove_tree(work)


def _held(ledger: Ledger, release_id: str | None) -> Entry:
    held = open_hold(ledger)
    if held is None:
        raise StoreError("Không có bản nào đang chờ duyệt.", "Nothing waits for approval.")
    if release_id not in (None, held.subject_id):
        raise StoreError(
            f"Bản {release_id} không chờ duyệt; bản đang chờ là {held.subject_id}.",
            f"{release_id} does not wait for approval; {held.subject_id} does.",
        )
    return held


def _refuse_if_overtaken(ledger: Ledger, held: Entry) -> None:
    since = entries(ledger, ("load", "decision"), since=held.payload["ledger_entry"])
    is_overtaken = any(entry.subject_id != f"release/{held.subject_id}" for entry in since)
    if is_overtaken or current_release_id(ledger) != held.payload["previous_release_id"]:
        raise StoreError(
            f"Từ khi giữ lại {held.subject_id}, sổ cái đã có lượt nạp, quyết định hoặc bản phát hành khác. Hãy chạy "
            "sotinh nightly: bản mới sẽ được so sánh lại.",
            f"Since {held.subject_id} was held the ledger has got other loads, decisions or releases. Run sotinh "
            "nightly: what it builds is compared anew.",
        )


def _copy_proven(paths: HomePaths, held: Entry, settings: Settings) -> tuple[Path, Content]:
    """A copy of the held database that may be written to, and its content, which is what the ledger says was held."""
    import duckdb

    folder = paths.held / held.subject_id
    source = folder / paths.warehouse_db.name
    sha256 = held.payload["diff"]["sha256"]
    files = {name: folder / DIFF_FOLDER / name for name in sha256}
    is_whole = source.is_file() and all(path.is_file() and sha256_of(path) == sha256[n] for n, path in files.items())
    work = paths.held / "approving.duckdb"
    if is_whole:
        remove_tree(work)
        shutil.copyfile(source, work)
        with duckdb.connect(work, read_only=True, config=duckdb_limits(paths, settings)) as connection:
            content = content_hash(connection)
        if content.content_hash == held.payload["content_hash"]:
            return work, content
        remove_tree(work)
    raise StoreError(
        f"Tệp của bản {held.subject_id} không còn như khi giữ lại; không công bố. Hãy chạy sotinh nightly.",
        f"The files of {held.subject_id} are not what was held; not published. Run sotinh nightly.",
    )


def _set_moment(database: Path, built_at: str, at: datetime, limits: Mapping[str, Any]) -> None:
    """Sets the build's own moment to that of the approval."""
    import duckdb

    moments = [naive_utc(at), naive_utc(utc_time(built_at))]
    with duckdb.connect(database, config=dict(limits)) as connection:
        own = str(connection.execute("select current_database()").fetchall()[0][0])
        for table in main_tables(connection, own):
            for name in (name for name, _ in columns_of(connection, own, table) if name in _MOMENTS):
                connection.execute(f"update main.{identifier(table)} set {name} = ? where {name} = ?", moments)
