"""The trial of a proposed YAML on the file it was made from: what still stands in its way becomes a question."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from ingestion.errors import FileFault, SourceError
from ingestion.log_layout import LOG_SHAPE
from ingestion.read import read_file
from ingestion.read_log import read_log
from ingestion.reference import Reference
from ingestion.source import Source, load_source

# Of a trial nothing is kept, so the key of its hashes may be any.
_NO_KEY = bytes(32)
_LONGEST_REASON = 400


def open_questions(text: str, source_id: str, path: Path, reference: Reference) -> list[str]:
    """Read the file by the proposed YAML: why it, or some of its rows, would be refused; nothing where all is read.

    Args:
        text: the YAML.
        source_id: its id.
        path: the file it was made from.
        reference: the reference tables.
    """
    with TemporaryDirectory(prefix="sotinh-propose-") as folder:
        declared = Path(folder) / f"{source_id}.yml"
        declared.write_text(text, encoding="utf-8")
        try:
            source = load_source(declared)
        except SourceError as error:
            return [f"the YAML is not complete: {str(error).partition(': ')[2][:_LONGEST_REASON]}"]
        try:
            read, refused, unknown = _trial(source, path, Path(folder), reference)
        except FileFault as fault:
            return [f"as it stands the file is refused: {fault.reason_en[:_LONGEST_REASON]}"]
    return list(_told(read, refused, unknown))


def _trial(source: Source, path: Path, folder: Path, reference: Reference) -> tuple[int, list[Mapping[str, Any]], int]:
    """Rows read, rejected rows, and how many accepted ones are of an indicator that is not in the catalogue."""
    if source.shape != LOG_SHAPE:
        found = read_file(path, path.name, source, reference)
        return found.rows_read, found.rejected.to_pylist(), found.rows["catalogue_unit"].null_count
    rows, rejected = folder / "rows.parquet", folder / "rejected.parquet"
    log = read_log(path, path.name, source, reference, key=_NO_KEY, rows_path=rows, rejected_path=rejected)
    return log.rows_read, pq.read_table(rejected).to_pylist(), 0


def _told(read: int, refused: Iterable[Mapping[str, Any]], unknown: int) -> Iterable[str]:
    """One question for each reason of rejected rows, with the first cell that has it."""
    firsts: dict[str, Mapping[str, Any]] = {}
    counts: Counter[str] = Counter()
    for row in refused:
        counts.update(json.loads(row["reasons"]))
        firsts.setdefault(row["reason_code"], row)
    for reason, count in counts.most_common():
        first = firsts.get(reason)
        told = f", first {first['cell']}: {first['reason_en'][:_LONGEST_REASON]}" if first else ""
        yield f"{count} of {read} rows would be rejected ({reason}){told}"
    if unknown:
        yield f"{unknown} of {read} rows are of an indicator that is not named yet"
