"""A month of loads and re-loads, and what users could read after each of its nights.

Nights run without Dagster, at 01:30 in Viet Nam. Late, revised, withdrawn, replaced, repeated and refused files,
readings that change and change back, a judgement that changes, and a rollback: after each step a witness writes down
what `current` holds, by reading it.
"""

import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import jinja2

from ingestion.generate import generate
from ingestion.sample.workbook import operator_workbook
from ingestion.sample.write import article_sheet
from orchestration.dbt_build import parse, run_dbt
from orchestration.home import DBT_PROJECT, Home, open_home
from orchestration.loading import load_source
from orchestration.rebuilding import Rebuild
from orchestration.releasing import freeze_inputs, publish_build
from warehouse.content import content_hash
from warehouse.landing import receive
from warehouse.release_pointer import rollback

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
KEY = "province_id, indicator_code, period_id, basis, breakdown, source_id"


@dataclass(frozen=True)
class Night:
    """A night, and what happened in the home since the night before."""

    day: date
    before: Callable[[Path], None]
    again: Rebuild = field(default_factory=Rebuild)


@dataclass(frozen=True)
class Seen:
    """What users could read from a moment on, as a witness saw it: the hash, and the figures that counted."""

    moment: datetime
    content_hash: str
    figures: list[tuple]


def sheet(operator: str, month: int, name: str = "", **changes: object) -> Callable[[Path], None]:
    """An operator's workbook of a month of 2022 in the inbox; changes by cell, None empties one."""

    def put(home: Path) -> None:
        data = operator_workbook(operator, 2022, month, changes=changes)
        _put(home, operator, name or f"{operator}_2022-{month:02}.xlsx", data)

    return put


