"""Figures that stand in merged cells over several figures: no one of them can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingestion.grid import NoFigure
from ingestion.layout import Table
from ingestion.text import is_blank, printed


def with_shared(table: Table, layout: Mapping[str, Any]) -> Table:
    """The table with a cell that says so wherever a figure is shared; the cells a merge covers are not just blank."""
    shared = _shared_figures(table, layout)
    if not shared:
        return table
    rows = list(table.grid.rows)
    for (row, column), cell in shared.items():
        cells = [*rows[row], *[None] * (column + 1 - len(rows[row]))]
        cells[column] = cell
        rows[row] = cells
    return replace(table, grid=replace(table.grid, rows=rows))


def _shared_figures(table: Table, layout: Mapping[str, Any]) -> Mapping[tuple[int, int], NoFigure]:
    """Cells of merged ranges that put one figure over several: whose it is, or how it divides, nothing tells."""
    grid, figures = table.grid, table.value_columns(layout)
    found: dict[tuple[int, int], NoFigure] = {}
    for (top, left), (bottom, right) in grid.merges:
        if left not in figures or not table.first_row <= top < table.end_row or is_blank(grid.cell(top, left)):
            continue
        cells = f"{grid.address(top, left)}:{grid.letters(right)}{grid.row_numbers[min(bottom, len(grid.rows) - 1)]}"
        shared = NoFigure(
            printed(grid.cell(top, left)),
            f"nằm trong ô gộp {cells}, chung cho nhiều số liệu; hãy bỏ gộp ô và ghi riêng từng số",
            f"stands in the merged cells {cells}, over several figures; unmerge them and write each figure",
        )
        for column in (each for each in figures if left <= each <= right):
            for row in range(top, min(bottom + 1, table.end_row)):
                # Ranges never overlap in a workbook Excel wrote; in others the first one stands.
                if found.setdefault((row, column), shared) is not shared:
                    break
    return found
