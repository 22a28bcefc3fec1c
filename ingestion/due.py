"""Which periods a source owes by a day: from its frequency, its due day and the first and last period it promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ingestion.log_layout import LOG_SHAPE
from ingestion.periods import first_day, last_day, period_type
from ingestion.source import Source

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Due:
    """One period a source owes: first and last day, and the last day on which its file is in time."""

    period_id: str
    first_day: date
    last_day: date
    due_on: date


def due_periods(source: Source, since: str, today: date) -> list[Due]:
    """Every period whose file should have come before today, the oldest first; none of a source without a due day.

    A period is due `due_day` days after its last day: for day 15, figures of June come by 15 July. Files of a log may
    come every day or week: owed is the log of each month.

    Args:
        source: the source.
        since: a period id: the first that counts, where the source promises no first one (`expected_from`).
        today: the day in Viet Nam; a file due today is not late yet.
    """
    if source.due_day is None or source.frequency == "once":
        return []
    start = first_day(source.expected_from or since)
    end = last_day(source.expected_to) if source.expected_to else date.max
    in_time = timedelta(days=source.due_day)
    found: list[Due] = []
    is_often = source.shape == LOG_SHAPE and source.frequency in ("day", "week")
    frequency = "month" if is_often else source.frequency
    for period_id, first, last in _periods(frequency, start, source.expected_from or since):
        if last > end or last + in_time >= today:
            return found
        found.append(Due(period_id, first, last, last + in_time))
    return found


def _periods(frequency: str, start: date, like: str) -> Iterator[tuple[str, date, date]]:
    """Periods of a frequency from a day on, without end; quarters are administrative where the first one is."""
    day = start
    while True:
        period_id = _period_at(frequency, day, like.endswith("-adm"))
        first, last = (
            (day, day + _WEEK - timedelta(days=1))
            if frequency == "week"
            else (
                first_day(period_id),
                last_day(period_id),
            )
        )
        yield period_id, first, last
        day = last + timedelta(days=1)


def _period_at(frequency: str, day: date, is_administrative: bool) -> str:
    match frequency:
        case "year":
            return f"{day.year}"
        case "half":
            return f"{day.year}-H{1 if day.month <= 6 else 2}"
        case "quarter" if is_administrative:
            middle = day + timedelta(days=31)  # the quarter begins on the 15th of the month before
            return f"{middle.year}-Q{(middle.month + 2) // 3}-adm"
        case "quarter":
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case "month":
            return f"{day:%Y-%m}"
    return day.isoformat()


def covers(first_period_id: str, last_period_id: str, due: Due) -> bool:
    """Whether a load that reaches from one period to another speaks of a due one, whatever type its periods are."""
    if "undated" in (period_type(first_period_id), period_type(last_period_id)):
        return False
    return first_day(first_period_id) <= due.last_day and last_day(last_period_id) >= due.first_day
