"""`sotinh site`: the auditors' pages of the current release, made again or somewhere else."""

from datetime import UTC, datetime
from pathlib import Path

import click

from orchestration.cli import command, open_existing
from orchestration.console import print_json


@click.command()
@click.option("--only", type=click.Choice(["quality"]), help="Only this part; there is one so far.")
@click.option(
    "--to", "target", type=click.Path(file_okay=False, path_type=Path), help="Folder, by default <home>/site."
)
@command
def site(folder: Path | None, as_json: bool, only: str | None, target: Path | None) -> None:
    """Write the quality report of the current release: static pages that open from a file path and can be printed.

    Every release brings the same pages in its folder `site/`. The folder written to must be empty, not there yet, or
    one that this command has written before: that one is replaced as a whole.
    """
    from orchestration.site import make_site

    home = open_existing(folder, "site", datetime.now(UTC))
    made = make_site(home, (target or home.paths.site).absolute())
    if as_json:
        print_json(made)
    else:
        click.echo("{pages} pages of {release_id}: {index}".format(**made))
