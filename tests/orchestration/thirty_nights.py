"""Thirty nights as a data team lives them: what publishers sent on which evening, and what must stand each morning.

The nights begin at 01:30 in Viet Nam from 20 October to 18 November 2022. The operators owe each month by the 15th of
the next one, so September was due before the first night and October falls due in the last week. A portal owes its log
likewise; that of July never comes.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ingestion.generate import generate
from ingestion.sample.workbook import operator_workbook
from ingestion.sample.write import ARTICLES, article_sheet
from orchestration.home import Home, open_home
from orchestration.nightly import run_night
from orchestration.status import read_status
from warehouse.landing import receive

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_DAY, NIGHTS = date(2022, 10, 20), 30
MISSED = {date(2022, 10, 25)}  # the server was down
OPERATORS = ("mobifone", "viettel", "vnpt")
PORTAL = "dvc_tinh_mo_phong"  # owes its log of each month as the operators their workbooks
DUE_ON = {"2022-07": date(2022, 8, 15), "2022-08": date(2022, 9, 15), "2022-09": date(2022, 10, 15)}
DUE_ON["2022-10"] = date(2022, 11, 15)


@dataclass(frozen=True)
class Sent:
    """One file, the day whose night is the first to see it, and what the load of it must come to."""

    day: date
    source_id: str
    file_name: str
    data: bytes
    verdict: str = "accepted"
    period_id: str = ""
    has_rejected_rows: bool = False


def days() -> list[date]:
    return [FIRST_DAY + timedelta(days=number) for number in range(NIGHTS)]


def begin_of(day: date) -> datetime:
    """The moment the night of a day begins."""
    return datetime.combine(day, time(1, 30), VIET_NAM)


def all_sent(folder: Path) -> list[Sent]:
    """Every file in the order of sending; `folder` is for the logs on their way."""
    return sorted([*_operators(), *_articles(), *_logs(folder)], key=lambda sent: sent.day)


def _operators() -> Iterator[Sent]:
    for operator in OPERATORS:
        for month in (7, 8):
            yield _workbook(date(2022, 10, 20), operator, month)
    yield _workbook(date(2022, 10, 20), "viettel", 9)
    yield _workbook(date(2022, 10, 20), "vnpt", 9)
    yield _workbook(date(2022, 10, 25), "mobifone", 9)  # late, and for a night that is missed
    again = operator_workbook("viettel", 2022, 9)
    yield Sent(date(2022, 10, 28), "viettel", "viettel_2022-09 (gửi lại).xlsx", again, "duplicate")
    corrected = operator_workbook("vnpt", 2022, 9, changes={"F12": 123_456})
    yield Sent(date(2022, 10, 31), "vnpt", "vnpt_2022-09.xlsx", corrected, period_id="2022-09")
    broken = operator_workbook("viettel", 2022, 10)
    yield Sent(date(2022, 11, 3), "viettel", "viettel_2022-10.xlsx", broken[: len(broken) // 2], "failed")
    yield _workbook(date(2022, 11, 5), "viettel", 10)
    yield _workbook(date(2022, 11, 8), "vnpt", 10)
    yield _workbook(date(2022, 11, 17), "mobifone", 10)  # one day late


def _workbook(day: date, operator: str, month: int) -> Sent:
    name = f"{operator}_2022-{month:02}.xlsx"
    return Sent(day, operator, name, operator_workbook(operator, 2022, month), period_id=f"2022-{month:02}")


def _articles() -> Iterator[Sent]:
    sending = [date(2022, 10, 20), date(2022, 10, 21), date(2022, 11, 10), date(2022, 11, 10), date(2022, 11, 16)]
    for (article, source_id), day in zip(ARTICLES.items(), sending, strict=True):
        foretells = source_id == "vinh_phuc_the_che_2022"  # what a plan up to 2025 holds, as figures of 2025
        yield Sent(day, source_id, f"{source_id}.csv", article_sheet(article), has_rejected_rows=foretells)


def _logs(folder: Path) -> Iterator[Sent]:
    """Two months of two portals: the second tells the later states of dossiers of the first."""
    written = generate(folder, 1200, 2, seed=11, first_month=date(2022, 8, 1))
    for path in sorted(written):
        day, month = (date(2022, 10, 23), "2022-08") if "2022-08" in path.name else (date(2022, 11, 12), "2022-09")
        yield Sent(day, path.parent.name, path.name, path.read_bytes(), period_id=month)


def seen_by(sent: Sent) -> date:
    """The day of the night that takes a file: one after a missed night takes what that would have taken."""
    day = sent.day
    while day in MISSED:
        day += timedelta(days=1)
    return day


def put(home: Home, sent: Sent) -> None:
    """The file lies in the inbox since the evening before."""
    path = home.paths.inbox / sent.source_id / sent.file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sent.data)
    evening = (begin_of(sent.day) - timedelta(hours=5)).timestamp()
    os.utime(path, (evening, evening))


def night_after_night(folder: Path, sent: Sequence[Sent]) -> Iterator[dict[str, Any]]:
    """Live through the month in one home; each morning, what `status` tells then."""
    home = open_home(folder)
    for day in days():
        for each in (one for one in sent if one.day == day):
            put(home, each)
        if day in MISSED:
            continue
        night = run_night(home, begin_of(day))
        yield {"day": day.isoformat(), "exit_code": night.exit_code, "outcome": night.outcome, **told(home, day)}


def all_at_once(folder: Path, sent: Sequence[Sent]) -> None:
    """Receive the same files in the same order, and load and build them in one night at the end of the month."""
    home = open_home(folder)
    for each in sent:
        put(home, each)
        receive(home.paths, home.ledger, home.settings, home.source_ids, begin_of(seen_by(each)))
    night = run_night(home, begin_of(days()[-1]))
    assert night.outcome == "published", night


def told(home: Home, day: date) -> dict[str, Any]:
    """The same words as `expected_morning`, from `status` an hour after the night began."""
    status = read_status(home, begin_of(day) + timedelta(hours=1))
    return {
        "last_files": {row["source_id"]: row["file_name"] for row in status.sources if row["file_name"]},
        "open_loads": [[row["source_id"], row["file_name"]] for row in status.open_loads],
        "late": [[row["source_id"], row["period_id"], row["days_late"]] for row in status.late],
    }


def expected_morning(sent: Sequence[Sent], day: date) -> dict[str, Any]:
    """What a night must come to, and `status` tell after it: last file of each source, what is open, what is late."""
    taken = [each for each in sent if seen_by(each) <= day]
    read = [each for each in taken if each.verdict != "duplicate"]
    right = {(each.source_id, each.file_name) for each in read if each.verdict != "failed"}
    accepted = {(each.source_id, each.period_id) for each in read if each.verdict != "failed"}
    refused = [[each.source_id, each.file_name] for each in read if each.verdict == "failed"]
    new = [each for each in taken if seen_by(each) == day]
    return {
        "day": day.isoformat(),
        "exit_code": 3 if any(each.verdict == "failed" or each.has_rejected_rows for each in new) else 0,
        "outcome": "published" if new else "quiet",
        "last_files": {each.source_id: each.file_name for each in read},
        "open_loads": [each for each in refused if tuple(each) not in right],
        "late": [
            [source_id, period_id, (day - due_on).days]
            for source_id in (PORTAL, *OPERATORS)
            for period_id, due_on in DUE_ON.items()
            if due_on < day and (source_id, period_id) not in accepted
        ],
    }


def main(way: str, folder: str) -> None:
    """Do it in a process of its own, as Dagster's definitions belong to one home; one JSON line a morning."""
    sent = all_sent(Path(folder).with_suffix(".logs"))
    if way == "at_once":
        all_at_once(Path(folder), sent)
        return
    for morning in night_after_night(Path(folder), sent):
        print(json.dumps(morning), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