def cut(operator: str, month: int) -> Callable[[Path], None]:
    """Half the bytes of a workbook: it cannot be read."""
    data = operator_workbook(operator, 2022, month)
    return lambda home: _put(home, operator, f"{operator}_2022-{month:02}.xlsx", data[: len(data) // 2])


def article(number: str, source_id: str) -> Callable[[Path], None]:
    return lambda home: _put(home, source_id, f"{source_id}.csv", article_sheet(number))


def logs(month: int) -> Callable[[Path], None]:
    """The logs of two portals of a month."""

    def put(home: Path) -> None:
        folder = home.with_suffix(".logs")
        for path in generate(folder, 1200, 2, seed=11, first_month=date(2022, 7, 1)):
            if f"2022-{month:02}" in path.name:
                _put(home, path.parent.name, path.name, path.read_bytes())
        shutil.rmtree(folder)

    return put


def alias(text: str, code: str) -> Callable[[Path], None]:
    """A new spelling in the home's own seeds."""
    line = f"alias,code_63,kind,source\n{text},{code},observed,test\n"
    return lambda home: _written(home / "seeds" / "province_aliases.csv", line)


def declared(source_id: str, old: str, new: str) -> Callable[[Path], None]:
    """The home's own YAML of a source, which says something else."""
    text = (DBT_PROJECT.parent / "ingestion" / "sources" / f"{source_id}.yml").read_text(encoding="utf-8")
    assert old in text
    return lambda home: _written(home / "sources" / f"{source_id}.yml", text.replace(old, new))


def gone(*names: str) -> Callable[[Path], None]:
    return lambda home: [(home / name).unlink() for name in names]


def setting(line: str) -> Callable[[Path], None]:
    return lambda home: _written(home / "sotinh.toml", f"keep_releases = 99\n{line}\n")


def all_of(*acts: Callable[[Path], None]) -> Callable[[Path], None]:
    return lambda home: [act(home) for act in acts]


def back(days: int) -> Callable[[Path], None]:
    """At noon of a day somebody rolls back to the release before the current one."""

    def act(folder: Path) -> None:
        home, at = open_home(folder), datetime.combine(date(2022, 10, days), time(12), VIET_NAM)
        rollback(home.paths, home.ledger, None, by="An", reason="số liệu sai", at=at)

    return act


LACKING = {f"D{row}": None for row in range(14, 19)}  # five figures fewer
LONG = [
    Night(
        date(2022, 10, 10),
        all_of(sheet("viettel", 7), sheet("vnpt", 7), article("001", "vinh_phuc_the_che_2022"), logs(7)),
    ),
    # late, for the first time, and the same bytes again
    Night(date(2022, 10, 12), all_of(sheet("mobifone", 7), sheet("viettel", 8), sheet("viettel", 7, "gửi lại.xlsx"))),
    # revised under its name: one figure changed, one withdrawn
    Night(date(2022, 10, 15), sheet("vnpt", 7, F12=123_456, E14=None)),
    # a spelling nobody knows, a file cut short
    Night(date(2022, 10, 17), all_of(sheet("viettel", 9, C43="Tỉnh Không Có", B43="TKC"), cut("mobifone", 8))),
    # the spelling is known now: read again; later states of dossiers
    Night(date(2022, 10, 20), all_of(alias("Tỉnh Không Có", "56"), logs(8))),
    # after a rollback at noon of the 21st: another declaration, all files of the source are read again
    Night(date(2022, 10, 24), all_of(back(21), declared("vnpt", "due_day: 15", "due_day: 20"))),
    # the declaration is put back: the readings of before count again
    Night(date(2022, 10, 26), gone("sources/vnpt.yml")),
    # the spelling is taken back; a second statement of one month under another name, which wins
    Night(date(2022, 10, 28), all_of(gone("seeds/province_aliases.csv"), sheet("viettel", 8, "sửa.xlsx", F12=77_777))),
    # fewer figures than before, within what is tolerated, and the withdrawal of the second statement
    Night(date(2022, 10, 31), all_of(sheet("mobifone", 8, **LACKING), sheet("viettel", 8, "sửa.xlsx", F12=None))),
    # nothing is tolerated any more, and the source judged again: its load is held back
    Night(date(2022, 11, 3), setting("row_count_drop_tolerance = 0.0"), Rebuild(sources=("mobifone",))),
]
SHORT = [
    Night(date(2022, 10, 10), all_of(sheet("vnpt", 7), sheet("viettel", 7))),
    Night(
        date(2022, 10, 15),
        all_of(sheet("viettel", 7, F12=123_456, E14=None), declared("vnpt", "due_day: 15", "due_day: 20")),
    ),
    Night(date(2022, 10, 24), all_of(back(21), gone("sources/vnpt.yml"))),
]


def live_through(folder: Path, nights: Sequence[Night]) -> list[Seen]:
    """Live through the nights in a new home, and witness each change of what users read."""
    open_home(folder)
    setting("")(folder)
    seen: list[Seen] = []
    for night in nights:
        night.before(folder)
        home = open_home(folder)
        if seen and _content(home) != seen[-1].content_hash:
            (entry,) = _rollbacks(home)[-1:]
            seen.append(_witness(home, entry))
        moment = datetime.combine(night.day, time(1, 30), VIET_NAM)
        _run(home, moment, night.again, is_last=night is nights[-1])
        seen.append(_witness(home, moment))
    return seen


def _run(home: Home, moment: datetime, again: Rebuild, *, is_last: bool) -> None:
    """Receive, load, build and publish; the invariants of dbt's tests, which tell of all releases, hold at the end."""
    receive(home.paths, home.ledger, home.settings, home.source_ids, moment, home.inboxes)
    for source in home.sources.values():
        load_source(home, source, moment, f"night-{moment:%m-%d}", again)
    freeze_inputs(home, moment)
    home.paths.warehouse_db.unlink(missing_ok=True)
    result, _ = run_dbt(home, parse(home), leave_out=("unit_test",) if is_last else ("unit_test", "test"))
    assert result.success, [each.message for each in result.result or () if each.status in ("error", "fail")]
    published = publish_build(home)
    assert published.is_new, published.held_for


def _rollbacks(home: Home) -> list[datetime]:
    from warehouse.ledger import entries

    return [entry.at for entry in entries(home.ledger, "rollback")]


def _content(home: Home) -> str:
    return content_hash(home.paths.current / "sotinh.duckdb").content_hash


def _witness(home: Home, moment: datetime) -> Seen:
    with duckdb.connect(home.paths.current / "sotinh.duckdb", read_only=True) as connection:
        figures = connection.execute(
            f"select {KEY}, load_id, value from fct_observations where is_latest order by all"
        ).fetchall()
        return Seen(moment, content_hash(connection).content_hash, figures)


def read_at(seen: Sequence[Seen], moment: datetime) -> Seen | None:
    """What users read at a moment; None before the first release."""
    return next((each for each in reversed(seen) if each.moment <= moment), None)


def drawn(seen: Sequence[Seen], count: int, seed: int) -> list[str]:
    """Random days and times from two days before the first release to some days after the last one."""
    drawer = random.Random(seed)
    first = seen[0].moment - timedelta(days=2)
    span = int((seen[-1].moment + timedelta(days=5) - first).total_seconds())
    moments = [first + timedelta(seconds=drawer.randrange(span)) for _ in range(count)]
    return [
        f"{moment:%Y-%m-%d}"
        if drawer.random() < 0.6
        else moment.astimezone(drawer.choice([VIET_NAM, None])).isoformat()
        for moment in moments
    ]


def known_at(database: Path, moment: datetime) -> list[tuple]:
    """What the newest release says was known at a moment, by the macro that dbt users have."""
    text = (DBT_PROJECT / "macros" / "as_known_at.sql").read_text(encoding="utf-8")
    macro = jinja2.Environment().from_string(text, globals={"ref": lambda name: f"main.{name}"}).module.as_known_at
    naive = f"timestamp '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(f"select {KEY}, load_id, value from ({macro(naive)}) order by all").fetchall()


def published_until(seen: Sequence[Seen], moment: datetime, nights: Sequence[Night]) -> Seen | None:
    """As `read_at`, without rollbacks: what the last night until then published."""
    days = {night.day for night in nights}
    published = [each for each in seen if each.moment.date() in days]
    return read_at(published, moment)


def forget_folders(folder: Path, every: int) -> Iterator[str]:
    """Remove the files of every so many-th release but the current one, as retention would; names them."""
    home = open_home(folder)
    current = os.readlink(home.paths.current).rpartition("/")[2]
    for number, path in enumerate(sorted(home.paths.releases.iterdir())):
        if number % every == 0 and path.name != current:
            from warehouse.files import remove_tree

            remove_tree(path)
            yield path.name


def _put(home: Path, source_id: str, name: str, data: bytes) -> None:
    path = home / "inbox" / source_id / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (1_600_000_000, 1_600_000_000))


def _written(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
