"""What every reader of logs hands on: tables of texts, one row per record, before any of them is understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.errors import FileFault
from ingestion.text import fold_name

# Faults of a record as a whole; its texts are all null then. Nothing of what stands there may be shown.
TOO_MANY_FIELDS = "too_many_fields"
TOO_FEW_FIELDS = "too_few_fields"
UNBALANCED_QUOTES = "unbalanced_quotes"
STRAY_LINE_BREAK = "stray_line_break"
NUL_CHARACTER = "nul_character"
BAD_ENCODING = "bad_encoding"
REPEATED_HEADER = "repeated_header"
LINE_TOO_LONG = "line_too_long"
TEXT_TOO_LONG = "text_too_long"
BROKEN_JSON = "broken_json"
NOT_AN_OBJECT = "not_an_object"
REPEATED_KEY = "repeated_key"

# In place of a number that is no whole one: its point must not be read as one between thousands.
NOT_WHOLE = "?"


def texts_schema(names: Sequence[str]) -> pa.Schema:
    """`line` (where the record begins), `fault` (of the record as a whole, else null), and one text per wanted column.

    A text that is blank may be null or as it stands.

    A table of this schema holds records in the order of the file; its rows are all the records there are.
    """
    fields = [pa.field("line", pa.int64()), pa.field("fault", pa.string())]
    return pa.schema(fields + [pa.field(name, pa.string()) for name in names])


def fault_table(faults: Mapping[int, str], names: Sequence[str]) -> pa.Table:
    """Records that cannot be read: line -> fault."""
    schema = texts_schema(names)
    columns = [pa.array(list(faults), pa.int64()), pa.array(list(faults.values()), pa.string())]
    columns += [pa.nulls(len(faults), pa.string()) for _ in names]
    return pa.Table.from_arrays(columns, schema=schema)


def bounded(table: pa.Table, most_bytes: int) -> pa.Table:
    """The same records; one with a text beyond the limit keeps none of its texts and has a fault.

    What is read of a log is codes, times and names of places: a long text is none of them, but costs each step that
    looks at it, and every cache that remembers it.
    """
    names = table.column_names[2:]
    longest = [pc.max(pc.binary_length(table[name])).as_py() or 0 for name in names]
    if max(longest, default=0) <= most_bytes:
        return table
    is_long = pa.chunked_array([pa.array([False] * table.num_rows)])
    for name, length in zip(names, longest, strict=True):
        if length > most_bytes:
            is_long = pc.or_(is_long, pc.fill_null(pc.greater(pc.binary_length(table[name]), most_bytes), False))
    fault = pc.if_else(is_long, pc.coalesce(table["fault"], pa.scalar(TEXT_TOO_LONG)), table["fault"])
    kept = [pc.if_else(is_long, pa.scalar(None, pa.string()), table[name]) for name in names]
    return pa.Table.from_arrays([table["line"], fault, *kept], schema=table.schema)


def in_order(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of one chunk as one, by line."""
    filled = [table for table in tables if table.num_rows]
    if len(filled) < 2:
        return (filled or list(tables))[0]
    return pa.concat_tables(filled).sort_by("line")


def column_not_found(
    missing: Sequence[str], wanted: Sequence[str], found: Sequence[str], hint: tuple[str, str] = ("", "")
) -> FileFault:
    """The fault of a log without a declared column, with a hint at the cause in both languages where there is one.

    Only names the source declares are shown of those found: the first line of a file without a header is a person's.
    """
    declared = {fold_name(name) for name in wanted}
    known = [name.strip() for name in found if fold_name(name) in declared]
    shown, others = ", ".join(known) or "—", len(found) - len(known)
    lacking = ", ".join(f"“{name}”" for name in dict.fromkeys(missing))
    return FileFault(
        "column_not_found",
        f"Tệp không có cột {lacking}; trong các cột đã khai báo chỉ thấy: {shown} (và {others} cột khác). "
        f"{hint[0]}Kiểm tra dòng tiêu đề, hoặc sửa layout.fields của nguồn.",
        f"The file has no column {lacking}; of the declared columns it has: {shown} (and {others} others, not named). "
        f"{hint[1]}Check the header, or layout.fields of the source YAML.",
    )
