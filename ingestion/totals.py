"""Figures of regions and of the country that a table prints beside its provinces: never data by accident, but a proof.

Where all provinces of a region or of the country stand in the table with a figure, they must add up to what is printed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.questions import Asker
from ingestion.shapes import VALUE_TYPE, table_of

# One row per figure of a region or of the country that can be checked. `parts`: ids of all its provinces.
TOTAL_SCHEMA = pa.schema(
    [
        pa.field("sheet", pa.string(), nullable=False),
        pa.field("cell", pa.string(), nullable=False),
        pa.field("place_text", pa.string(), nullable=False),
        pa.field("province_id", pa.string(), nullable=False),
        pa.field("indicator_code", pa.string(), nullable=False),
        pa.field("period_id", pa.string(), nullable=False),
        pa.field("basis", pa.string(), nullable=False),
        pa.field("breakdown", pa.string(), nullable=False),
        pa.field("value", VALUE_TYPE, nullable=False),
        pa.field("decimals", pa.int32(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("parts", pa.list_(pa.string()), nullable=False),
    ]
)
_KEY = ("indicator_code", "period_id", "basis", "breakdown")


def checkable(left_out: Sequence[Mapping[str, Any]], rows: pa.Table, asker: Asker) -> pa.Table:
    """The figures of regions and of the country whose provinces all have a figure in the same file.

    Only indicators whose rule over areas is a sum; of a region or country with several different figures for one
    thing none is taken, since nothing tells which of them is the sum.

    Args:
        left_out: rows of regions and of the country that are left out, with `boundary_set` of their provinces.
        rows: the accepted rows of the file.
        asker: asks the reference tables.
    """
    are_provinces = pc.equal(rows["area_level"], "province")
    wholes = [*left_out, *rows.filter(pc.invert(are_provinces)).to_pylist()]
    present: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    if wholes:
        are_figures = pc.and_(pc.equal(rows["kind"], "observation"), pc.is_valid(rows["value"]))
        provinces = rows.filter(pc.and_(are_provinces, are_figures)).select([*_KEY, "province_id", "boundary_set"])
        for row in provinces.group_by(provinces.column_names).aggregate([]).to_pylist():
            present[_key(row)][row["province_id"]] = row["boundary_set"]
    found: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for whole in wholes:
        if not _is_figure(whole) or asker.ask("area_rule", whole["indicator_code"]) != "sum":
            continue
        here = present[_key(whole)]
        # The country is the same area in all sets: its provinces are those of the set the table is of.
        sets = sorted(set(here.values())) if whole["boundary_set"] == "all" else [whole["boundary_set"]]
        parts = (asker.ask("parts", each, whole["province_id"]) or "" for each in sets[:1])
        ids = next(parts, "").split("|")
        if len(sets) == 1 and here.keys() >= set(ids):
            found[(*_key(whole), whole["province_id"])].append({**whole, "parts": ids})
    clear = [each[0] for each in found.values() if len({whole["value"] for whole in each}) == 1]
    return table_of(clear, TOTAL_SCHEMA)


def _is_figure(row: Mapping[str, Any]) -> bool:
    return row["kind"] == "observation" and row["value"] is not None


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] for name in _KEY)
