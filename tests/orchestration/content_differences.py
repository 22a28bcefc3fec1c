"""Which columns of a published table differ between two databases, clocks aside."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.content import CLOCK_COLUMNS, HASHED_ROWS, TABLE_KEYS, columns_of

ROWS = "(rows)"


@contextmanager
def _side_by_side(one: Path, other: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Two databases as `a` and `b`."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as a (read_only)")
        connection.execute(f"attach '{other}' as b (read_only)")
        yield connection


def differing_columns(one: Path, other: Path, table: str, rows: str = "true") -> set[str]:
    """Names of the columns; `(rows)` where one database has keys that the other lacks.

    Args:
        one: a database.
        other: another.
        table: the table, in both.
        rows: condition on the rows to compare; those that are no content never are.
    """
    with _side_by_side(one, other) as connection:
        names = [name for name, _ in columns_of(connection, "a", table) if name not in CLOCK_COLUMNS]
        key = [name for name in TABLE_KEYS[table] if name in names]
        content = HASHED_ROWS.get(table, "true")
        for name in ("a", "b"):
            connection.execute(f"create temp view {name}_rows as from {name}.main.{table} where {rows} and {content}")
        found = set()
        for first, second in (("a", "b"), ("b", "a")):
            lacking = f"from {first}_rows anti join {second}_rows using ({', '.join(key)}) limit 1"
            if connection.sql(lacking).fetchall():
                found.add(ROWS)
        pairs = f"from a_rows as one join b_rows as other using ({', '.join(key)})"
        for name in names:
            unequal = f"select 1 {pairs} where one.{name} is distinct from other.{name} limit 1"
            if name not in key and connection.sql(unequal).fetchall():
                found.add(name)
    return found


def examples(one: Path, other: Path, table: str, columns: set[str], count: int = 5) -> list[tuple]:
    """Some rows that differ in these columns: their key, what one database says and what the other."""
    key = [name for name in TABLE_KEYS[table] if name not in CLOCK_COLUMNS]
    told = sorted(columns - {ROWS})
    sides = ", ".join(f"{side}.{name}" for name in told for side in ("one", "other"))
    differ = " or ".join(f"one.{name} is distinct from other.{name}" for name in told)
    content = HASHED_ROWS.get(table, "true")
    with _side_by_side(one, other) as connection:
        return connection.sql(
            f"select {', '.join(key)}, {sides} from (from a.main.{table} where {content}) as one "
            f"join b.main.{table} as other using ({', '.join(key)}) where {differ or 'false'} "
            f"order by all limit {count}"
        ).fetchall()
