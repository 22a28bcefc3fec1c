"""The ledger: one append-only table in which every entry carries the hash of the one before.

One row of `entries` is one thing that happened, numbered from 1 without gaps:

- `received`: bytes arrived; subject `<source_id>/<sha256>`
- `load`: a file was read, or could not be; subject `<source_id>/<sha256>/<load_id>`
- `decision`: a person decided something; subjects and words in `warehouse/decisions.py`
- `release`: a build was published; subject `<release_id>`
- `held`: a build waits for a person's approval; subject `<release_id>` that it was to have
- `unchanged`: a build up to an entry equals the current release; subject `<release_id>`
- `drill`: the checks were tried on seeded faults; subject the drill's run
- `checked`: tests of a build and the gate were run; subject `<release_id>`, or the run where the build failed
- `rollback`: users read an older release again; subject `<release_id>`

`payload` is canonical JSON: sorted keys, no blanks, no floating-point numbers (their text differs between engines).
SQLite runs with a rollback journal, not WAL: the ledger is one file at rest, and a killed writer leaves a journal
that the next opener rolls back. SQLAlchemy costs 0.3 CPU seconds to import, so reading SQLite does without it.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.canonical import canonical_json, utc_text, utc_time
from warehouse.errors import StoreError, clear_errors
from warehouse.paths import HomePaths
from warehouse.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

KINDS = ("received", "load", "decision", "release", "held", "unchanged", "rollback", "drill", "checked")
NO_HASH = "0" * 64
BUSY_SECONDS = 30
_COLUMNS = "entry_no, at, kind, subject_id, payload, previous_hash, entry_hash"


@dataclass(frozen=True)
class Ledger:
    """A handle, not a connection: nothing is open between calls.

    Attributes:
        location: the SQLite file, or an SQLAlchemy URL of another database.
    """

    location: Path | str

    @cached_property
    def engine(self) -> "Engine":
        """SQLAlchemy's engine; made when first needed."""
        from warehouse.ledger_table import make_engine

        return make_engine(self.location)


@dataclass(frozen=True)
class Entry:
    """One row of the ledger; `payload_text` as stored, `payload` parsed."""

    entry_no: int
    at: datetime
    kind: str
    subject_id: str
    payload_text: str
    previous_hash: str
    entry_hash: str

    @cached_property
    def payload(self) -> dict[str, Any]:
        """The parsed payload."""
        parsed: dict[str, Any] = json.loads(self.payload_text)
        return parsed


@dataclass(frozen=True)
class ChainFault:
    """The first entry from which on the ledger cannot be trusted."""

    entry_no: int
    reason_vi: str
    reason_en: str


def home_ledger(paths: HomePaths, settings: Settings) -> Ledger:
    """The ledger of a home: the one named in the environment, else `<home>/ledger.db`; made when missing."""
    return open_ledger(settings.ledger_url or paths.ledger_db)


def open_ledger(location: Path | str) -> Ledger:
    """Opens a ledger and makes its table and guards when missing.

    Args:
        location: a path is a SQLite file, a text an SQLAlchemy URL.

    Raises:
        StoreError: it cannot be reached, or the file is no ledger.
    """
    if isinstance(location, str) and location.startswith("sqlite:///"):
        location = Path(location.removeprefix("sqlite:///"))
    ledger = Ledger(location)
    with clear_errors("mở sổ cái", "opening the ledger"):
        if not (isinstance(location, Path) and _has_table(location)):
            if isinstance(location, Path):
                os.close(os.open(location, os.O_CREAT | os.O_RDWR, 0o600))
            from warehouse.ledger_table import entries_table

            entries_table().metadata.create_all(ledger.engine)
    return ledger


def copy_entries(ledger: Ledger, into: Ledger, *, since: int = 0, up_to: int | None = None) -> None:
    """Copies entries as they are, chain and all, into a ledger that has none of those numbers.

    Args:
        ledger: where they are read.
        into: where they are written.
        since: only entries with a greater number.
        up_to: only entries up to this number.
    """
    from sqlalchemy import insert, select

    from warehouse.ledger_table import entries_table

    table = entries_table()
    wanted = select(table).where(table.c.entry_no > since).order_by(table.c.entry_no)
    if up_to is not None:
        wanted = wanted.where(table.c.entry_no <= up_to)
    with (
        clear_errors("chép sổ cái", "copying the ledger"),
        ledger.engine.connect() as read,
        into.engine.begin() as write,
    ):
        for part in read.execute(wanted).mappings().partitions(1000):
            write.execute(insert(table), [dict(row) for row in part])


