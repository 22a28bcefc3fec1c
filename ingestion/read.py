"""One file of one source to rows of its shape: accepted rows, rejected rows, and the reference questions asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from ingestion.drafts import Draft, drafts, joined_breakdown, period_options
from ingestion.errors import FileFault, RowFault
from ingestion.grid import Grid
from ingestion.layout import Table, find_table, title_cells
from ingestion.periods import Period, read_period
from ingestion.questions import Asker, Lookup, lookups_unchanged
from ingestion.readers import csv_file, xlsx_file
from ingestion.reference import Reference
from ingestion.settle import settle
from ingestion.shapes import REJECTED_SCHEMA, ROW_SCHEMA, table_of
from ingestion.source import Source
from ingestion.templates import match_period, match_rest
from ingestion.text import printed

__all__ = [
    "READER_VERSION",
    "Lookup",
    "ReadResult",
    "expected_members",
    "fingerprint",
    "load_id",
    "lookups_unchanged",
    "read_file",
]

# Part of every load's fingerprint: raised when reading changes what a file means, so that old files are read again.
READER_VERSION = "4"


@dataclass(frozen=True)
class ReadResult:
    """All rows of one file: `rows_read` is the number of accepted and rejected rows together."""

    rows: pa.Table
    rejected: pa.Table
    lookups: list[Lookup]
    rows_read: int


def read_file(path: Path, file_name: str, source: Source, reference: Reference) -> ReadResult:
    """Read a landed file.

    Args:
        path: the file, whatever it is called now.
        file_name: the name the publisher gave it; a period may be in it.
        source: the declared source.
        reference: the reference tables.

    Raises FileFault when the file as a whole cannot be read.
    """
    asker = Asker(reference)
    table = find_table(_grid(path, file_name, source), source.layout)
    period = _file_period(table, file_name, source)
    unit = _file_unit(table, source)
    accepted: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    left_out: set[int] = set()
    for draft in drafts(table, source, period, unit):
        row_no = len(accepted) + len(rejected) + 1
        settled = settle(draft, table, source, asker)
        if isinstance(settled, list):
            rejected.append({"row_no": row_no, **_rejected(table, draft, settled)})
        elif isinstance(settled, dict):
            accepted.append({"row_no": row_no, **settled})
        else:
            left_out.add(draft.row)
    if not accepted and not rejected:
        raise _no_figures(table.grid.sheet, len(left_out))
    return ReadResult(
        rows=table_of(accepted, ROW_SCHEMA),
        rejected=table_of(rejected, REJECTED_SCHEMA),
        lookups=asker.lookups(),
        rows_read=len(accepted) + len(rejected),
    )


def fingerprint(source: Source, lookups: Iterable[Sequence[Any]]) -> str:
    """What reading depended on beside the bytes: the source YAML, the reference answers, the version of the reader."""
    asked = [[kind, list(args), result] for kind, args, result in lookups]
    text = json.dumps([source.yaml_sha256, READER_VERSION, asked], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def load_id(source_id: str, sha256: str, fingerprint: str) -> str:
    """The identity of one file read one way: 16 hexadecimal digits."""
    return hashlib.sha256(f"{source_id}\n{sha256}\n{fingerprint}".encode()).hexdigest()[:16]


def expected_members(sources: Mapping[str, Source]) -> list[dict[str, str | None]]:
    """What each regular source promises: one row per source, indicator and breakdown, with the periods it covers.

    Only sources that declare `expected_from` promise anything; a sum over operators is whole when all that promise
    the indicator for the period have reported.
    """
    rows = []
    for source in sources.values():
        for measure in source.layout.get("measures", ()) if source.expected_from else ():
            members = {**source.layout.get("constants", {}), **measure.get("breakdown", {})}
            rows.append(
                {
                    "source_id": source.source_id,
                    "indicator_code": measure["indicator_code"],
                    "breakdown": joined_breakdown(members),
                    "expected_from": source.expected_from,
                    "expected_to": source.expected_to,
                }
            )
    return rows


def _grid(path: Path, file_name: str, source: Source) -> Grid:
    if source.format == "csv":
        return csv_file.read_grid(path, printed(PurePosixPath(file_name).stem), source.encoding, source.delimiter)
    return xlsx_file.read_grid(path, source.layout.get("sheet"))


def _rejected(table: Table, draft: Draft, faults: Sequence[RowFault]) -> dict[str, Any]:
    first = faults[0]
    return {
        "sheet": table.grid.sheet,
        "cell": first.cell or table.grid.address(draft.row, draft.column),
        "field": first.field,
        "raw_value": first.raw_value,
        "reason_code": first.reason_code,
        "reasons": json.dumps(list(dict.fromkeys(fault.reason_code for fault in faults))),
        "reason_vi": " ".join(fault.reason_vi for fault in faults),
        "reason_en": " ".join(fault.reason_en for fault in faults),
    }


def _no_figures(sheet: str, left_out: int) -> FileFault:
    if left_out:
        return FileFault(
            "empty_file",
            f"Trang “{sheet}” chỉ có {left_out} dòng tổng, vùng hoặc nhóm (không lấy theo khai báo), không có dòng nào "
            "của tỉnh; đề nghị đơn vị cung cấp gửi lại, hoặc sửa totals, skip_rows của nguồn.",
            f"Sheet “{sheet}” holds nothing but {left_out} rows of totals, regions or groups, which are left out as "
            "declared, and no row of a province; ask the publisher to send it again, or change totals, skip_rows of "
            "the source YAML.",
        )
    return FileFault(
        "empty_file",
        f"Trang “{sheet}” không có ô số liệu nào; đề nghị đơn vị cung cấp gửi lại.",
        f"Sheet “{sheet}” holds no value at all; ask the publisher to send it again.",
    )


def _file_period(table: Table, file_name: str, source: Source) -> tuple[Period, str] | None:
    """The period of the whole file and its text, None where each row has its own. Raises FileFault."""
    declared = source.layout["period"]
    options = period_options(source.layout)
    if declared["from"] == "column":
        return None
    if declared["from"] == "constant":
        texts = [("—", str(declared["value"]))]
        read = [(read_period(text, **options), text) for _, text in texts]
    else:
        texts = _places_to_look(table, file_name, declared["from"])
        read = [
            (match_period(pattern, text, options["administrative_quarters"]), text)
            for pattern in declared["patterns"]
            for _, text in texts
        ]
        expect = options["expect"]
        read = [(each, text) for each, text in read if each and read_period(each.period_id, expect=expect)]
    found = {period.period_id: (period, text) for period, text in read if period is not None}
    if len(found) == 1:
        return next(iter(found.values()))
    raise _not_found("period_not_found", "kỳ số liệu", "the period", declared, texts, sorted(found))


def _file_unit(table: Table, source: Source) -> str | None:
    """The unit label of the whole file, None where rows or measures have their own. Raises FileFault."""
    declared = source.layout.get("unit")
    if declared is None or declared["from"] == "column":
        return None
    if declared["from"] == "constant":
        return str(declared["value"])
    texts = _places_to_look(table, "", "cell")
    found = {match_rest(pattern, text) for pattern in declared["patterns"] for _, text in texts} - {None, ""}
    if len(found) == 1:
        return found.pop()
    raise _not_found("unit_not_found", "đơn vị tính", "the unit", declared, texts, sorted(map(str, found)))


def _places_to_look(table: Table, file_name: str, where: str) -> list[tuple[str, str]]:
    if where == "file_name":
        return [("file name", PurePosixPath(file_name).stem)]
    return title_cells(table.grid, table.header_row)


def _not_found(
    code: str,
    what_vi: str,
    what_en: str,
    declared: Mapping[str, Any],
    texts: Sequence[tuple[str, str]],
    found: Sequence[str],
) -> FileFault:
    patterns = ", ".join(f"“{pattern}”" for pattern in declared.get("patterns", [declared.get("value")]))
    seen = "; ".join(f"{where} “{text[:60]}”" for where, text in texts[:12]) or "—"
    several = ", ".join(found) or "—"
    return FileFault(
        code,
        f"Không xác định được {what_vi} theo mẫu {patterns}: tìm thấy {several}; các ô đã xem: {seen}. "
        "Kiểm tra tệp hoặc sửa layout của nguồn.",
        f"Exactly one text should give {what_en} by {patterns}: found {several}; looked at {seen}. "
        "Check the file, or the layout of the source YAML.",
    )
