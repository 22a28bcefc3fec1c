"""Rows of a dossier log for tests: one good row, changed field by field."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.report import DossierWords, LoadFacts

TEXTS = "cell dossier_key province_id boundary_set procedure_code service_level channel state"
TIMES = "submitted_at received_at due_at finished_at returned_at event_at"

# Spelled out here, not imported: the suite is judged on the schema as agreed, whatever the reader does.
SCHEMA = pa.schema(
    [("row_no", pa.int64())]
    + [(name, pa.string()) for name in TEXTS.split()]
    + [(name, pa.timestamp("us")) for name in TIMES.split()]
    + [("sequence", pa.int64()), ("fee_vnd", pa.decimal128(18, 0)), ("paid_online", pa.bool_())]
    + [("digitised", pa.bool_()), ("field_code", pa.string())]
)

GOOD: dict[str, Any] = {
    "dossier_key": "0f" * 16,
    "province_id": "P63-26",
    "boundary_set": "63",
    "procedure_code": "1.004194",
    "service_level": "4",
    "channel": "2",
    "state": "9",
    "submitted_at": "2022-09-01 08:30",
    "received_at": "2022-09-01 14:00",
    "due_at": "2022-09-20",
    "finished_at": "2022-09-19 10:00",
    "returned_at": None,
    "event_at": "2022-09-19 10:00",
    "sequence": None,
    "fee_vnd": 50000,
    "paid_online": True,
    "digitised": None,
    "field_code": "LV03",
}

WORDS = DossierWords(
    stages={
        "1": "submitted",
        "2": "received",
        "3": "refused",
        "4": "processing",
        "7": "withdrawn",
        "9": "resolved",
        "10": "resolved",
    },
    channels=("1", "2", "3"),
    online_channels=("2",),
    service_levels=("2", "3", "4"),
    offline_service_levels=("2",),
)


def facts(**changes: Any) -> LoadFacts:
    known = {
        "source_id": "dvc_tinh",
        "load_id": "0123456789abcdef",
        "received_at": datetime(2022, 10, 5, 3, 0, tzinfo=UTC),
        "dossier_words": WORDS,
    }
    return LoadFacts(**(known | changes))


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write the rows as changes to the good one, numbered from 1, each of a dossier of its own unless it says so."""
    full = []
    for number, row in enumerate(rows, start=1):
        full.append({"row_no": number, "cell": f"L{number + 1}"} | GOOD | {"dossier_key": f"{number:032x}"} | row)
        for name in TIMES.split():
            if isinstance(full[-1][name], str):
                full[-1][name] = datetime.fromisoformat(full[-1][name])
    pq.write_table(pa.Table.from_pylist(full, schema=SCHEMA), path)
    return path
