"""Logs as separated text. Lines that are certainly one record each are parsed all at once; else each is looked at.

A record is a line, or several where a quoted field holds line breaks. A quote that is opened and never closed must not
swallow what follows: lines are joined only when they give exactly one record and none of them is one by itself.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from ingestion.grid import too_large
from ingestion.log_layout import ColumnPath
from ingestion.readers import log_texts as texts
from ingestion.readers.log_lines import UNDECODABLE, LogLimits, chunks, is_utf8, line_starts, unreadable, views
from ingestion.text import fold_name

_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class _Form:
    """How the lines of one file are to be split: `wanted` is output name -> position of the column."""

    delimiter: str
    header: bytes
    width: int
    wanted: Mapping[str, int]
    marks_undecodable: bool
    limits: LogLimits


def read(
    path: Path, encoding: str, delimiter: str, columns: Mapping[str, ColumnPath], limits: LogLimits
) -> Iterator[pa.Table]:
    """Tables of `texts_schema`, one per chunk.

    Raises FileFault empty_file, unreadable_file, too_large, column_not_found.
    """
    form: _Form | None = None
    carried, carried_line = b"", 0
    for chunk in chunks(path, encoding, limits):
        data, first_line = carried + chunk.data, carried_line if carried else chunk.first_line
        carried = b""
        if chunk.is_too_long:
            if form is None:
                raise unreadable("dòng tiêu đề quá dài", "its header is too long")
            if data:
                yield _Lines(form, data, first_line, is_last=True).records()[0]
            yield texts.fault_table({chunk.first_line: texts.LINE_TOO_LONG}, list(columns))
            continue
        if form is None:
            form, data, first_line = _header(data, first_line, encoding, delimiter, columns, limits)
            if form is None:
                continue
        if data and not data.isspace():
            table, consumed = _Lines(form, data, first_line, chunk.is_last).records()
            if consumed < len(data):
                carried, carried_line = data[consumed:], first_line + data.count(b"\n", 0, consumed)
            yield table


def _header(
    data: bytes, line: int, encoding: str, delimiter: str, columns: Mapping[str, ColumnPath], limits: LogLimits
) -> tuple[_Form | None, bytes, int]:
    """The form by the first line that is not blank, and what follows it; no form where there is no line."""
    if not data or data.isspace():
        return None, b"", line
    begin = data.rfind(b"\n", 0, len(data) - len(data.lstrip())) + 1
    line += data.count(b"\n", 0, begin)
    head, _, rest = data[begin:].partition(b"\n")
    try:
        names = next(csv.reader([head.decode()], delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error, StopIteration):
        names = []
    if len(names) > limits.columns:
        raise too_large(f"{len(names):,} cột", f"{len(names):,} columns", f"{limits.columns:,}")
    if not names or b"\0" in head:
        why_vi, why_en = _why_no_header(head)
        raise unreadable(
            f"dòng {line} không phải dòng tiêu đề CSV{why_vi}", f"line {line} is no header of a CSV file{why_en}"
        )
    folded = [fold_name(name) for name in names]
    labels = {name: path[-1] for name, path in columns.items()}
    missing = [label for label in labels.values() if fold_name(label) not in folded]
    if missing:
        raise texts.column_not_found(missing, list(labels.values()), names, _other_delimiter(head, delimiter, labels))
    twice = sorted(label for label in set(labels.values()) if folded.count(fold_name(label)) > 1)
    if twice:
        named = ", ".join(twice)
        raise unreadable(f"cột {named} xuất hiện hai lần", f"column {named} occurs twice")
    wanted = {name: folded.index(fold_name(label)) for name, label in labels.items()}
    form = _Form(delimiter, head.rstrip(b"\r"), len(names), wanted, encoding != "utf-8", limits)
    return form, rest, line + 1


def _why_no_header(head: bytes) -> tuple[str, str]:
    if b"\0" in head:
        return " (có ký tự NUL, có thể là UTF-16)", " (it holds NUL characters and may be UTF-16)"
    if b"\r" in head.rstrip(b"\r"):
        return " (các dòng ngắt bằng CR, cần LF hoặc CRLF)", " (lines end with CR alone instead of LF or CRLF)"
    return "", ""


def _other_delimiter(head: bytes, delimiter: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """A hint, where another delimiter gives a declared column more often than the one that is declared."""
    wanted = {fold_name(label) for label in labels.values()}

    def hits(each: str) -> int:
        return sum(fold_name(name.strip('"')) in wanted for name in head.decode().split(each))

    best = max(_DELIMITERS, key=hits)
    if hits(best) <= hits(delimiter):
        return "", ""
    shown = {"\t": "tab"}.get(best, best)
    return (
        f"Dòng tiêu đề có vẻ phân cách bằng “{shown}”, khai báo delimiter là “{delimiter}”. ",
        f"The header seems to be separated by “{shown}”, the declared delimiter is “{delimiter}”. ",
    )


def _split(form: _Form, data: pa.Buffer, may_quote: bool) -> pa.Table:
    """Lines that are one record each to the wanted columns."""
    names = [f"c{number}" for number in range(form.width)]
    included = [names[position] for position in form.wanted.values()]
    table = pa_csv.read_csv(
        data,
        # Blocks are what threads share; a record never spans two where line breaks are not quoted.
        read_options=pa_csv.ReadOptions(column_names=names, block_size=max(form.limits.line_bytes * 2, 2**20)),
        parse_options=pa_csv.ParseOptions(
            delimiter=form.delimiter, quote_char='"' if may_quote else False, ignore_empty_lines=False
        ),
        convert_options=pa_csv.ConvertOptions(
            include_columns=list(dict.fromkeys(included)),
            column_types={name: pa.string() for name in included},
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )
    return table.select(included).rename_columns(list(form.wanted))


def _labelled(table: pa.Table, lines: pa.Array) -> pa.Table:
    columns = [lines, pa.nulls(len(lines), pa.string()), *table.columns]
    return pa.Table.from_arrays(columns, schema=texts.texts_schema(table.column_names))


class _Lines:
    """The lines of one chunk, judged all at once where they are usual and one by one where they are not.

    `whole` says of each line whether it is certainly one whole record: quotes only around fields, and all fields.
    """

    def __init__(self, form: _Form, data: bytes, first_line: int, is_last: bool) -> None:
        self.form, self.data, self.first_line, self.is_last = form, data, first_line, is_last
        self.bytes = np.frombuffer(data, dtype=np.uint8)
        self.starts = line_starts(data)
        self.lines = views(data, self.starts)
        self.whole = self._whole()
        self.joined: dict[int, Sequence[str]] = {}
        self.faults: dict[int, str] = {}

    def records(self) -> tuple[pa.Table, int]:
        """All records, and how many bytes they are: a record still open at the end waits for more lines."""
        end = len(self.lines)
        number = 0
        for index in np.flatnonzero(~self.whole).tolist():
            if index < number or not self._line(index).strip():
                continue
            length = self._judge(index)
            if not length:
                end = index
                break
            number = index + length
        return self._table(end), int(self.starts[end])

    def _line(self, index: int) -> bytes:
        return self.data[self.starts[index] : self.starts[index + 1]].removesuffix(b"\n")

    def _lines_at(self, places: np.ndarray) -> np.ndarray:
        """The lines that these bytes are in."""
        return np.unique(np.searchsorted(self.starts, places, side="right") - 1)

    def _whole(self) -> np.ndarray:
        form, data, limits = self.form, self.data, self.form.limits
        delimiters = np.flatnonzero(self.bytes == ord(form.delimiter))
        whole = np.diff(np.searchsorted(delimiters, self.starts)) == form.width - 1
        if b'"' in data:
            quoted = self._lines_at(np.flatnonzero(self.bytes == ord('"')))
            fits = pc.match_substring_regex(self.lines.take(pa.array(quoted)), _record_pattern(form))
            whole[quoted] = fits.to_numpy(zero_copy_only=False)
        if b"\r" in data:
            returns = np.flatnonzero(self.bytes == ord("\r"))
            following = self.bytes[np.minimum(returns + 1, len(data) - 1)]
            whole[self._lines_at(returns[(following != ord("\n")) & (returns + 1 < len(data))])] = False
        if b"\0" in data:
            whole[self._lines_at(np.flatnonzero(self.bytes == 0))] = False
        if form.header in data:
            headers = [form.header + end for end in (b"", b"\r", b"\n", b"\r\n")]
            whole &= ~pc.is_in(self.lines, pa.array(headers)).to_numpy(zero_copy_only=False)
        whole &= np.diff(self.starts) <= limits.line_bytes + data.endswith(b"\n")
        if form.marks_undecodable or not is_utf8(data):
            readable = [self._is_readable(line) for line in self.lines.to_pylist()]
            whole &= np.array(readable, dtype=bool)
        return whole

    def _is_readable(self, line: bytes) -> bool:
        return is_utf8(line) and not (self.form.marks_undecodable and UNDECODABLE in line)

    def _judge(self, index: int) -> int:
        """Settle the record that begins at a line; how many lines it is, 0 when its end is not yet there."""
        line = self._line(index)
        fault = self._fault(line)
        if fault is None:
            fields, is_open = self._fields([line])
            if is_open:
                return self._join(index)
            if len(fields) == self.form.width:
                self.joined[index] = fields
                return 1
            fault = self._count_fault(line, fields)
        self.faults[index] = fault
        return 1

    def _fault(self, line: bytes) -> str | None:
        if len(line) > self.form.limits.line_bytes:
            return texts.LINE_TOO_LONG
        if b"\0" in line:
            return texts.NUL_CHARACTER
        if not self._is_readable(line):
            return texts.BAD_ENCODING
        return texts.REPEATED_HEADER if line.rstrip(b"\r") == self.form.header else None

    def _count_fault(self, line: bytes, fields: Sequence[str]) -> str:
        if not fields:
            return texts.UNBALANCED_QUOTES if b'"' in line else texts.STRAY_LINE_BREAK
        return texts.TOO_MANY_FIELDS if len(fields) > self.form.width else texts.TOO_FEW_FIELDS

    def _fields(self, lines: Sequence[bytes]) -> tuple[Sequence[str], bool]:
        """The fields of some lines read as one record, none where they are not one; and whether a quote is open."""
        text = b"\n".join(lines).removesuffix(b"\r").decode()
        csv.field_size_limit(self.form.limits.line_bytes)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.form.delimiter, strict=True)
        try:
            rows = list(reader)
        except csv.Error as error:
            return (), "unexpected end of data" in str(error)
        return (rows[0] if len(rows) == 1 else ()), False

    def _join(self, index: int) -> int:
        limits = self.form.limits
        joined = [self._line(index)]
        size = len(joined[0])
        for end in range(index + 1, min(index + limits.record_lines, len(self.lines))):
            line = self._line(end)
            joined.append(line)
            size += len(line) + 1
            if self.whole[end] or self._fault(line) is not None or size > limits.line_bytes:
                break
            if line.count(b'"') % 2:
                fields, is_open = self._fields(joined)
                if len(fields) == self.form.width:
                    self.joined[index] = fields
                    return len(joined)
                if not is_open:
                    break
        else:
            is_within = len(self.lines) - index < limits.record_lines
            if is_within and not self.is_last:
                return 0
        self.faults[index] = texts.UNBALANCED_QUOTES
        return 1

    def _table(self, end: int) -> pa.Table:
        names = list(self.form.wanted)
        tables = [texts.fault_table({self.first_line + i: fault for i, fault in self.faults.items()}, names)]
        good = np.flatnonzero(self.whole[:end])
        if len(good):
            tables.append(_labelled(self._split(good), pa.array(good + self.first_line)))
        if self.joined:
            rows = self.joined.values()
            columns = [pa.array([row[p] or None for row in rows], pa.string()) for p in self.form.wanted.values()]
            table = pa.Table.from_arrays(columns, names=names)
            tables.append(_labelled(table, pa.array([self.first_line + i for i in self.joined], pa.int64())))
        return texts.in_order(tables)

    def _split(self, good: np.ndarray) -> pa.Table:
        """The wanted columns of lines that are one record each."""
        may_quote = b'"' in self.data
        if len(good) == len(self.lines):
            return _split(self.form, pa.py_buffer(self.data), may_quote)
        return _split(self.form, self.lines.take(pa.array(good)).buffers()[2], may_quote)


def _record_pattern(form: _Form) -> str:
    """One record of a line: RE2 takes time in proportion to the line, whatever it holds."""
    delimiter = re.escape(form.delimiter)
    field = rf'(?:[^"\r{delimiter}]*|"(?:[^"\r]|"")*")'
    return rf"^{field}(?:{delimiter}{field}){{{form.width - 1}}}\r?\n?$"
