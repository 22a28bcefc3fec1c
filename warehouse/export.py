"""What dbt reads: the ledger up to one entry, and the exact lake files it lists. Nothing else reaches a build."""

import hashlib
import os
from bisect import bisect_left
from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from warehouse.build_checks import build_check_rows
from warehouse.canonical import canonical_json, naive_utc, utc_time
from warehouse.columns import (
    ADDED_STATE_COLUMNS,
    CHECK_COLUMNS,
    DECISION_COLUMNS,
    DOSSIER_PARTITION_COLUMNS,
    LAKE_FILE_COLUMNS,
    LOAD_COLUMNS,
    LOAD_SHEET_COLUMNS,
    LOAD_SPAN_COLUMNS,
    PROMISE_COLUMNS,
    REJECTED_COLUMNS,
    RELEASE_COLUMNS,
    SHAPE_COLUMNS,
    SOURCE_COLUMNS,
)
from warehouse.decisions import Decision, decision_row, decisions, loads_decided
from warehouse.errors import StoreError, clear_errors
from warehouse.files import make_folder, put_in_place, remove_tree, temporary
from warehouse.ledger import Entry, Ledger, entries
from warehouse.load_records import LoadRecord, ReceivedFile, first_receipts, load_records, received_files
from warehouse.partitions import month_of
from warehouse.paths import HomePaths
from warehouse.sheet_counts import load_sheet_rows
from warehouse.sql import file_list, insert_rows, quoted

if TYPE_CHECKING:
    import duckdb

_STORED = (
    "loads",
    "load_spans",
    "load_sheets",
    "decisions",
    "checks",
    "releases",
    "sources",
    *PROMISE_COLUMNS,
    "lake_files",
    "dossier_partitions",
)
# of these a model keeps no vintages: files of replaced loads would only be read to be dropped
_LIVE_ONLY = ("transactions",)
TABLES = (*SHAPE_COLUMNS, "rejected_rows", *_STORED)


def export_inputs(
    paths: HomePaths,
    ledger: Ledger,
    up_to: int,
    sources: Mapping[str, Any],
    promises: Mapping[str, Sequence[Mapping[str, Any]]],
    published_at: datetime,
) -> dict[str, int]:
    """Writes `build/inputs.duckdb` and, for other engines, `build/export/<table>.parquet`.

    The tables are those of `columns.py`. Rows of the lake are views on explicit lists of files (absolute paths: the
    database is private to this build); `lake_files` lists the same files for engines that read them themselves.
    `transactions` holds live loads only, the other shapes replaced ones too. `dossier_partitions` tells for each month
    of dossiers what its rows are made of: where `files_hash` is unchanged, so are the rows.

    Args:
        paths: the home.
        ledger: read up to entry `up_to`, so that what arrives later belongs to the next build.
        up_to: the entry the release will name.
        sources: source id to an object with the columns of table `sources` as attributes.
        promises: rows of each table of PROMISE_COLUMNS.
        published_at: moment this build will be published; `known_from` of what no release held before.

    Returns:
        Table to number of rows.

    Raises:
        StoreError: a lake file is missing, or the disk is full.
    """
    import duckdb

    with clear_errors("xuất sổ cái cho dbt", "exporting the ledger for dbt"):
        records = load_records(ledger, up_to)
        receipts = received_files(ledger)
        releases = entries(ledger, "release", up_to=up_to)
        made = decisions(ledger, up_to=up_to)
        lake_files = _lake_files(paths, records)
        make_folder(paths.export)
        work = temporary(paths.inputs_db)
        remove_tree(work)
        remove_tree(work.with_name(f"{work.name}.wal"))
        with duckdb.connect(work) as connection:
            spans = _known_spans(records, releases, published_at)
            load_spans = [{"load_id": load_id, **span} for load_id, own in spans.items() for span in own]
            loads = _load_rows(records, receipts, releases, published_at, spans, loads_decided(made))
            _fill(connection, "loads", LOAD_COLUMNS, loads)
            _fill(connection, "load_spans", LOAD_SPAN_COLUMNS, load_spans)
            _fill(connection, "load_sheets", LOAD_SHEET_COLUMNS, load_sheet_rows(records))
            _fill(connection, "decisions", DECISION_COLUMNS, [decision_row(each) for each in made])
            _fill(connection, "checks", CHECK_COLUMNS, [*_check_rows(records), *build_check_rows(ledger, up_to)])
            _fill(connection, "releases", RELEASE_COLUMNS, [_release_row(entry) for entry in releases])
            declared = [{name: getattr(sources[key], name) for name in SOURCE_COLUMNS} for key in sorted(sources)]
            _fill(connection, "sources", SOURCE_COLUMNS, declared)
            for table, columns in PROMISE_COLUMNS.items():
                _fill(connection, table, columns, promises[table])
            _fill(connection, "lake_files", LAKE_FILE_COLUMNS, lake_files)
            _fill(connection, "dossier_partitions", DOSSIER_PARTITION_COLUMNS, _dossier_partitions(records))
            for table in _STORED:
                part = temporary(paths.export / f"{table}.parquet")
                connection.execute(f"copy (from {table} order by all) to {quoted(str(part))} (format parquet)")
                put_in_place(part, paths.export / f"{table}.parquet")
            older = {record.load_id for record in records if not _has_added_columns(record)}
            for table, columns in {**SHAPE_COLUMNS, "rejected_rows": REJECTED_COLUMNS}.items():
                files = [row for row in lake_files if row["table_name"] == table]
                select = _select_months(files, older, columns) if table in _LIVE_ONLY else _select_files(files, columns)
                connection.execute(f"create view {table} as {select}")
            counts = {
                table: int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])
                for table in TABLES
                if table not in _LIVE_ONLY
            }
            counts |= {table: _rows_accepted(records, table) for table in _LIVE_ONLY}
            # closing writes too, but hides a full disk: tables would stay in a log that the rename leaves behind
            connection.execute("checkpoint")
        put_in_place(work, paths.inputs_db)
    return counts


