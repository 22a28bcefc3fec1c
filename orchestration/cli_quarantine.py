"""`sotinh quarantine` and `sotinh waive`: what is refused and why, and the decisions of persons about it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from orchestration.cli import by_option, command, known_source, open_existing, reason_option, wait_option
from orchestration.console import print_json, print_table, progress
from orchestration.home import Home
from orchestration.printing import print_explained, print_night
from warehouse.lock import home_lock


def _day(_context: click.Context, _parameter: click.Parameter, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value}: a day is written 2026-12-31") from error


source_option = click.option("--source", "source_id", required=True, help="The source whose loads it is about.")
now_option = click.option("--now", "at_once", is_flag=True, help="Run the night at once.")


@click.group()
def quarantine() -> None:
    """Look at the loads that are held back or could not be read, and decide about them."""


@quarantine.command("list")
@click.option("--all", "everything", is_flag=True, help="Those too that are closed or settled since.")
@command
def list_refused(folder: Path | None, as_json: bool, everything: bool) -> None:
    """List the open quarantined and failed loads."""
    from orchestration.quarantine import LIST_COLUMNS, refused_loads

    rows = refused_loads(open_existing(folder), everything=everything)
    if as_json:
        print_json(rows)
    elif rows:
        print_table("Quarantine", LIST_COLUMNS, rows)
        click.echo("sotinh quarantine show LOAD_ID explains one and says what can be done")
    else:
        click.echo("Không có gì bị giữ lại. / Nothing is held back.")


@quarantine.command()
@click.argument("load_id")
@command
def show(folder: Path | None, as_json: bool, load_id: str) -> None:
    """Say what failed about LOAD_ID, where, with examples, and what to do; in Vietnamese and English."""
    from orchestration.quarantine import explained

    told = explained(open_existing(folder), load_id, datetime.now(UTC))
    print_json(told) if as_json else print_explained(told)


@quarantine.command()
@click.argument("load_id")
@by_option
@reason_option
@now_option
@wait_option
@command
def release(folder: Path | None, as_json: bool, load_id: str, at_once: bool, **how: Any) -> int:
    """Let LOAD_ID count although rules on the whole load do not hold; the next night accepts it."""
    return _decide(folder, as_json, "release", load_id, at_once=at_once, **how)


@quarantine.command()
@click.argument("load_id")
@by_option
@reason_option
@wait_option
@command
def discard(folder: Path | None, as_json: bool, load_id: str, **how: Any) -> int:
    """Close LOAD_ID: it never counts, and stays visible in audit_loads."""
    return _decide(folder, as_json, "discard", load_id, **how)


@quarantine.command()
@click.argument("load_id")
@by_option
@reason_option
@now_option
@wait_option
@command
def undo(folder: Path | None, as_json: bool, load_id: str, at_once: bool, **how: Any) -> int:
    """Take back what was decided about LOAD_ID: the next night judges it as if nobody had decided."""
    return _decide(folder, as_json, "undo", load_id, at_once=at_once, **how)


def _decide(
    folder: Path | None,
    as_json: bool,
    action: str,
    load_id: str,
    *,
    by: str,
    reason: str,
    wait_seconds: float,
    at_once: bool = False,
) -> int:
    from orchestration.nightly import run_night
    from orchestration.quarantine import ACTIONS

    now = datetime.now(UTC)
    home = open_existing(folder, f"quarantine {action}", now)
    with home_lock(home.paths, wait_seconds):
        made = ACTIONS[action](home, load_id, by, reason, now)
    if not at_once:
        print_json(vars(made)) if as_json else click.echo(_next_night(home, f"{action} {made.subject_id}"))
        return 0
    with progress(enabled=not as_json):
        night = run_night(home, now, wait_seconds)
    print_json({**vars(made), "night": night.as_json()}) if as_json else print_night(night, home.settings.language)
    return night.exit_code


def _next_night(home: Home, what: str) -> str:
    if home.settings.language == "vi":
        return f"đã ghi vào sổ cái: {what}; lần chạy sau (sotinh nightly) sẽ thực hiện"
    return f"entered in the ledger: {what}; the next sotinh nightly acts on it"


class CheckOrCommand(click.Group):
    """`waive CHECK …` waives, `waive list` and `waive withdraw` are commands: no check is named so."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take what is no command of the group for the arguments of a waiver."""
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "CHECK", waive_check, args


@click.group(
    cls=CheckOrCommand,
    context_settings={"ignore_unknown_options": True},
    subcommand_metavar="CHECK --source ID --until DATE --by WHO --reason WHY | COMMAND",
)
def waive() -> None:
    """Let a failure of CHECK only warn for one source, to the end of a day in Viet Nam; then it blocks again."""


@click.command()
@click.argument("check_name", metavar="CHECK")
@source_option
@click.option("--until", required=True, callback=_day, help="The last day, in Viet Nam, on which it holds.")
@by_option
@reason_option
@wait_option
@command
def waive_check(
    folder: Path | None,
    as_json: bool,
    check_name: str,
    source_id: str,
    until: date,
    by: str,
    reason: str,
    wait_seconds: float,
) -> None:
    """Let a failure of CHECK only warn for one source, to the end of a day in Viet Nam; then it blocks again."""
    from orchestration.waiving import waive as waive_for

    now = datetime.now(UTC)
    home = open_existing(folder, "waive", now)
    source = known_source(home, source_id)
    with home_lock(home.paths, wait_seconds):
        made = waive_for(home, source, check_name, until, by, reason, now)
    print_json(vars(made)) if as_json else click.echo(_next_night(home, f"waive {made.subject_id} ≤ {until}"))


@waive.command("list")
@command
def list_waivers(folder: Path | None, as_json: bool) -> None:
    """List the waivers: in force, expired and withdrawn."""
    from orchestration.waiving import COLUMNS
    from orchestration.waiving import list_waivers as every_waiver

    rows = every_waiver(open_existing(folder), datetime.now(UTC))
    print_json(rows) if as_json else print_table("Waivers", COLUMNS, rows)


@waive.command("withdraw")
@click.argument("check_name", metavar="CHECK")
@source_option
@by_option
@reason_option
@wait_option
@command
def withdraw_waiver(
    folder: Path | None, as_json: bool, check_name: str, source_id: str, by: str, reason: str, wait_seconds: float
) -> None:
    """Let CHECK block again what is judged from now on."""
    from orchestration.waiving import withdraw

    now = datetime.now(UTC)
    home = open_existing(folder, "waive withdraw", now)
    source = known_source(home, source_id)
    with home_lock(home.paths, wait_seconds):
        made = withdraw(home, source, check_name, by, reason, now)
    print_json(vars(made)) if as_json else click.echo(_next_night(home, f"withdraw {made.subject_id}"))
