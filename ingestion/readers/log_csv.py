"""Logs as separated text. A chunk without anything unusual is parsed as a whole; else each line is looked at.

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

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from ingestion.grid import too_large
from ingestion.log_layout import ColumnPath
from ingestion.readers import log_texts as texts
from ingestion.readers.log_lines import UNDECODABLE, LogLimits, chunks, is_utf8, unreadable
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
                yield _parsed(form, data, first_line, is_last=True)[0]
            yield texts.fault_table({chunk.first_line: texts.LINE_TOO_LONG}, list(columns))
            continue
        if form is None:
            form, data, first_line = _header(data, first_line, encoding, delimiter, columns, limits)
            if form is None:
                continue
        if data and not data.isspace():
            table, consumed = _parsed(form, data, first_line, chunk.is_last)
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


def _parsed(form: _Form, data: bytes, first_line: int, is_last: bool) -> tuple[pa.Table, int]:
    """The records of some lines, and how many bytes they are: a record still open at the end waits for more lines."""
    if not _is_unusual(form, data):
        try:
            table = _split(form, data, may_quote=False)
        except pa.ArrowInvalid:  # a line with another number of fields
            pass
        else:
            lines = pa.array(range(first_line, first_line + table.num_rows), pa.int64())
            return _labelled(table, lines), len(data)
    return _Lines(form, data, first_line, is_last).records()


def _is_unusual(form: _Form, data: bytes) -> bool:
    carriage_returns = data.count(b"\r")
    if b'"' in data or b"\0" in data or form.header in data:
        return True
    # Arrow makes a row of blanks of a blank line.
    if data.startswith((b"\n", b"\r")) or b"\n\n" in data or b"\n\r" in data:
        return True
    if carriage_returns and carriage_returns != data.count(b"\r\n"):
        return True
    if form.marks_undecodable and UNDECODABLE in data:
        return True
    return _may_hold_long_line(data, form.limits.line_bytes) or not is_utf8(data)


def _may_hold_long_line(data: bytes, longest: int) -> bool:
    """A line beyond the limit covers one of these windows whole."""
    step = max(longest // 2, 1)
    starts = range(0, len(data) - step + 1, step)
    return len(data) > longest and any(data.find(b"\n", start, start + step) < 0 for start in starts)


def _split(form: _Form, data: bytes, may_quote: bool) -> pa.Table:
    """Lines that are one record each to the wanted columns. Raises ArrowInvalid when one has not all fields."""
    names = [f"c{number}" for number in range(form.width)]
    included = [names[position] for position in form.wanted.values()]
    table = pa_csv.read_csv(
        pa.py_buffer(data),
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
    """The lines of one chunk, judged one by one."""

    def __init__(self, form: _Form, data: bytes, first_line: int, is_last: bool) -> None:
        self.form, self.first_line, self.is_last = form, first_line, is_last
        self.size = len(data)
        self.lines = data.split(b"\n")
        if not self.lines[-1]:
            self.lines.pop()
        self.whole = self._whole()
        self.joined: dict[int, Sequence[str]] = {}
        self.faults: dict[int, str] = {}

    def records(self) -> tuple[pa.Table, int]:
        """All records, and the number of bytes they are."""
        end = len(self.lines)
        number = 0
        suspects = (index for index, is_whole in enumerate(self.whole) if not is_whole)
        for index in suspects:
            if index < number or not self.lines[index].strip():
                continue
            length = self._judge(index)
            if not length:
                end = index
                break
            number = index + length
        rest = sum(len(line) + 1 for line in self.lines[end:])
        return self._table(end), max(self.size - rest, 0) if end < len(self.lines) else self.size

    def _whole(self) -> list[bool]:
        """Whether each line is certainly one whole record: quotes only around fields, and all fields."""
        form, lines, between = self.form, self.lines, self.form.width - 1
        delimiter = form.delimiter.encode()
        whole = [line.count(delimiter) == between for line in lines]
        together = b"\n".join(lines)
        if b'"' in together:
            quoted = [index for index, line in enumerate(lines) if b'"' in line]
            fits = pc.match_substring_regex(pa.array([lines[i] for i in quoted], pa.binary()), _record_pattern(form))
            for index, is_record in zip(quoted, fits.to_pylist(), strict=True):
                whole[index] = is_record
        if b"\r" in together:
            whole = [each and b"\r" not in line[:-1] for each, line in zip(whole, lines, strict=True)]
        if b"\0" in together:
            whole = [each and b"\0" not in line for each, line in zip(whole, lines, strict=True)]
        if form.header in together:
            whole = [each and line.rstrip(b"\r") != form.header for each, line in zip(whole, lines, strict=True)]
        if _may_hold_long_line(together, form.limits.line_bytes):
            whole = [each and len(line) <= form.limits.line_bytes for each, line in zip(whole, lines, strict=True)]
        if form.marks_undecodable or not is_utf8(together):
            whole = [each and self._is_readable(line) for each, line in zip(whole, lines, strict=True)]
        return whole

    def _is_readable(self, line: bytes) -> bool:
        return is_utf8(line) and not (self.form.marks_undecodable and UNDECODABLE in line)

    def _judge(self, index: int) -> int:
        """Settle the record that begins at a line; how many lines it is, 0 when its end is not yet there."""
        line = self.lines[index]
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
        size = len(self.lines[index])
        for end in range(index + 1, min(index + limits.record_lines, len(self.lines))):
            line = self.lines[end]
            size += len(line) + 1
            if self.whole[end] or self._fault(line) is not None or size > limits.line_bytes:
                break
            if line.count(b'"') % 2:
                fields, is_open = self._fields(self.lines[index : end + 1])
                if len(fields) == self.form.width:
                    self.joined[index] = fields
                    return end + 1 - index
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
        good = [i for i in range(end) if self.whole[i]]
        tables = [texts.fault_table({self.first_line + i: fault for i, fault in self.faults.items()}, names)]
        if good:
            data = b"\n".join(self.lines[i] for i in good) + b"\n"
            lines = pa.array([self.first_line + i for i in good], pa.int64())
            tables.append(_labelled(_split(self.form, data, may_quote=True), lines))
        if self.joined:
            rows = self.joined.values()
            columns = [pa.array([row[p] or None for row in rows], pa.string()) for p in self.form.wanted.values()]
            table = pa.Table.from_arrays(columns, names=names)
            tables.append(_labelled(table, pa.array([self.first_line + i for i in self.joined], pa.int64())))
        return texts.in_order(tables)


def _record_pattern(form: _Form) -> str:
    """One record of a line: RE2 takes time in proportion to the line, whatever it holds."""
    delimiter = re.escape(form.delimiter)
    field = rf'(?:[^"\r{delimiter}]*|"(?:[^"\r]|"")*")'
    return rf"^{field}(?:{delimiter}{field}){{{form.width - 1}}}\r?$"
