"""Which cells of an OpenDocument spreadsheet (.ods) are set in old Vietnamese fonts: by its styles and who inherits."""

from __future__ import annotations

import zipfile
from bisect import bisect_right
from collections.abc import Mapping
from typing import IO
from xml.etree import ElementTree

from ingestion.legacy_text import Font, font_of

_CELL, _TEXT = "table-cell", "text"
# A style may name a parent, which may name a parent; in a damaged file they may go in circles.
_MOST_PARENTS = 50

# Family and name of a style -> name of its font, "" where neither it nor a parent says one.
StyleFonts = Mapping[tuple[str, str], str]


def style_fonts(archive: zipfile.ZipFile) -> StyleFonts:
    """The font of every style; nothing at all where the workbook uses no old font, which its font table tells."""
    faces: dict[str, str] = {}
    said: dict[tuple[str, str], str] = {}
    parents: dict[tuple[str, str], str] = {}
    for part in ("styles.xml", "content.xml"):
        if part in archive.namelist():
            with archive.open(part) as stream:
                _collect(stream, faces, said, parents)
    if not any(font_of(name) for name in (*faces.values(), *said.values())):
        return {}
    return {style: faces.get(name, name) for style in said for name in [_inherited(style, said, parents)]}


class CellFonts:
    """The font of each cell while the tags of the tables go by."""

    def __init__(self, fonts: StyleFonts) -> None:
        self.fonts = fonts
        self.columns: list[tuple[int, str]] = []
        self.row_style = ""
        self.cell: Font | None = None

    def start(self, tag: str, said: Mapping[str, str], column: int) -> None:
        """Take one start tag, `column` being that of the next cell.

        Raises ValueError for a cell with texts in several encodings: nothing tells which part is in which.
        """
        if tag == "table":
            self.columns = []
        elif tag == "table-column":
            first = self.columns[-1][0] if self.columns else 0
            end = first + int(said.get("number-columns-repeated", "1"))
            self.columns.append((end, said.get("default-cell-style-name", "")))
        elif tag == "table-row":
            self.row_style = said.get("default-cell-style-name", "")
        elif tag == "table-cell":
            self.cell = self._font(_CELL, said.get("style-name") or self.row_style or self._column_style(column))
        elif tag == "span":
            name = self.fonts.get((_TEXT, said.get("style-name", "")), "")
            if name and font_of(name) != self.cell:
                raise ValueError("a cell with texts in fonts of different encodings")

    def _font(self, family: str, style: str) -> Font | None:
        return font_of(self.fonts.get((family, style)) or self.fonts.get((family, ""), ""))

    def _column_style(self, column: int) -> str:
        at = bisect_right(self.columns, column, key=lambda each: each[0])
        return self.columns[at][1] if at < len(self.columns) else ""


def _collect(
    stream: IO[bytes],
    faces: dict[str, str],
    said: dict[tuple[str, str], str],
    parents: dict[tuple[str, str], str],
) -> None:
    """Fonts, and the fonts and parents of styles, from the head of one part, which ends where the tables begin."""
    style = ("", "")
    for event, element in ElementTree.iterparse(stream, events=("start", "end")):
        if event == "end":
            element.clear()
            continue
        tag = element.tag.rpartition("}")[2]
        attributes = {key.rpartition("}")[2]: value for key, value in element.items()}
        if tag == "body":
            return
        if tag == "font-face":
            faces[attributes.get("name", "")] = attributes.get("font-family", "").strip("'\"")
        elif tag in ("style", "default-style"):
            style = (attributes.get("family", ""), attributes.get("name", ""))
            said.setdefault(style, "")
            parents[style] = attributes.get("parent-style-name", "")
        elif tag == "text-properties":
            said[style] = attributes.get("font-name") or attributes.get("font-family", "").strip("'\"")


def _inherited(
    style: tuple[str, str], said: Mapping[tuple[str, str], str], parents: Mapping[tuple[str, str], str]
) -> str:
    for _ in range(_MOST_PARENTS):
        if said.get(style) or not parents.get(style):
            break
        style = (style[0], parents[style])
    return said.get(style, "")