def append(ledger: Ledger, kind: str, subject_id: str, payload: Mapping[str, Any], at: datetime) -> int:
    """Adds one entry in one transaction and returns its number; when this returns, it is on disk.

    Raises:
        ValueError: unknown kind, a time without zone, or a payload that is not plain JSON.
        StoreError: the ledger cannot be written.
    """
    from sqlalchemy import func, insert, select
    from sqlalchemy.exc import IntegrityError

    from warehouse.ledger_table import entries_table

    if kind not in KINDS:
        raise ValueError(f"unknown kind of entry: {kind}")
    text = canonical_json(payload)
    stamp = utc_text(at)
    table = entries_table()
    with clear_errors("ghi sổ cái", "writing the ledger"):
        for _ in range(20):
            try:
                with ledger.engine.begin() as connection:
                    newest = select(func.max(table.c.entry_no)).scalar_subquery()
                    last = connection.execute(
                        select(table.c.entry_no, table.c.entry_hash).where(table.c.entry_no == newest)
                    ).one_or_none()
                    entry_no, previous = (last.entry_no + 1, last.entry_hash) if last else (1, NO_HASH)
                    connection.execute(
                        insert(table).values(
                            entry_no=entry_no,
                            at=stamp,
                            kind=kind,
                            subject_id=subject_id,
                            payload=text,
                            previous_hash=previous,
                            entry_hash=_hash(previous, entry_no, stamp, kind, subject_id, text),
                        )
                    )
                return entry_no
            except IntegrityError:  # another process took the number between reading and writing: the key caught it
                continue
        raise StoreError("Sổ cái đang bị ghi dồn dập; hãy chạy lại.", "The ledger is too busy; run again.")


def entries(
    ledger: Ledger,
    kind: str | Sequence[str] | None = None,
    *,
    since: int = 0,
    up_to: int | None = None,
    subject_prefix: str | None = None,
    containing: str | None = None,
) -> list[Entry]:
    """Entries in order.

    Args:
        ledger: the ledger.
        kind: one kind, several, or None for all.
        since: only entries with a greater number.
        up_to: only entries up to this number.
        subject_prefix: only subjects that begin so.
        containing: only payloads that contain this piece of canonical JSON.
    """
    rows = _select(ledger, _COLUMNS, *_where(kind, since, up_to, subject_prefix, containing))
    return [_entry(row) for row in rows]


def subjects(ledger: Ledger, kind: str, *, since: int = 0, up_to: int | None = None) -> list[tuple[int, str]]:
    """(entry_no, subject_id) of one kind, in order; cheap, as no payload is read."""
    rows = _select(ledger, "entry_no, subject_id", *_where(kind, since, up_to, None, None))
    return [(row[0], row[1]) for row in rows]


def last_entry(ledger: Ledger, kind: str | Sequence[str] | None = None) -> Entry | None:
    """The newest entry of one kind, of several, or of all."""
    where, values = _where(kind, 0, None, None, None)
    rows = _select(ledger, _COLUMNS, where, values, "order by entry_no desc limit 1")
    return _entry(rows[0]) if rows else None


def last_entry_no(ledger: Ledger) -> int:
    """Number of the newest entry; 0 when there is none."""
    entry = last_entry(ledger)
    return entry.entry_no if entry else 0


