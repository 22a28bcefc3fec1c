"""`sotinh releases`: what was published and what was known when, and the way back to an earlier release."""

from datetime import UTC, datetime
from pathlib import Path

import click

from orchestration.cli import by_option, command, open_existing, reason_option
from orchestration.console import print_json, print_table, progress
from orchestration.printing import print_as_of

COLUMNS = ("", "release_id", "published_at", "ledger_entry", "kept", "content_hash")


@click.group()
def releases() -> None:
    """List the published releases, give the one of a day, or point `current` back to an earlier one."""


@releases.command("list")
@command
def list_releases(folder: Path | None, as_json: bool) -> None:
    """List the releases, the newest first; `*` marks the current one. Of those not kept the files are gone."""
    from warehouse.releases import list_releases as every_release

    home = open_existing(folder)
    rows = [vars(release) for release in every_release(home.paths, home.ledger)]
    if as_json:
        print_json(rows)
        return
    marked = [
        {**row, "": "*" if row["is_current"] else "", "kept": "yes" if row["is_available"] else "no"} for row in rows
    ]
    print_table("Releases", COLUMNS, marked)


@releases.command()
@click.argument("release_id", required=False)
@by_option
@reason_option
@command
def rollback(folder: Path | None, as_json: bool, release_id: str | None, by: str, reason: str) -> None:
    """Point `current` to RELEASE_ID, by default the one before; it holds until something new is published."""
    from warehouse.lock import home_lock
    from warehouse.release_pointer import rollback as point_back

    now = datetime.now(UTC)
    home = open_existing(folder, "rollback", now)
    with home_lock(home.paths):
        target = point_back(home.paths, home.ledger, release_id, by=by, reason=reason, at=now)
    if as_json:
        print_json({"release_id": target})
    else:
        click.echo(f"current is {target}")


@releases.command()
@click.argument("when", metavar="DATE")
@click.option("--to", "target", type=click.Path(file_okay=False, path_type=Path), help="Folder to write the star to.")
@command
def asof(folder: Path | None, as_json: bool, when: str, target: Path | None) -> None:
    """Say which release users read on DATE and, with --to, write it: a copy, or built again where it is not kept.

    DATE is a day (its end in Viet Nam) or a time (2022-10-31T08:00, in Viet Nam without a zone). What is written has
    the content hash the ledger holds for that release; where this code makes another content, nothing is written.
    """
    from orchestration.as_of import star_as_of
    from warehouse.as_of import moment_of

    now = datetime.now(UTC)
    home = open_existing(folder, "asof", now)
    try:
        moment = moment_of(when, now)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    with progress(enabled=not as_json):
        star = star_as_of(home, moment, target)
    print_json(star.as_json()) if as_json else print_as_of(star)
