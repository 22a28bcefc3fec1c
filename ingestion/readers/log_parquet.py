"""Logs as Parquet: the wanted columns only, batch by batch, as the texts other formats would print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.grid import Limits, check_size, too_large
from ingestion.log_layout import ColumnPath
from ingestion.readers import log_texts as texts
from ingestion.readers.log_lines import LogLimits, is_utf8, unreadable
from ingestion.text import fold_name

# A text may be long and repeated at no cost in the file, but not in memory.
_BATCH_ROWS = 16_384
_LOCAL_ZONE = "Asia/Ho_Chi_Minh"
# Unpacked bytes of the wanted columns of one row group; portals write some 100 MB.
_MOST_GROUP_BYTES = 512 * 2**20


def read(path: Path, columns: Mapping[str, ColumnPath], limits: LogLimits) -> Iterator[pa.Table]:
    """Tables of `texts_schema`, one per batch; the line of a record is its ordinal in the file, from 1.

    Raises FileFault empty_file, unreadable_file, too_large, column_not_found.
    """
    check_size(path, Limits(file_bytes=limits.file_bytes))
    try:
        file = pq.ParquetFile(path)
        found = _found(file, columns)
        texts_of_file = [name for name in set(found.values()) if _is_text(file.schema_arrow.field(name).type)]
        file = pq.ParquetFile(path, read_dictionary=texts_of_file)
        _check_groups(file, set(found.values()))
        first = 1
        for batch in file.iter_batches(_BATCH_ROWS, columns=sorted(set(found.values()))):
            yield _table(batch, found, first, limits)
            first += batch.num_rows
        return
    except OSError as error:
        if error.errno is not None:
            raise
    except pa.ArrowException:
        pass
    raise unreadable("tệp Parquet hỏng hoặc bị cắt cụt", "the Parquet file is damaged or cut short")


def _found(file: pq.ParquetFile, columns: Mapping[str, ColumnPath]) -> dict[str, str]:
    """Output name -> column of the file."""
    schema = file.schema_arrow
    folded = [fold_name(name) for name in schema.names]
    by_name = dict(zip(folded, schema.names, strict=True))
    labels = {name: path[-1] for name, path in columns.items()}
    missing = [label for label in labels.values() if fold_name(label) not in by_name]
    if missing:
        raise texts.column_not_found(missing, list(labels.values()), schema.names)
    twice = sorted(label for label in set(labels.values()) if folded.count(fold_name(label)) > 1)
    if twice:
        named = ", ".join(twice)
        raise unreadable(f"cột {named} xuất hiện hai lần", f"column {named} occurs twice")
    found = {name: by_name[fold_name(label)] for name, label in labels.items()}
    for name, column in found.items():
        kind = schema.field(column).type
        if pa.types.is_nested(kind):
            label = labels[name]
            raise unreadable(f"cột {label} là danh sách hoặc cấu trúc", f"column {label} is a list or a structure")
    return found


def _check_groups(file: pq.ParquetFile, wanted: set[str]) -> None:
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        parts = [group.column(place) for place in range(group.num_columns)]
        size = sum(part.total_uncompressed_size for part in parts if part.path_in_schema in wanted)
        if size > _MOST_GROUP_BYTES:
            limit = f"{_MOST_GROUP_BYTES:,}"
            raise too_large(f"một nhóm dòng {size:,} byte", f"a row group of {size:,} bytes", limit)


def _table(batch: pa.RecordBatch, found: Mapping[str, str], first: int, limits: LogLimits) -> pa.Table:
    lines = pa.array(np.arange(first, first + batch.num_rows))
    fault = pa.nulls(batch.num_rows, pa.string())
    columns = []
    for column in found.values():
        text, bad = _texts(batch.column(column), limits)
        fault = fault if bad is None else pc.coalesce(fault, bad)
        columns.append(text)
    return pa.Table.from_arrays([lines, fault, *columns], schema=texts.texts_schema(list(found)))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary))


def _texts(values: pa.Array, limits: LogLimits) -> tuple[pa.Array, pa.Array | None]:
    """A column as texts, and the fault of those that are none. Moments in a zone become local time of Viet Nam."""
    kind = values.type
    if _is_text(kind):
        encoded = values if pa.types.is_dictionary(kind) else values.dictionary_encode()
        known, told = _checked(encoded.dictionary.cast(pa.binary()), limits)
        return known.take(encoded.indices), None if told is None else told.take(encoded.indices)
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind):
        if kind.tz is not None:
            values = pc.local_timestamp(values.cast(pa.timestamp("us", _LOCAL_ZONE), safe=False))
        values = values.cast(pa.timestamp("us"), safe=False)
    printed = values.cast(pa.string())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        printed = pc.replace_substring_regex(printed, r"\.0+$", "")
        is_whole = pc.match_substring_regex(printed, r"^-?\d+$")
        printed = pc.if_else(is_whole, printed, pa.scalar(texts.NOT_WHOLE))
    return printed, None


def _checked(raw: pa.BinaryArray, limits: LogLimits) -> tuple[pa.StringArray, pa.StringArray | None]:
    """Distinct texts, null where they are none, and then the fault of each."""
    if (pc.max(pc.binary_length(raw)).as_py() or 0) <= limits.text_bytes:
        try:
            return raw.cast(pa.string()), None
        except pa.ArrowInvalid:
            pass
    faults = [_fault(each, limits) for each in raw.to_pylist()]
    bad = pa.array([fault is not None for fault in faults])
    return pc.if_else(bad, pa.scalar(None, pa.binary()), raw).cast(pa.string()), pa.array(faults, pa.string())


def _fault(raw: bytes | None, limits: LogLimits) -> str | None:
    if raw is None:
        return None
    if len(raw) > limits.text_bytes:
        return texts.TEXT_TOO_LONG
    return None if is_utf8(raw) else texts.BAD_ENCODING
