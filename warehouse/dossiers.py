"""Dossier logs from the reader's files to the lake: millions of rows a load, never as Python objects.

The order of steps is that of `loads`: nothing counts until the one ledger entry, and everything before it gives the
same bytes under the same names when it is done again. All work on rows is DuckDB's, which spills to disk.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from warehouse.columns import ADDED_STATE_COLUMNS, REJECTED_COLUMNS, ROW_COUNTS, SHAPE_COLUMNS
from warehouse.dossier_index import index_file, index_files, look_up
from warehouse.errors import clear_errors
from warehouse.files import make_folder, put_in_place, remove_tree, sync_folder, sync_tree, temporary
from warehouse.lake_files import with_hashes
from warehouse.ledger import Ledger, append
from warehouse.load_records import ACCEPTED, Load, check_records, load_payload, load_subject
from warehouse.loads import HELD, imbalance, superseded_load_id
from warehouse.paths import HomePaths
from warehouse.rejection import HELD_REASON
from warehouse.sheet_counts import counts_of
from warehouse.sql import file_list, parquet, quoted

if TYPE_CHECKING:
    import duckdb

SHAPE = "transactions"

# What a rejected row may show of itself: codes and times. Anything longer could be a name in a shifted column.
_HARMLESS = r"-?[0-9]{1,8}|[0-9]\.[0-9]{6}|[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?)?"
# Bits for sequence and row_no in the one number that orders the states of a dossier; the time takes 52 of 127.
_SEQUENCE_BITS, _ROW_BITS = 40, 34
_MONTH = "'%Y-%m'"
_JUDGED_COLUMNS = ("row_no", "field", "raw_value", "reason_code", "reasons", "reason_vi", "reason_en")
_STAGED_COLUMNS = [name for name in SHAPE_COLUMNS[SHAPE] if name not in ("load_id", "source_id", "dossier_month")]


def reading_folder(paths: HomePaths, source_id: str, sha256: str) -> Path:
    """An empty private folder for what the reader writes, beside the staged loads; a sweep removes it after a kill."""
    with clear_errors(f"chuẩn bị đọc tệp của {source_id}", f"preparing to read a file of {source_id}"):
        folder = temporary(paths.staged / f"{source_id}-{sha256}")
        remove_tree(folder)
        make_folder(folder)
    return folder


def stage_log(paths: HomePaths, load: Load, folder: Path) -> Path:
    """Makes what the reader wrote the staged files of the load.

    Args:
        paths: the home.
        load: the load.
        folder: what `reading_folder` gave: `rows.parquet` and, where there are any, `rejected.parquet`.

    Returns:
        Path of the readable rows, what validation looks at.

    Raises:
        StoreError: disk full or not writable.
    """
    staged = paths.staged / load.load_id
    with clear_errors(f"ghi tạm lượt nạp {load.load_id}", f"staging load {load.load_id}"):
        sync_tree(folder)
        remove_tree(staged)
        folder.rename(staged)
        sync_folder(paths.staged)
    return paths.staged_rows(load.load_id)


def settle_log(
    paths: HomePaths,
    ledger: Ledger,
    load: Load,
    report: Any,
    at: datetime,
    run_id: str,
    limits: Mapping[str, Any] | None = None,
    dossier_key_id: str = "",
) -> dict[str, Any]:
    """Does what a validation report says: accepts the staged log, or quarantines it.

    Accepted: rejected rows are dropped; of a dossier's other rows the latest stays (by event_at, then sequence, then
    row_no), the rest count as superseded; each dossier lies in its month (`lake/transactions/month=…/…`).
    Quarantined: every row is recorded as rejected and the staged files stay.

    Args:
        paths: the home.
        ledger: gets one `load` entry, whose payload also lists `index_files`.
        load: the load; its rows must be staged.
        report: has verdict, results, rejected_file (Parquet: row_no, field, raw_value, reason_code, reasons, reason_vi,
            reason_en, one row per rejected row; or None), reason_vi, reason_en.
        at: now.
        run_id: the run that validated.
        limits: DuckDB's configuration.
        dossier_key_id: of the key that keyed the dossiers (`dossier_key.key_id`).

    Returns:
        The payload of the ledger entry.

    Raises:
        BalanceError: rows would be lost or counted twice.
        StoreError: disk full or not writable, or the dossier index is not whole; nothing counts then.
        ValueError: the report names rows that are not staged, or holds them as objects.
    """
    if report.rejected:
        raise ValueError("rejected rows of a log come as a file: give validate() a rejected_path")
    is_accepted = report.verdict in ACCEPTED
    doing = ("đưa", "vào kho", "accepting") if is_accepted else ("cách ly", "", "quarantining")
    with (
        clear_errors(f"{doing[0]} lượt nạp {load.load_id} {doing[1]}".strip(), f"{doing[2]} load {load.load_id}"),
        _staged(paths, load, report.rejected_file, limits or {}) as connection,
    ):
        facts = _accept(connection, paths, ledger, load) if is_accepted else _hold(connection, paths, load, report)
        payload = load_payload(
            load,
            report.verdict,
            report.reason_vi or None,
            report.reason_en or None,
            rows_read=load.rows_read,
            sheets=[counts_of(_sheet(load), load.rows_read, *(facts.get(name, 0) for name in ROW_COUNTS[1:]))],
            checks=check_records(report.results, at, run_id),
            **facts,
            **({"dossier_key_id": dossier_key_id} if dossier_key_id else {}),
        )
        payload = with_hashes(paths, payload)
        append(ledger, "load", load_subject(load), payload, at)
        if is_accepted:
            remove_tree(paths.staged / load.load_id)
    return payload


@contextmanager
def _staged(
    paths: HomePaths, load: Load, rejected_file: Path | None, limits: Mapping[str, Any]
) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Opens the relations `staged`, `judged` (rejected by validation), `kept` and `unread` (rejected by the reader)."""
    import duckdb

    with duckdb.connect(config={"autoinstall_known_extensions": False, **limits}) as connection:
        connection.execute(f"create temp view staged as from {parquet(paths.staged_rows(load.load_id))}")
        judged = f"from {parquet(rejected_file)}" if rejected_file else _nothing(_JUDGED_COLUMNS)
        connection.execute(f"create temp view judged as {judged}")
        connection.execute("create temp view kept as from staged anti join judged using (row_no)")
        unread = paths.staged_rejected(load.load_id)
        found = f"from {parquet(unread)}" if unread.is_file() else _nothing(REJECTED_COLUMNS)
        connection.execute(f"create temp view unread as {found}")
        strangers = "select row_no from judged anti join staged using (row_no) order by row_no limit 5"
        if rejected_file and (found_strangers := connection.execute(strangers).fetchall()):
            raise ValueError(f"validation rejects rows that are not staged: {[row[0] for row in found_strangers]}")
        yield connection


