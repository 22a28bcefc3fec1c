"""Rejected rows: one record each, with place, raw text and all reasons."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.columns import REJECTED_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

HELD_REASON = "load_quarantined"


@dataclass(frozen=True)
class Held:
    """Why a readable row of a quarantined load counts as rejected; the form in which validation rejects rows, too.

    Attributes:
        row_no: the row's number in the load.
        raw_value: the text printed for `field`; None when it was empty.
        field: what of the row is at fault.
        reason_code: the first reason.
        reasons: all reason codes.
    """

    row_no: int
    raw_value: str | None
    reason_vi: str
    reason_en: str
    field: str = "load"
    reason_code: str = HELD_REASON
    reasons: tuple[str, ...] = (HELD_REASON,)


def split_rows(
    rows: "pa.Table", reader_rejected: "pa.Table", rejected_rows: Sequence[Any]
) -> tuple["pa.Table", "pa.Table"]:
    """Takes the rows that validation rejects out of the readable ones.

    Args:
        rows: readable rows.
        reader_rejected: rows the reader rejected.
        rejected_rows: what validation rejects, one object per row with the attributes of `Held`.

    Returns:
        The rows that stay, and one record per rejected row, the reader's and validation's, ordered by row_no.

    Raises:
        ValueError: validation rejects a row that is not there.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    reasons = {item.row_no: item for item in rejected_rows}
    is_out = pc.is_in(rows["row_no"], value_set=pa.array(sorted(reasons), pa.int64()))
    out, kept = rows.filter(is_out), rows.filter(pc.invert(is_out))
    strangers = reasons.keys() - set(out["row_no"].to_pylist())
    if strangers:
        raise ValueError(f"validation rejects rows that are not staged: {sorted(strangers)[:5]}")
    records = [_rejected_record(row, reasons[row["row_no"]]) for row in out.to_pylist()]
    kinds = {"BIGINT": pa.int64(), "VARCHAR": pa.string()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in REJECTED_COLUMNS.items()])
    theirs = reader_rejected.select(schema.names).cast(schema)
    merged = pa.concat_tables([theirs, pa.Table.from_pylist(records, schema=schema)])
    return kept, merged.sort_by("row_no")


def _rejected_record(row: Mapping[str, Any], reason: Any) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("load_id", "source_id", "row_no", "sheet", "cell")},
        **{name: getattr(reason, name) for name in ("field", "reason_code", "reason_vi", "reason_en")},
        "raw_value": reason.raw_value or "",
        "reasons": json.dumps(reason.reasons),
    }
