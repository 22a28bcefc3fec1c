"""Lines among the data that say that what follows is something else: another period, another unit, growth indices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ingestion.data_end import Writings, holds_figure
from ingestion.drafts import indicator_of_row
from ingestion.errors import FileFault
from ingestion.figures import without_marks
from ingestion.layout import Table
from ingestion.text import clean, fold, is_blank, printed

# Numbers of rows and groups, and marks too short to say anything: `I`, `12`, `A`, `x`.
_SAYS_NOTHING = re.compile(r"[ivxlcdm]+|\d{1,3}|.{0,2}", re.ASCII)

# Tells whether a text is a label of the reference tables; whether one of a scheme is a place of any boundary set.
IsLabel = Callable[[str], bool]
IsPlace = Callable[[str, str], bool]


def check_headings(table: Table, layout: Mapping[str, Any], is_label: IsLabel, is_place: IsPlace) -> None:
    """Refuse a text line between rows of figures, which no label, place or declared block accounts for.

    Titles of a second table, `Chỉ số phát triển (Năm trước = 100) - %`, `Trong đó: Nữ`: the rows below them would be
    read as if they were those above. Raises FileFault unexpected_block.
    """
    columns, places = table.writings(layout), _place_columns(table, layout)
    marks = layout.get("footnotes", {})
    found, has_figures = None, False
    for row in table.rows:
        cells = table.grid.rows[row]
        if _has_figure(cells, columns):
            if found is not None:
                raise _unexpected(table, *found)
            has_figures = True
        elif has_figures and found is None and (said := _heading(cells, columns, is_label)) is not None:
            texts = ((scheme, clean(printed(table.grid.cell(row, column)))) for scheme, column in places)
            named = [(scheme, without_marks(text, marks)[0]) for scheme, text in texts]
            is_named = any(text and is_place(scheme, text) for scheme, text in named)
            if not is_named and not indicator_of_row(table, layout, row)[1]:
                found = row, said


def _place_columns(table: Table, layout: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Scheme and column of every place, those beside figures included."""
    found = []
    for place in layout["places"]:
        if "column" in place:
            found.append((place["scheme"], table.column(place["column"])))
        elif "offset" in place:
            beside = (each.column + each.measure.get("offset", place["offset"]) for each in table.figures)
            found += [(place["scheme"], column) for column in beside if column >= 0]
    return found


def _has_figure(cells: Sequence[object], columns: Writings) -> bool:
    """Whether a row has a figure in a column of figures, or a short mark in place of one."""
    for column, writings in columns.items():
        value = cells[column] if column < len(cells) else None
        if not isinstance(value, str):
            if value is not None:
                return True
        elif not is_blank(value) and (holds_figure(value, writings) or _SAYS_NOTHING.fullmatch(fold(value))):
            return True
    return False


def _heading(cells: Sequence[object], columns: Iterable[int], is_label: IsLabel) -> str | None:
    """What a row without figures says. A text under a figure's header, beside others, is a cell that is wrong."""
    texts = {column: clean(printed(cell)) for column, cell in enumerate(cells) if not is_blank(cell)}
    if len(texts) > 1 and texts.keys() & set(columns):
        return None
    said = [text for text in texts.values() if _SAYS_NOTHING.fullmatch(fold(text)) is None]
    return None if not said or any(is_label(text) for text in said) else said[0]


def _unexpected(table: Table, row: int, said: str) -> FileFault:
    sheet, number, said = table.grid.sheet, table.grid.row_numbers[row], said[:80]
    return FileFault(
        "unexpected_block",
        f"Trang “{sheet}”, dòng {number} ghi “{said}” giữa các dòng số liệu: các dòng bên dưới có thể là số liệu khác. "
        "Khai báo trong begins_at, block hoặc ignore_blocks của nguồn; nếu là nhãn vùng, nhóm thì thêm vào "
        "region_labels.csv.",
        f"Sheet “{sheet}”, row {number} says “{said}” between rows of figures: the rows below may be of another thing. "
        "Declare it under begins_at, block or ignore_blocks of the source YAML; if it is the label of a region or "
        "group, add it to region_labels.csv.",
    )
