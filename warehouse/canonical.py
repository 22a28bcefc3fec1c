"""The one text of a value and of a moment, so that a hash over them means something."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

# without summer time since 1975: a fixed offset needs no time zone data on the machine
VIET_NAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no blanks, UTF-8; floats and other types are refused.

    Raises:
        ValueError: naming the place of what is not plain JSON.
    """
    _check_plain(value, "payload")
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def utc_text(moment: datetime) -> str:
    """`2026-11-21T18:30:00.000000Z`: fixed width, so that text order is time order.

    Raises:
        ValueError: for a time without zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without zone cannot be stored")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def utc_time(text: str) -> datetime:
    """The aware time that `utc_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def naive_utc(moment: datetime) -> datetime:
    """A time as the database keeps it: UTC without zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def day_in_viet_nam(moment: datetime) -> date:
    """The day it is in Viet Nam at a moment with zone."""
    return moment.astimezone(VIET_NAM).date()


def _check_plain(value: Any, place: str) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError(f"{place}: key {key!r} is not text")
            _check_plain(item, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _check_plain(item, f"{place}[{number}]")
    elif not (value is None or isinstance(value, str | bool | int)):
        raise ValueError(f"{place}: {type(value).__name__} is not allowed in the ledger; write numbers as text")
