"""What should have come by now and has not, per source and period."""

from datetime import datetime
from typing import Any

from ingestion.due import covers, due_periods
from ingestion.source import Source
from orchestration.home import Home
from warehouse.canonical import day_in_viet_nam
from warehouse.load_records import LoadRecord, live_loads

LATE_COLUMNS = ("source_id", "period_id", "due_on", "days_late", "state")
SUMMARY_COLUMNS = ("source_id", "state", "periods", "oldest", "newest", "days_late")


def late_periods(home: Home, source: Source, now: datetime) -> list[dict[str, Any]]:
    """Every period a source owes and no accepted load of it speaks of, the oldest first.

    A source that promises no first period owes nothing before the first it sent.

    Returns:
        Rows of LATE_COLUMNS; `state` is `quarantined` where a file of the period waits for a decision, else `missing`.
    """
    loads = [load for load in live_loads(home.ledger, source.source_id) if load.payload["first_period_id"]]
    accepted = [load for load in loads if load.is_accepted]
    since = source.expected_from or min((load.payload["first_period_id"] for load in accepted), default=None)
    if since is None:
        return []
    today = day_in_viet_nam(now)
    return [
        {
            "source_id": source.source_id,
            "period_id": due.period_id,
            "due_on": due.due_on.isoformat(),
            "days_late": (today - due.due_on).days,
            "state": "quarantined" if _spoken_of(loads, due) else "missing",
        }
        for due in due_periods(source, since, today)
        if not _spoken_of(accepted, due)
    ]


def summary(late: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per source and state: how many periods, from which to which, and by how many days the oldest is late."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in late:
        groups.setdefault((row["source_id"], row["state"]), []).append(row)
    return [
        {
            "source_id": source_id,
            "state": state,
            "periods": len(rows),
            "oldest": rows[0]["period_id"],
            "newest": rows[-1]["period_id"],
            "days_late": rows[0]["days_late"],
        }
        for (source_id, state), rows in groups.items()
    ]


def _spoken_of(loads: list[LoadRecord], due: Any) -> bool:
    return any(covers(load.payload["first_period_id"], load.payload["last_period_id"], due) for load in loads)
