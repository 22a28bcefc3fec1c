"""What stands: each source with its last load, what is refused and still open, and the current release."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ingestion.corrections import unused
from orchestration.home import Home
from orchestration.lateness import late_periods
from warehouse.canonical import utc_time
from warehouse.decisions import LOAD, Decision, decisions, loads_decided, open_loads
from warehouse.holding import open_hold
from warehouse.inbox import InboxFile
from warehouse.inboxes import Inbox, Sight, look_into
from warehouse.landing import waiting
from warehouse.load_records import LoadRecord, last_loads, live_loads
from warehouse.releases import Release, list_releases

DECLARED = ("source_id", "shape", "frequency")
SOURCE_COLUMNS = (*DECLARED, "file_name", "received_at", "verdict", "rows_accepted", "rows_rejected", "last_period_id")
INBOX_COLUMNS = ("inbox", "waiting", "reason")
CORRECTION_COLUMNS = ("id", "source_id", "indicator_code", "period_id", "status")
LOAD_COLUMNS = ("load_id", "source_id", "file_name", "verdict", "rows_read", "decision", "reason")


@dataclass(frozen=True)
class Status:
    """The state of a home.

    Attributes:
        release: the current release; None before the first.
        is_newest: whether the current release is also the last one published.
        sources: one row per declared source with its last load; empty columns where it has sent nothing.
        open_loads: quarantined and failed loads that no later load of the same file has settled and nobody has
            discarded; `decision` is `release` where the next night accepts one.
        late: per source and period what should have come and has not.
        inboxes: each inbox, or folder in it that cannot be read, with how many of its files wait for the next night.
        unused_corrections: entries of the register that no load of their source ever met.
        held: the release that waits for approval, and why; None where none does.
    """

    release: dict[str, Any] | None
    is_newest: bool
    sources: list[dict[str, Any]]
    open_loads: list[dict[str, Any]]
    late: list[dict[str, Any]]
    inboxes: list[dict[str, Any]]
    unused_corrections: list[dict[str, Any]]
    held: dict[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """Return the status as plain values."""
        return asdict(self)

    def headline(self) -> str:
        """Return one line about the current release."""
        if self.release is None:
            return "no release yet: run sotinh nightly"
        behind = "" if self.is_newest else " (rolled back: newer ones exist)"
        waiting = f"; {self.held['release_id']} is held: see sotinh releases diff" if self.held else ""
        return f"current release {self.release['release_id']}{behind}{waiting}"


def read_status(home: Home, now: datetime) -> Status:
    """Read the state of a home from its ledger and its declared sources, as it is at a moment."""
    releases = list_releases(home.paths, home.ledger)
    current = next((release for release in releases if release.is_current), None)
    last = last_loads(home.ledger)
    once = replace(home.settings, remote_attempts=1)  # somebody is waiting for the answer
    decided = loads_decided(decisions(home.ledger, LOAD))
    with look_into(home.inboxes, home.source_ids, once) as sight:
        pass
    return Status(
        release=_release(current) if current else None,
        is_newest=not releases or releases[0] is current,
        sources=[_source(source, last.get(source_id)) for source_id, source in home.sources.items()],
        open_loads=[
            _load(load, decided.get(load.load_id), home.settings.language) for load in open_loads(home.ledger, sight)
        ],
        late=[row for source in home.sources.values() for row in late_periods(home, source, now)],
        inboxes=_inboxes(home, sight, now),
        unused_corrections=_unused_corrections(home),
        held=_held(home),
    )


def _held(home: Home) -> dict[str, Any] | None:
    entry = open_hold(home.ledger)
    if entry is None:
        return None
    return {"release_id": entry.subject_id, "held_at": entry.at, "held_for": entry.payload["diff"]["held_for"]}


def _unused_corrections(home: Home) -> list[dict[str, Any]]:
    corrections = home.reference.corrections
    asked = {
        source_id: [each for load in live_loads(home.ledger, source_id) for each in load.payload["lookups"]]
        for source_id in {entry.source_id for entry in corrections}
    }
    return [{name: getattr(entry, name) for name in CORRECTION_COLUMNS} for entry in unused(corrections, asked)]


def _release(release: Release) -> dict[str, Any]:
    return {name: getattr(release, name) for name in ("release_id", "published_at", "content_hash")}


def _inboxes(home: Home, sight: Sight, now: datetime) -> list[dict[str, Any]]:
    ready = waiting(sight.files, home.paths, home.ledger, home.settings, home.source_ids, now)
    faults = {fault.place: fault for fault in sight.faults}
    rows = [
        {"inbox": str(inbox), "waiting": sum(_lies_in(file, inbox) for file in ready), "reason": None}
        for inbox in home.inboxes
        if str(inbox) not in faults
    ]
    told = [(place, getattr(fault, home.settings.language)) for place, fault in faults.items()]
    return rows + [{"inbox": place, "waiting": None, "reason": reason} for place, reason in told]


def _lies_in(file: InboxFile, inbox: Inbox) -> bool:
    return file.path.is_relative_to(inbox) if isinstance(inbox, Path) else file.origin == str(inbox)


def _source(source: Any, load: LoadRecord | None) -> dict[str, Any]:
    declared = {name: getattr(source, name) for name in DECLARED}
    if load is None:
        return {**dict.fromkeys(SOURCE_COLUMNS), **declared}
    told = {name: load.payload.get(name) for name in SOURCE_COLUMNS}
    return {**told, **declared, "verdict": load.verdict, "received_at": utc_time(load.payload["received_at"])}


def _load(load: LoadRecord, decision: Decision | None, language: str) -> dict[str, Any]:
    values = {name: load.payload.get(name) for name in LOAD_COLUMNS}
    told = {"verdict": load.verdict, "decision": decision.decision if decision else None}
    return {**values, **told, "reason": load.payload[f"reason_{language}"]}