def _fill(
    connection: "duckdb.DuckDBPyConnection", table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    connection.execute(f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    insert_rows(connection, table, columns, rows)


def _has_added_columns(record: LoadRecord) -> bool:
    return set(ADDED_STATE_COLUMNS) <= set(record.payload.get("added_columns", ()))


def _select_files(files: Sequence[Mapping[str, str]], columns: Mapping[str, str]) -> str:
    nothing = f"select {', '.join(f'null::{kind} as {name}' for name, kind in columns.items())} where false"
    if not files:
        return nothing
    typed = ", ".join(f"{name}::{kind} as {name}" for name, kind in columns.items())
    # without hive_partitioning=false the folder names would become columns
    read = f"read_parquet({file_list(row['path'] for row in files)}, hive_partitioning = false, union_by_name = true)"
    # files of older versions may all lack a column that was added since
    return f"select {typed} from ({nothing} union all by name select * from {read})"


def _select_months(files: Sequence[Mapping[str, str]], older: Container[str], columns: Mapping[str, str]) -> str:
    """As `_select_files`, with the month taken from the folder: a query for some months opens only their files.

    Columns are matched by name, which opens every file, for `older` loads only: they may lack those added since.
    """
    month_of_folder = {"dossier_month": "month"}
    typed = ", ".join(f"{month_of_folder.get(name, name)}::{kind} as {name}" for name, kind in columns.items())
    absent = ", ".join(f"null::{columns[name]} as {name}" for name in ADDED_STATE_COLUMNS)
    selects = []
    for is_older in (True, False):
        paths = [row["path"] for row in files if (row["load_id"] in older) is is_older]
        options = f"hive_partitioning = true, hive_types_autocast = false, union_by_name = {is_older}"
        read = f"from read_parquet({file_list(paths)}, {options})"
        if paths:
            selects.append(
                f"select {typed} from (select {absent} where false union all by name {read})"
                if is_older
                else f"select {typed} {read}"
            )
    return " union all ".join(selects) or _select_files([], columns)


def _lake_files(paths: HomePaths, records: Sequence[LoadRecord]) -> list[dict[str, Any]]:
    rows = []
    for record in records:
        lists: list[tuple[str, list[str]]] = []
        shape = str(record.payload["shape"])
        is_live = record.is_accepted and not record.superseded_by
        if is_live or shape not in _LIVE_ONLY:
            lists.append((shape, list(record.lake_files)))
        if record.payload["rejected_file"]:
            lists.append(("rejected_rows", [record.payload["rejected_file"]]))
        for table, names in lists:
            for name in names:
                path = paths.home / name
                if not path.is_file():
                    raise StoreError(
                        f"Thiếu tệp {name} mà sổ cái ghi cho lượt nạp {record.load_id}; hãy khôi phục từ bản sao lưu "
                        "hoặc dựng lại từ landing (sotinh rebuild --all).",
                        f"The file {name}, which the ledger lists for load {record.load_id}, is missing; "
                        "restore it from a backup or make it again from landing (sotinh rebuild --all).",
                    )
                rows.append({"table_name": table, "load_id": record.load_id, "path": os.fspath(path)})
    return sorted(rows, key=lambda row: (row["table_name"], row["path"]))


def _rows_accepted(records: Sequence[LoadRecord], shape: str) -> int:
    """Rows of the live loads of a shape, as the ledger has them: to count them would open every file of the lake."""
    live = (r.payload for r in records if r.is_accepted and not r.superseded_by and r.payload["shape"] == shape)
    return sum(payload["rows_accepted"] for payload in live)


def _dossier_partitions(records: Sequence[LoadRecord]) -> list[dict[str, Any]]:
    """One row per month of dossiers: a hash of its live files, each with the entry that accepted it."""
    files: dict[str, list[str]] = {}
    for record in records:
        if record.is_accepted and not record.superseded_by and record.payload["shape"] == "transactions":
            for name in record.payload["lake_files"]:
                files.setdefault(month_of(name), []).append(f"{name} {record.entry_no}")
    return [
        {"dossier_month": month, "files_hash": hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()}
        for month, names in sorted(files.items())
    ]


def _accept_numbers(records: Sequence[LoadRecord], receipts: Sequence[ReceivedFile]) -> dict[str, int]:
    """Load id -> place among the accepted loads: by the first receipt of the file, then by the reading.

    Which of two sources is read first in a night, or how long a file was held, says nothing about which is younger.
    """
    came = first_receipts(receipts)

    def receipt(record: LoadRecord) -> tuple[int, int]:
        bytes_of = (record.payload["source_id"], record.payload["file_sha256"])
        return came.get(bytes_of, record.first_entry_no), record.entry_no

    accepted = sorted((record for record in records if record.live_spans), key=receipt)
    return {record.load_id: number for number, record in enumerate(accepted, 1)}


def _known_spans(
    records: Sequence[LoadRecord], releases: Sequence[Entry], published_at: datetime
) -> dict[str, list[dict[str, datetime | None]]]:
    """Load id -> from which release to which its rows counted, by the moments these were published.

    What begins and ends between two releases was never known.
    """
    numbers = [entry.payload["ledger_entry"] for entry in releases]
    moments = [*(naive_utc(utc_time(entry.payload["published_at"])) for entry in releases), naive_utc(published_at)]
    found: dict[str, list[dict[str, datetime | None]]] = {}
    for record in records:
        spans = [
            (bisect_left(numbers, begin), None if end is None else bisect_left(numbers, end))
            for begin, end in record.live_spans
        ]
        found[record.load_id] = [
            {"known_from": moments[first], "known_to": None if last is None else moments[last]}
            for first, last in spans
            if first != last
        ]
    return found


def _load_rows(
    records: Sequence[LoadRecord],
    receipts: Sequence[ReceivedFile],
    releases: Sequence[Entry],
    published_at: datetime,
    spans: Mapping[str, Sequence[Mapping[str, datetime | None]]],
    decided: Mapping[str, Decision],
) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    numbers = _accept_numbers(records, receipts)
    for record in records:
        first = next((entry for entry in releases if entry.payload["ledger_entry"] >= record.first_entry_no), None)
        told_from = naive_utc(utc_time(first.payload["published_at"]) if first else published_at)
        known = spans[record.load_id]
        payload = record.payload
        rows[record.load_id] = {
            **{name: payload.get(name) for name in LOAD_COLUMNS},
            "received_at": naive_utc(utc_time(payload["received_at"])),
            "verdict": record.verdict,
            "first_release_id": first.subject_id if first else None,
            "known_from": known[0]["known_from"] if known else told_from,
            "superseded_by": record.superseded_by,
            "superseded_from": known[-1]["known_to"] if known and record.superseded_by else None,
            "accept_no": numbers.get(record.load_id),
            **_decided(decided.get(record.load_id)),
        }
    for row in rows.values():
        if row["superseded_by"] and row["superseded_from"] is None:  # it never counted in a release
            row["superseded_from"] = rows[row["superseded_by"]]["known_from"]
    return list(rows.values())


def _decided(decision: Decision | None) -> dict[str, str | None]:
    return {
        "decision": decision.decision if decision else None,
        "decided_by": decision.decided_by if decision else None,
    }


def _check_rows(records: Sequence[LoadRecord]) -> list[dict[str, Any]]:
    rows = {}
    for record in records:
        for check in record.checks:
            row = {
                **{name: check.get(name) for name in CHECK_COLUMNS},
                "subject_type": "load",
                "subject_id": record.load_id,
                "checked_at": naive_utc(utc_time(check["checked_at"])),
            }
            rows[record.load_id, row["check_name"], row["run_id"]] = row
    return list(rows.values())


def _release_row(entry: Entry) -> dict[str, Any]:
    payload = entry.payload
    return {
        **{name: payload[name] for name in RELEASE_COLUMNS},
        "published_at": naive_utc(utc_time(payload["published_at"])),
        "row_counts": canonical_json(payload["row_counts"]),
    }
