"""Small pieces of SQL text: literals, and Parquet files as a relation; rows by name, read and written."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def file_list(files: Iterable[Path | str]) -> str:
    """A SQL list of files, taken literally: DuckDB reads glob signs in a path as patterns, and a home may hold some."""
    return f"[{', '.join(quoted(_unglobbed(str(file))) for file in files)}]"


def parquet(*files: Path | str) -> str:
    """Parquet files as a relation with the columns they store; folder names do not become columns."""
    return f"read_parquet({file_list(files)}, hive_partitioning = false)"


def rows(
    connection: "duckdb.DuckDBPyConnection", query: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[Row]:
    """What a query gives, each row by the names of its columns.

    Args:
        connection: an open database.
        query: one statement.
        values: of its parameters, in order or by name.
    """
    found = connection.execute(query, values)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def insert_rows(
    connection: "duckdb.DuckDBPyConnection", table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Adds rows to a table, all at once.

    Args:
        connection: an open database.
        table: its table.
        columns: name to DuckDB type of the columns that every row has.
        rows: what to add.

    Raises:
        KeyError: a row lacks one of the columns: it must not pass as null.
    """
    if not rows:
        return
    import pyarrow as pa

    kinds = {"BIGINT": pa.int64(), "INTEGER": pa.int32(), "BOOLEAN": pa.bool_(), "TIMESTAMP": pa.timestamp("us")}
    schema = pa.schema([(name, kinds.get(kind, pa.string())) for name, kind in columns.items()])
    arrow = pa.Table.from_pydict({name: [row[name] for row in rows] for name in columns}, schema=schema)
    connection.register("arrow_rows", arrow)
    connection.execute(f"insert into {table} by name select * from arrow_rows")
    connection.unregister("arrow_rows")


def _unglobbed(path: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)
