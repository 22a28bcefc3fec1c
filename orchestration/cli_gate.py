"""`sotinh releases diff` and `approve`: what a release changes for users and why, and the word that lets it out."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from orchestration.cli import DEFAULT_LANGUAGE, LANGUAGE, by_option, command, open_existing, reason_option
from orchestration.console import print_json, print_table, progress

CHANGE_COLUMNS = ("table_name", "key", "change", "value_before", "value_after", "cause", "causes")
MOVED_COLUMNS = ("province_id", "indicator_code", "period_id", "value_before", "value_after", "cause")


@click.command()
@click.argument("earlier", required=False, metavar="[A]")
@click.argument("later", required=False, metavar="[B]")
@click.option("--cause", help="Only changes of this cause, as new_period or unexplained.")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Most changes shown.")
@command
def diff(
    folder: Path | None, as_json: bool, earlier: str | None, later: str | None, cause: str | None, limit: int
) -> None:
    """Show what a release changes for users, each value with its cause.

    Without arguments: the release that is held, else the current one, against the one before it. With A: release A
    against the one before it. With A and B: B against A.
    """
    from orchestration.release_diffs import read_diff
    from warehouse.changes.evidence import declared

    home = open_existing(folder)
    if cause is not None and cause not in declared("causes"):
        raise click.BadParameter(f"no cause {cause}; known: {', '.join(declared('causes'))}")
    with progress(enabled=not as_json):
        found = read_diff(home, earlier, later, cause, limit)
    if as_json:
        print_json(found)
    else:
        _print_diff(found, click.get_current_context().meta.get(LANGUAGE, DEFAULT_LANGUAGE))


@click.command()
@click.argument("release_id", required=False)
@by_option
@reason_option
@command
def approve(folder: Path | None, as_json: bool, release_id: str | None, by: str, reason: str) -> None:
    """Publish exactly the release that is held."""
    from functools import partial

    from orchestration.site import write_pages
    from warehouse.approving import approve as let_out
    from warehouse.lock import home_lock

    now = datetime.now(UTC)
    home = open_existing(folder, "approve", now)
    with home_lock(home.paths), progress(enabled=not as_json):
        pages = partial(write_pages, home)
        published = let_out(
            home.paths,
            home.ledger,
            release_id,
            by=by,
            reason=reason,
            at=now,
            settings=home.settings,
            write_pages=pages,
        )
    if as_json:
        print_json({"release_id": published.release_id, "content_hash": published.content_hash})
    else:
        click.echo(f"current is {published.release_id}")


def _print_diff(found: dict[str, Any], language: str) -> None:
    from warehouse.changes.evidence import declared

    click.echo(f"{found['release_id']} against {found['compared_with'] or 'nothing: it is the first'}")
    for reason in found["held_for"]:
        click.echo(f"held: {reason[f'reason_{language}']}")
    labels = declared("causes")
    counts = [
        {"cause": cause, "": labels[cause][language], "changes": count} for cause, count in found["causes"].items()
    ]
    print_table("Causes", ("cause", "", "changes"), counts)
    rows = [
        {"table": table, "before": before, "after": after}
        for table, (before, after) in found["row_counts"].items()
        if before != after
    ]
    print_table("Rows", ("table", "before", "after"), rows)
    schema = [{"what": what, "name": name} for what, names in found.get("schema", {}).items() for name in names]
    print_table("Schema", ("what", "name"), schema)
    print_table("Places that moved", MOVED_COLUMNS, found.get("ranks_moved", []))
    print_table("Changes", CHANGE_COLUMNS, found["changes"])