def verify_chain(ledger: Ledger, anchors: Mapping[int, str] | None = None) -> list[ChainFault]:
    """Recomputes the chain; returns the first broken entry, or an empty list.

    Args:
        ledger: the ledger.
        anchors: entry number to the hash it had when it was written down elsewhere (manifests of releases):
            a chain cut at its end, or rewritten as a whole, is only seen against these.
    """
    anchors = dict(anchors or {})
    previous, expected = NO_HASH, 1
    for entry_no, stamp, kind, subject_id, payload, previous_hash, entry_hash in _all_rows(ledger):
        if entry_no != expected:
            return [_fault(expected, "mục này bị thiếu", "this entry is missing")]
        if previous_hash != previous:
            return [_fault(expected, "không nối tiếp mục trước", "it does not follow from the entry before it")]
        if entry_hash != _hash(previous, entry_no, stamp, kind, subject_id, payload):
            return [_fault(expected, "nội dung đã bị sửa", "its content has been changed")]
        if anchors.pop(expected, entry_hash) != entry_hash:
            return [_fault(expected, "khác với bản phát hành đã ghi lại", "it differs from what a release wrote down")]
        previous, expected = entry_hash, expected + 1
    if anchors:
        return [_fault(expected, "sổ cái bị cắt mất phần cuối", "the end of the ledger has been cut off")]
    return []


def hashed_lines(ledger: Ledger, up_to: int) -> Iterator[str]:
    """The text of every entry up to one, in order: what its hash is a hash of, and holds the hash of the one before."""
    for entry_no, stamp, kind, subject_id, payload, previous_hash, _ in _all_rows(ledger):
        if entry_no > up_to:
            return
        yield _text(previous_hash, entry_no, stamp, kind, subject_id, payload)


def _text(previous: str, entry_no: int, stamp: str, kind: str, subject_id: str, payload: str) -> str:
    return json.dumps([previous, entry_no, stamp, kind, subject_id, payload], ensure_ascii=False)


def _hash(previous: str, entry_no: int, stamp: str, kind: str, subject_id: str, payload: str) -> str:
    return hashlib.sha256(_text(previous, entry_no, stamp, kind, subject_id, payload).encode()).hexdigest()


def _fault(entry_no: int, vi: str, en: str) -> ChainFault:
    return ChainFault(entry_no, f"Sổ cái hỏng từ mục {entry_no}: {vi}.", f"Ledger broken at entry {entry_no}: {en}.")


def _entry(row: Sequence[Any]) -> Entry:
    return Entry(row[0], utc_time(row[1]), row[2], row[3], row[4], row[5], row[6])


def _where(
    kind: str | Sequence[str] | None, since: int, up_to: int | None, prefix: str | None, containing: str | None
) -> tuple[str, dict[str, Any]]:
    terms, values = ["entry_no > :since"], {"since": since}
    filters: dict[str, Any] = {}
    if kind is not None:
        kinds = [kind] if isinstance(kind, str) else list(kind)
        filters = {f"kind_{number}": name for number, name in enumerate(kinds)}
        terms.append(f"kind in ({', '.join(f':{name}' for name in filters)})")
    if up_to is not None:
        terms.append("entry_no <= :up_to")
        filters["up_to"] = up_to
    if prefix is not None:
        terms.append("subject_id like :prefix escape '!'")
        filters["prefix"] = _like(prefix) + "%"
    if containing is not None:
        terms.append("payload like :containing escape '!'")
        filters["containing"] = f"%{_like(containing)}%"
    return " and ".join(terms), {**values, **filters}


def _like(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _select(
    ledger: Ledger, columns: str, where: str, values: Mapping[str, Any], tail: str = "order by entry_no"
) -> list[Any]:
    sql = f"select {columns} from entries where {where} {tail}"
    with clear_errors("đọc sổ cái", "reading the ledger"):
        if isinstance(ledger.location, Path):
            with closing(sqlite3.connect(ledger.location, timeout=BUSY_SECONDS)) as connection:
                return connection.execute(sql, values).fetchall()
        from sqlalchemy import text

        with ledger.engine.connect() as remote:
            return list(remote.execute(text(sql), values).fetchall())


def _all_rows(ledger: Ledger, page: int = 1000) -> Iterator[Any]:
    since, tail = 0, f"order by entry_no limit {page}"
    while rows := _select(ledger, _COLUMNS, "entry_no > :since", {"since": since}, tail):
        yield from rows
        since = rows[-1][0]


def _has_table(path: Path) -> bool:
    if not path.exists():
        return False
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        sql = "select count(*) from sqlite_master where type in ('table', 'trigger') and tbl_name = 'entries'"
        return bool(connection.execute(sql).fetchone()[0] == 3)
