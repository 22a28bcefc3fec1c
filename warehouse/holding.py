"""A build that waits for a person: kept as it is until it is approved, or until a night builds something else."""

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.build_checks import BuildChecks, keep_checks
from warehouse.files import make_folder, make_read_only, remove_tree, sync_folder, sync_tree, temporary
from warehouse.ledger import Entry, Ledger, append, last_entry
from warehouse.paths import HomePaths

DIFF_FOLDER = "diff"


def hold(
    paths: HomePaths,
    ledger: Ledger,
    warehouse_db: Path,
    facts: Mapping[str, Any],
    at: datetime,
    checks: BuildChecks | None = None,
) -> str:
    """Keeps a build and what it changes under `build/held/<release_id>`, and says so in the ledger.

    The same content held again is the same hold: no second entry. Another one takes its place.

    Args:
        paths: the home; `paths.diff` holds the files of the diff.
        ledger: gets a `held` entry, and before it one of the checks.
        warehouse_db: the closed database dbt built.
        facts: of the release that was to be published.
        at: now.
        checks: results of the build's tests and of the gate.

    Returns:
        The id under which it is held.
    """
    before = open_hold(ledger)
    is_same = before is not None and all(before.payload[name] == facts[name] for name in ("content_hash", "diff"))
    held_id = str(before.subject_id if before and is_same else facts["release_id"])
    folder = paths.held / held_id
    if not (is_same and folder.is_dir()):
        drop_held(paths)
        make_folder(paths.held)
        work = temporary(folder)
        remove_tree(work)
        work.mkdir(mode=0o700)
        shutil.copyfile(warehouse_db, work / warehouse_db.name)
        shutil.copytree(paths.diff, work / DIFF_FOLDER)
        sync_tree(work)
        work.rename(folder)
        make_read_only(folder)
        sync_folder(paths.held)
    if not is_same:
        if checks:
            keep_checks(ledger, held_id, checks, at)
        append(ledger, "held", held_id, facts, at)
    return held_id


def open_hold(ledger: Ledger) -> Entry | None:
    """The entry of the build that is held; None where nothing waits."""
    entry = last_entry(ledger, ("held", "release", "unchanged"))
    return entry if entry is not None and entry.kind == "held" else None


def drop_held(paths: HomePaths) -> None:
    """Removes what was held: it is published, or something else was built since."""
    remove_tree(paths.held)
