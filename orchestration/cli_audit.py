"""`sotinh verify` and `sotinh audit-pack`: proof for auditors that nothing was changed, here and away from here."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.cli import command, open_existing
from orchestration.console import print_json, print_table, progress
from orchestration.failures import DONE, FAILED

if TYPE_CHECKING:
    from orchestration.verifying import Verified

SHOWN = 50
STATUS_WORDS = {
    "vi": {"ok": "đúng", "fault": "LỖI", "not_checkable": "không kiểm được"},
    "en": {"ok": "ok", "fault": "FAULT", "not_checkable": "not checkable"},
}


@click.command()
@click.option("--release", "release_id", help="Only this release, instead of all and of making the current one again.")
@click.option("--quick", is_flag=True, help="Neither make the release again nor open the databases.")
@command
def verify(folder: Path | None, as_json: bool, release_id: str | None, quick: bool) -> int:
    """Check ledger, landing, lake and releases, and make the current release again from them; changes nothing.

    Exit code 0: nothing is wrong; 1: something is. It takes no lock and may run while a night does; what that night
    is just writing is not looked at.
    """
    from orchestration.verifying import verify_home

    home = open_existing(folder, "verify", datetime.now(UTC))
    with progress(enabled=not as_json):
        verified = verify_home(home, release_id, quick=quick)
    if as_json:
        print_json(verified.as_json())
    else:
        _print(verified, home.settings.language)
    return DONE if verified.is_right else FAILED


@click.command("audit-pack")
@click.argument("release_id", metavar="RELEASE")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="The zip; RELEASE.zip by default."
)
@click.option("--without-outputs", is_flag=True, help="Leave out all tables but those of the audit.")
@click.option("--write-root", is_flag=True, help="Write the root beside the zip, into FILE.zip.root.")
@command
def audit_pack(
    folder: Path | None,
    as_json: bool,
    release_id: str,
    target: Path | None,
    without_outputs: bool,
    write_root: bool,
) -> None:
    """Write one zip with all that RELEASE (or: current) rests on, which verify_pack.py checks anywhere.

    Note the printed root where nobody who could change the zip can change it: python verify_pack.py FILE.zip --expect
    ROOT finds even a pack that was made up as a whole.
    """
    from orchestration.audit_packing import make_pack

    home = open_existing(folder, "audit-pack", datetime.now(UTC))
    with progress(enabled=not as_json):
        packed = make_pack(home, release_id, target, outputs=not without_outputs)
    if write_root:
        Path(f"{packed.file}.root").write_text(f"{packed.root}  {Path(packed.file).name}\n", encoding="utf-8")
    if as_json:
        print_json(vars(packed))
        return
    click.echo(f"{packed.file}: {packed.members} members, {packed.bytes} bytes")
    for note in packed.notes:
        click.echo(note[home.settings.language])
    click.echo(f"root {packed.root}")


def _print(verified: "Verified", language: str) -> None:
    """Print a line per check, and what is wrong or cannot be checked."""
    words = STATUS_WORDS[language]
    told = f"told_{language}"
    rows = [{**vars(check), "status": words[check.status], "told": getattr(check, told)} for check in verified.checks]
    print_table("Verified", ("check", "status", "told"), rows)
    findings = [(check.check, finding) for check in verified.checks for finding in check.findings]
    shown = [
        {"check": name, "item": each.item, "status": words[each.status], "why": getattr(each, f"reason_{language}")}
        for name, each in sorted(findings, key=lambda pair: pair[1].status)[:SHOWN]
    ]
    print_table("Findings", ("check", "item", "status", "why"), shown)
    if verified.is_right:
        click.echo("Không có gì sai." if language == "vi" else "Nothing is wrong.")
    if len(findings) > SHOWN:
        click.echo(f"… and {len(findings) - SHOWN} more: --json lists every one")
