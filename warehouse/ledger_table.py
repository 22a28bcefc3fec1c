"""The ledger's table and its engine; the only module that imports SQLAlchemy when it is loaded."""

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    DDL,
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
)
from sqlalchemy.pool import NullPool

from warehouse.ledger import BUSY_SECONDS


def make_engine(location: Path | str) -> Engine:
    """An engine that keeps no connection open between calls.

    Args:
        location: a path is a SQLite file, a text an SQLAlchemy URL.
    """
    if not isinstance(location, Path):
        return create_engine(location, poolclass=NullPool)
    engine = create_engine(
        URL.create("sqlite", database=str(location)), poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS}
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        connection.execute("pragma journal_mode = delete")
        connection.execute("pragma synchronous = extra")  # also waits for the journal's removal: the commit itself

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("begin immediate")  # two writers take turns instead of failing half-way

    return engine


@cache
def entries_table() -> Table:
    """The table `entries`, with triggers that refuse update and delete where the engine has them."""
    table = Table(
        "entries",
        MetaData(),
        Column("entry_no", BigInteger, primary_key=True, autoincrement=False),
        Column("at", String(27), nullable=False),
        Column("kind", String(20), nullable=False),
        Column("subject_id", Text, nullable=False),
        Column("payload", Text, nullable=False),
        Column("previous_hash", String(64), nullable=False, unique=True),
        Column("entry_hash", String(64), nullable=False, unique=True),
    )
    guards = {
        "sqlite": [
            f"create trigger entries_no_{verb} before {verb} on entries "
            "begin select raise(abort, 'the ledger is append-only'); end"
            for verb in ("update", "delete")
        ],
        "postgresql": [
            "create or replace function entries_append_only() returns trigger language plpgsql as "
            "$$ begin raise exception 'the ledger is append-only'; end $$",
            "create trigger entries_no_change before update or delete or truncate on entries "
            "for each statement execute function entries_append_only()",
        ],
    }
    for dialect, statements in guards.items():
        for statement in statements:
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))
    return table
