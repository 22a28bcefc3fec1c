"""What calamine does not tell of a worksheet: errors, which it shows as blank, and numbers printed as percentages."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.etree import ElementTree

from ingestion.grid import Percent
from ingestion.text import column_number

# Format ids 9 and 10 are `0%` and `0.00%` in every workbook; the others are written in its styles.
_BUILT_IN_PERCENT = {"9", "10"}
_QUOTED_OR_ESCAPED = re.compile(r'"[^"]*"|\\.')
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ADDRESS = re.compile(r"([A-Za-z]+)(\d+)", re.ASCII)


def apply_marks(archive: zipfile.ZipFile, sheet: str, rows: list[list[object]], has_errors: bool) -> None:
    """Put error texts (`#N/A`) and percentages into the cells of a sheet.

    Args:
        archive: the workbook, already checked.
        sheet: name of the sheet.
        rows: its cells, from A1 on; changed in place.
        has_errors: whether any worksheet holds an error value; without errors and percentages nothing is parsed.
    """
    percents = _percent_styles(archive)
    part = _part_of(archive, sheet)
    if part is None or not (percents or has_errors):
        return
    for row, column, cell in _cells(archive, part):
        if row >= len(rows) or column >= len(rows[row]):
            continue
        value = rows[row][column]
        if cell.get("t") == "e":
            rows[row][column] = cell.findtext("{*}v") or "#ERROR!"
        elif cell.get("s") in percents and isinstance(value, int | float) and not isinstance(value, bool):
            rows[row][column] = Percent(value)


def _percent_styles(archive: zipfile.ZipFile) -> set[str]:
    """Numbers of the cell styles that print a number as a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    root = ElementTree.fromstring(archive.read("xl/styles.xml"))
    codes = {each.get("numFmtId"): each.get("formatCode", "") for each in root.iterfind("{*}numFmts/{*}numFmt")}
    percent = {key for key, code in codes.items() if "%" in _QUOTED_OR_ESCAPED.sub("", code)} | _BUILT_IN_PERCENT
    styles = root.iterfind("{*}cellXfs/{*}xf")
    return {str(number) for number, style in enumerate(styles) if style.get("numFmtId") in percent}


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The part of the zip that holds the sheet of this name."""
    sheets = ElementTree.fromstring(archive.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet")
    relation = next((each.get(_RELATION_ID) for each in sheets if each.get("name") == sheet), None)
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")).iterfind("{*}Relationship")
    target = next((each.get("Target", "") for each in relations if each.get("Id") == relation), "")
    name = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
    return name if name in archive.namelist() else None


def _cells(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int, ElementTree.Element]]:
    """Row and column from 0, and element, of every cell. A cell without an address follows the one before it."""
    row, column = -1, -1
    with archive.open(part) as stream:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):
            name = element.tag.rpartition("}")[2]
            if event == "start" and name == "row":
                row, column = int(element.get("r", row + 2)) - 1, -1
            elif event == "end" and name == "c":
                address = _ADDRESS.fullmatch(element.get("r", ""))
                column = column_number(address[1]) if address else column + 1
                yield (int(address[2]) - 1 if address else row), column, element
            elif event == "end" and name == "row":
                element.clear()
