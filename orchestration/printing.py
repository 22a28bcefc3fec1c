"""What the commands print for people; with `--json` they print one document instead."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from orchestration.console import print_error, print_table
from warehouse.rejection import HELD_REASON

if TYPE_CHECKING:
    from orchestration.as_of import AsOf
    from orchestration.checking import Checked
    from orchestration.migrating import Migration
    from orchestration.nightly import Night
    from orchestration.rebuilding import Plan

REJECTED_SHOWN = 20


def print_plan(plan: "Plan") -> None:
    """Print what a rebuild would do again, and why."""
    from orchestration.rebuilding import PLAN_COLUMNS

    print_table("Read again from landing", PLAN_COLUMNS, plan.files)
    if plan.everything:
        click.echo("the warehouse is built from nothing")
    elif plan.months:
        click.echo(f"dossiers of {plan.months[0]} to {plan.months[1]} are summed again from the lake")
    nothing = not (plan.files or plan.months or plan.everything)
    click.echo("nothing to do" if nothing else "nothing done yet: the same command with --yes does it")


def print_migration(done: "Migration", language: str) -> None:
    """Print what an older home needs, or what was done for it."""
    if done.from_version == done.to_version:
        click.echo(f"nothing to do: the home is of version {done.to_version}")
        return
    click.echo(f"home version {done.from_version} to {done.to_version}")
    for step in done.steps:
        click.echo(f"- {step[language]}")
    click.echo(f"done; what was changed is copied in {done.backup}" if done.is_done else "nothing done yet: add --yes")


def print_as_of(star: "AsOf") -> None:
    """Print which release was known at a moment, and where it lies."""
    mark = ", current today" if star.is_current else ""
    click.echo(f"as of {star.moment:%Y-%m-%d %H:%M:%S} UTC: {star.release_id}{mark}")
    click.echo(f"published {star.published_at:%Y-%m-%d %H:%M:%S} UTC; content {star.content_hash}")
    if star.made:
        click.echo(f"{star.made.replace('_', ' ')}, the same content: {star.folder}")
    else:
        click.echo(star.folder or "its files are not kept: --to DIR builds it again from ledger and lake")


def print_night(night: "Night", language: str) -> None:
    """Print the loads of a night, what it came to, and the current release."""
    loads = [{**load, "reason": _reason(load, language)} for load in night.loads]
    if loads:
        columns = ("source_id", "file_name", "verdict", "rows_read", "rows_accepted", "rows_rejected", "reason")
        print_table("Loads", columns, loads)
    message = night.message_vi if language == "vi" else night.message_en
    if night.outcome == "failed":
        print_error(message)
    else:
        click.echo(f"{night.outcome}: {message}")
    click.echo(f"current release: {night.release_id or 'none yet'}")


def print_checked(checked: "Checked", language: str) -> None:
    """Print what a night would make of a file: counts, differences of layout, rules not met, rejected cells."""
    counts = (checked.rows_accepted, checked.rows_rejected, checked.rows_superseded)
    click.echo(f"{checked.file_name}: {checked.verdict}")
    click.echo("{} rows read: {} accepted, {} rejected, {} superseded".format(checked.rows_read, *counts))
    if reason := getattr(checked, f"reason_{language}"):
        click.echo(reason)
    print_table("Found", list(checked.found[0]) if checked.found else (), checked.found)
    if checked.drift and checked.drift["patch"]:
        click.echo(checked.drift["patch"])
    rules = [{**rule, "rule": rule[f"rule_{language}"]} for rule in checked.failed_rules]
    print_table("Rules not met", ("check_name", "on_fail", "observed", "rule"), rules)
    rejected = [{**row, "reason": row[f"reason_{language}"]} for row in checked.rejected[:REJECTED_SHOWN]]
    print_table("Rejected", ("sheet", "cell", "field", "raw_value", "reason"), rejected)
    if len(checked.rejected) > REJECTED_SHOWN:
        click.echo(f"… and {len(checked.rejected) - REJECTED_SHOWN} more: --json lists every one")


def print_explained(told: Mapping[str, Any]) -> None:
    """Print what failed about a load, where, and what to do; in both languages, whichever the home speaks."""
    by = f", {told['decision']}: {told['decided_by']} – {told['decision_reason']}" if told["decision"] else ""
    click.echo(f"{told['load_id']}  {told['source_id']}/{told['file_name']}: {told['verdict']}{by}")
    click.echo(f"{told['rows_read']} rows read, {told['rows_rejected']} rejected or held back")
    click.echo(f"\n{told['reason_vi']}\n{told['reason_en']}")
    for check in told["failed_checks"]:
        waiver = f" [{check['waiver']}]" if check["waiver"] else ""
        click.echo(f"\n{check['check_name']} ({check['on_fail']}){waiver}: {check['observed']}")
        click.echo(f"  {check['rule_vi']}\n  {check['rule_en']}")
    for group in told["rejected"]:
        click.echo(f"\n{group['reason_code']}: {group['rejected_count']}")
        for row in group["examples"]:
            click.echo(f"  {told['file_name']} / {row['sheet']} / {row['cell']}  {row['field']} «{row['raw_value']}»")
        if group["reason_code"] != HELD_REASON:
            click.echo(f"  {row['reason_vi']}\n  {row['reason_en']}")
    click.echo("\nCó thể làm gì / What can be done")
    for step in told["next"]:
        click.echo(f"- {step['vi']}\n  {step['en']}")
        if step["command"]:
            click.echo(f"    {step['command']}")


def _reason(load: dict[str, Any], language: str) -> str:
    return "" if load["verdict"] == "accepted" else load[f"reason_{language}"] or ""