def _nothing(names: Iterable[str]) -> str:
    """A query with these columns of rejected rows and no rows."""
    return f"select {', '.join(f'null::{REJECTED_COLUMNS[name]} as {name}' for name in names)} where false"


def _accept(connection: "duckdb.DuckDBPyConnection", paths: HomePaths, ledger: Ledger, load: Load) -> dict[str, Any]:
    connection.execute(
        f"create temp table latest as select dossier_key, arg_max(row_no, {_order(connection)}) as row_no, "
        "min(event_at) as first_event_at, count(*) as states from kept group by dossier_key"
    )
    look_up(connection, paths, ledger, "latest")
    columns = ", ".join(f"staged.{name}" for name in _STAGED_COLUMNS)
    connection.execute(
        f"create temp table placed as select {columns}, "
        f"coalesce(known.dossier_month, strftime(first_event_at, {_MONTH})) as dossier_month, "
        "known.dossier_month is null as is_new "
        "from staged inner join latest using (row_no) left join known on known.dossier_key = latest.dossier_key "
        "order by dossier_month, staged.dossier_key"  # once for all months: each is then read as one piece
    )
    lake_files = _write_lake(connection, paths, load)
    rejected_file = _write_rejected(connection, paths, load, [_unread(load), _judged(load)], "")
    ((superseded,),) = _ask(connection, "select coalesce(sum(states) - count(*), 0)::bigint from latest")
    rows = {
        "rows_accepted": _count(connection, paths, lake_files),
        "rows_rejected": _count(connection, paths, [rejected_file] if rejected_file else []),
        "rows_superseded": superseded,
    }
    _assert_balance(connection, paths, load, rows, rejected_file, "kept")
    return {
        **rows,
        **_event_months(connection, "placed"),
        "supersedes": superseded_load_id(ledger, load),
        "lake_files": lake_files,
        "added_columns": list(ADDED_STATE_COLUMNS),
        "rejected_file": rejected_file,
        "index_files": _write_index(connection, paths, ledger, load),
    }


