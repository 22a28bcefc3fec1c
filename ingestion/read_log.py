"""One log of dossiers to rows of the shape `transactions`: in streams, without personal data.

The file is read in tables of texts of bounded size (`readers/log_file.py`), each understood by DuckDB and written to
Parquet before the next but one is read, so memory does not grow with the file. What a person could be known by goes no
further than the table of texts: not into rows, rejected rows, lookups, sentences or errors.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import areas, log_sql
from ingestion.errors import FileFault
from ingestion.log_layout import REQUIRED, columns
from ingestion.log_reasons import reason_columns
from ingestion.log_values import readers, with_values
from ingestion.questions import Asker, Lookup
from ingestion.readers import log_texts as texts
from ingestion.readers.ahead import ahead
from ingestion.readers.log_file import read_texts
from ingestion.readers.log_lines import LOG_LIMITS, LogLimits
from ingestion.reference import Reference
from ingestion.shapes import REJECTED_SCHEMA, TRANSACTION_SCHEMA
from ingestion.source import Source
from ingestion.text import clean

__all__ = ["LOG_LIMITS", "LogLimits", "LogRead", "read_log"]

# Row groups large enough to be read fast, small enough to be held; rejected rows carry their sentences.
_GROUP_ROWS, _REJECTED_GROUP_ROWS = 122_880, 16_384
# Chunks of long lines hold few records: so many bytes of wanted texts are understood at once, in chunks.
_CHUNKS_GATHERED = 4
_OUR_CODE = Path(__file__).parent
_BRACKETED = re.compile(r'["\[\]{}]')


@dataclass(frozen=True)
class LogRead:
    """What was read: `rows_read` is the number of accepted and rejected rows together."""

    rows_read: int
    lookups: list[Lookup]


class LogReadError(Exception):
    """Reading stopped for a reason that is not the file's (memory, a fault of ours); says its kind and place only."""


def read_log(
    path: Path,
    file_name: str,
    source: Source,
    reference: Reference,
    *,
    key: bytes,
    rows_path: Path,
    rejected_path: Path,
    limits: LogLimits = LOG_LIMITS,
) -> LogRead:
    """Read a landed log; write its rows as Parquet, ordered by row_no.

    Every record of the file is a row: accepted (`TRANSACTION_SCHEMA`) or rejected (`REJECTED_SCHEMA`), numbered
    together from 1. A record is a line that is not blank (or the lines of a quoted field that breaks), an element of a
    JSON array, a row of a Parquet file; its cell is `L<line>`.

    Args:
        path: the file, whatever it is called now.
        file_name: the name the publisher gave it; nothing is read from it.
        source: the declared source, of shape `transactions`.
        reference: the reference tables.
        key: the home's private key; dossier_key is the first half of sha256(key || dossier number), of the number in
            capitals and without blanks around.
        rows_path: where the accepted rows go; written also when there is none.
        rejected_path: where the rejected rows go; written also when there is none.
        limits: bounds of memory and of what a log may hold.

    Raises:
        FileFault: the file as a whole cannot be read; nothing is left at the two paths then.
        LogReadError: memory gave out, or a fault of ours.
        OSError: a file cannot be read or written.
    """
    failed = None
    try:
        with ExitStack() as stack:
            connection = stack.enter_context(_connection(limits))
            writers = (
                stack.enter_context(_Writer(rows_path, TRANSACTION_SCHEMA, _GROUP_ROWS)),
                stack.enter_context(_Writer(rejected_path, REJECTED_SCHEMA, _REJECTED_GROUP_ROWS)),
            )
            return _Log(source, Asker(reference), connection, key).read(path, limits, *writers)
    except FileFault:
        rows_path.unlink(missing_ok=True)
        rejected_path.unlink(missing_ok=True)
        raise
    except OSError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) and not isinstance(error, pa.ArrowException):
            raise
        # Its text may quote the file, and so may that of any error it came from.
        failed = _kind_and_place(error)
    raise LogReadError(f"reading a log of {source.source_id} stopped: {failed}")


