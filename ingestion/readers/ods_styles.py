"""Styles of an OpenDocument spreadsheet (.ods): which cell has which, and which print another number than is held."""

from __future__ import annotations

import zipfile
from bisect import bisect_right
from collections.abc import Mapping
from typing import IO
from xml.etree import ElementTree

from ingestion.readers.number_formats import says_magnitude

# A style may name a parent, which may name a parent; in a damaged file they may go in circles.
MOST_PARENTS = 50
_PARTS = ("styles.xml", "content.xml")
_CELL = "table-cell"


class CellStyles:
    """The name of each cell's style while the tags of the tables go by: its own, that of its row or of its column."""

    def __init__(self) -> None:
        self.columns: list[tuple[int, str]] = []
        self.row = self.cell = ""

    def start(self, tag: str, said: Mapping[str, str], column: int) -> None:
        """Take one start tag, `column` being that of the next cell."""
        if tag == "table":
            self.columns = []
        elif tag == "table-column":
            first = self.columns[-1][0] if self.columns else 0
            end = first + int(said.get("number-columns-repeated", "1"))
            self.columns.append((end, said.get("default-cell-style-name", "")))
        elif tag == "table-row":
            self.row = said.get("default-cell-style-name", "")
        elif tag in (_CELL, "covered-table-cell"):
            self.cell = said.get("style-name") or self.row or self._of_column(column)

    def _of_column(self, column: int) -> str:
        at = bisect_right(self.columns, column, key=lambda each: each[0])
        return self.columns[at][1] if at < len(self.columns) else ""


def scaled_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """The cell styles whose number style divides what it prints, or says thousands or millions behind it."""
    found = _Collected()
    for part in _PARTS:
        if part in archive.namelist():
            with archive.open(part) as stream:
                found.collect(stream)
    scaled = {name for name in found.maps if found.is_scaled(name)}
    if not scaled:
        return frozenset()
    return frozenset(style for style in found.cells if found.number_style(style) in scaled)


class _Collected:
    """Number styles with the others that they show in some cases, those that scale, and cell styles."""

    def __init__(self) -> None:
        self.maps: dict[str, set[str]] = {}
        self.scaling: set[str] = set()
        # Name of a cell style -> its number style and its parent.
        self.cells: dict[str, tuple[str, str]] = {}

    def collect(self, stream: IO[bytes]) -> None:
        """Take the head of one part, which ends where the tables begin."""
        name = ""
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):
            tag = element.tag.rpartition("}")[2]
            said = {key.rpartition("}")[2]: value for key, value in element.items()}
            if event == "start":
                if tag == "body":
                    return
                if tag.endswith("-style") and "}" in element.tag and "name" in said:
                    name = said["name"]
                    self.maps.setdefault(name, set())
                elif tag == "style" and said.get("family") == _CELL:
                    self.cells[said.get("name", "")] = (
                        said.get("data-style-name", ""),
                        said.get("parent-style-name", ""),
                    )
            elif tag == "map" and name:
                self.maps[name].add(said.get("apply-style-name", ""))
            elif _scales(tag, said, element.text or ""):
                self.scaling.add(name)
            elif tag == "style":
                element.clear()

    def is_scaled(self, name: str) -> bool:
        """Whether a number style scales what it prints, or shows in some case one that does."""
        return name in self.scaling or not self.scaling.isdisjoint(self.maps[name])

    def number_style(self, style: str) -> str:
        """The number style of a cell style, its own or that of the nearest parent with one."""
        for _ in range(MOST_PARENTS):
            number, parent = self.cells.get(style, ("", ""))
            if number or not parent:
                return number
            style = parent
        return ""


def _scales(tag: str, said: Mapping[str, str], text: str) -> bool:
    if tag == "number":
        return float(said.get("display-factor", "1")) != 1
    return tag in ("text", "embedded-text", "currency-symbol") and says_magnitude(text)
