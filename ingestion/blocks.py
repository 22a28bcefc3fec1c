"""Blocks of rows under one header, each under its label: values, then the same years again as growth indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from ingestion.data_end import is_figure
from ingestion.errors import FileFault
from ingestion.layout import Table
from ingestion.templates import match
from ingestion.text import clean, printed


def blocks_of(table: Table, layout: Mapping[str, Any]) -> Iterator[Table]:
    """The parts of a table that its layout reads, each with its label; the table itself where it has no blocks.

    Raises FileFault block_not_found, and unexpected_block for rows under no label or one that is declared nowhere.
    """
    if "block" not in layout:
        yield table
        return
    labels = _labels_in_column(table, layout) if "block_column" in layout else _labels_in_rows(table, layout)
    found = False
    for label, rows in groupby(labels, key=lambda each: each[1]):
        if match(layout["block"], label) is not None:
            found = True
            yield replace(table, rows=[row for row, _ in rows], block=label)
        elif not any(match(other, label) is not None for other in layout.get("ignore_blocks", ())):
            raise _unexpected(table, next(rows)[0], label)
    if not found:
        raise FileFault(
            "block_not_found",
            f"Trang “{table.grid.sheet}”: không có khối dòng nào ghi “{layout['block']}”; "
            "kiểm tra tệp hoặc sửa block của nguồn.",
            f"Sheet “{table.grid.sheet}”: no block of rows says “{layout['block']}”; "
            "check the file, or block of the source YAML.",
        )


def _labels_in_column(table: Table, layout: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Row and label of its block; a blank means the label above."""
    column, label = table.column(layout["block_column"]), ""
    for row in (each for each in table.rows if not table.grid.is_blank_row(each)):
        label = clean(printed(table.grid.cell(row, column))) or label
        yield row, label


def _labels_in_rows(table: Table, layout: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Row and label of its block, without the rows that are labels: those without figures whose first text is one."""
    known = [layout["block"], *layout.get("ignore_blocks", ())]
    columns, label = table.value_columns(layout), ""
    for row in (each for each in table.rows if not table.grid.is_blank_row(each)):
        text = _first_text(table.grid.rows[row])
        has_figures = any(is_figure(table.grid.cell(row, column)) for column in columns)
        if text and not has_figures and any(match(each, text) is not None for each in known):
            label = text
        else:
            yield row, label


def _first_text(cells: Sequence[object]) -> str:
    return next((clean(value) for value in cells if isinstance(value, str) and value.strip()), "")


def _unexpected(table: Table, row: int, label: str) -> FileFault:
    number, said = table.grid.row_numbers[row], label[:80] or "—"
    return FileFault(
        "unexpected_block",
        f"Trang “{table.grid.sheet}”, dòng {number} thuộc khối “{said}” chưa khai báo; khai báo khối đó trong block "
        "hoặc ignore_blocks của nguồn.",
        f"Sheet “{table.grid.sheet}”, row {number} is of the block “{said}”, which is not declared; name it under "
        "block or ignore_blocks of the source YAML.",
    )
