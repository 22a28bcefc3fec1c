"""The files of one release: a fresh database of tables and views over them, the tables as Parquet, and a manifest."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.canonical import canonical_json, naive_utc
from warehouse.columns import CHECK_COLUMNS, RELEASE_COLUMNS
from warehouse.content import Content, columns_of, content_hash, identifier, main_tables, order_by
from warehouse.errors import StoreError
from warehouse.files import sha256_of
from warehouse.release_views import create_views
from warehouse.sql import insert_rows, quoted

if TYPE_CHECKING:
    import duckdb

DATABASE = "sotinh.duckdb"
MANIFEST = "manifest.json"
SITE = "site"


def copy_tables(
    build_db: Path,
    folder: Path,
    own_row: Mapping[str, Any],
    own_checks: Sequence[Mapping[str, Any]],
    limits: Mapping[str, Any],
) -> None:
    """Writes `sotinh.duckdb` and `parquet/<table>.parquet` into `folder`.

    Only tables of schema `main` are taken: views and the build's other schemas would carry paths of this machine. The
    views for BI tools are made anew over them; they are no content of their own: not hashed, counted or in `parquet/`.
    Rows go in key order, so that ranges of a key lie together. `audit_releases` gets the release's own row,
    `audit_checks` what its own build was found to be, and loads no release held before get its id.

    Args:
        build_db: the closed database dbt built.
        folder: an empty folder.
        own_row: the release's row of `audit_releases` but for `row_counts`, which is counted here.
        own_checks: the results of its build as rows of `audit_checks`.
        limits: DuckDB settings (memory_limit, threads, temp_directory).
    """
    import duckdb

    with duckdb.connect(folder / DATABASE, config=dict(limits)) as connection:
        connection.execute(f"attach {quoted(str(build_db))} as build (read_only)")
        tables = main_tables(connection, "build")
        for table in tables:
            _copy_table(connection, table, str(own_row["release_id"]))
        insert_rows(connection, "main.audit_checks", CHECK_COLUMNS, own_checks)
        own_row = {**own_row, "row_counts": _counts_with_own_row(connection, tables)}
        insert_rows(connection, "main.audit_releases", RELEASE_COLUMNS, [own_row])
        connection.execute("detach build")
        (folder / "parquet").mkdir(mode=0o755)
        for table in tables:
            ordering = order_by(table, columns_of(connection, folder_catalog(connection), table))
            target = quoted(str(folder / "parquet" / f"{table}.parquet"))
            connection.execute(
                f"copy (select * from main.{identifier(table)} order by {ordering}) to {target} "
                "(format parquet, compression zstd)"
            )
        create_views(connection)
        connection.execute("checkpoint")


def folder_catalog(connection: "duckdb.DuckDBPyConnection") -> str:
    """Name under which the connection's own database is known."""
    return str(connection.execute("select current_database()").fetchall()[0][0])


def read_back(folder: Path, expected: Content, own_checks: int, limits: Mapping[str, Any]) -> Content:
    """Opens the written database anew and compares it with what was meant to be written.

    Args:
        folder: the release.
        expected: what dbt built.
        own_checks: results of its own build that were added to `audit_checks`.
        limits: DuckDB settings.

    Raises:
        StoreError: hash or counts differ, a file is missing, or DuckDB left its log beside the database.
    """
    import duckdb

    if (folder / f"{DATABASE}.wal").exists():
        raise _differs("sotinh.duckdb.wal")
    with duckdb.connect(folder / DATABASE, read_only=True, config=dict(limits)) as connection:
        content = content_hash(connection)
        if content.content_hash != expected.content_hash:
            tables = content.table_hashes.keys() | expected.table_hashes.keys()
            wrong = sorted(t for t in tables if content.table_hashes.get(t) != expected.table_hashes.get(t))
            raise _differs(", ".join(wrong))
        added = {"audit_releases": 1, "audit_checks": own_checks}
        for table, rows in content.row_counts.items():
            source = quoted(str(folder / "parquet" / f"{table}.parquet"))
            in_parquet = connection.execute(f"select count(*) from read_parquet({source})").fetchall()[0][0]
            if rows != expected.row_counts[table] + added.get(table, 0) or in_parquet != rows:
                raise _differs(table)
    return content


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Writes `manifest.json`: `facts`, and size and SHA-256 of every file of the release."""
    files = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent) / name
            files[path.relative_to(folder).as_posix()] = {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
    text = json.dumps({**facts, "files": files}, ensure_ascii=False, indent=2, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def release_id_of(published_at: datetime, content_hash_hex: str) -> str:
    """`YYYYMMDDTHHMMSSZ-` (UTC) and the first 8 hex digits of the content hash."""
    return f"{naive_utc(published_at):%Y%m%dT%H%M%SZ}-{content_hash_hex[:8]}"


def _copy_table(connection: "duckdb.DuckDBPyConnection", table: str, release_id: str) -> None:
    ddl, comment = connection.execute(
        "select sql, comment from duckdb_tables() "
        "where database_name = 'build' and schema_name = 'main' and table_name = ?",
        [table],
    ).fetchall()[0]
    connection.execute(ddl)
    columns = columns_of(connection, "build", table)
    chosen = ", ".join(
        f"coalesce(first_release_id, {quoted(release_id)})"
        if (table, name) == ("audit_loads", "first_release_id")
        else identifier(name)
        for name, _ in columns
    )
    own = identifier(table)
    connection.execute(
        f"insert into main.{own} select {chosen} from build.main.{own} order by {order_by(table, columns)}"
    )
    if comment:
        connection.execute(f"comment on table main.{own} is {quoted(comment)}")
    for name, text in connection.execute(
        "select column_name, comment from duckdb_columns() where database_name = 'build' and schema_name = 'main' "
        "and table_name = ? and comment is not null",
        [table],
    ).fetchall():
        connection.execute(f"comment on column main.{own}.{identifier(name)} is {quoted(text)}")


def _counts_with_own_row(connection: "duckdb.DuckDBPyConnection", tables: list[str]) -> str:
    counts = {
        table: connection.execute(f"select count(*) from main.{identifier(table)}").fetchall()[0][0] for table in tables
    }
    counts["audit_releases"] += 1
    return canonical_json(counts)


def _differs(what: str) -> StoreError:
    return StoreError(
        f"Bản phát hành vừa ghi không khớp khi đọc lại ({what}); không công bố, bản hiện hành vẫn nguyên. "
        "Hãy kiểm tra đĩa rồi chạy lại.",
        f"The release just written does not read back the same ({what}); not published, the current one is untouched. "
        "Check the disk and run again.",
    )
