"""Rejected rows: one record each, with place, raw text and all reasons."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from warehouse.columns import REJECTED_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

# where the text behind a field stands in a row; what is not listed is shown by its value
_TEXT_OF_FIELD = {
    "place": "place_text",
    "period": "period_text",
    "basis": "period_text",
    "unit": "unit_text",
    "indicator_code": "label_text",
    "breakdown": "label_text",
    "kind": "kind",
    "qualifier": "qualifier",
    "comparator": "comparator",
    "target_status": "target_status",
}


class RowReason(Protocol):
    """One reason why validation rejects one row."""

    @property
    def row_no(self) -> int:
        """The row's number in the load."""

    @property
    def reason_code(self) -> str:
        """The rule broken."""

    @property
    def field(self) -> str | None:
        """Column that breaks it; None where it is the row as a whole."""

    @property
    def reason_vi(self) -> str:
        """The sentence for the auditor."""

    @property
    def reason_en(self) -> str:
        """The same in English."""


@dataclass(frozen=True)
class Held:
    """The reason of a row that is rejected only because its load is in quarantine."""

    row_no: int
    reason_vi: str
    reason_en: str
    reason_code: str = "load_quarantined"
    field: str = "load"


def split_rows(
    rows: "pa.Table", reader_rejected: "pa.Table", rejected_rows: Sequence[RowReason]
) -> tuple["pa.Table", "pa.Table"]:
    """Takes the rows that validation rejects out of the readable ones.

    Args:
        rows: readable rows.
        reader_rejected: rows the reader rejected.
        rejected_rows: reasons of validation; several per row are fine.

    Returns:
        The rows that stay, and one record per rejected row, the reader's and validation's, ordered by row_no.

    Raises:
        ValueError: validation rejects a row that is not there.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    reasons: dict[int, list[RowReason]] = {}
    for item in rejected_rows:
        reasons.setdefault(item.row_no, []).append(item)
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


def _rejected_record(row: Mapping[str, Any], reasons: Sequence[RowReason]) -> dict[str, Any]:
    codes = list(dict.fromkeys(reason.reason_code for reason in reasons))
    field = next((found for reason in reasons if (found := reason.field)), "row")
    return {
        **{name: row[name] for name in ("load_id", "source_id", "row_no", "sheet", "cell")},
        "field": field,
        "raw_value": row[_TEXT_OF_FIELD.get(field, "value_text")] or "",
        "reason_code": codes[0],
        "reasons": json.dumps(codes),
        "reason_vi": " ".join(dict.fromkeys(reason.reason_vi for reason in reasons)),
        "reason_en": " ".join(dict.fromkeys(reason.reason_en for reason in reasons)),
    }