def _order(connection: "duckdb.DuckDBPyConnection") -> str:
    """SQL of what is greatest for the latest state: by time, then sequence (none is least), then line.

    One number where the sequences of the load lie close enough together, since sums of numbers spill to disk and are
    compared fast; else a row of the three, which does neither.
    """
    ((least, spread),) = _ask(connection, "select min(sequence), max(sequence)::hugeint - min(sequence) from staged")
    if spread is not None and spread + 1 >= 1 << _SEQUENCE_BITS:
        return "row(event_at, coalesce(sequence, -9223372036854775808), row_no)"
    nth = "0" if least is None else f"coalesce(sequence::hugeint - ({least}) + 1, 0)"
    return f"(epoch_us(event_at)::hugeint * {1 << _SEQUENCE_BITS} + {nth}) * {1 << _ROW_BITS} + row_no"


def _hold(connection: "duckdb.DuckDBPyConnection", paths: HomePaths, load: Load, report: Any) -> dict[str, Any]:
    parts = [_unread(load), _judged(load), _held(load, report.reason_vi, report.reason_en)]
    rejected_file = _write_rejected(connection, paths, load, parts, HELD)
    rows = {"rows_rejected": _count(connection, paths, [rejected_file] if rejected_file else [])}
    _assert_balance(connection, paths, load, rows, rejected_file, None)
    return {**rows, **_event_months(connection, "staged"), "rejected_file": rejected_file}


def _write_lake(connection: "duckdb.DuckDBPyConnection", paths: HomePaths, load: Load) -> list[str]:
    written = []
    months = _ask(connection, "select distinct dossier_month from placed where dossier_month is not null order by 1")
    for (month,) in months:
        path = paths.lake / SHAPE / f"month={month}" / f"{load.load_id}.parquet"
        given = {**_owner(load), "dossier_month": quoted(month)}
        columns = ", ".join(
            f"cast({given.get(name, name)} as {kind}) as {name}" for name, kind in SHAPE_COLUMNS[SHAPE].items()
        )
        rows = f"from placed where placed.dossier_month = {quoted(month)}"
        written.append(_place(connection, f"select {columns} {rows}", path, paths))
    return written


def _write_index(connection: "duckdb.DuckDBPyConnection", paths: HomePaths, ledger: Ledger, load: Load) -> list[str]:
    """Adds the dossiers that are new to the lake; a load accepted again keeps those it brought the first time."""
    path = index_file(paths, load.load_id)
    name = path.relative_to(paths.home).as_posix()
    before = [name] if name in index_files(ledger) else []
    ((new,),) = _ask(connection, "select count(*) from placed where is_new")
    if not new:
        return before
    keys = "select dossier_key, dossier_month from placed where is_new"
    if before:
        keys = f"from ({keys} union all from {parquet(path)}) order by all"
    return [_place(connection, keys, path, paths)]


def _write_rejected(
    connection: "duckdb.DuckDBPyConnection", paths: HomePaths, load: Load, parts: Sequence[str], mark: str
) -> str | None:
    rows = " union all ".join(parts)
    ((is_empty,),) = _ask(connection, f"select count(*) = 0 from (from ({rows}) limit 1)")
    if is_empty:
        return None
    path = paths.lake / "rejected" / SHAPE / f"{load.load_id}{mark}.parquet"
    return _place(connection, f"from ({rows}) order by row_no", path, paths)


