"""What `fct_dossiers` must hold, counted one dossier and one month at a time from the plain meaning of each column.

Nothing here is shared with the SQL: no flows, no cumulative sums, no partitions. A state is a mapping with the columns
of the inputs' table `transactions`; times are naive `datetime`s, as printed by the portal.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

State = Mapping[str, Any]
Key = tuple[str, str, str, str, str, str]  # province, procedure, level, channel, month, source

STAGES = {
    "1": "submitted", "2": "received", "3": "refused", "4": "processing", "5": "processing", "6": "processing",
    "7": "withdrawn", "8": "withdrawn", "9": "resolved", "10": "resolved",
}  # fmt: skip
COUNTS = (
    "submitted_count", "received_count", "resolved_count", "on_time_count", "late_count", "returned_count",
    "pending_count", "pending_late_count", "online_payment_count", "fee_vnd", "early_count", "refused_count",
    "carried_over_count", "fee_count", "fee_paid_count", "fee_unstated_count", "digitised_count",
    "digitised_unstated_count",
)  # fmt: skip


def latest_states(states: Iterable[State], ranks: Mapping[str, int], accepted: Mapping[str, int]) -> list[State]:
    """The one state of each dossier that counts.

    Args:
        states: all states of all live loads.
        ranks: source to rank; the lowest wins whatever the others say later.
        accepted: load to its place in the order of acceptance.
    """
    by_dossier: dict[str, list[State]] = defaultdict(list)
    for state in states:
        by_dossier[state["dossier_key"]].append(state)
    latest = []
    for own in by_dossier.values():
        best = min(ranks[state["source_id"]] for state in own)
        own = [state for state in own if ranks[state["source_id"]] == best]
        for name in ("event_at", "sequence"):
            known = [state[name] for state in own if state[name] is not None]
            if known:
                own = [state for state in own if state[name] == max(known)]
        last_load = max(accepted[state["load_id"]] for state in own)
        own = [state for state in own if accepted[state["load_id"]] == last_load]
        latest.append(max(own, key=lambda state: state["row_no"]))
    return latest


def as_of_dates(states: Iterable[State]) -> dict[str, date]:
    """The day each source's log reaches: the last on which anything in it happened, dues aside."""
    reached: dict[str, date] = {}
    for state in states:
        for name in ("event_at", "submitted_at", "received_at", "finished_at", "returned_at"):
            if state[name] is not None:
                day = state[name].date()
                reached[state["source_id"]] = max(day, reached.get(state["source_id"], day))
    return reached


class Dossier:
    """One dossier as its latest state tells it, in days."""

    def __init__(self, state: State) -> None:
        self.group = tuple(state[name] for name in ("province_id", "procedure_code", "service_level", "channel"))
        self.source_id: str = state["source_id"]
        stage = STAGES[state["state"]]
        self.submitted = day_of(state["submitted_at"])
        self.due = day_of(state["due_at"])
        received = state["received_at"]
        if received is None and stage in {"received", "processing", "resolved"}:
            # it must have been received: from when it was filed, else from when it is first seen past that
            received = state["submitted_at"] or state["event_at"]
        ended = None
        if stage == "resolved":
            ended = state["finished_at"]
        elif stage in {"refused", "withdrawn"}:
            ended = state["returned_at"] or state["finished_at"] or state["event_at"]
        self.refused = day_of(ended) if stage == "refused" and received is None else None
        if received is None:
            ended = None
        elif ended is not None and ended < received:
            received = ended
        self.received = day_of(received)
        self.resolved = day_of(ended) if stage == "resolved" else None
        self.returned = day_of(ended) if stage != "resolved" else None
        self.left = day_of(ended)
        self.is_paid: bool | None = state["paid_online"]
        self.paid = bool(self.is_paid)
        self.is_digitised: bool | None = state["digitised"]
        self.field: str | None = state["field_code"]
        self.fee = state["fee_vnd"] or 0

    def is_pending(self, day: date) -> bool:
        """Whether it is in the office at the end of this day."""
        return self.received is not None and self.received <= day and (self.left is None or self.left > day)


def expected_cells(
    states: list[State], ranks: Mapping[str, int], accepted: Mapping[str, int]
) -> dict[Key, dict[str, Any]]:
    """Every row of `fct_dossiers` by its key, with all its counts and its `as_of_date`."""
    as_of = as_of_dates(states)
    groups: dict[tuple[Any, ...], list[Dossier]] = defaultdict(list)
    for state in latest_states(states, ranks, accepted):
        dossier = Dossier(state)
        groups[*dossier.group, dossier.source_id].append(dossier)
    cells: dict[Key, dict[str, Any]] = {}
    for (*group, source_id), dossiers in groups.items():
        happened = [
            day
            for one in dossiers
            for day in (one.submitted, one.received, one.resolved, one.returned, one.refused)
            if day is not None
        ]
        if not happened:
            continue
        for first, last in months(min(happened), as_of[source_id]):
            cell = _cell(dossiers, first, last, min(last, as_of[source_id]))
            if any(value for name, value in cell.items() if name not in {"as_of_date", "fee_vnd"}):
                cells[*group, f"{first:%Y-%m}", source_id] = cell
    return cells


def _cell(dossiers: list[Dossier], first: date, last: date, as_of: date) -> dict[str, Any]:
    def in_month(day: date | None) -> bool:
        return day is not None and first <= day <= last

    cell: dict[str, Any] = dict.fromkeys(COUNTS, 0)
    for one in dossiers:
        cell["submitted_count"] += in_month(one.submitted)
        cell["received_count"] += in_month(one.received)
        cell["refused_count"] += in_month(one.refused)
        cell["returned_count"] += in_month(one.returned)
        if in_month(one.resolved):
            cell["resolved_count"] += 1
            cell["late_count"] += one.due is not None and one.resolved > one.due
            cell["on_time_count"] += one.due is None or one.resolved <= one.due
            cell["early_count"] += one.due is not None and one.resolved < one.due
            cell["digitised_count"] += one.is_digitised is True
            cell["digitised_unstated_count"] += one.is_digitised is None
        if in_month(one.received) and one.fee > 0:
            cell["fee_count"] += 1
            cell["fee_paid_count"] += one.paid
            cell["fee_unstated_count"] += one.is_paid is None
        if in_month(one.received) and one.paid:
            cell["online_payment_count"] += 1
            cell["fee_vnd"] += one.fee
        if one.received is not None and one.received < first and (one.left is None or one.left >= first):
            cell["carried_over_count"] += 1
        if one.is_pending(last):
            cell["pending_count"] += 1
            cell["pending_late_count"] += one.due is not None and one.due < as_of
    return {**cell, "as_of_date": as_of}


def day_of(moment: datetime | None) -> date | None:
    """The day of a time."""
    return None if moment is None else moment.date()


def months(start: date, end: date) -> list[tuple[date, date]]:
    """First and last day of every month that a span of days touches."""
    found = []
    year, month = start.year, start.month
    while (year, month) <= (end.year, end.month):
        found.append((date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found
