"""What must hold before a build may go out: every row of every load is accounted for, in the whole and by sheet."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from warehouse.build_checks import BuildChecks, keep_checks
from warehouse.changes.gate_checks import refusal_result
from warehouse.columns import LOAD_SHEET_COLUMNS, ROW_COUNTS
from warehouse.errors import GateRefused
from warehouse.ledger import Ledger
from warehouse.load_records import LoadRecord, load_records
from warehouse.paths import HomePaths
from warehouse.sheet_counts import WHOLE_FILE, load_sheet_rows, sheets_of
from warehouse.sql import file_list, parquet

if TYPE_CHECKING:
    import duckdb

BALANCE = "balance"
REQUIRED_TABLES = (
    "audit_loads",
    "audit_load_sheets",
    "audit_rejections",
    "audit_rejected_rows",
    "audit_checks",
    "audit_decisions",
    "audit_releases",
)

_ADDS_UP = "(rows_read = rows_accepted + rows_rejected + rows_superseded) is true"
_SUMS = ", ".join(f"sum({name})::bigint as {name}" for name in ROW_COUNTS)
_OF_SHEET = "load_id || ' / ' || coalesce(sheet, '?')"

# Each query gives the loads, or sheets of loads, that break the sentence before it.
_DIFFERENCES = (
    (
        "lượt nạp không cân đối",
        "loads do not balance",
        f"select load_id from main.audit_loads where not {_ADDS_UP}",
    ),
    (
        "trang tính không cân đối",
        "sheets do not balance",
        f"select {_OF_SHEET} from main.audit_load_sheets where not {_ADDS_UP}",
    ),
    (
        "các trang tính cộng lại khác với lượt nạp",
        "sheets do not add up to their load",
        f"""
        select load_id from (
            (select load_id, {", ".join(ROW_COUNTS)} from main.audit_loads where rows_read <> 0)
            except all (select load_id, {_SUMS} from main.audit_load_sheets group by load_id)
            union all
            ((select load_id, {_SUMS} from main.audit_load_sheets group by load_id)
            except all (select load_id, {", ".join(ROW_COUNTS)} from main.audit_loads))
        ) group by load_id
        """,
    ),
    (
        "số dòng bị loại khác với audit_rejected_rows",
        "rejected rows differ from audit_rejected_rows",
        """
        select load_id from main.audit_loads as loads
        full join (select load_id, count(*) as found from main.audit_rejected_rows group by load_id) as rejected
        using (load_id) where coalesce(loads.rows_rejected, -1) <> coalesce(rejected.found, 0)
        """,
    ),
    (
        "số dòng bị loại theo lý do khác với audit_rejected_rows",
        "rejections by reason differ from audit_rejected_rows",
        f"""
        select {_OF_SHEET} from (
            select load_id, sheet, reason_code, count(*) as found from main.audit_rejected_rows group by all
        ) full join main.audit_rejections using (load_id, sheet, reason_code)
        where found is distinct from rejected_count
        """,
    ),
    (
        "số dòng bị loại của trang tính khác với lý do",
        "rejected rows of sheets differ from their reasons",
        f"""
        with uncounted as (select load_id from main.audit_load_sheets where sheet = '{WHOLE_FILE}'),
        found as (
            select load_id, if(uncounted.load_id is null, sheet, '{WHOLE_FILE}') as sheet, sum(rejected_count) as found
            from main.audit_rejections left join uncounted using (load_id) group by all
        )
        select {_OF_SHEET} from main.audit_load_sheets full join found using (load_id, sheet)
        where coalesce(rows_rejected, 0) <> coalesce(found, 0)
        """,
    ),
)


def check_balance(
    connection: "duckdb.DuckDBPyConnection", paths: HomePaths, ledger: Ledger, ledger_entry: int, since: int
) -> int:
    """Refuses a build whose audit does not add up or does not tell what the ledger tells.

    Args:
        connection: the build, open.
        paths: the home, for the lake files.
        ledger: what was accepted.
        ledger_entry: the entry up to which the build was made.
        since: loads after this entry also have their lake files counted; older ones were counted by an earlier release.

    Returns:
        The rows that were read, all of them accounted for.

    Raises:
        GateRefused: naming the first loads concerned.
    """
    tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'main'").fetchall()
    missing = [table for table in REQUIRED_TABLES if (table,) not in tables]
    if missing:
        raise _refusal("thiếu bảng", "tables are missing", missing)
    for vi, en, query in _DIFFERENCES:
        if found := connection.execute(query).fetchall():
            raise _refusal(vi, en, sorted(row[0] for row in found))
    records = load_records(ledger, ledger_entry)
    _compare_with_ledger(connection, records)
    _count_lake_files(connection, paths, [record for record in records if record.entry_no > since])
    return sum(record.payload["rows_read"] for record in records)


def require_balance(
    connection: "duckdb.DuckDBPyConnection",
    paths: HomePaths,
    ledger: Ledger,
    ledger_entry: int,
    since: int,
    checks: BuildChecks | None,
    at: datetime,
) -> int:
    """As `check_balance`; a refusal is kept in the ledger, at a moment, with the results of the build's tests."""
    try:
        return check_balance(connection, paths, ledger, ledger_entry, since)
    except GateRefused as refused:
        if checks:
            found = BuildChecks(checks.run_id, [*checks.results, refusal_result(refused)])
            keep_checks(ledger, checks.run_id, found, at)
        raise


