"""What became of the rows of each sheet of a load: read = accepted + rejected + superseded, sheet by sheet."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from warehouse.columns import LOAD_SHEET_COLUMNS, ROW_COUNTS
from warehouse.load_records import Load, LoadRecord

if TYPE_CHECKING:
    import pyarrow as pa

# In place of the sheets of loads whose entries are older than the counts of sheets; no workbook has a sheet named so.
WHOLE_FILE = "*"

SheetCounts = dict[str, Any]


def sheet_counts(load: Load, accepted: "pa.Table", rejected: "pa.Table") -> list[SheetCounts]:
    """Counts of each sheet, in the order of the file.

    Args:
        load: the load; how many rows each sheet has was counted when it was read.
        accepted: its accepted rows.
        rejected: its rejected rows.

    Returns:
        One mapping per sheet: `sheet` and the four counts; a sheet nobody read has 0 rows read.
    """
    kept, out = _rows_by_sheet(accepted), _rows_by_sheet(rejected)
    names = dict.fromkeys([*load.sheets, *kept, *out])
    return [counts_of(name, load.sheets.get(name, 0), kept.get(name, 0), out.get(name, 0), 0) for name in names]


def counts_of(sheet: str, *counts: int) -> SheetCounts:
    """The counts of one sheet: rows read, accepted, rejected and superseded."""
    return {"sheet": sheet, **dict(zip(ROW_COUNTS, counts, strict=True))}


def is_balanced(counts: Mapping[str, Any]) -> bool:
    """Whether every row read is accepted, rejected or superseded, and none twice."""
    read, accepted, rejected, superseded = (counts[name] for name in ROW_COUNTS)
    return bool(read == accepted + rejected + superseded)


def sheets_of(record: LoadRecord) -> list[SheetCounts]:
    """The sheets of a recorded load; one row for the whole file where the entry does not tell them apart."""
    payload = record.payload
    if "sheets" in payload or not payload["rows_read"]:
        return list(payload.get("sheets", ()))
    return [counts_of(WHOLE_FILE, *(payload[name] for name in ROW_COUNTS))]


def unbalanced(records: Iterable[LoadRecord]) -> list[str]:
    """Ids of the loads of which a row, in the whole or on one sheet, is lost or counted twice."""
    return [record.load_id for record in records if not _adds_up(record.payload, sheets_of(record))]


def load_sheet_rows(records: Iterable[LoadRecord]) -> list[dict[str, Any]]:
    """Rows of the input table `load_sheets`."""
    return [
        {name: {"load_id": record.load_id, **sheet}[name] for name in LOAD_SHEET_COLUMNS}
        for record in records
        for sheet in sheets_of(record)
    ]


def _adds_up(payload: Mapping[str, Any], sheets: Sequence[SheetCounts]) -> bool:
    totals = [sum(sheet[name] for sheet in sheets) for name in ROW_COUNTS]
    return all(map(is_balanced, [payload, *sheets])) and totals == [payload[name] for name in ROW_COUNTS]


def _rows_by_sheet(rows: "pa.Table") -> dict[str, int]:
    return {each["values"]: each["counts"] for each in rows["sheet"].combine_chunks().value_counts().to_pylist()}
