"""The content hash: what makes two builds the same, whatever their file bytes, threads and clocks."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# columns that tell when something was done, or in which order, not what is known
CLOCK_COLUMNS = frozenset(
    {
        "received_at",
        "accept_no",
        "known_from",
        "known_to",
        "checked_at",
        "decided_at",
        "run_id",
        "published_at",
        "first_release_id",
        "superseded_from",
        "judged_on",
        "delivered_on",
        "days_late",
    }
)
# tables that tell of releases and moments alone, not of provinces
UNHASHED_TABLES = frozenset({"audit_releases", "fct_observation_gaps"})
# of these only some rows are content: how builds were tested says nothing of provinces (verify_pack.py names them too)
HASHED_ROWS = {"audit_checks": "subject_type = 'load'"}
_BATCH = 50_000

# keys of the published tables (DESIGN, section 9); a table that is not here is ordered by all its columns
TABLE_KEYS: dict[str, tuple[str, ...]] = {
    "dim_provinces": ("province_id",),
    "dim_province_versions": ("province_id", "valid_from"),
    "bridge_province_succession": ("predecessor_id", "successor_id"),
    "dim_indicators": ("indicator_code",),
    "bridge_indicator_parts": ("indicator_code", "role", "part_code"),
    "dim_members": ("dimension", "code"),
    "dim_periods": ("period_id",),
    "dim_sources": ("source_id",),
    "fct_observations": (
        "province_id",
        "indicator_code",
        "period_id",
        "basis",
        "breakdown",
        "source_id",
        "load_id",
    ),
    "fct_observation_gaps": (
        "province_id",
        "indicator_code",
        "period_id",
        "basis",
        "breakdown",
        "source_id",
        "load_id",
        "gap_from",
    ),
    "fct_indicator_values": ("province_id", "indicator_code", "period_id"),
    "fct_ratio_parts": ("province_id", "indicator_code", "period_id"),
    "fct_targets": ("target_id",),
    "dim_rules": ("rule_id",),
    "fct_dossier_days": ("province_id", "period_id", "source_id", "processing_days"),
    "fct_dossiers": ("province_id", "procedure_code", "service_level", "channel", "period_id", "source_id"),
    "rpt_rankings": ("province_id", "indicator_code", "period_id", "method", "boundary_set"),
    "rpt_rank_ranges": ("province_id", "indicator_code", "period_id", "method", "boundary_set", "choice_code"),
    "rpt_target_gaps": ("target_id",),
    "rpt_obligations": ("source_id", "indicator_code", "breakdown", "period_id", "province_id"),
    "rpt_completeness": ("source_id", "period_id", "province_id"),
    "rpt_online_services": ("province_id", "period_id", "dimension", "member", "indicator_code"),
    "rpt_dossier_reconciliation": (
        "province_id",
        "indicator_code",
        "period_id",
        "basis",
        "breakdown",
        "source_id",
    ),
    "audit_loads": ("load_id",),
    "audit_checks": ("subject_type", "subject_id", "check_name", "run_id"),
    "audit_rejected_rows": ("load_id", "row_no"),
    "audit_load_sheets": ("load_id", "sheet"),
    "audit_rejections": ("load_id", "sheet", "reason_code"),
    "audit_decisions": ("decision_no",),
    "audit_releases": ("release_id",),
}


@dataclass(frozen=True)
class Content:
    """What a database holds.

    Attributes:
        content_hash: SHA-256 over the hashes of the tables.
        table_hashes: table to hash, without UNHASHED_TABLES.
        row_counts: table to number of rows, hashed or not, UNHASHED_TABLES included.
    """

    content_hash: str
    table_hashes: dict[str, str]
    row_counts: dict[str, int]


def content_hash(database: "Path | duckdb.DuckDBPyConnection", catalog: str | None = None) -> Content:
    """Hashes the tables of schema `main`: names and types of columns, and all rows, without clock columns.

    Rows are hashed in the engine and fed to the digest in the order of their hashes: that is one order for one set of
    rows, whatever order or key a table has, and it needs no more memory than DuckDB's sort.

    Args:
        database: a closed database file, or an open connection.
        catalog: the attached database to look at; by default the connection's own.
    """
    import duckdb

    if isinstance(database, Path):
        with duckdb.connect(database, read_only=True) as connection:
            return content_hash(connection)
    name = catalog or str(database.execute("select current_database()").fetchall()[0][0])
    hashes, counts = {}, {}
    for table in main_tables(database, name):
        hashes[table] = _hash_table(database, name, table)
        counts[table] = _count(database, name, table)
    for table in UNHASHED_TABLES:
        hashes.pop(table, None)
    whole = hashlib.sha256("".join(f"{table}\0{hashes[table]}\n" for table in sorted(hashes)).encode())
    return Content(whole.hexdigest(), hashes, counts)


def main_tables(connection: "duckdb.DuckDBPyConnection", catalog: str) -> list[str]:
    """Names of the tables (not views) of schema `main`, in order."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = 'main' and not internal "
        "order by table_name",
        [catalog],
    ).fetchall()
    return [row[0] for row in rows]


