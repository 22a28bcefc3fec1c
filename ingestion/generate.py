"""Synthetic logs of dossiers of any size, for trials and benchmarks. Dossiers and persons are invented."""

from __future__ import annotations

import gzip
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa

from ingestion import generate_sql as sql
from ingestion import generate_world as world

log = logging.getLogger("sotinh.generate")

PROVINCIAL, NATIONAL = "dvc_tinh_mo_phong", "dvc_quoc_gia_mo_phong"
FORMATS = ("csv.gz", "ndjson.gz")
FIRST_MONTH = date(2022, 1, 1)
_PACKED_FAST = 3
_SAMPLE = 20_000
# Long ago, so that no file waits in the inbox as one that may still be growing.
_WRITTEN_AT = datetime(2022, 11, 1, tzinfo=UTC).timestamp()
# States of a dossier go on for at most so long: the longest deadline, very late, corrected nine months after.
_CALENDAR_AFTER = timedelta(days=500)


def generate(
    folder: Path,
    rows: int,
    months: int,
    seed: int,
    *,
    faults: bool = False,
    formats: tuple[str, str] = FORMATS,
    first_month: date = FIRST_MONTH,
    memory_limit: str = "1GB",
) -> list[Path]:
    """Write the logs of two invented portals, one file a month each, as their sources declare them.

    | file | holds, of that month |
    |---|---|
    | `dvc_tinh_mo_phong/mo_phong_dvc_tinh_<YYYY-MM>.csv.gz` | states of the dossiers of one province |
    | `dvc_quoc_gia_mo_phong/mo_phong_dvc_quoc_gia_<YYYY-MM>.ndjson.gz` | part of those, and of three other provinces |

    Dossiers follow the season and working days, have due dates, several states each, and now and then a correction
    months later. The national portal gets part of the states, late, with 5, 6 and 8 as 9 and dummy identity numbers.
    Names, telephones, e-mails and identity numbers stand in columns of their own and in free text.
    The same arguments give the same bytes. Memory does not grow with `rows`; the states lie on disk meanwhile.

    Args:
        folder: gets one folder per source, as an inbox has them.
        rows: number of states in all files together, before faults.
        months: number of months, from `first_month` on.
        seed: another seed gives other dossiers.
        faults: about one line in 150 is made faulty: shifted columns, personal data in wrong columns, broken lines.
        formats: of the provincial and the national log: `csv` and `ndjson`, plain or with `.gz` or `.zst`.
        first_month: any day of the first month.
        memory_limit: of DuckDB.

    Returns:
        The files written, by month.

    Raises:
        ValueError: rows or months below 1, or an unknown format.
    """
    if rows < 1 or months < 1:
        raise ValueError("rows and months must be at least 1")
    for form, base in zip(formats, ("csv", "ndjson"), strict=True):
        if form not in (base, f"{base}.gz", f"{base}.zst"):
            raise ValueError(f"no format of this log: {form}")
    written = []
    with tempfile.TemporaryDirectory(prefix="sotinh-") as work, duckdb.connect(f"{work}/states.duckdb") as connection:
        connection.execute("set memory_limit = $limit", {"limit": memory_limit})
        connection.execute("set enable_progress_bar = false")
        log.info("making %d states of dossiers", rows)
        listed = _world(connection, months, seed, first_month)
        least_lot = _states(connection, listed, rows)
        for month in listed:
            label = f"{month.first_day:%Y-%m}"
            for source_id, form in zip((PROVINCIAL, NATIONAL), formats, strict=True):
                path = folder / source_id / f"mo_phong_{source_id.removesuffix('_mo_phong')}_{label}.{form}"
                query = sql.lines(source_id == NATIONAL, faults)
                header = ",".join(sql.PROVINCIAL_COLUMNS) + "\n" if source_id == PROVINCIAL else ""
                lot = least_lot if source_id == NATIONAL else 0
                found = connection.execute(query, {"month": label, "lot": lot}).to_arrow_reader(50_000)
                log.info("writing %s", path.name)
                if _write(path, header, found):
                    written.append(path)
    return written


