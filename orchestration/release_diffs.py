"""The diff of two releases: the one stored with the later, or made anew for any two whose files are kept."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchestration.home import Home
from warehouse.changes.release_diff import release_side, write_release_diff
from warehouse.changes.summary import CHANGES, COLUMNS, DIFF
from warehouse.content import Content
from warehouse.errors import StoreError
from warehouse.holding import DIFF_FOLDER, open_hold
from warehouse.release_pointer import current_release_id, is_available
from warehouse.releases import duckdb_limits, release_facts
from warehouse.sql import parquet, rows


def read_diff(home: Home, earlier: str | None, later: str | None, cause: str | None, limit: int) -> dict[str, Any]:
    """What a release changes for users.

    Args:
        home: the open home.
        earlier: a release; without `later`, the release whose own diff is asked for. None: what is held, else the
            current release.
        later: the release it is compared with.
        cause: only changes of this cause; None for all.
        limit: most changes told.

    Returns:
        The summary of `diff.json`, the `release_id`, and `changes`, figures of the centre first.

    Raises:
        StoreError: there is no such release, or its files are gone.
    """
    with _diff_folder(home, earlier, later) as (release_id, folder):
        summary = json.loads((folder / DIFF).read_text(encoding="utf-8"))
        return {"release_id": release_id, **summary, "changes": _changes(folder, cause, limit)}


@contextmanager
def _diff_folder(home: Home, earlier: str | None, later: str | None) -> Iterator[tuple[str, Path]]:
    held = open_hold(home.ledger)
    if held and later is None and earlier in (None, held.subject_id):
        yield held.subject_id, home.paths.held / held.subject_id / DIFF_FOLDER
        return
    release_id = later or earlier or current_release_id(home.ledger)
    if release_id is None:
        raise StoreError("Chưa có bản phát hành nào.", "Nothing has been published yet.")
    facts = _kept(home, release_id)
    folder = home.paths.releases / release_id
    if (folder / DIFF).is_file() and (later is None or facts["diff"]["compared_with"] == earlier):
        yield release_id, folder
        return
    before = _kept(home, earlier if later else facts["previous_release_id"])
    with tempfile.TemporaryDirectory(prefix="sotinh-diff-") as made:
        limits = duckdb_limits(home.paths, home.settings)
        side = release_side(home.paths, facts)
        content = Content(facts["content_hash"], facts.get("table_hashes") or {}, facts["row_counts"])
        write_release_diff(home.paths, home.ledger, before, side, content, Path(made), home.settings, limits)
        yield release_id, Path(made)


def _kept(home: Home, release_id: str | None) -> dict[str, Any]:
    try:
        facts = release_facts(home.ledger, str(release_id))
    except LookupError:
        raise StoreError(
            f"Không có bản phát hành {release_id}; xem sotinh releases list.",
            f"There is no release {release_id}; see sotinh releases list.",
        ) from None
    if not is_available(home.paths, facts["release_id"]):
        raise StoreError(
            f"Tệp của bản phát hành {release_id} không còn, nên không so sánh được.",
            f"The files of release {release_id} are gone, so it cannot be compared.",
        )
    return facts


def _changes(folder: Path, cause: str | None, limit: int) -> list[dict[str, Any]]:
    import duckdb

    sql = f"""
        select {COLUMNS} from {parquet(folder / CHANGES)}
        where $cause is null or cause = $cause
        order by table_name <> 'fct_indicator_values', table_name, key
        limit $limit
    """
    with duckdb.connect() as connection:
        return rows(connection, sql, {"cause": cause, "limit": limit})
