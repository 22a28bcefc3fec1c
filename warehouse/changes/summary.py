"""What a comparison came to, as files of the release: `changes.parquet`, one row per change, and `diff.json`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.changes.compare import Compared
from warehouse.changes.evidence import declared
from warehouse.sql import quoted, rows

if TYPE_CHECKING:
    import duckdb

CHANGES, DIFF = "changes.parquet", "diff.json"
COLUMNS = (
    "table_name, key, province_id, indicator_code, period_id, breakdown, source_id, load_id_before, load_id_after, "
    "change, changed_columns, value_before, value_after, cause, causes"
)
EXAMPLES = 5
_RANKS_SHOWN = 20
_SEED_ROWS_SHOWN = 100
_MOVED = f"""
    select province_id, indicator_code, period_id, key, value_before, value_after, cause
    from labelled
    where table_name = 'rpt_rankings' and change = 'altered' and value_before is distinct from value_after
    order by abs(coalesce(number_after - number_before, 0)) desc, key
    limit {_RANKS_SHOWN}
"""


def write_changes(connection: "duckdb.DuckDBPyConnection", folder: Path) -> None:
    """Writes `changes.parquet` of table `labelled`, in one order whatever order the rows were found in."""
    target = quoted(str(folder / CHANGES))
    connection.execute(
        f"copy (select {COLUMNS} from labelled order by table_name, key) to {target} (format parquet, compression zstd)"
    )


def write_diff(folder: Path, diff: Mapping[str, Any]) -> None:
    """Writes `diff.json`."""
    text = json.dumps(diff, ensure_ascii=False, indent=2, sort_keys=True)
    (folder / DIFF).write_text(text + "\n", encoding="utf-8")


def describe(connection: "duckdb.DuckDBPyConnection", compared: Compared) -> dict[str, Any]:
    """What differs: schema, values by table, cause and kind of change, examples, ranks that moved, and the evidence."""
    by_table: dict[str, dict[str, dict[str, int]]] = {}
    causes: dict[str, int] = {}
    for table, cause, change, count in connection.execute(
        "select table_name, cause, change, count(*) from labelled group by all order by all"
    ).fetchall():
        by_table.setdefault(table, {}).setdefault(cause, {})[change] = count
        causes[cause] = causes.get(cause, 0) + count
    return {
        "schema": compared.schema,
        "causes": {cause: causes[cause] for cause in declared("causes") if cause in causes},
        "values": by_table,
        "examples": {cause: examples(connection, cause) for cause in causes},
        "ranks_moved": rows(connection, _MOVED),
        "evidence": {
            "loads": _loads(compared),
            "seed_rows": rows(
                connection,
                f"select distinct seed, change, row_key from seed_rows order by all limit {_SEED_ROWS_SHOWN}",
            ),
            "sources": [row["source_id"] for row in rows(connection, "from changed_sources order by all")],
            "code_versions": rows(connection, "from changed_code"),
        },
    }


def examples(connection: "duckdb.DuckDBPyConnection", cause: str, limit: int = EXAMPLES) -> list[dict[str, Any]]:
    """Some changes of a cause, figures of the centre before others."""
    sql = f"""
        select {COLUMNS} from labelled
        where cause = {quoted(cause)}
        order by table_name <> 'fct_indicator_values', table_name, key
        limit {int(limit)}
    """
    return [{name: value for name, value in row.items() if value is not None} for row in rows(connection, sql)]


def _loads(compared: Compared) -> list[dict[str, Any]]:
    return [
        {
            "load_id": each.load.load_id,
            "event": each.event,
            **{name: each.load.payload[name] for name in ("source_id", "file_name")},
            "other_reading": each.other.load_id if each.other else None,
        }
        for each in compared.touched
    ]
