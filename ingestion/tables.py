"""The tables of a source: its common layout, with what each table says of its own laid over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# What belongs to the workbook as a whole and not to one table of it.
_OF_THE_WORKBOOK = ("tables", "ignore_sheets")

# Columns of a table come on top of the common ones; every other field replaces the common one.
_ADDED = ("measures", "ignore_columns")


def table_layouts(layout: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The layout of each table of a source, in the order of the YAML; one where it declares no tables."""
    common = {key: value for key, value in layout.items() if key not in _OF_THE_WORKBOOK}
    tables = [_laid_over(common, table) for table in layout.get("tables", [{}])]
    return [_beside_blocks(table, tables) for table in tables]


def measures_of(layout: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Every measure of every table, each with the layout of its table."""
    for each in table_layouts(layout):
        yield from ((each, measure) for measure in each.get("measures", ()))


def _laid_over(common: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    added = {key: [*common.get(key, ()), *table[key]] for key in _ADDED if key in table}
    return {**common, **table, **added}


def _beside_blocks(table: dict[str, Any], tables: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A table of some blocks of rows leaves those to the others that the other tables of its sheet read."""
    others = [other["block"] for other in tables if other.get("sheet") == table.get("sheet") and "block" in other]
    others = [block for block in others if block != table.get("block")]
    if "block" not in table or not others:
        return table
    return {**table, "ignore_blocks": [*table.get("ignore_blocks", ()), *others]}
