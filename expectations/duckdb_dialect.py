"""SQLAlchemy dialect `duckdbgx`: duckdb-engine made fit for Great Expectations.

Great Expectations reads results after it has returned the connection to the pool. DuckDB keeps one pending result per
connection, so with the plain dialect the pool's rollback (or the next statement) discards it and nearly every
expectation fails as if the data were bad. Here every statement runs on a DuckDB cursor of its own, which keeps its
result as long as somebody holds it. Rows are still fetched lazily: a buffering cursor would run whole queries just to
learn their column names.

Great Expectations opens several engines for one data source; a *named* in-memory database (`:memory:<name>`) is shared
by all connections of the process, an unnamed one is not. `register()` must run before `create_engine("duckdbgx://…")`.
"""

from typing import Any

import duckdb
import duckdb_engine
from sqlalchemy import text
from sqlalchemy.dialects import registry
from sqlalchemy.types import NullType

NAME = "duckdbgx"


class _StatementCursor:
    """DBAPI cursor that runs each statement on its own DuckDB cursor of the same database."""

    def __init__(self, connection: "_Connection") -> None:
        self.connection = connection
        self._statement: duckdb.DuckDBPyConnection = connection.database

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        self._statement = self.connection.database.cursor()
        self._statement.execute(statement, parameters or None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return self._statement.fetchmany(size or 1)

    def close(self) -> None:
        """Leave the result alone: whoever holds it may read it after the connection went back to the pool."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._statement, name)


class _Connection(duckdb_engine.ConnectionWrapper):
    """DBAPI connection that hands out statement cursors; each statement is its own transaction (only DDL and reads)."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        super().__init__(database)
        self.database = database

    def cursor(self) -> Any:
        return _StatementCursor(self)


class Dialect(duckdb_engine.Dialect):
    """duckdb-engine's dialect with a cursor per statement and column look-up in DuckDB's own catalogue."""

    driver = NAME
    supports_statement_cache = False

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Open the database named in the URL as it is: no user agent or extension settings of duckdb-engine."""
        cparams.pop("url_config", None)
        return _Connection(duckdb.connect(*cargs, **cparams))

    def do_begin(self, connection: Any) -> None:
        """Nothing to begin: statements run on cursors of their own."""

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> list[Any]:
        """Columns of a table or view; duckdb-engine would ask a `pg_catalog` that DuckDB provides only in part."""
        query = text(
            "select column_name, data_type, is_nullable from duckdb_columns()"
            " where table_name = :table_name and schema_name = :schema_name order by column_index"
        )
        rows = connection.execute(query, {"table_name": table_name, "schema_name": schema or "main"})
        return [
            {
                "name": name,
                "type": self.ischema_names.get(data_type.split("(")[0].lower(), NullType)(),
                "nullable": nullable,
                "default": None,
            }
            for name, data_type, nullable in rows
        ]


def register() -> None:
    """Make `duckdbgx://` known to SQLAlchemy; safe to call more than once."""
    registry.register(NAME, __name__, "Dialect")
