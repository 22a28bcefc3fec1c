"""The `sotinh` command. Each command opens the home, calls one function and prints what came back.

Exit codes: 0 done, 1 failed, 2 bad usage, 3 published but something was refused, 4 held for approval, 5 locked.
"""

import difflib
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.console import print_error, print_json, print_table, progress
from orchestration.home import Home, home_folder, look_at_home, open_home
from orchestration.logs import start_log
from orchestration.printing import print_checked, print_migration, print_night, print_plan

if TYPE_CHECKING:
    from ingestion.source import Source

LANGUAGE, DEFAULT_LANGUAGE = "sotinh.language", "vi"
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", type=click.Path(path_type=Path), help="The home folder (SOTINH_HOME; default ./data).")
@click.version_option(package_name="sotinh")
@click.pass_context
def main(context: click.Context, home: Path | None) -> None:
    """Load, prove and publish the numbers of the Vietnamese provinces."""
    context.obj = home


def command(function: Callable[..., int | None]) -> Callable[..., None]:
    """Give a command `--json`, and end it with its exit code or with one line that says what to do."""

    @wraps(function)
    def run(context: click.Context, as_json: bool, **arguments: Any) -> None:
        try:
            sys.exit(function(context.obj, as_json=as_json, **arguments) or 0)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as error:  # every error ends as one sentence; the log holds the rest
            sys.exit(_print_failure(error, as_json))

    return as_json_option(click.pass_context(run))