def _unread(load: Load) -> str:
    """Rows the reader could not read or resolve; it has masked what they held."""
    return _rejected_select(load, {"sheet": quoted(_sheet(load))}, "unread")


def _judged(load: Load) -> str:
    """Rows that validation rejects, with the place they stand at."""
    given = {
        "row_no": "judged.row_no",
        "sheet": quoted(_sheet(load)),
        "raw_value": f"case when regexp_full_match(raw_value, {quoted(_HARMLESS)}) then raw_value "
        "when raw_value is null then '' else '***' end",
    }
    return _rejected_select(load, given, "judged inner join staged on staged.row_no = judged.row_no")


def _held(load: Load, reason_vi: str, reason_en: str) -> str:
    """All other rows of a quarantined load."""
    given = {
        "sheet": quoted(_sheet(load)),
        "field": "'load'",
        "raw_value": "''",
        "reason_code": quoted(HELD_REASON),
        "reasons": quoted(json.dumps([HELD_REASON])),
        "reason_vi": quoted(reason_vi),
        "reason_en": quoted(reason_en),
    }
    return _rejected_select(load, given, "kept")


def _rejected_select(load: Load, given: Mapping[str, str], rows: str) -> str:
    known = {**_owner(load), **given}
    columns = (f"cast({known.get(name, name)} as {kind}) as {name}" for name, kind in REJECTED_COLUMNS.items())
    return f"select {', '.join(columns)} from {rows}"


def _owner(load: Load) -> dict[str, str]:
    return {"load_id": quoted(load.load_id), "source_id": quoted(load.source_id)}


def _sheet(load: Load) -> str:
    """What stands for the sheet of a text file: its name without endings."""
    return PurePosixPath(load.file_name).name.split(".")[0]


def _place(connection: "duckdb.DuckDBPyConnection", query: str, path: Path, paths: HomePaths) -> str:
    """Writes a query's rows to a file that appears all at once; returns its name relative to the home."""
    make_folder(path.parent)
    target = quoted(str(temporary(path)))
    connection.execute(f"copy ({query}) to {target} (format parquet, parquet_version v2, compression zstd)")
    put_in_place(temporary(path), path)
    return path.relative_to(paths.home).as_posix()


def _count(connection: "duckdb.DuckDBPyConnection", paths: HomePaths, names: Sequence[str]) -> int:
    """Rows that the files hold, as they say themselves."""
    if not names:
        return 0
    listed = file_list(paths.home / name for name in names)
    ((rows,),) = _ask(connection, f"select sum(num_rows)::bigint from parquet_file_metadata({listed})")
    return int(rows)


def _assert_balance(
    connection: "duckdb.DuckDBPyConnection",
    paths: HomePaths,
    load: Load,
    rows: Mapping[str, int],
    rejected_file: str | None,
    others: str | None,
) -> None:
    """Every row read is accepted, rejected or superseded; no number is rejected twice, or rejected and kept."""
    twice = 0
    if rejected_file:
        rejected = parquet(paths.home / rejected_file)
        ((twice,),) = _ask(connection, f"select count(*) - count(distinct row_no) from {rejected}")
        if others:
            ((both,),) = _ask(connection, f"select count(*) from {others} semi join {rejected} using (row_no)")
            twice += both
    if sum(rows.values()) != load.rows_read or twice:
        raise imbalance(load, list(rows.values()), twice)


def _event_months(connection: "duckdb.DuckDBPyConnection", rows: str) -> dict[str, str | None]:
    ((first, last),) = _ask(
        connection, f"select strftime(min(event_at), {_MONTH}), strftime(max(event_at), {_MONTH}) from {rows}"
    )
    return {"first_period_id": first, "last_period_id": last}


def _ask(connection: "duckdb.DuckDBPyConnection", sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()
