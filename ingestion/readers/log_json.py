"""Logs as JSON: one object a line, or one array of objects. DuckDB takes the wanted values out of each object.

A value is the text of a string, number or truth value; lists are passed over unless a field adds one up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.errors import FileFault
from ingestion.grid import too_large
from ingestion.log_layout import EACH, ColumnPath
from ingestion.readers import log_texts as texts
from ingestion.readers.log_lines import (
    UNDECODABLE,
    LogLimits,
    check_no_utf16,
    chunks,
    is_utf8,
    line_starts,
    unpacked,
    unreadable,
    views,
)

_OBJECTS = "log_objects"
_FEE = "fee_vnd"
_BETWEEN = "\x1f"
_WHOLE = re.compile(r"(\d{1,18})(\.0+)?", re.ASCII)
# An element of an array that has no end within so many chunks has none.
_MOST_CHUNKS_OF_AN_ELEMENT = 4


def read_lines(
    path: Path,
    encoding: str,
    columns: Mapping[str, ColumnPath],
    limits: LogLimits,
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[pa.Table]:
    """Tables of `texts_schema`, one per chunk of lines; every line that is not blank is a record.

    Raises FileFault empty_file, unreadable_file, too_large.
    """
    is_first = True
    for chunk in chunks(path, encoding, limits):
        if chunk.is_too_long:
            yield texts.fault_table({chunk.first_line: texts.LINE_TOO_LONG}, list(columns))
            continue
        if is_first and chunk.data.lstrip()[:1] == b"[":
            raise unreadable("tệp là một mảng JSON (format: json)", "it is one JSON array (format: json)")
        if not chunk.data or chunk.data.isspace():
            continue
        is_first = False
        objects = views(chunk.data, line_starts(chunk.data))
        numbers = np.arange(chunk.first_line, chunk.first_line + len(objects))
        marked = _marked(numbers, objects, chunk.data, encoding != "utf-8", limits)
        if marked.num_rows:
            yield _values(marked, columns, connection)


def read_array(
    path: Path, columns: Mapping[str, ColumnPath], limits: LogLimits, connection: duckdb.DuckDBPyConnection
) -> Iterator[pa.Table]:
    """Tables of `texts_schema` for a file that is one JSON array in UTF-8; every element is a record.

    Raises FileFault empty_file, too_large, unreadable_file (also where an element has no end: then nothing is certain
    after it).
    """
    for numbers, objects, data in _elements(path, limits):
        if len(numbers):
            yield _values(_marked(numbers, objects, data, False, limits), columns, connection)


def _marked(
    numbers: np.ndarray, objects: pa.BinaryArray, data: bytes, marks_undecodable: bool, limits: LogLimits
) -> pa.Table:
    """`line`, `fault` and `object` of everything that is not blank; no object where there is a fault.

    `data` holds the bytes of all objects: where nothing in it is unusual, none of them needs to be looked at.
    """
    is_usual = is_utf8(data) and b"\0" not in data and not (marks_undecodable and UNDECODABLE in data)
    longest, shortest = pc.max(pc.binary_length(objects)).as_py(), pc.min(pc.binary_length(objects)).as_py()
    if is_usual and longest <= limits.line_bytes and shortest > 0:
        found = objects.view(pa.string())
        if not pc.any(pc.equal(pc.ascii_trim_whitespace(found), "")).as_py():
            columns = [pa.array(numbers, pa.int64()), pa.nulls(len(objects), pa.string()), found]
            return pa.Table.from_arrays(columns, names=["line", "fault", "object"])
    kept, faults, texts_kept = [], [], []
    for number, raw in zip(numbers.tolist(), objects.to_pylist(), strict=True):
        if not raw.isspace() and raw:
            fault = _fault(raw, marks_undecodable, limits)
            kept.append(number)
            faults.append(fault)
            texts_kept.append(None if fault else raw)
    columns = [pa.array(kept, pa.int64()), pa.array(faults, pa.string()), pa.array(texts_kept, pa.binary())]
    return pa.Table.from_arrays([*columns[:2], columns[2].view(pa.string())], names=["line", "fault", "object"])


def _fault(raw: bytes, marks_undecodable: bool, limits: LogLimits) -> str | None:
    if len(raw.removesuffix(b"\n")) > limits.line_bytes:
        return texts.LINE_TOO_LONG
    if b"\0" in raw:
        return texts.NUL_CHARACTER
    if not is_utf8(raw) or (marks_undecodable and UNDECODABLE in raw):
        return texts.BAD_ENCODING
    return None


def _values(objects: pa.Table, columns: Mapping[str, ColumnPath], connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """The wanted values of each object. One broken object fails the fast query; the other looks at each first."""
    connection.register(_OBJECTS, objects)
    wanted = _wanted_keys(columns)
    try:
        is_usual = not any(_repeats(keys, wanted[where]) for where, keys in _key_lists(wanted, connection))
        found = connection.execute(_query("object" if is_usual else _checked(wanted), columns)).to_arrow_table()
    except duckdb.InvalidInputException:
        found = connection.execute(_query(_checked(wanted), columns)).to_arrow_table()
    finally:
        connection.unregister(_OBJECTS)
    for name, path in columns.items():
        if EACH in path or name == _FEE:
            made = _each(found[name], _sum if EACH in path else _amount)
            found = found.set_column(found.column_names.index(name), name, made)
    return found.cast(texts.texts_schema(list(columns)))


def _wanted_keys(columns: Mapping[str, ColumnPath]) -> dict[str, frozenset[str]]:
    """JSON path of each structure that holds something wanted -> the keys that are read of it."""
    found: dict[str, set[str]] = {}
    for path in columns.values():
        for here in range(path.index(EACH) if EACH in path else len(path)):
            where = "$" + "".join(f".{json.dumps(part, ensure_ascii=False)}" for part in path[:here])
            found.setdefault(where, set()).add(path[here])
    return {where: frozenset(keys) for where, keys in found.items()}


def _key_lists(
    wanted: Mapping[str, Collection[str]], connection: duckdb.DuckDBPyConnection
) -> Iterator[tuple[str, Sequence[str]]]:
    """The different lists of keys that the objects have there; in a file of one program there are few."""
    for where in wanted:
        query = f"select distinct json_keys(object, {_text(where)}) from {_OBJECTS} where object is not null"
        for (keys,) in connection.execute(query).fetchall():
            yield where, keys or ()


def _repeats(keys: Sequence[str], wanted: Collection[str]) -> bool:
    read = [key for key in keys if key in wanted]
    return len(read) > len(set(read))


def _checked(wanted: Mapping[str, Collection[str]]) -> str:
    """The object, null where it is no JSON or has a wanted key twice."""
    once = []
    for where, keys in wanted.items():
        listed = ", ".join(_text(key) for key in sorted(keys))
        read = f"list_filter(json_keys(object, {_text(where)}), lambda k: k in ({listed}))"
        once.append(f"coalesce(len({read}) = len(list_distinct({read})), true)")
    return f"case when json_valid(object) then case when {' and '.join(once)} then object end end"


def _query(valid: str, columns: Mapping[str, ColumnPath]) -> str:
    # The parsed values only are kept until each is taken out: the objects themselves are twenty times as long.
    structure: dict[str, Any] = {}
    for name, path in columns.items():
        _add(structure, path, "JSON" if name == _FEE and EACH not in path else "VARCHAR")
    listed = ", ".join(f"{_value(path)} as {name}" for name, path in columns.items())
    return f"""
        with parsed as materialized (
            select
                line,
                case
                    when fault is not null then fault
                    when valid is null and json_valid(object) then '{texts.REPEATED_KEY}'
                    when valid is null then '{texts.BROKEN_JSON}'
                    when left(ltrim(valid, chr(32) || chr(9) || chr(13)), 1) <> '{{' then '{texts.NOT_AN_OBJECT}'
                end as fault,
                from_json(valid, {_text(json.dumps(structure))}) as v
            from (select line, fault, object, {valid} as valid from {_OBJECTS})
        )
        select line, fault, {listed}
        from parsed
        order by line
    """


def _add(structure: dict[str, Any], path: ColumnPath, kind: str) -> None:
    for here, part in enumerate(path[:-1]):
        following = path[here + 1]
        if part != EACH:
            inside = structure.setdefault(part, [{}] if following == EACH else {})
            structure = inside[0] if following == EACH else inside
    structure[path[-1]] = kind


def _value(path: ColumnPath) -> str:
    """The text at a path; of a list the texts of its members, one after the other."""
    if EACH not in path:
        return "v" + "".join(f"[{_text(part)}]" for part in path)
    here = path.index(EACH)
    inside = "m" + "".join(f"[{_text(part)}]" for part in path[here + 1 :])
    return f"array_to_string(list_transform({_value(path[:here])}, lambda m: {inside}), chr(31))"


def _each(values: pa.ChunkedArray, meaning: Callable[[str], str | None]) -> pa.Array:
    """What each text means, each different one asked once."""
    encoded = values.combine_chunks().cast(pa.string()).dictionary_encode()
    return pa.array([meaning(text) for text in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)


def _amount(raw: str) -> str | None:
    """The text of one value of JSON: what a string says, and of a number, whose point parts no thousands, the whole."""
    if raw.startswith('"'):
        return str(json.loads(raw))
    whole = _WHOLE.fullmatch(raw)
    return whole[1] if whole else None if raw == "null" else texts.NOT_WHOLE


def _sum(joined: str) -> str | None:
    """The sum of a list, as text; none of one without a member."""
    members = joined.split(_BETWEEN)
    said = [member for member in members if member]
    amounts = [_WHOLE.fullmatch(member) for member in said]
    if not said:
        return None
    return str(sum(int(each[1]) for each in amounts if each)) if all(amounts) else "x"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _elements(path: Path, limits: LogLimits) -> Iterator[tuple[np.ndarray, pa.BinaryArray, bytes]]:
    """The line each element of the array begins on, the elements, and the bytes they are of: a chunk at a time."""
    rest, line = b"", 1  # what follows the last element, and its line
    is_open = is_closed = False
    count = 0
    # Finding the elements takes several times the bytes they are in.
    for raw in unpacked(path, replace(limits, chunk_bytes=max(limits.chunk_bytes // 2, 1))):
        data = rest + raw
        if not is_open:
            check_no_utf16(data)
            data = data.removeprefix(b"\xef\xbb\xbf")
            if data.strip()[:1] not in (b"", b"["):
                raise unreadable("tệp không bắt đầu bằng mảng JSON “[”", "it does not begin as a JSON array, “[”")
            is_open = bool(data.strip())
            begin = data.index(b"[") + 1 if is_open else len(data)
            line, data = line + data.count(b"\n", 0, begin), data[begin:]
        if is_open and not is_closed:
            starts, ends, closing = _spans(data)
            _check_separators(data, starts, ends, closing, count, line)
            count += len(starts)
            breaks = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
            numbers = line + np.searchsorted(breaks, np.array(starts, dtype=np.int64))
            for first in range(0, len(starts), limits.chunk_rows):
                part = slice(first, first + limits.chunk_rows)
                bounds = np.ravel(np.column_stack((starts[part], ends[part])))
                yield numbers[part], views(data, bounds).take(pa.array(range(0, len(bounds), 2))), data
            is_closed = closing is not None
            end = closing + 1 if closing is not None else ends[-1] if ends else 0
            line, data = line + data.count(b"\n", 0, end), data[end:]
        if is_closed and data.strip():
            raise _broken(line)
        rest = b"" if is_closed else data
        if len(rest) > _MOST_CHUNKS_OF_AN_ELEMENT * limits.chunk_bytes + limits.line_bytes:
            size = f"{len(rest):,}"
            raise too_large(
                f"một phần tử hơn {size} byte", f"one element of over {size} bytes", f"{limits.line_bytes:,}"
            )
    if not is_closed:
        raise _broken(line)


def _spans(data: bytes) -> tuple[list[int], list[int], int | None]:
    """Where the elements that are whole begin and end, and where the array itself ends."""
    blanked = data.replace(b"\\\\", b"  ").replace(b'\\"', b"  ")
    places = np.flatnonzero(_STRUCTURE[np.frombuffer(blanked, dtype=np.uint8)])
    signs = np.frombuffer(blanked, dtype=np.uint8)[places]
    is_quote = signs == ord('"')
    outside = ~is_quote & (np.cumsum(is_quote) % 2 == 0)
    places, signs = places[outside], signs[outside]
    depth = np.cumsum(np.where((signs == ord("{")) | (signs == ord("[")), 1, -1))
    closings = np.flatnonzero(depth < 0)
    closing = None
    if len(closings):
        closing = int(places[closings[0]])
        places, signs, depth = (each[: closings[0]] for each in (places, signs, depth))
    ends = np.flatnonzero(depth == 0)
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    return places[starts].tolist(), (places[ends] + 1).tolist(), closing


# Bytes that may begin or end something.
_STRUCTURE = np.zeros(256, dtype=bool)
_STRUCTURE[list(b'"{}[]')] = True


def _check_separators(
    data: bytes, starts: list[int], ends: list[int], closing: int | None, count: int, line: int
) -> None:
    """Raise FileFault when something other than one comma stands between two elements."""
    before = 0
    for start, end in zip(starts, ends, strict=True):
        if data[before:start].strip() != (b"," if count else b""):
            raise _broken(line + data.count(b"\n", 0, start))
        before, count = end, count + 1
    if closing is not None and data[before:closing].strip():
        raise _broken(line + data.count(b"\n", 0, closing))


def _broken(line: int) -> FileFault:
    return unreadable(
        f"mảng JSON không đúng cú pháp hoặc bị cắt cụt, gần dòng {line}",
        f"its JSON array is malformed or cut short, near line {line}",
    )