def _inbox(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse an inbox that is neither folder nor URL of a server: a typing error must not look like a quiet night."""
    from warehouse.errors import StoreError
    from warehouse.inbox_address import inbox_address

    if value is None:
        return None
    try:
        address = inbox_address(value, Path.cwd())
    except StoreError as error:
        raise click.BadParameter(error.en) from error
    if isinstance(address, Path) and not address.is_dir():
        raise click.BadParameter(f"there is no folder {value}")
    return str(address.resolve()) if isinstance(address, Path) else value


def _seconds(_context: click.Context, _parameter: click.Parameter, value: float) -> float:
    if not 0 <= value < float("inf"):
        raise click.BadParameter("a number of seconds, 0 or more")
    return value


wait_option: Callable[..., Any] = click.option(
    "--wait", "wait_seconds", type=float, default=0, callback=_seconds, help="Seconds to wait for the lock."
)


def _said(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("say it in words: the ledger and the reports keep it")
    return value.strip()


by_option: Callable[..., Any] = click.option("--by", required=True, callback=_said, help="Who decides.")
reason_option: Callable[..., Any] = click.option(
    "--reason", required=True, callback=_said, help="Why, for the ledger and the reports."
)
yes_option = click.option("--yes", is_flag=True, help="Do it; without, the plan is shown and nothing is done.")


@main.command()
@click.option("--inbox", callback=_inbox, help="Folder, sftp:// or s3:// URL to read instead of all inboxes.")
@wait_option
@command
def nightly(folder: Path | None, as_json: bool, inbox: str | None, wait_seconds: float) -> int:
    """Receive, validate, accept, build and publish whatever is new."""
    from orchestration.nightly import run_night

    now = datetime.now(UTC)
    home = _open(folder, "nightly", now, inbox)
    with progress(enabled=not as_json):
        night = run_night(home, now, wait_seconds)
    if as_json:
        print_json(night.as_json())
    else:
        print_night(night, home.settings.language)
    return night.exit_code


def _months(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, str] | None:
    from orchestration.rebuilding import months_between

    try:
        return months_between(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@main.command()
@click.option("--months", callback=_months, default="", help="2022-07..2022-09: only these months.")
@click.option("--source", "sources", multiple=True, help="Read the files of this source again from landing.")
@click.option("--all", "everything", is_flag=True, help="Every source, and the warehouse from nothing.")
@yes_option
@wait_option
@command
def rebuild(
    folder: Path | None,
    as_json: bool,
    months: tuple[str, str] | None,
    sources: tuple[str, ...],
    everything: bool,
    yes: bool,
    wait_seconds: float,
) -> int:
    """Show what would be read or summed again and why; with --yes, do it and publish."""
    from orchestration.nightly import run_rebuild
    from orchestration.rebuilding import Rebuild, make_plan

    now = datetime.now(UTC)
    home = open_existing(folder, "rebuild", now)
    for source_id in sources:
        known_source(home, source_id)
    asked = Rebuild(sources, months, everything)
    if not yes:
        plan = make_plan(home, asked, now)
        print_json(plan.as_json()) if as_json else print_plan(plan)
        return 0
    with progress(enabled=not as_json):
        night = run_rebuild(home, asked, now, wait_seconds)
    if as_json:
        print_json(night.as_json())
    else:
        print_night(night, home.settings.language)
    return night.exit_code


@main.command()
@command
def status(folder: Path | None, as_json: bool) -> None:
    """Show each source with its last load, what is late, what is quarantined, and the current release."""
    from orchestration.lateness import SUMMARY_COLUMNS, summary
    from orchestration.status import CORRECTION_COLUMNS, INBOX_COLUMNS, LOAD_COLUMNS, SOURCE_COLUMNS, read_status

    state = read_status(open_existing(folder), datetime.now(UTC))
    if as_json:
        print_json(state.as_json())
        return
    click.echo(state.headline())
    print_table("Inboxes", INBOX_COLUMNS, state.inboxes)
    print_table("Sources", SOURCE_COLUMNS, state.sources)
    print_table("Late", SUMMARY_COLUMNS, summary(state.late))
    print_table("Corrections that met nothing", CORRECTION_COLUMNS, state.unused_corrections)
    print_table("Quarantined or failed", LOAD_COLUMNS, state.open_loads)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", "source_id", help="The source the file is from; by default the name of its folder.")
@command
def check(folder: Path | None, as_json: bool, file: Path, source_id: str | None) -> int:
    """Say what a night would make of FILE today; writes nothing. Exit code 3 when not all of it would count."""
    from orchestration.checking import check_file

    home = look_at_home(folder)
    click.get_current_context().meta[LANGUAGE] = home.settings.language
    source = known_source(home, source_id or file.absolute().parent.name)
    with progress(enabled=not as_json):
        checked = check_file(home, source, file, datetime.now(UTC))
    if as_json:
        print_json(checked.as_json())
    else:
        print_checked(checked, home.settings.language)
    return 0 if checked.is_clean else 3


@main.command()
@click.option("--to", "target", type=click.Path(path_type=Path), help="Folder to write; by default the home's inbox.")
@click.option("--with-faults", is_flag=True, help="Add files that are broken in known ways.")
@command
def sample(folder: Path | None, as_json: bool, target: Path | None, with_faults: bool) -> None:
    """Write the sample inbox: facts of published articles, and operators' workbooks labelled as synthetic."""
    from ingestion.sample import write_sample

    inbox = target or _open(folder).paths.inbox
    files = [str(path) for path in write_sample(inbox, with_faults=with_faults)]
    if as_json:
        print_json({"inbox": str(inbox), "files": files})
    else:
        click.echo(f"{len(files)} files in {inbox}; next: sotinh nightly")


def _month(_context: click.Context, _parameter: click.Parameter, value: str) -> date:
    try:
        return date.fromisoformat(f"{value}-01")
    except ValueError as error:
        raise click.BadParameter(f"{value}: a month is written 2022-01") from error


@main.command()
@click.option("--rows", type=click.IntRange(1), required=True, help="States of dossiers in all files together.")
@click.option("--months", type=click.IntRange(1, 240), default=3, show_default=True, help="Months, one file each.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same bytes.")
@click.option("--first-month", callback=_month, default="2022-01", show_default=True, help="The first month.")
@click.option("--with-faults", is_flag=True, help="Break about one line in 150, in known ways.")
@click.option("--to", "target", type=click.Path(path_type=Path), help="Folder to write; by default the home's inbox.")
@command
def generate(
    folder: Path | None,
    as_json: bool,
    rows: int,
    months: int,
    seed: int,
    first_month: date,
    with_faults: bool,
    target: Path | None,
) -> None:
    """Write dossier logs of two invented portals, of any size, labelled as synthetic."""
    from ingestion.generate import generate as write_logs

    inbox = target or _open(folder).paths.inbox
    with progress(enabled=not as_json):
        written = write_logs(inbox, rows, months, seed, faults=with_faults, first_month=first_month)
    if as_json:
        print_json({"inbox": str(inbox), "files": [str(path) for path in written]})
    else:
        click.echo(f"{len(written)} synthetic logs, {rows} states, in {inbox}; next: sotinh nightly")


@main.command()
@yes_option
@wait_option
@command
def migrate(folder: Path | None, as_json: bool, yes: bool, wait_seconds: float) -> None:
    """Show what an older home needs to work with this version; with --yes, copy what changes and change it."""
    from orchestration.migrating import migrate as bring_up_to_date

    _require_home(folder)
    done = bring_up_to_date(folder, datetime.now(UTC), yes=yes, wait_seconds=wait_seconds)
    if as_json:
        print_json(done.as_json())
    else:
        print_migration(done, click.get_current_context().meta.get(LANGUAGE, DEFAULT_LANGUAGE))


@main.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=3000,
    show_default=True,
    help="Port of the pages, on this machine only.",
)
@command
def dev(folder: Path | None, as_json: bool, port: int) -> int:
    """Serve Dagster's pages and daemon for this home, on this machine only, until Ctrl+C."""
    from orchestration.pages import serve

    home = _open(folder)

    def announce(url: str) -> None:
        if as_json:
            print_json({"url": url, "home": str(home.paths.home)})
        else:
            click.echo(f"{url} shows {home.paths.home}; Ctrl+C ends the pages, and a night they started")

    return serve(home, port, announce)


