"""The tables every read file becomes: accepted rows of a shape, and rejected rows with their reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

VALUE_TYPE = pa.decimal128(28, 10)

# One row per accepted cell of a file, in reading order. Shared by the shapes `subscribers` and `indicators`.
ROW_SCHEMA = pa.schema(
    [
        pa.field("row_no", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("sheet", pa.string(), nullable=False),
        pa.field("cell", pa.string(), nullable=False),
        pa.field("place_text", pa.string()),
        pa.field("label_text", pa.string()),
        pa.field("period_text", pa.string()),
        pa.field("value_text", pa.string()),
        pa.field("unit_text", pa.string()),
        pa.field("province_id", pa.string()),
        pa.field("area_level", pa.string()),
        pa.field("boundary_set", pa.string()),
        pa.field("indicator_code", pa.string()),
        pa.field("period_id", pa.string()),
        pa.field("basis", pa.string()),
        pa.field("breakdown", pa.string()),
        pa.field("value", VALUE_TYPE),
        pa.field("value_upper", VALUE_TYPE),
        pa.field("decimals", pa.int32()),
        pa.field("unit", pa.string()),
        pa.field("catalogue_unit", pa.string()),
        pa.field("min_value", VALUE_TYPE),
        pa.field("max_value", VALUE_TYPE),
        pa.field("status", pa.string()),
        pa.field("qualifier", pa.string()),
        pa.field("comparator", pa.string()),
        pa.field("target_status", pa.string()),
        pa.field("base_period_id", pa.string()),  # where the straight path to a target begins
        pa.field("quote", pa.string()),
        pa.field("correction", pa.string()),  # which entry of the register changed the row, and why; value_text stays
    ]
)

# Local time of Viet Nam as printed: the portals write no zone.
MOMENT = pa.timestamp("us")

# One row per accepted state of a dossier, in the order of the file: the shape `transactions`. No personal field, no
# dossier_id and no free text is in it. The lake adds load_id, source_id and dossier_month.
TRANSACTION_SCHEMA = pa.schema(
    [
        pa.field("row_no", pa.int64(), nullable=False),
        pa.field("cell", pa.string(), nullable=False),  # `L<line>`: where the record begins in the file
        pa.field("dossier_key", pa.string(), nullable=False),  # 32 hex digits, from a private key and dossier_id
        pa.field("province_id", pa.string(), nullable=False),
        pa.field("boundary_set", pa.string(), nullable=False),
        pa.field("procedure_code", pa.string(), nullable=False),  # short: `1.004194`
        pa.field("service_level", pa.string(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("state", pa.string(), nullable=False),
        pa.field("submitted_at", MOMENT),
        pa.field("received_at", MOMENT),
        pa.field("due_at", MOMENT),
        pa.field("finished_at", MOMENT),
        pa.field("returned_at", MOMENT),  # refused, withdrawn or handed back
        pa.field("event_at", MOMENT, nullable=False),  # when this state began
        pa.field("sequence", pa.int64()),
        pa.field("fee_vnd", pa.decimal128(18, 0)),
        pa.field("paid_online", pa.bool_()),
        pa.field("digitised", pa.bool_()),  # whether parts of the dossier are kept as data, as the portal says
        pa.field("field_code", pa.string()),  # field of administration (lĩnh vực), the portal's own code
    ]
)

# One row per rejected cell, with the same numbering as the accepted ones: row_no never occurs in both. `cell` is column
# and row also in a CSV sheet (`F2` is the sixth field of line 2), since row by column is what a sheet has; `L<line>` is
# for logs, whose lines have no columns.
REJECTED_SCHEMA = pa.schema(
    [
        pa.field("row_no", pa.int64(), nullable=False),
        pa.field("sheet", pa.string(), nullable=False),
        pa.field("cell", pa.string(), nullable=False),
        pa.field("field", pa.string(), nullable=False),
        pa.field("raw_value", pa.string(), nullable=False),
        pa.field("reason_code", pa.string(), nullable=False),
        pa.field("reasons", pa.string(), nullable=False),
        pa.field("reason_vi", pa.string(), nullable=False),
        pa.field("reason_en", pa.string(), nullable=False),
    ]
)


def arrays_of(records: Sequence[Mapping[str, Any]], schema: pa.Schema) -> dict[str, pa.Array]:
    """Records as columns of these types by name; an absent key becomes null."""
    return {f.name: pa.array([r.get(f.name) for r in records], type=f.type) for f in schema}


def table_of(records: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Records as an Arrow table of exactly this schema; an absent key becomes null."""
    return pa.table(arrays_of(records, schema), schema=schema)
