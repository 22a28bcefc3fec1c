"""A log of dossiers in any of its formats, as tables of texts in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.log_layout import columns
from ingestion.readers import log_csv, log_json, log_parquet
from ingestion.readers import log_texts as texts
from ingestion.readers.log_lines import LogLimits
from ingestion.source import Source


def read_texts(
    path: Path, source: Source, limits: LogLimits, connection: duckdb.DuckDBPyConnection
) -> Iterator[pa.Table]:
    """Tables of `log_texts.texts_schema`, each of bounded size; together they are all records of the file.

    Args:
        path: the landed file, packed or not.
        source: its source, of shape `transactions`.
        limits: bounds of memory and of what a log may hold.
        connection: a cursor of DuckDB of its own.

    Raises FileFault when the file as a whole cannot be read; never says what stands in it.
    """
    return (texts.bounded(table, limits.text_bytes) for table in _tables(path, source, limits, connection))


def _tables(path: Path, source: Source, limits: LogLimits, connection: duckdb.DuckDBPyConnection) -> Iterator[pa.Table]:
    wanted = columns(source.layout)
    if source.format == "csv":
        return log_csv.read(path, source.encoding, source.delimiter, wanted, limits)
    if source.format == "ndjson":
        return log_json.read_lines(path, source.encoding, wanted, limits, connection)
    if source.format == "json":
        return log_json.read_array(path, wanted, limits, connection)
    if source.format == "parquet":
        return log_parquet.read(path, wanted, limits)
    raise ValueError(f"{source.source_id}: no log has the format {source.format}")