def _open(
    folder: Path | None, command_name: str | None = None, now: datetime | None = None, inbox: str | None = None
) -> Home:
    """Open the home; a command that changes something also opens its log file."""
    home = open_home(folder, inbox)
    click.get_current_context().meta[LANGUAGE] = home.settings.language
    if command_name and now:
        start_log(home.paths.logs, command_name, now, home.settings)
    return home


def open_existing(folder: Path | None, command_name: str | None = None, now: datetime | None = None) -> Home:
    """Open a home that a night has run in."""
    _require_home(folder)
    return _open(folder, command_name, now)


def _require_home(folder: Path | None) -> None:
    """Refuse a folder that no night has run in: a mistyped one must not become an empty home."""
    place = home_folder(folder)
    if not (place / "ledger.db").exists() and not os.environ.get("SOTINH_LEDGER_URL"):
        raise click.UsageError(f"{place} is no home of sotinh yet: check --home, or run sotinh nightly first")


def known_source(home: Home, source_id: str) -> "Source":
    """Return a declared source; for an unknown one name the nearest."""
    if source_id not in home.sources:
        near = difflib.get_close_matches(source_id, home.sources, n=3)
        raise click.BadParameter(f"no source {source_id}; known: {', '.join(near or home.sources)}")
    return home.sources[source_id]


def _print_failure(error: Exception, as_json: bool) -> int:
    from orchestration.failures import explain

    message_vi, message_en, exit_code = explain(error)
    if as_json:
        outcome = {"exit_code": exit_code, "outcome": "failed", "message_vi": message_vi, "message_en": message_en}
        print_json(outcome)
    else:
        language = click.get_current_context().meta.get(LANGUAGE, DEFAULT_LANGUAGE)
        print_error(message_vi if language == "vi" else message_en)
    return exit_code


# their commands are made with what stands above
from orchestration.cli_audit import audit_pack, verify  # noqa: E402
from orchestration.cli_drill import drill  # noqa: E402
from orchestration.cli_explain import explain  # noqa: E402
from orchestration.cli_gate import approve, diff  # noqa: E402
from orchestration.cli_quarantine import quarantine, waive  # noqa: E402
from orchestration.cli_releases import releases  # noqa: E402
from orchestration.cli_site import site  # noqa: E402
from orchestration.cli_sources import sources  # noqa: E402

for part in (diff, approve):
    releases.add_command(part)
for part in (releases, sources, quarantine, waive, explain, verify, audit_pack, drill, site):
    main.add_command(part)
