"""A file against the layout of its source's files before: read as they were, by a later layout, or refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.errors import FileFault
from ingestion.later_layouts import patch_of
from ingestion.layout_diff import Difference, Record, differences
from ingestion.layout_record import UNFINISHED, layout_fingerprint
from ingestion.read import ReadResult, read_file
from ingestion.reference import Reference
from ingestion.repair import Repaired, repair, unread_differences
from ingestion.source import Source, later_sources

LAYOUT_DRIFT = "layout_drift"
_READING_FIELDS = ("shape", "format", "number_locale", "encoding", "delimiter", "layout")


@dataclass(frozen=True)
class Baseline:
    """The last accepted file of a source that was read by the same layout: its name and its layout record."""

    file_name: str
    layout: Record


class DriftFault(FileFault):
    """The file's layout is not that of the source's files before; nothing of it enters the warehouse.

    `drift` holds, as plain JSON values: `baseline` (name of the file before), `differences` (kind, vi, en),
    `entry` (the later layout that would accept it) and `patch` (a unified diff of the source YAML that adds the entry);
    where no change was found that reads it, they are None and empty.
    """

    def __init__(self, reason_code: str, reason_vi: str, reason_en: str, drift: Mapping[str, Any]) -> None:
        """Keep the reasons and the differences."""
        super().__init__(reason_code, reason_vi, reason_en)
        self.drift = drift


def reading_sha256(source: Source) -> str:
    """Hash of what reading depends on: a new title or contact in the YAML starts no new baseline."""
    declared = {name: source.raw.get(name) for name in _READING_FIELDS}
    return hashlib.sha256(json.dumps(declared, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def read_like_before(
    path: Path, file_name: str, source: Source, reference: Reference, baseline: Baseline | None
) -> ReadResult:
    """Read a file as the source's files before were read.

    Args:
        path: the file.
        file_name: the name the publisher gave it.
        source: the declared source.
        reference: the reference tables.
        baseline: the file before; None where there is none, and then any layout that can be read is right.

    Raises DriftFault where the layout differs, FileFault where it cannot be read and there is nothing to compare.
    """
    result, fault = _try(path, file_name, source, reference)
    if result is not None and (baseline is None or _is_same(result.layout, baseline.layout)):
        accepted = {entry["fingerprint"] for entry in source.raw.get("later_layouts", ())}
        if baseline is not None or not accepted:
            return result
    for fingerprint, later in later_sources(source):
        read, _ = _try(path, file_name, later, reference)
        if read is not None and layout_fingerprint(read.layout) == fingerprint:
            return read
    if baseline is None and result is not None:
        return result
    if baseline is None:
        raise fault or AssertionError("neither read nor refused")
    raise _drift(path, file_name, source, reference, baseline, result, fault)


def _try(
    path: Path, file_name: str, source: Source, reference: Reference
) -> tuple[ReadResult | None, FileFault | None]:
    try:
        return read_file(path, file_name, source, reference), None
    except FileFault as fault:
        return None, fault


def _is_same(new: Record, old: Record) -> bool:
    """Whether a file's tables are all laid out as before; a workbook of one sheet a year may hold other years."""
    known = {layout_fingerprint([each]) for table in old for each in (table, _finished(table))}
    is_whole = {table["table"] for table in new} == {table["table"] for table in old}
    return is_whole and all(layout_fingerprint([table]) in known for table in new)


def _finished(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record of a text file that ends with a line break, which no file before needs to have done."""
    return {**table, "end": "sheet"} if table["end"] == UNFINISHED else table


def _drift(
    path: Path,
    file_name: str,
    source: Source,
    reference: Reference,
    baseline: Baseline,
    result: ReadResult | None,
    fault: FileFault | None,
) -> FileFault:
    repaired = repair(path, file_name, source, reference, baseline.layout)
    read = repaired.result or result
    told = (
        differences(baseline.layout, read.layout)
        if read
        else unread_differences(path, file_name, source, reference, baseline.layout)
    )
    told += repaired.noticed
    if fault is not None and not told:
        return fault
    told = told or [_OTHERWISE]
    patch, entry = _patch(file_name, source, repaired, told)
    drift = {
        "baseline": baseline.file_name,
        "differences": [each._asdict() for each in told],
        "entry": entry,
        "patch": patch,
    }
    said_vi, said_en = (" ".join(each) for each in zip(*((one.vi, one.en) for one in told), strict=True))
    next_vi, next_en = _NEXT if patch else _NO_PATCH
    return DriftFault(
        fault.reason_code if fault else LAYOUT_DRIFT,
        f"{fault.reason_vi + ' ' if fault else ''}Bố cục khác với tệp trước "
        f"(“{baseline.file_name}”): {said_vi} {next_vi}",
        f"{fault.reason_en + ' ' if fault else ''}The layout differs from that of the file before "
        f"(“{baseline.file_name}”): {said_en} {next_en}",
        drift,
    )


_OTHERWISE = Difference("layout", "Bố cục khác.", "It is laid out otherwise.")
_NEXT = (
    "Nếu đúng là bố cục mới, áp dụng bản vá đề nghị cho YAML của nguồn (sotinh sources patch); nếu không, đề nghị gửi "
    "lại tệp.",
    "If this is the new layout, apply the proposed patch to the source YAML (sotinh sources patch); if not, ask for "
    "the file again.",
)
_NO_PATCH = (
    "Không tìm được bản vá chắc chắn; sửa layout của nguồn hoặc đề nghị gửi lại tệp.",
    "No certain patch was found; correct the layout of the source YAML, or ask for the file again.",
)


def _patch(
    file_name: str, source: Source, repaired: Repaired, told: Sequence[Difference]
) -> tuple[str, dict[str, Any] | None]:
    """The patch of the source YAML and the later layout that it adds."""
    if repaired.result is None:
        return "", None
    fingerprint = layout_fingerprint(repaired.result.layout)
    entry = {"fingerprint": fingerprint, "seen_in": file_name, "changed": [each.en for each in told], **repaired.entry}
    text = source.path.read_text(encoding="utf-8")
    return patch_of(f"sources/{source.path.name}", text, entry), entry