def _kind_and_place(error: Exception) -> str:
    """The class of an error and the lines of our code it came through, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{Path(each.filename).name}:{each.lineno}" for each in frames if _OUR_CODE in Path(each.filename).parents]
    return f"{type(error).__name__} at {' > '.join(ours)}"


def _connection(limits: LogLimits) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    settings: dict[str, Any] = {"memory_limit": limits.memory_limit, "enable_progress_bar": False}
    # What a query frees goes back to the system at once: kept in pieces, memory grew with the file.
    settings["allocator_bulk_deallocation_flush_threshold"] = "4MB"
    settings["temp_directory"] = str(limits.temp_folder) if limits.temp_folder else ""
    # Reading ahead takes a core of its own; with threads for all cores, one of them would spin and wait for the others.
    settings["threads"] = max((limits.threads or os.cpu_count() or 1) - 1, 1)
    for name, value in settings.items():
        connection.execute(f"set {name} = $value", {"value": value})
    return connection


class _Writer:
    """Tables of one schema to one Parquet file, in row groups of even size."""

    def __init__(self, path: Path, schema: pa.Schema, group_rows: int) -> None:
        self._schema, self._waiting, self._group_rows = schema, schema.empty_table(), group_rows
        self._file = pq.ParquetWriter(path, schema, compression="zstd", store_schema=False)

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None and self._waiting.num_rows:
            self._file.write_table(self._waiting)
        self._file.close()

    def add(self, table: pa.Table) -> None:
        """Append rows."""
        self._waiting = pa.concat_tables([self._waiting, table.select(self._schema.names).cast(self._schema)])
        while self._waiting.num_rows >= self._group_rows:
            self._file.write_table(self._waiting.slice(0, self._group_rows))
            self._waiting = self._waiting.slice(self._group_rows).combine_chunks()


class _Log:
    """The reading of one file: what has been asked, and how far it has come."""

    def __init__(self, source: Source, asker: Asker, connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
        self.source, self.asker, self.connection = source, asker, connection
        self.readers = readers(source, asker, key)
        self.sets = _sets(source, asker)
        self.seen = {name: False for name in REQUIRED if name in source.layout["fields"]}

    def read(self, path: Path, limits: LogLimits, rows: _Writer, rejected: _Writer) -> LogRead:
        """Read all tables of texts of a file."""
        rows_read = 0
        texts_read = read_texts(path, self.source, limits, self.connection.cursor())
        for table in ahead(_gathered(texts_read, limits.chunk_rows, _CHUNKS_GATHERED * limits.chunk_bytes)):
            self._settle(table, rows_read, rows, rejected)
            rows_read += table.num_rows
        if not rows_read:
            raise FileFault(
                "empty_file",
                "Tệp nhật ký không có dòng dữ liệu nào; đề nghị đơn vị cung cấp gửi lại.",
                "The log holds no record at all; ask the publisher to send it again.",
            )
        fields = columns(self.source.layout)
        # Tables have a header; of JSON only the whole file tells that nobody wrote a key.
        absent = [fields[name][-1] for name, is_seen in self.seen.items() if not is_seen]
        if absent and any(self.seen.values()) and self.source.format in ("ndjson", "json"):
            raise texts.column_not_found(absent, [path[-1] for path in fields.values()], [])
        return LogRead(rows_read, self.asker.lookups())

    def _settle(self, table: pa.Table, row_no: int, rows: _Writer, rejected: _Writer) -> None:
        """One table of texts to accepted and rejected rows; its first record has the number row_no + 1."""
        source, register = self.source, self.connection.register
        for name in self.seen:
            self.seen[name] = self.seen[name] or table[name].null_count < table.num_rows
        numbers = pa.array(np.arange(row_no + 1, row_no + 1 + table.num_rows))
        register(log_sql.BATCH, with_values(table.append_column("row_no", numbers), self.readers))
        typed = log_sql.typed(source, self.sets)
        self.connection.execute(f"create or replace temp table {log_sql.TYPED} as {typed}")
        register(log_sql.PLACES, self._places(self._query(log_sql.places(source))))
        found = self._query(log_sql.accepted(source))
        rows.add(found)
        if found.num_rows < table.num_rows:
            register(log_sql.REFUSED, self._query(log_sql.refused(source)))
            told = self._query(log_sql.rejected(source, self.sets))
            for first in range(0, told.num_rows, _REJECTED_GROUP_ROWS):
                rejected.add(self._rejected(told.slice(first, _REJECTED_GROUP_ROWS)))

    def _query(self, query: str) -> pa.Table:
        return self.connection.execute(query).to_arrow_table()

    def _places(self, pairs: pa.Table) -> pa.Table:
        """The distinct texts of places with their boundary set, and the area each means, or why it means none."""
        found = [self._area(tuple(pair.values())) for pair in pairs.to_pylist()]
        kept = pairs.append_column("province_id", pa.array([area for area, _ in found], pa.string()))
        return kept.append_column("reason_code", pa.array([reason for _, reason in found], pa.string()))

    def _area(self, pair: tuple[str | None, ...]) -> tuple[str | None, str | None]:
        """The one area all texts that are known mean. A text nobody knows is written down nowhere."""
        *said, boundary_set = pair
        layout, reference = self.source.layout, self.asker.reference
        schemes = [place["scheme"] for place in layout.get("places", ())]
        texts_said = [(scheme, clean(text)) for scheme, text in zip(schemes, said, strict=True) if text]
        if any(_BRACKETED.search(text) for _, text in texts_said):  # a list of JSON names no one place
            return None, "unknown_area"
        if "province" in layout:
            texts_said.append((layout["province"]["scheme"], layout["province"]["text"]))
        meant: set[str] = set()
        is_elsewhere = False
        for scheme, text in texts_said:
            if areas.known(reference, scheme, text, str(boundary_set)) is not None:
                meant.add(str(self.asker.ask("area", scheme, text, None, boundary_set)))
            else:
                self.asker.ask("spellings", scheme)
                is_elsewhere = is_elsewhere or areas.is_known_elsewhere(reference, scheme, text, str(boundary_set))
        if len(meant) == 1:
            return meant.pop(), None
        if meant:
            return None, "ambiguous_area"
        return None, "area_not_in_set" if is_elsewhere else "unknown_area"

    def _rejected(self, found: pa.Table) -> pa.Table:
        """Rejected rows with their sentences; faults repeat, so each kind is put into words once."""
        faults = found["faults"].combine_chunks().dictionary_encode()
        said = [pa.array(column, pa.string()) for column in reason_columns(faults.dictionary.to_pylist())]
        field, code, reasons, vi, en = (column.take(faults.indices) for column in said)
        sheet = pa.array([self.source.format], pa.string()).take(pa.array([0] * found.num_rows, pa.int64()))
        given = [found["row_no"], sheet, found["cell"], field, found["raw_value"], code, reasons, vi, en]
        return pa.table(given, names=REJECTED_SCHEMA.names)


def _gathered(tables: Iterator[pa.Table], rows: int, size: int) -> Iterator[pa.Table]:
    """The same records in tables of at most about so many and so many bytes, none of them empty."""
    waiting: list[pa.Table] = []
    for table in tables:
        is_long = sum(each.num_rows for each in waiting) + table.num_rows > rows
        if waiting and (is_long or sum(each.nbytes for each in waiting) + table.nbytes > size):
            yield pa.concat_tables(waiting)
            waiting = []
        if table.num_rows:
            waiting.append(table)
    if waiting:
        yield pa.concat_tables(waiting)


def _sets(source: Source, asker: Asker) -> dict[str, str]:
    """Boundary set -> its first day; the one set of a source with a fixed one, without a day."""
    if source.boundary_set != areas.BY_PERIOD:
        return {source.boundary_set: ""}
    return dict(each.split(" ") for each in str(asker.ask("sets")).split("|"))
