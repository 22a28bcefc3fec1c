"""`sotinh drill`: seeded faults into a copy of the home's history, and which checks saw them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from orchestration.cli import command, open_existing, wait_option
from orchestration.console import print_json, print_table, progress
from orchestration.failures import DONE, PARTLY_REFUSED

FEWEST_DETECTED = 0.95
COLUMNS = ("kind", "name", "injected", "detected", "read_rightly", "missed", "share", "caught_by")
CLEAN_COLUMNS = ("check", "judged", "alarms")


def _kinds(_context: click.Context, _parameter: click.Parameter, value: str) -> list[str]:
    from ingestion.drill.kinds import KINDS

    asked = [each.strip() for each in value.split(",") if each.strip()] or list(KINDS)
    unknown = [each for each in asked if each not in KINDS]
    if unknown:
        raise click.BadParameter(f"no kind {', '.join(unknown)}; known: {', '.join(KINDS)}")
    return asked


@click.command()
@click.option("--seed", type=int, help="Every choice is drawn from it; by default year and week (202231).")
@click.option("--faults", type=click.IntRange(1, 1000), default=5, show_default=True, help="So many of each kind.")
@click.option("--kinds", callback=_kinds, default="", help="Only these kinds, with commas; by default all.")
@wait_option
@command
def drill(
    folder: Path | None, as_json: bool, seed: int | None, faults: int, kinds: list[str], wait_seconds: float
) -> int:
    """Put seeded faults into a copy of the real files, and tell which checks saw them, and false alarms.

    Nothing of the home is changed but `drills/` and one entry of the ledger. Ends with 3 where less than 95 % of the
    faults of a kind were seen.
    """
    from orchestration.drill import run_drill, share_handled

    now = datetime.now(UTC)
    home = open_existing(folder, "drill", now)
    with progress(enabled=not as_json):
        result = run_drill(home, seed=seed, faults=faults, kinds=kinds, now=now, wait_seconds=wait_seconds)
    if as_json:
        print_json(result)
    else:
        _print(result, home.settings.language, home.paths.drills)
    shares = [share_handled(score) for score in result["kinds"]]
    return PARTLY_REFUSED if any(share is not None and share < FEWEST_DETECTED for share in shares) else DONE


def _print(result: dict[str, Any], language: str, drills: Path) -> None:
    from orchestration.drill import share_handled

    rows = []
    for score in result["kinds"]:
        share = share_handled(score)
        named = ", ".join(f"{name} {count}" for name, count in list(score["caught_by"].items())[:4])
        shown = {"name": score[f"name_{language}"], "caught_by": named or score[f"not_tried_{language}"]}
        rows.append({**score, **shown, "share": "" if share is None else f"{100 * share:.1f} %"})
    print_table(f"Faults (seed {result['seed']})", COLUMNS, rows)
    clean = result["clean"]
    alarmed = [{"check": name, **counts} for name, counts in clean["by_check"].items() if counts["alarms"]]
    print_table("Alarms on the history as it is", CLEAN_COLUMNS, alarmed)
    click.echo(
        f"history as it is: {clean['loads_alarmed']} of {clean['loads']} loads alarm, "
        f"{clean['alarms']} of {clean['checks']} checks"
    )
    for trial in result["trials"]:
        if trial["outcome"] == "missed":
            where = drills / result["run_id"] / trial["kept"] if trial["kept"] else trial["file_name"]
            click.echo(f"missed: {trial['kind']}: {trial['what']}: {where}")
    click.echo(str(drills / f"{result['run_id']}.json"))
