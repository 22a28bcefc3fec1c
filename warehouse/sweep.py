"""Removes what a killed run left behind and no ledger entry speaks of."""

import os
from pathlib import Path

from warehouse.errors import clear_errors
from warehouse.files import TEMPORARY, remove_leftovers, remove_tree
from warehouse.lake_files import listed_files
from warehouse.ledger import Ledger, entries
from warehouse.load_records import summarise
from warehouse.paths import HomePaths
from warehouse.release_pointer import require_own_ledger


def sweep(paths: HomePaths, ledger: Ledger) -> list[str]:
    """Removes orphaned lake and staged files and interrupted temporary ones; call it only under the home's lock.

    Args:
        paths: the home.
        ledger: lists the lake files that count and the quarantined loads whose staged files stay.

    Returns:
        What was removed, relative to the home.

    Raises:
        StoreError: the ledger is not this home's own.
    """
    removed: list[str] = []
    with clear_errors("dọn tệp dở dang", "sweeping interrupted files"):
        require_own_ledger(paths, ledger)
        found = entries(ledger, "load")
        records = summarise(found)
        # of all entries: an earlier release is made of what a load was before it was judged again
        listed = {name for entry in found for name in listed_files(entry.payload)}
        for folder, _, names in os.walk(paths.lake):
            for name in names:
                path = Path(folder) / name
                is_ours = name.endswith(".parquet")
                if is_ours and path.relative_to(paths.home).as_posix() not in listed:
                    path.unlink()
                    removed.append(path.relative_to(paths.home).as_posix())
        held = {record.load_id for record in records if record.verdict == "quarantined"}
        for name in sorted(os.listdir(paths.staged)) if paths.staged.is_dir() else []:
            if name not in held and not name.startswith(TEMPORARY):
                remove_tree(paths.staged / name)
                removed.append(f"staged/{name}")
        removed += [f"staged/{name}" for name in remove_leftovers(paths.staged)]
        for folder_path in (paths.build, paths.export):
            removed += [f"build/{name}" for name in remove_leftovers(folder_path)]
        spilled = paths.build / "tmp"  # where DuckDB puts what does not fit into memory
        if spilled.is_dir() and any(spilled.iterdir()):
            remove_tree(spilled)
            removed.append("build/tmp")
        for log in sorted(paths.build.glob("*.wal")):  # else DuckDB would replay it into the next build
            for path in (log, log.with_suffix("")):
                remove_tree(path)
                removed.append(f"build/{path.name}")
    return removed
