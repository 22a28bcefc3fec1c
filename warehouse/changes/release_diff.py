"""The diff of one build against a release: its files, its summary, and whether it has to wait for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.changes.compare import Side, compare, label, make_tables
from warehouse.changes.evidence import declared
from warehouse.changes.rules import SEEDS
from warehouse.changes.summary import CHANGES, DIFF, describe, write_changes, write_diff
from warehouse.changes.tolerance import reasons_to_hold
from warehouse.content import Content
from warehouse.files import make_folder, sha256_of
from warehouse.ledger import Entry, Ledger, entries
from warehouse.paths import HomePaths
from warehouse.release_files import DATABASE
from warehouse.settings import Settings

APPROVE = "approve"
NEW_FIGURE = "new_period"


@dataclass(frozen=True)
class ReleaseDiff:
    """What a build changes for users.

    Attributes:
        compared_with: the release it was compared with; None for the first.
        summary: what `diff.json` holds.
        held_for: why it must wait for a person, see `reasons_to_hold`.
        sha256: file name to SHA-256 of `diff.json` and `changes.parquet`.
    """

    compared_with: str | None
    summary: Mapping[str, Any]
    held_for: list[dict[str, str]]
    sha256: Mapping[str, str]

    def as_facts(self) -> dict[str, Any]:
        """What the ledger keeps of it: counts by cause, and the hashes of the two files."""
        return {
            "compared_with": self.compared_with,
            "causes": self.summary["causes"],
            "held_for": self.held_for,
            "sha256": dict(self.sha256),
        }


def release_side(paths: HomePaths, facts: Mapping[str, Any]) -> Side:
    """A published release as one side of a comparison; its files must be there.

    Args:
        paths: the home.
        facts: payload of its ledger entry.
    """
    folder = paths.releases / facts["release_id"]
    return Side(
        database=folder / DATABASE,
        seeds=folder / SEEDS if (folder / SEEDS).is_dir() else None,
        ledger_entry=facts["ledger_entry"],
        code_version=facts["code_version"],
        rules=facts.get("rules") or {},
        table_hashes=facts.get("table_hashes") or {},
    )


def write_release_diff(
    paths: HomePaths,
    ledger: Ledger,
    before: Mapping[str, Any] | None,
    after: Side,
    content: Content,
    folder: Path,
    settings: Settings,
    limits: Mapping[str, Any],
) -> ReleaseDiff:
    """Compares a build with a release and writes `diff.json` and `changes.parquet` into a folder.

    Of a first release everything is new: its rows are counted and not listed. Equal content needs no second look, so a
    release whose files are gone can be built again.

    Args:
        paths: the home.
        ledger: tells what came and went between the two.
        before: the release's facts, or None for the first.
        after: the build.
        content: of the build.
        folder: where to write; made when missing.
        settings: tolerances.
        limits: DuckDB's configuration.
    """
    import duckdb

    make_folder(folder)
    counts_before = before["row_counts"] if before else {}
    summary: dict[str, Any] = {
        "compared_with": before["release_id"] if before else None,
        "code_versions": [before["code_version"] if before else None, after.code_version],
        "row_counts": {table: [counts_before.get(table), rows] for table, rows in sorted(content.row_counts.items())},
    }
    held_for: list[dict[str, str]] = []
    with duckdb.connect(config=dict(limits)) as connection:
        if before and before["content_hash"] != content.content_hash:
            compared = compare(connection, paths, ledger, release_side(paths, before), after)
            held_for = reasons_to_hold(connection, compared, settings)
            summary |= describe(connection, compared)
        else:
            make_tables(connection)
            label(connection)
            summary |= _nothing_compared({} if before else content.row_counts)
        write_changes(connection, folder)
    summary["held_for"] = held_for
    write_diff(folder, summary)
    sha256 = {name: sha256_of(folder / name) for name in (CHANGES, DIFF)}
    return ReleaseDiff(summary["compared_with"], summary, held_for, sha256)


def approval_of(ledger: Ledger, diff: ReleaseDiff) -> Entry | None:
    """The entry in which a person has approved exactly these changes to exactly that release; None where none has."""
    approvals = (
        entry
        for entry in entries(ledger, "decision", subject_prefix="release/")
        if entry.payload["decision"] == APPROVE
        and entry.payload["compared_with"] == diff.compared_with
        and entry.payload["changes_sha256"] == diff.sha256[CHANGES]
    )
    return next(approvals, None)


def _nothing_compared(row_counts: Mapping[str, int]) -> dict[str, Any]:
    """The summary where every row of these tables is new."""
    values = {table: {NEW_FIGURE: {"added": row_counts[table]}} for table in declared("tables") if table in row_counts}
    causes = {NEW_FIGURE: sum(row_counts[table] for table in values)} if values else {}
    nothing: dict[str, Any] = {"schema": {}, "examples": {}, "ranks_moved": [], "evidence": {}}
    return {"causes": causes, "values": values, **nothing}
