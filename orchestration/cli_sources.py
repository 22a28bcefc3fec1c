"""`sotinh sources`: the declared sources, a first YAML for an unknown file, and the patch of one that drifted."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from orchestration.cli import command, known_source, open_existing
from orchestration.console import print_json, print_table
from orchestration.home import look_at_home

COLUMNS = ("source_id", "shape", "format", "frequency", "publisher", "path")


@click.group()
def sources() -> None:
    """List the declared sources, propose a new one, or accept the new layout of one."""


@sources.command("list")
@command
def list_sources(folder: Path | None, as_json: bool) -> None:
    """List the declared sources, ours and the home's own."""
    home = look_at_home(folder)
    rows: list[dict[str, Any]] = [
        {**{name: getattr(each, name) for name in COLUMNS}, "path": str(each.path)} for each in home.sources.values()
    ]
    print_json(rows) if as_json else print_table("Sources", COLUMNS, rows)


@sources.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", "source_id", help="What to call the source; by default after the file.")
@click.option(
    "--to", "target", type=click.Path(file_okay=False, path_type=Path), help="Folder; by default <home>/sources."
)
@click.option("--dry-run", is_flag=True, help="Print the YAML and write nothing.")
@click.option("--overwrite", is_flag=True, help="Replace a YAML that is there.")
@command
def new(
    folder: Path | None,
    as_json: bool,
    file: Path,
    source_id: str | None,
    target: Path | None,
    dry_run: bool,
    overwrite: bool,
) -> None:
    """Look at FILE, which no source is declared for, and write a first source YAML with questions (`# ?`)."""
    from ingestion.propose import propose, source_id_of

    home = look_at_home(folder)
    name = source_id or source_id_of(file.stem)
    path = (target or home.paths.sources) / f"{name}.yml"
    proposal = propose(file, name, home.reference)
    if not dry_run:
        if path.exists() and not overwrite:
            raise click.UsageError(f"{path} is there already: choose another --source, or say --overwrite")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(proposal.text, encoding="utf-8")
    if as_json:
        written = None if dry_run else str(path)
        print_json({"source_id": name, "path": written, "questions": proposal.questions, "yaml": proposal.text})
    elif dry_run:
        click.echo(proposal.text, nl=False)
    else:
        click.echo(f"{path}: {proposal.questions} questions (# ?) to answer; then: sotinh check {file} --source {name}")


@sources.command()
@click.argument("source_id")
@click.option("--yes", is_flag=True, help="Write it; without, the patch is shown and nothing is done.")
@command
def patch(folder: Path | None, as_json: bool, source_id: str, yes: bool) -> int:
    """Show the patch that accepts the layout of SOURCE_ID's last refused file; --yes writes it to <home>/sources."""
    from ingestion.later_layouts import with_entry
    from ingestion.source import later_sources, load_source
    from warehouse.files import make_folder, put_in_place, temporary
    from warehouse.load_records import live_loads

    home = open_existing(folder, "sources patch", datetime.now(UTC))
    source = known_source(home, source_id)
    known = {fingerprint for fingerprint, _ in later_sources(source)}
    open_drifts = [load.payload for load in live_loads(home.ledger, source_id) if load.payload.get("drift")]
    drifts = [load for load in open_drifts if (load["drift"]["entry"] or {}).get("fingerprint") not in {None, *known}]
    if not drifts:
        raise click.UsageError(f"no refused file of {source_id} has a proposed patch")
    drift = drifts[-1]["drift"]
    own = home.paths.sources / source.path.name
    if yes:
        text = with_entry(source.path.read_text(encoding="utf-8"), drift["entry"])
        with TemporaryDirectory() as trial:
            (Path(trial) / own.name).write_text(text, encoding="utf-8")
            load_source(Path(trial) / own.name)
        make_folder(own.parent)
        temporary(own).write_text(text, encoding="utf-8")
        put_in_place(temporary(own), own)
    if as_json:
        print_json({"file_name": drifts[-1]["file_name"], "path": str(own) if yes else None, **drift})
    else:
        click.echo(drift["patch"])
        click.echo(f"written to {own}; next: sotinh nightly" if yes else "nothing done yet: --yes writes it")
    return 0
