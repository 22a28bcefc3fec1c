"""What to do again: files read anew from landing, months of dossiers summed anew from the lake.

A changed YAML, alias or reader is noticed by every night; a rebuild shows it first, and does more where asked.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from warehouse.lake_files import missing_files
from warehouse.landing import landed_path
from warehouse.load_records import LandedFile, landed_files
from warehouse.partitions import months_of

if TYPE_CHECKING:
    from ingestion.source import Source
    from orchestration.home import Home

PLAN_COLUMNS = ("source_id", "file_name", "received_at", "verdict", "first_period_id", "last_period_id", "why")
Months = tuple[str, str]
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def months_between(text: str) -> Months | None:
    """The months of `2022-07..2022-09`, or of one month; None of an empty text.

    Raises:
        ValueError: it is neither, or ends before it begins.
    """
    if not text:
        return None
    first, _, last = text.partition("..")
    last = last or first
    if not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last) and first <= last):
        raise ValueError(f"{text}: months are written 2022-07..2022-09, or 2022-07")
    return first, last


@dataclass(frozen=True)
class Rebuild:
    """What was asked for; nothing of it by default.

    Attributes:
        sources: sources whose files are read again, whether anything changed or not.
        months: first and last month (`YYYY-MM`): of the sources only files that speak of them; without sources the
            months of dossiers to be summed again.
        everything: all sources, the warehouse built from nothing, and before it what the lake lacks.
        restored: loads that this run has read again already, since the lake lacked their files.
    """

    sources: Sequence[str] = ()
    months: Months | None = None
    everything: bool = False
    restored: Collection[str] = ()

    def asks_for(self, file: LandedFile) -> bool:
        """Whether a file is to be read again although nothing changed."""
        if not (self.everything or file.source_id in self.sources):
            return False
        if file.last_load and file.last_load["load_id"] in self.restored:
            return False
        return self.months is None or file.last_load is None or _touches(file.last_load, self.months)


@dataclass(frozen=True)
class Plan:
    """What a rebuild would do, and what the night would do anyway.

    Attributes:
        files: rows of PLAN_COLUMNS.
        months: months of dossiers to be summed again; None for all of them.
    """

    files: list[dict[str, Any]] = field(default_factory=list)
    months: Months | None = None
    everything: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the plan as plain values."""
        return asdict(self)


def make_plan(home: "Home", asked: Rebuild, now: datetime) -> Plan:
    """Say which landed files would be read again and why, at a moment; nothing is done."""
    from orchestration.loading import why_unsettled

    files = []
    for source in home.sources.values():
        for file in landed_files(home.ledger, source.source_id):
            why = why_unsettled(home, source, file, now) or _why_asked(home, source, file, asked)
            if why:
                files.append(_row(file, why))
    return Plan(files, asked.months if not asked.sources else None, asked.everything)


def _why_asked(home: "Home", source: "Source", file: LandedFile, asked: Rebuild) -> str | None:
    if not (asked.asks_for(file) and landed_path(home.paths, source.source_id, file.sha256).exists()):
        return None
    is_missing = asked.everything and file.last_load is not None and missing_files(home.paths, file.last_load)
    return "its rows are missing in the lake" if is_missing else "asked for"


def _row(file: LandedFile, why: str) -> dict[str, Any]:
    last = file.last_load or {}
    told = {name: last.get(name) for name in ("verdict", "first_period_id", "last_period_id")}
    return {
        "source_id": file.source_id,
        "file_name": file.file_name,
        "received_at": file.received_at,
        **told,
        "why": why,
    }


def _touches(load: Mapping[str, Any], months: Months) -> bool:
    first, last = months_of(load["first_period_id"]), months_of(load["last_period_id"])
    return first is None or last is None or (first[0] <= months[1] and last[1] >= months[0])
