"""The first records of a log that no source is declared for, as texts by column: enough to see what it is."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.errors import FileFault
from ingestion.readers.log_lines import LOG_LIMITS, unpacked, unreadable
from ingestion.text import LONGEST_TEXT_KEPT

RECORDS_LOOKED_AT = 2_000
_BYTES_LOOKED_AT = 8 * 2**20
_PACKED = (".gz", ".zst")
_FORMATS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "json", ".parquet": "parquet"}
_DELIMITERS = (",", ";", "\t", "|")

Record = Mapping[str, Any]


@dataclass(frozen=True)
class LogHead:
    """The first records, each a value by the name of its column, and how a text file is written."""

    format: str
    records: Sequence[Record]
    encoding: str = ""
    delimiter: str = ""

    def columns(self) -> list[str]:
        """The names of all columns, in the order in which they come."""
        return list(dict.fromkeys(name for record in self.records for name in record))

    def texts(self, column: str) -> list[str]:
        """What stands in a column, blanks left out."""
        values = (record.get(column) for record in self.records)
        return [text for value in values if not isinstance(value, dict | list) and (text := _text(value))]


def log_format(path: Path) -> str | None:
    """The format of a log by the name of its file, packed or not; None where it is no log's."""
    suffixes = [each.lower() for each in path.suffixes if each.lower() not in _PACKED]
    return _FORMATS.get(suffixes[-1]) if suffixes else None


def is_packed(path: Path) -> bool:
    """Whether the name says that the file is packed."""
    return path.suffix.lower() in _PACKED


def log_head(path: Path, file_format: str) -> LogHead:
    """The first records of a log. Raises FileFault where it holds none, or cannot be read."""
    if file_format == "parquet":
        head = LogHead(file_format, _of_parquet(path))
    else:
        text, encoding = _beginning(path)
        if file_format == "csv":
            head = _of_csv(text, encoding)
        else:
            head = LogHead(file_format, _of_json(text, file_format), encoding)
    if not head.records:
        raise unreadable("không có bản ghi nào", "it holds no record")
    return head


def _beginning(path: Path) -> tuple[str, str]:
    """The first lines of a text file, packed or not, and its encoding."""
    raw = b""
    for piece in unpacked(path, LOG_LIMITS):
        raw += piece
        if len(raw) >= _BYTES_LOOKED_AT:
            break
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return raw.decode(encoding, "strict" if len(raw) < _BYTES_LOOKED_AT else "ignore").removeprefix(
            "\ufeff"
        ), encoding
    except UnicodeDecodeError:
        return raw.decode("cp1258", "replace"), "cp1258"


def _of_csv(text: str, encoding: str) -> LogHead:
    csv.field_size_limit(LOG_LIMITS.line_bytes)
    lines = text.lstrip().splitlines()[: RECORDS_LOOKED_AT + 1]
    delimiter = max(_DELIMITERS, key=lines[0].count) if lines else ","
    try:
        header, *rows = csv.reader(lines, delimiter=delimiter)
    except (csv.Error, ValueError):
        return LogHead("csv", [])
    names = [name.strip() for name in header]
    return LogHead("csv", [dict(zip(names, row, strict=False)) for row in rows if row], encoding, delimiter)


def _of_json(text: str, file_format: str) -> list[Record]:
    """Objects of lines, or of one array; what comes after a broken one is left to the reader."""
    decoder = json.JSONDecoder()
    found: list[Record] = []
    at = len(text) - len(text.lstrip(" \t\r\n["))
    while at < len(text) and len(found) < RECORDS_LOOKED_AT:
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found += [record] if isinstance(record, dict) else []
        rest = text[at : at + 100].lstrip(" \t\r\n,")
        at += len(text[at : at + 100]) - len(rest)
    return found


def _of_parquet(path: Path) -> list[Record]:
    fault: FileFault = unreadable("tệp Parquet hỏng hoặc bị cắt cụt", "the Parquet file is damaged or cut short")
    try:
        batches = pq.ParquetFile(path).iter_batches(RECORDS_LOOKED_AT)
        return [record for batch in islice(batches, 1) for record in batch.to_pylist()]
    except (pa.ArrowException, OSError):
        raise fault from None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()[:LONGEST_TEXT_KEPT]
