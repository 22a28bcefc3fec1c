"""Around dbt: the inputs frozen at one ledger entry before it, the release made of its database after it."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from orchestration.home import Home
from orchestration.site import write_pages
from warehouse.build_checks import BuildChecks
from warehouse.export import export_inputs
from warehouse.ledger import last_entry_no
from warehouse.load_records import load_records
from warehouse.releases import Published, publish
from warehouse.sheet_counts import unbalanced


@dataclass(frozen=True)
class Frozen:
    """What a build may read.

    Attributes:
        row_counts: rows of each input table.
        unbalanced: ids of loads whose rows do not add up; nothing may be published while there is one.
    """

    row_counts: dict[str, int]
    unbalanced: list[str]


def freeze_inputs(home: Home, now: datetime) -> Frozen:
    """Export the ledger up to its last entry, and note that entry and this moment for the release to come."""
    up_to = last_entry_no(home.ledger)
    row_counts = export_inputs(home.paths, home.ledger, up_to, home.sources, home.promises, now)
    note = {"ledger_entry": up_to, "published_at": now.isoformat(), "code_version": home.code_version}
    home.paths.build_note.write_text(json.dumps(note), encoding="utf-8")
    home.paths.build_checks.unlink(missing_ok=True)  # those of the build before
    return Frozen(row_counts, unbalanced(load_records(home.ledger, up_to)))


def publish_build(home: Home) -> Published:
    """Publish what dbt built from the frozen inputs, as of the moment they were frozen."""
    note = json.loads(home.paths.build_note.read_text(encoding="utf-8"))
    tested = home.paths.build_checks
    checks = BuildChecks(**json.loads(tested.read_text(encoding="utf-8"))) if tested.exists() else None
    return publish(
        home.paths,
        home.ledger,
        home.paths.warehouse_db,
        ledger_entry=note["ledger_entry"],
        code_version=note["code_version"],
        published_at=datetime.fromisoformat(note["published_at"]),
        settings=home.settings,
        rules=home.rules,
        checks=checks,
        write_pages=partial(write_pages, home),
    )