def columns_of(connection: "duckdb.DuckDBPyConnection", catalog: str, table: str) -> list[tuple[str, str]]:
    """(name, type) of a table's columns, in order."""
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = ? and schema_name = 'main' and table_name = ? order by column_index",
        [catalog, table],
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def order_by(table: str, columns: list[tuple[str, str]]) -> str:
    """The ordering of a published table: its key where that is complete, then every column, so nothing is left open."""
    names = [name for name, _ in columns]
    key = [name for name in TABLE_KEYS.get(table, ()) if name in names]
    return ", ".join(identifier(name) for name in [*key, *(name for name in names if name not in key)])


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def row_texts(database: Path, table: str) -> Iterator[str]:
    """The text of a table that its hash is made of, in that order: of HASHED_ROWS alone where it is there.

    Args:
        database: a closed database file.
        table: one of its tables.

    Yields:
        The hashed columns, a JSON list of names and types; then each row, a JSON list of texts.
    """
    import duckdb

    with duckdb.connect(database, read_only=True) as connection:
        name = str(connection.execute("select current_database()").fetchall()[0][0])
        columns = _hashed_columns(connection, name, table)
        yield json.dumps(columns, ensure_ascii=False)
        rows = _row_text(name, table, columns)
        reader = connection.sql(f"select row_text::varchar from ({rows}) order by sha256(row_text)")
        for batch in reader.to_arrow_reader(_BATCH):
            yield from batch.column(0).to_pylist()


def _count(connection: "duckdb.DuckDBPyConnection", catalog: str, table: str) -> int:
    query = f"select count(*) from {identifier(catalog)}.main.{identifier(table)}"
    return int(connection.execute(query).fetchall()[0][0])


def _hash_table(connection: "duckdb.DuckDBPyConnection", catalog: str, table: str) -> str:
    columns = _hashed_columns(connection, catalog, table)
    digest = hashlib.sha256("".join(f"{name}\0{kind}\n" for name, kind in columns).encode())
    reader = connection.sql(
        f"select sha256(row_text) as row_hash from ({_row_text(catalog, table, columns)}) order by row_hash"
    ).to_arrow_reader(_BATCH)
    for batch in reader:
        digest.update("".join(batch.column(0).to_pylist()).encode())
    return digest.hexdigest()


def _hashed_columns(connection: "duckdb.DuckDBPyConnection", catalog: str, table: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind in columns_of(connection, catalog, table) if name not in CLOCK_COLUMNS]


def _row_text(catalog: str, table: str, columns: list[tuple[str, str]]) -> str:
    """SQL of one JSON list of texts per row: it keeps null, empty text and the borders between columns apart."""
    texts = ", ".join(_as_text(name, kind) for name, kind in columns)
    hashed = HASHED_ROWS.get(table, "true")
    return (
        f"select to_json([{texts}]::varchar[]) as row_text from {identifier(catalog)}.main.{identifier(table)} "
        f"where {hashed}"
    )


def _as_text(name: str, kind: str) -> str:
    column = identifier(name)
    # the text of a time with zone follows the session's zone; its instant does not
    return f"epoch_us({column})::varchar" if kind == "TIMESTAMP WITH TIME ZONE" else f"{column}::varchar"