def _compare_with_ledger(connection: "duckdb.DuckDBPyConnection", records: list[LoadRecord]) -> None:
    built = connection.execute(f"select load_id, verdict, {', '.join(ROW_COUNTS)} from main.audit_loads").fetchall()
    told = [(r.load_id, r.verdict, *(r.payload[name] for name in ROW_COUNTS)) for r in records]
    _require_same("audit_loads", built, told)
    sheets = connection.execute(f"select {', '.join(LOAD_SHEET_COLUMNS)} from main.audit_load_sheets").fetchall()
    _require_same("audit_load_sheets", sheets, [tuple(row.values()) for row in load_sheet_rows(records)])


def _require_same(table: str, built: Iterable[tuple[str | int, ...]], told: Iterable[tuple[str | int, ...]]) -> None:
    if differing := {str(row[0]) for row in set(built) ^ set(told)}:
        raise _refusal(f"{table} khác với sổ cái", f"{table} differs from the ledger", sorted(differing))


def _count_lake_files(connection: "duckdb.DuckDBPyConnection", paths: HomePaths, records: list[LoadRecord]) -> None:
    """Compares the rows in the lake files of accepted loads, sheet by sheet, with those that were accepted."""
    accepted = {record.load_id: record for record in records if record.is_accepted}
    found = _rows_in_lake(connection, paths, accepted)
    told = {
        (load_id, sheet["sheet"]): sheet["rows_accepted"]
        for load_id, record in accepted.items()
        for sheet in sheets_of(record)
    }
    places = sorted(place for place in found.keys() | told.keys() if found.get(place, 0) != told.get(place, 0))
    if places:
        wrong = [f"{load_id} / {sheet}" for load_id, sheet in places]
        raise _refusal("tệp trong kho không đủ dòng đã nhận", "lake files do not hold the accepted rows", wrong)


def _rows_in_lake(
    connection: "duckdb.DuckDBPyConnection", paths: HomePaths, accepted: Mapping[str, LoadRecord]
) -> Counter[tuple[str, str]]:
    """Load id and sheet -> rows in its files. Files of one sheet tell their number of rows without being opened."""
    found: Counter[tuple[str, str]] = Counter()
    only_sheets = {
        load_id: sheets_of(each)[0]["sheet"] for load_id, each in accepted.items() if len(sheets_of(each)) == 1
    }
    files = {
        str(paths.home / name): load_id for load_id in accepted for name in accepted[load_id].payload["lake_files"]
    }
    if whole := [path for path, load_id in files.items() if load_id in only_sheets]:
        query = f"select file_name, num_rows from parquet_file_metadata({file_list(whole)})"
        for path, rows in connection.execute(query).fetchall():
            found[files[path], only_sheets[files[path]]] += rows
    if several := [path for path, load_id in files.items() if load_id not in only_sheets]:
        query = f"select load_id, sheet, count(*) from {parquet(*several)} group by all"
        found.update({(load_id, sheet): rows for load_id, sheet, rows in connection.execute(query).fetchall()})
    return found


def _refusal(vi: str, en: str, names: list[str]) -> GateRefused:
    shown = ", ".join(names[:5]) + (f" (+{len(names) - 5})" if len(names) > 5 else "")
    return GateRefused(
        f"Không công bố: {vi}: {shown}. Bản hiện hành vẫn nguyên.",
        f"Not published: {en}: {shown}. The current release is untouched.",
    )
