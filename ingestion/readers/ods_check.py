"""An OpenDocument spreadsheet (.ods) proved harmless before calamine, and what calamine does not tell of its cells.

Rows and cells may be repeated by a number: a file of a few hundred bytes may announce a million rows.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.parsers import expat

from ingestion.grid import MERGE, Limits, Mark, without_result
from ingestion.legacy_text import CellRuns, Runs
from ingestion.readers.number_formats import PERCENT, SCALED
from ingestion.readers.ods_fonts import CellFonts, StyleFonts, style_fonts
from ingestion.readers.ods_styles import CellStyles, scaled_styles
from ingestion.readers.xlsx_check import check_archive, has_document_type, is_utf_16, too_wide

_CHUNK = 1 << 20
# A row or cell without content is styled to the edge of the sheet as a rule; calamine drops it at the end.
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_NUMBERS = ("float", "currency")
_CELLS = ("table-cell", "covered-table-cell")


def check_ods(path: Path, limits: Limits) -> list[tuple[dict[tuple[int, int], Mark], CellRuns, list[MERGE]]]:
    """For each sheet, in the order of the workbook, its marked cells, those in old fonts, and its merged ranges.

    Rows and columns count from 0; of merged ranges those come that show anything.

    Raises FileFault too_large, or what zipfile and expat raise for a damaged file.
    """
    with zipfile.ZipFile(path) as archive:
        check_archive(archive, limits)
        if "content.xml" not in archive.namelist():
            raise zipfile.BadZipFile("no content.xml: no OpenDocument spreadsheet")
        for part in archive.namelist():
            if part.lower().endswith(".xml") and has_document_type(archive, part):
                raise zipfile.BadZipFile(f"{part} declares a document type")
        follower = _Follower(limits, style_fonts(archive), scaled_styles(archive))
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler, parser.EndElementHandler = follower.start, follower.end
        parser.CharacterDataHandler = follower.text
        with archive.open("content.xml") as stream:
            piece = stream.read(_CHUNK)
            if is_utf_16(piece):
                raise zipfile.BadZipFile("content.xml is not UTF-8")
            while piece:
                parser.Parse(piece, False)
                piece = stream.read(_CHUNK)
        parser.Parse(b"", True)
    return list(zip(follower.marks, follower.runs, follower.merges, strict=True))


class _Follower:
    """Where the cells of each table lie, rows and cells repeated as often as they say."""

    def __init__(self, limits: Limits, fonts: StyleFonts, scaled: frozenset[str]) -> None:
        self.limits = limits
        self.styles, self.scaled = CellStyles(), scaled
        self.fonts = CellFonts(fonts) if fonts else None
        self.marks: list[dict[tuple[int, int], Mark]] = []
        self.runs: list[dict[tuple[int, int], Runs]] = []
        self.merges: list[list[MERGE]] = []
        self.cells = 0
        self.row = self.next_row = self.column = self.next_column = 0
        self.width = 0
        self.mark: Mark = ""
        self.span = (1, 1)
        self.in_table = self.in_cell = self.has_content = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take one start tag. Raises ValueError for a number of repeats that is none, and for a table in a table."""
        tag = name.rpartition(":")[2]
        said = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        self.styles.start(tag, said, self.next_column)
        if self.fonts is not None:
            self.fonts.start(tag, said, self.styles.cell)
        if tag == "table":
            if self.in_table:
                raise ValueError("a table within a table")
            self.in_table = True
            self.marks.append({})
            self.runs.append({})
            self.merges.append([])
            self.next_row = self.width = 0
        elif tag == "table-row":
            self.row, self.next_column = self.next_row, 0
            self.next_row += _repeats(said, "number-rows-repeated", _MOST_ROWS)
        elif tag in _CELLS:
            self.column = self.next_column
            self.next_column += _repeats(said, "number-columns-repeated", _MOST_COLUMNS)
            self.in_cell = True
            self.has_content = any(key.startswith("office:") for key in attributes)
            self.mark = self._mark_of(attributes)
            self.span = (
                _repeats(said, "number-rows-spanned", _MOST_ROWS),
                _repeats(said, "number-columns-spanned", _MOST_COLUMNS),
            )
        elif self.in_cell and tag == "p":
            self.has_content = True

    def _mark_of(self, attributes: Mapping[str, str]) -> Mark:
        """What calamine will not tell of a cell: an error, a percentage, a scale, a formula nobody calculated."""
        formula = attributes.get("table:formula")
        if formula is not None and not self.has_content:
            return without_result(formula.removeprefix("of:").removeprefix("="))
        if attributes.get("calcext:value-type") == "error":
            return "#"
        kind = attributes.get("office:value-type")
        if kind == "percentage":
            return PERCENT
        return SCALED if kind in _NUMBERS and self.styles.cell in self.scaled else ""

    def text(self, text: str) -> None:
        """Keep the printed text of an error."""
        if self.in_cell and isinstance(self.mark, str) and self.mark.startswith("#"):
            self.mark = f"#{(self.mark + text).lstrip('#')}"[:40]

    def end(self, name: str) -> None:
        """Count a cell once it is known whether it shows anything. Raises FileFault too_large."""
        tag = name.rpartition(":")[2]
        if tag == "table":
            self.in_table = False
        elif tag in _CELLS and self.in_cell:
            self.in_cell = False
            if self.has_content or self.mark:
                self._count()

    def _count(self) -> None:
        """Only cells with content widen the rectangle, which reaches from A1 to the last of them."""
        rows, self.width = self.next_row, max(self.width, self.next_column)
        if self.width > self.limits.columns or rows * self.width > self.limits.cells:
            raise too_wide(rows, self.width, self.limits)
        if self.mark:
            mark = "#ERROR!" if self.mark == "#" else self.mark
            self.marks[-1].update(dict.fromkeys(self._spots(rows), mark))
        elif self.fonts is not None and self.fonts.cell is not None:
            self.runs[-1].update(dict.fromkeys(self._spots(rows), [(0, self.fonts.cell)]))
        if self.span != (1, 1):
            down, across = self.span
            self.merges[-1] += [((r, c), (r + down - 1, c + across - 1)) for r, c in self._spots(rows)]

    def _spots(self, rows: int) -> list[tuple[int, int]]:
        """Every place of the cell, which may be repeated. Raises FileFault too_large for more than there may be."""
        self.cells += (rows - self.row) * (self.next_column - self.column)
        if self.cells > self.limits.cells:
            raise too_wide(rows, self.width, self.limits)
        return [(row, column) for row in range(self.row, rows) for column in range(self.column, self.next_column)]


def _repeats(attributes: Mapping[str, str], name: str, most: int) -> int:
    found = int(attributes.get(name, "1"))
    if not 1 <= found <= most:
        raise ValueError(f"{name} is {found}")
    return found
