"""Rows that belong to the header and stand among the data: numbers of the columns, the header again on a new page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import Any

from ingestion.errors import FileFault
from ingestion.grid import Grid
from ingestion.text import clean, is_blank, printed

_SUM = re.compile(r"(\d{1,3}) ?= ?\(?\d{1,3}\)?( ?[-+*/x:] ?\(?\d{1,3}\)?)*%?", re.ASCII)


def numbers_row(grid: Grid, row: int, layout: Mapping[str, Any], place_columns: Mapping[int, str]) -> bool:
    """Whether the row below the header numbers the columns: `A B 1 2 3`, `1 2 3 4=2+3`.

    Args:
        grid: the sheet.
        row: the first row below the header.
        layout: how the source lays the table out; `column_numbers` says that there is such a row, or none.
        place_columns: column -> scheme of its places; a number is no name, but may be a code.

    Raises FileFault header_not_found where the row is declared and is none, or where nothing tells what it is.
    """
    cells = {column: clean(printed(value)) for column, value in enumerate(grid.rows[row]) if not is_blank(value)}
    is_counting = len(cells) > 1 and counts_columns(list(cells.values()))
    said = layout.get("column_numbers")
    if said and not is_counting:
        number = grid.row_numbers[row]
        raise FileFault(
            "header_not_found",
            f"Trang “{grid.sheet}”: dòng {number} không phải dòng số thứ tự cột như đã khai báo; kiểm tra tệp hoặc sửa "
            "column_numbers của nguồn.",
            f"Sheet “{grid.sheet}”: row {number} does not number the columns, as declared; check the file, or "
            "column_numbers of the source YAML.",
        )
    if said is not None:
        return bool(said)
    is_plain = any(scheme == "name" and column in cells for column, scheme in place_columns.items())
    is_told = is_plain or any(not text.isdecimal() for text in cells.values())
    if is_counting and not is_told and place_columns.keys() & cells.keys():
        raise _ambiguous(grid, row)
    return is_counting and is_told


def _ambiguous(grid: Grid, row: int) -> FileFault:
    number = grid.row_numbers[row]
    return FileFault(
        "header_not_found",
        f"Trang “{grid.sheet}”: dòng {number} chỉ có 1, 2, 3…, có thể là số thứ tự cột hoặc số liệu của tỉnh có mã đó; "
        "khai báo column_numbers của nguồn là true hoặc false.",
        f"Sheet “{grid.sheet}”: row {number} counts 1, 2, 3 and may number the columns, or hold the figures of the "
        "province with this code; declare column_numbers of the source YAML as true or false.",
    )


def counts_columns(texts: Sequence[str]) -> bool:
    """Whether the texts of a row are letters from A on, then numbers from 1 on, each a number or a sum of others."""
    bare = [text.strip("()[] ") for text in texts]
    letters = next((count for count, text in enumerate(bare) if text not in ascii_uppercase or not text), len(bare))
    if bare[:letters] != list(ascii_uppercase[:letters]):
        return False
    sums = [_SUM.fullmatch(text) for text in bare[letters:]]
    numbers = [found[1] if found else text for found, text in zip(sums, bare[letters:], strict=True)]
    return numbers == [str(count) for count in range(1, len(numbers) + 1)]


def without_repeats(grid: Grid, header_rows: range, rows: range) -> list[int]:
    """The rows among the data that do not say again what a row of the header says, as printed pages begin with it."""
    headers = [texts for row in header_rows if len(texts := _texts(grid, row)) > 1]
    repeats = {
        row
        for column, text in {next(iter(texts.items())) for texts in headers}
        for row, value in enumerate(grid.column(column, rows), rows.start)
        if value == text and _texts(grid, row) in headers
    }
    return [row for row in rows if row not in repeats]


def _texts(grid: Grid, row: int) -> dict[int, object]:
    return {column: value for column, value in enumerate(grid.rows[row]) if not is_blank(value)}
