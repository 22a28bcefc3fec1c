"""The database dbt builds into: kept between nights of the same code, so that only what changed is summed again."""

import logging
from collections.abc import Collection
from pathlib import Path

from warehouse.files import put_in_place, temporary

log = logging.getLogger("sotinh.build")

# Written last of the sums per month of dossiers: a month that is not in it is built again.
_BUILT_MONTHS = "int_dossier_partitions"


def keep_or_drop(database: Path, code_version: str, tables: Collection[str]) -> bool:
    """Keep these tables of the database when this code made it and it opens, else drop it; note the code beside it.

    A build that was killed leaves whole tables, and each month of dossiers is marked as built after its sums are in: so
    they may be kept. All others go, which is quicker than having dbt replace them one by one. The note is
    `warehouse.version`.

    Args:
        database: the file.
        code_version: of the code that is about to build.
        tables: `schema.table` of those that the build goes on with.

    Returns:
        Whether there was a database and it was kept.
    """
    note = _version_note(database)
    is_kept = (
        note.is_file()
        and note.read_text(encoding="utf-8") == code_version
        and database.is_file()
        and _keep_only(database, tables)
    )
    if not is_kept:
        drop(database)
        part = temporary(note)
        part.write_text(code_version, encoding="utf-8")
        put_in_place(part, note)
    return is_kept


def drop(database: Path) -> None:
    """Remove the database; the note first, so that no other database is ever taken for it."""
    for left in (_version_note(database), database, database.with_suffix(".duckdb.wal")):
        left.unlink(missing_ok=True)


def _version_note(database: Path) -> Path:
    return database.with_suffix(".version")


def _keep_only(database: Path, tables: Collection[str]) -> bool:
    import duckdb

    everything = """
        select schema_name || '.' || view_name, 'view' from duckdb_views() where not internal
        union all
        select schema_name || '.' || table_name, 'table' from duckdb_tables() where not internal
    """
    try:
        with duckdb.connect(str(database)) as connection:
            for name, kind in connection.sql(everything).fetchall():
                if name not in tables:
                    connection.execute(f"drop {kind} {name}")
    except duckdb.Error as error:
        log.warning("%s cannot be opened and is built again from nothing: %s", database, error)
        return False
    return True


def forget_months(database: Path, first: str, last: str) -> list[str]:
    """Forget that these months of dossiers are built, so that the next build makes them from the lake.

    Returns:
        The months forgotten; none where no database was kept.
    """
    import duckdb

    if not database.is_file():
        return []
    with duckdb.connect(str(database)) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where table_name = ?", [_BUILT_MONTHS]
        ).fetchall()
        return sorted(
            month
            for (table,) in tables
            for (month,) in connection.execute(
                f"delete from {table} where dossier_month between ? and ? returning dossier_month", [first, last]
            ).fetchall()
        )
