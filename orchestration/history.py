"""Dagster's history of a night: its own SQLite files, written through connections that stay open.

Dagster opens and closes a database, and compiles its statements anew, for every one of a night's 750 events; with every
close SQLite moves its log into the file and waits for the disk. That took half the time of a small night. The files and
what is in them stay Dagster's: its pages and its daemon read them as ever.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from sqlalchemy import Connection, Engine, create_engine, event

_BUSY_SECONDS = 120


def _engine(url: str) -> Engine:
    """An engine that keeps its connections. The history may lose its last events when the power fails, nothing else."""
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def set_pragma(connection: Any, _record: object) -> None:
        connection.execute("pragma synchronous = normal")

    return engine


class KeptRuns(SqliteRunStorage):
    """Dagster's runs, with one engine for the life of the process."""

    _kept: Engine | None = None

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Begin a transaction; it is committed at the end."""
        self._kept = self._kept or _engine(self._conn_string)
        with self._kept.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close what was kept open."""
        if self._kept:
            self._kept.dispose()


class KeptEvents(SqliteEventLogStorage):
    """Dagster's events, one file a run and an index of all; the index and the run written last are kept open."""

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            kept = self.__dict__.setdefault("_kept", {})
            if shard not in kept:
                for other in [each for each in kept if each != INDEX_SHARD_NAME]:  # the file of another run
                    kept.pop(other).dispose()
                kept[shard] = _engine(self.conn_string_for_shard(shard))
                self._initdb(kept[shard])
            with kept[shard].begin() as connection:
                yield connection

    def dispose(self) -> None:
        """Close what was kept open."""
        for engine in self.__dict__.pop("_kept", {}).values():
            engine.dispose()
        super().dispose()


class HistoryStorage(DagsterSqliteStorage):
    """Dagster's own storage of runs, events and ticks, for the process of one night."""

    def __init__(self, base_dir: str, inst_data: Any = None):
        super().__init__(base_dir, inst_data)
        self._run_storage = KeptRuns.from_local(str(Path(base_dir, "history")))
        self._event_log_storage = KeptEvents(str(Path(base_dir, "history", "runs")))

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "HistoryStorage":
        """Make it from the `storage` part of an instance's settings."""
        return cls(**config_value, inst_data=inst_data)