def _world(connection: duckdb.DuckDBPyConnection, count: int, seed: int, first: date) -> list[world.Month]:
    """The tables of the invented world; `months` still without dossiers."""
    begins = first.replace(day=1)
    days = count * 31 + _CALENDAR_AFTER.days
    open_days = world.workdays(begins, days)
    listed = world.months(begins, count, open_days)
    ordinals, ordinal = [], 0
    for number in range(days):  # the first working day that is not before each day
        if begins + timedelta(days=number) > open_days[ordinal] and ordinal < len(open_days) - 1:
            ordinal += 1
        ordinals.append(ordinal + 1)
    tables: dict[str, dict[str, list[Any]]] = {
        "calendar": {"calendar_begins": [begins], "days_open": [open_days], "next_open": [ordinals]},
        "persons": {
            "family": [list(world.FAMILY_NAMES)],
            "middle": [list(world.MIDDLE_NAMES)],
            "given": [list(world.GIVEN_NAMES)],
            "given_ascii": [list(world.GIVEN_NAMES.values())],
        },
        "provinces": {
            "province": list(range(1, len(world.PROVINCES) + 1)),
            "name": [name for name, _ in world.PROVINCES],
            "office": [office for _, office in world.PROVINCES],
        },
    }
    procedures = world.procedures()
    tables["procedures"] = {name: [getattr(p, name) for p in procedures] for name in world.Procedure._fields}
    tables["procedures"]["rank"] = list(range(len(procedures)))
    shares = [rank for rank, p in enumerate(procedures) for _ in range(p.weight)]
    tables["shares"] = {"share": list(range(len(shares))), "rank": shares}
    for name, columns in tables.items():
        connection.register("made", pa.table(columns))
        connection.execute(f"create table {name} as from made")
    for macro in sql.macros(seed):
        connection.execute(macro)
    return listed


def _states(connection: duckdb.DuckDBPyConnection, listed: list[world.Month], rows: int) -> int:
    """Make the tables `dossiers` and `states` with at least so many rows; the least lot that leaves exactly `rows`.

    Rows above the number wanted are taken from what the national portal was sent, by their lots.
    """
    end = listed[-1].first_day + timedelta(days=listed[-1].days)
    dossiers = min(rows, _SAMPLE)
    made = _make(connection, listed, dossiers, end)
    if rows > made or rows < made * 0.9:
        dossiers = max(int(rows / made * dossiers * 1.01), 1)
        made = _make(connection, listed, dossiers, end)
    while made < rows:
        dossiers += max(dossiers // 100, 1)
        made = _make(connection, listed, dossiers, end)
    if made == rows:
        return 0
    lots = connection.execute(
        "select lot from states where is_national order by lot limit 1 offset $surplus", {"surplus": made - rows}
    ).fetchone()
    return int(lots[0]) if lots else 2**64 - 1


def _make(connection: duckdb.DuckDBPyConnection, listed: list[world.Month], dossiers: int, end: date) -> int:
    weight = sum(month.weight for month in listed)
    before, low, spans = 0, 0, []
    for number, month in enumerate(listed):
        before += month.weight
        high = dossiers * before // weight
        spans.append({**month._asdict(), "month": number, "lo": low, "hi": high})
        low = high
    connection.register("made", pa.Table.from_pylist(spans))
    connection.execute("create or replace table months as from made")
    connection.execute(f"create or replace table dossiers as {sql.DOSSIERS}")
    connection.execute(f"create or replace table states as {sql.STATES}", {"end": end})
    counted = connection.execute("select count(*) from states").fetchone()
    return int(counted[0]) if counted else 0


def _write(path: Path, header: str, batches: pa.RecordBatchReader) -> bool:
    """Write the lines of all batches under a temporary name, then give the file its own; nothing without a line."""
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    is_empty = True
    with _packed(part) as file:
        for batch in batches:
            if batch.num_rows:
                if is_empty:
                    file.write(header.encode())
                is_empty = False
                data = b"".join(batch.column(0).cast(pa.binary()).to_pylist())
                file.write(data.replace(sql.INVALID_BYTE.encode(), b"\xff").replace(sql.NUL_BYTE.encode(), b"\0"))
    if is_empty:
        part.unlink()
        return False
    os.utime(part, (_WRITTEN_AT, _WRITTEN_AT))
    part.replace(path)
    return True


@contextmanager
def _packed(part: Path) -> Iterator[IO[bytes] | pa.NativeFile]:
    name = part.name.removesuffix(".part")
    if name.endswith(".zst"):
        with pa.OSFile(str(part), "wb") as raw, pa.CompressedOutputStream(raw, "zstd") as packed:
            yield packed
    elif name.endswith(".gz"):
        # Without name and time in its header: the same rows give the same bytes.
        with part.open("wb") as raw, gzip.GzipFile("", "wb", _PACKED_FAST, raw, mtime=0) as packed:
            yield packed
    else:
        with part.open("wb") as plain:
            yield plain
