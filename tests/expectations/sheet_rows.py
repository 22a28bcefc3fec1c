"""Rows of the row schema for tests: one good row per shape, changed field by field."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.report import LoadFacts

NUMBER = pa.decimal128(28, 10)
TEXTS_BEFORE = (
    "kind sheet cell place_text label_text period_text value_text unit_text province_id area_level boundary_set"
    " indicator_code period_id basis breakdown"
)
TEXTS_AFTER = "status qualifier comparator target_status base_period_id quote correction"

# Spelled out here, not imported: the suites are judged on the schema as agreed, whatever the reader does.
SCHEMA = pa.schema(
    [("row_no", pa.int64())]
    + [(name, pa.string()) for name in TEXTS_BEFORE.split()]
    + [("value", NUMBER), ("value_upper", NUMBER), ("decimals", pa.int32())]
    + [("unit", pa.string()), ("catalogue_unit", pa.string()), ("min_value", NUMBER), ("max_value", NUMBER)]
    + [(name, pa.string()) for name in TEXTS_AFTER.split()]
)

SUBSCRIBERS = {
    "kind": "observation",
    "sheet": "Sheet1",
    "cell": "D12",
    "place_text": "Vĩnh Phúc",
    "label_text": "Thuê bao BRCĐ",
    "period_text": "Tháng 9 năm 2022",
    "value_text": "225500",
    "unit_text": "thuê bao",
    "province_id": "P63-26",
    "area_level": "province",
    "boundary_set": "63",
    "indicator_code": "tel_bb_fixed_sub",
    "period_id": "2022-09",
    "basis": "point",
    "breakdown": "operator:viettel",
    "value": 225500,
    "value_upper": None,
    "decimals": 0,
    "unit": "subscription",
    "catalogue_unit": "subscription",
    "min_value": 0,
    "max_value": None,
    "status": "A",
    "qualifier": "exact",
    "comparator": None,
    "target_status": None,
    "base_period_id": None,
    "quote": None,
    "correction": None,
}

INDICATORS = SUBSCRIBERS | {
    "label_text": "Tỷ lệ hộ gia đình có internet băng rộng cố định",
    "value_text": "72,4",
    "unit_text": "%",
    "indicator_code": "tel_hh_bb_fixed_pct",
    "breakdown": "total",
    "value": "72.4",
    "decimals": 1,
    "unit": "%",
    "catalogue_unit": "%",
    "max_value": 100,
}

TARGET = {"kind": "target", "comparator": "ge", "target_status": "adopted", "period_id": "2025", "basis": "period"}

GOOD = {"subscribers": SUBSCRIBERS, "indicators": INDICATORS}

FACTS: dict[str, Any] = {
    "source_id": "viettel",
    "load_id": "0123456789abcdef",
    "received_at": datetime(2022, 10, 5, 3, 0, tzinfo=UTC),
    "known_indicator_codes": ("tel_bb_fixed_sub", "tel_hh_bb_fixed_pct"),
}


def facts(**changes: Any) -> LoadFacts:
    return LoadFacts(**(FACTS | changes))


def write_previous_values(path: Path, *values: Any) -> Path:
    """Write what the previous load said about the first rows, one value each."""
    rows = [
        {"row_no": number, "previous_value": Decimal(str(value)), "previous_period_id": "2022-08"}
        for number, value in enumerate(values, start=1)
    ]
    schema = pa.schema([("row_no", pa.int64()), ("previous_value", NUMBER), ("previous_period_id", pa.string())])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return path


TOTAL = {
    "sheet": "Sheet1",
    "cell": "D4",
    "place_text": "Tổng cộng",
    "province_id": "VN",
    "parts": ["P63-26", "P63-27"],
    **{name: SUBSCRIBERS[name] for name in ("period_id", "basis", "decimals")},
}


def write_totals(path: Path, good: dict[str, Any], **changes: Any) -> Path:
    """Write one printed total of the good row's kind; changed field by field."""
    total = TOTAL | {name: good[name] for name in ("indicator_code", "breakdown", "unit")} | changes
    total["value"] = Decimal(str(total["value"]))
    types = {"value": NUMBER, "decimals": pa.int32(), "parts": pa.list_(pa.string())}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in total])
    pq.write_table(pa.Table.from_pylist([total], schema=schema), path)
    return path


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write the rows, numbered from 1 where they bring no `row_no`."""
    numbered = [{"row_no": number} | row for number, row in enumerate(rows, start=1)]
    for row in numbered:
        for name in ("value", "value_upper", "min_value", "max_value"):
            row[name] = None if row[name] is None else Decimal(str(row[name]))
    pq.write_table(pa.Table.from_pylist(numbered, schema=SCHEMA), path)
    return path
