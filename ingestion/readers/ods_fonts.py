"""Which cells of an OpenDocument spreadsheet (.ods) are set in old Vietnamese fonts: by its styles and who inherits."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from typing import IO
from xml.etree import ElementTree

from ingestion.legacy_text import Font, font_of
from ingestion.readers.ods_styles import MOST_PARENTS

_CELL, _TEXT = "table-cell", "text"

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
        self.cell: Font | None = None

    def start(self, tag: str, said: Mapping[str, str], style: str) -> None:
        """Take one start tag, `style` being that of the cell.

        Raises ValueError for a cell with texts in several encodings: nothing tells which part is in which.
        """
        if tag == _CELL:
            self.cell = self._font(_CELL, style)
        elif tag == "span":
            name = self.fonts.get((_TEXT, said.get("style-name", "")), "")
            if name and font_of(name) != self.cell:
                raise ValueError("a cell with texts in fonts of different encodings")

    def _font(self, family: str, style: str) -> Font | None:
        return font_of(self.fonts.get((family, style)) or self.fonts.get((family, ""), ""))


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
    for _ in range(MOST_PARENTS):
        if said.get(style) or not parents.get(style):
            break
        style = (style[0], parents[style])
    return said.get(style, "")
