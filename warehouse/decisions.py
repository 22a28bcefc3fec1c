"""What persons decided: `decision` entries of the ledger. The last one about a subject counts.

| subject | decision | means |
|---|---|---|
| `load/<load_id>` | `release` | the load counts although rules on the whole of it do not hold |
| | `discard` | the load is closed and never counts |
| | `undo` | neither holds any more |
| `waiver/<source_id>/<check_name>` | `waive` | to the end of `valid_until` in Viet Nam its failure only warns |
| | `withdraw` | it blocks again |

A decision is about one `load_id`: the same file read otherwise is another load, which nobody has decided about yet.
Other parts add decisions about subjects of their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from warehouse.canonical import day_in_viet_nam
from warehouse.inboxes import Sight
from warehouse.ledger import Ledger, append, entries
from warehouse.load_records import LoadRecord, open_refusals

LOAD, WAIVER = "load", "waiver"
RELEASE, DISCARD, UNDO = "release", "discard", "undo"
WAIVE, WITHDRAW = "waive", "withdraw"


@dataclass(frozen=True)
class Decision:
    """One decision of a person.

    Attributes:
        decision_no: number of its ledger entry.
        decided_at: when, UTC.
        decision: what, in one word.
        subject_type: what kind of thing it is about.
        subject_id: which one.
        decided_by: who.
        reason: why, in their own words.
        valid_until: last day (in Viet Nam) on which it holds; None without end.
    """

    decision_no: int
    decided_at: datetime
    decision: str
    subject_type: str
    subject_id: str
    decided_by: str
    reason: str
    valid_until: date | None = None

    def holds(self, at: datetime) -> bool:
        """Whether its last day is not over at a moment."""
        return self.valid_until is None or day_in_viet_nam(at) <= self.valid_until


def decide(
    ledger: Ledger, subject: str, decision: str, *, by: str, reason: str, at: datetime, valid_until: date | None = None
) -> int:
    """Enters a decision in the ledger and returns its number; nothing else happens until the next night."""
    payload: dict[str, Any] = {"decision": decision, "by": by, "reason": reason}
    if valid_until:
        payload["valid_until"] = valid_until.isoformat()
    return append(ledger, "decision", subject, payload, at)


def decisions(ledger: Ledger, subject_type: str | None = None, *, up_to: int | None = None) -> list[Decision]:
    """Every decision in order, or every one about one type of subjects."""
    prefix = f"{subject_type}/" if subject_type else None
    found = []
    for entry in entries(ledger, "decision", up_to=up_to, subject_prefix=prefix):
        subject, _, subject_id = entry.subject_id.partition("/")
        told, until = entry.payload, entry.payload.get("valid_until")
        words = (told["decision"], subject, subject_id, told["by"], told["reason"])
        last_day = date.fromisoformat(until) if until else None
        found.append(Decision(entry.entry_no, entry.at, *words, valid_until=last_day))
    return found


def loads_decided(made: Iterable[Decision]) -> dict[str, Decision]:
    """Load id -> the release or discard that holds for it."""
    return {load_id: last for load_id, last in last_about(made, LOAD).items() if last.decision in (RELEASE, DISCARD)}


def waivers(made: Iterable[Decision], source_id: str, at: datetime) -> dict[str, Decision]:
    """Check name -> the waiver of a source that holds at a moment."""
    own = {tuple(subject.split("/", 1)): last for subject, last in last_about(made, WAIVER).items()}
    return {
        check_name: last
        for (source, check_name), last in own.items()
        if source == source_id and last.decision == WAIVE and last.holds(at)
    }


def open_loads(ledger: Ledger, sight: Sight) -> list[LoadRecord]:
    """Refused loads that still want somebody to act, see `open_refusals`, without those that somebody has discarded."""
    decided = loads_decided(decisions(ledger, LOAD))
    closed = {load_id for load_id, decision in decided.items() if decision.decision == DISCARD}
    return [record for record in open_refusals(ledger, sight) if record.load_id not in closed]


def decision_row(made: Decision) -> Mapping[str, Any]:
    """A row of the input table `decisions`."""
    moment = made.decided_at.astimezone(UTC).replace(tzinfo=None)
    until = made.valid_until.isoformat() if made.valid_until else None
    return {**vars(made), "decided_at": moment, "valid_until": until}


def last_about(made: Iterable[Decision], subject_type: str) -> dict[str, Decision]:
    """Subject id -> the last decision about it, of one type of subjects."""
    return {each.subject_id: each for each in made if each.subject_type == subject_type}
