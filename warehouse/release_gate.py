"""What must hold before a build may go out: every row of every load is accounted for."""

from typing import TYPE_CHECKING

from warehouse.errors import GateRefused
from warehouse.ledger import Ledger
from warehouse.load_records import LoadRecord, load_records
from warehouse.paths import HomePaths
from warehouse.sql import file_list

if TYPE_CHECKING:
    import duckdb

REQUIRED_TABLES = ("audit_loads", "audit_rejected_rows", "audit_checks", "audit_releases")


def check_balance(
    connection: "duckdb.DuckDBPyConnection", paths: HomePaths, ledger: Ledger, ledger_entry: int, since: int
) -> None:
    """Refuses a build whose audit does not add up or does not tell what the ledger tells.

    Args:
        connection: the build, open.
        paths: the home, for the lake files.
        ledger: what was accepted.
        ledger_entry: the entry up to which the build was made.
        since: loads after this entry also have their lake files counted; older ones were counted by an earlier release.

    Raises:
        GateRefused: naming the first loads concerned.
    """
    tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'main'").fetchall()
    missing = [table for table in REQUIRED_TABLES if (table,) not in tables]
    if missing:
        raise _refusal("thiếu bảng", "tables are missing", missing)
    unbalanced = connection.execute(
        "select load_id from main.audit_loads "
        "where (rows_read = rows_accepted + rows_rejected + rows_superseded) is not true order by load_id"
    ).fetchall()
    if unbalanced:
        raise _refusal("lượt nạp không cân đối", "loads do not balance", [row[0] for row in unbalanced])
    miscounted = connection.execute(
        "select load_id from main.audit_loads as loads "
        "full join (select load_id, count(*) as found from main.audit_rejected_rows group by load_id) as rejected "
        "using (load_id) where coalesce(loads.rows_rejected, -1) <> coalesce(rejected.found, 0) order by load_id"
    ).fetchall()
    if miscounted:
        vi, en = "số dòng bị loại khác với audit_rejected_rows", "rejected rows differ from audit_rejected_rows"
        raise _refusal(vi, en, [row[0] for row in miscounted])
    records = load_records(ledger, ledger_entry)
    _compare_with_ledger(connection, records)
    _count_lake_files(connection, paths, [record for record in records if record.entry_no > since])


def _compare_with_ledger(connection: "duckdb.DuckDBPyConnection", records: list[LoadRecord]) -> None:
    counts = ("rows_read", "rows_accepted", "rows_rejected", "rows_superseded")
    built = {
        row[0]: tuple(row[1:])
        for row in connection.execute(f"select load_id, verdict, {', '.join(counts)} from main.audit_loads").fetchall()
    }
    told = {r.load_id: (r.verdict, *(r.payload[name] for name in counts)) for r in records}
    differing = sorted(load_id for load_id in built.keys() | told.keys() if built.get(load_id) != told.get(load_id))
    if differing:
        raise _refusal("audit_loads khác với sổ cái", "audit_loads differs from the ledger", differing)


def _count_lake_files(connection: "duckdb.DuckDBPyConnection", paths: HomePaths, records: list[LoadRecord]) -> None:
    wanted = {record.load_id: record for record in records if record.is_accepted}
    files = {str(paths.home / name): load_id for load_id in wanted for name in wanted[load_id].payload["lake_files"]}
    if not files:
        return
    found = dict.fromkeys(wanted, 0)
    metadata = connection.execute(
        f"select file_name, num_rows from parquet_file_metadata({file_list(files)})"
    ).fetchall()
    for path, rows in metadata:
        found[files[path]] += rows
    wrong = sorted(load_id for load_id, rows in found.items() if rows != wanted[load_id].payload["rows_accepted"])
    if wrong:
        raise _refusal("tệp trong kho không đủ dòng đã nhận", "lake files do not hold the accepted rows", wrong)


def _refusal(vi: str, en: str, names: list[str]) -> GateRefused:
    shown = ", ".join(names[:5]) + (f" (+{len(names) - 5})" if len(names) > 5 else "")
    return GateRefused(
        f"Không công bố: {vi}: {shown}. Bản hiện hành vẫn nguyên.",
        f"Not published: {en}: {shown}. The current release is untouched.",
    )
