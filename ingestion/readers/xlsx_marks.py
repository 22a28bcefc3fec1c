"""What calamine shows as blank or bare: errors, formulas never calculated, numbers printed otherwise, old fonts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from xml.etree import ElementTree

from ingestion.grid import Mark, marked, without_result
from ingestion.legacy_text import CellRuns, Font, Runs
from ingestion.readers.number_formats import mark_of_format
from ingestion.readers.xlsx_check import Seen
from ingestion.readers.xlsx_fonts import old_font_styles, rich_texts, runs_of
from ingestion.text import cell_position

# Format ids 9 and 10 are `0%` and `0.00%` in every workbook; the others are written in its styles.
_BUILT_IN_PERCENT = {"9", "10"}


def apply_marks(archive: zipfile.ZipFile, sheet: str, rows: list[list[object]], seen: Seen) -> CellRuns:
    """Put error texts (`#N/A`), formulas without a result and what formats change into the cells of a sheet.

    Args:
        archive: the workbook, already checked.
        sheet: name of the sheet.
        rows: its cells, from A1 on; changed in place.
        seen: whether the workbook holds errors, formulas or runs in old fonts; without these, such formats and old
            fonts of cells nothing is parsed.

    Returns the texts that are set in fonts of before Unicode, by row and column from 0.
    """
    marks, fonts = _styles(archive)
    found: dict[tuple[int, int], Runs] = {}
    has_fonts = bool(fonts) or seen.old_runs
    if not (marks or has_fonts or seen.marks):
        return found
    rich = rich_texts(archive) if has_fonts else {}
    for row, column, cell in _cells(archive, _part_of(archive, sheet)):
        if _is_without_result(cell):
            # Blank to calamine, so it may lie beyond the last cell that it gave.
            rows.extend([] for _ in range(row + 1 - len(rows)))
            rows[row].extend(None for _ in range(column + 1 - len(rows[row])))
            rows[row][column] = without_result(cell.findtext("{*}f") or "")
        if row >= len(rows) or column >= len(rows[row]):
            continue
        if cell.get("t") == "e":
            rows[row][column] = cell.findtext("{*}v") or "#ERROR!"
        elif has_fonts and isinstance(value := rows[row][column], str):
            if runs := runs_of(cell, value, fonts, rich):
                found[row, column] = runs
        elif (mark := marks.get(cell.get("s", "0"))) is not None:
            rows[row][column] = marked(rows[row][column], mark)
    return found


def _is_without_result(cell: ElementTree.Element) -> bool:
    """A formula saved by a program that does not calculate. One whose result is an empty text says `str`."""
    return cell.find("{*}f") is not None and not cell.findtext("{*}v") and cell.get("t") != "str"


def _styles(archive: zipfile.ZipFile) -> tuple[Mapping[str | None, Mark], dict[str, Font]]:
    """Numbers of the cell styles that print a number otherwise than it is stored, with their marks; of old fonts."""
    if "xl/styles.xml" not in archive.namelist():
        return {}, {}
    root = ElementTree.fromstring(archive.read("xl/styles.xml"))
    codes = {each.get("numFmtId"): each.get("formatCode", "") for each in root.iterfind("{*}numFmts/{*}numFmt")}
    marks = {key: mark_of_format(code) for key, code in codes.items()} | dict.fromkeys(_BUILT_IN_PERCENT, "%")
    styles = (
        (number, marks.get(each.get("numFmtId"))) for number, each in enumerate(root.iterfind("{*}cellXfs/{*}xf"))
    )
    return {str(number): mark for number, mark in styles if mark is not None}, old_font_styles(root)


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the zip that holds the sheet of this name. Raises LookupError when there is none."""
    sheets = ElementTree.fromstring(archive.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet")
    ids = [value for each in sheets if each.get("name") == sheet for key, value in each.items() if key.endswith("}id")]
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")).iterfind("{*}Relationship")
    target = next((each.get("Target", "") for each in relations if each.get("Id") in ids), "")
    name = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
    if name not in archive.namelist():
        raise LookupError(f"no part holds the sheet {sheet!r}")
    return name


def _cells(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int, ElementTree.Element]]:
    """Row and column from 0, and element, of every cell. A cell without an address follows the one before it."""
    row, column = -1, -1
    with archive.open(part) as stream:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):
            name = element.tag.rpartition("}")[2]
            if event == "start" and name == "row":
                row, column = int(element.get("r", row + 2)) - 1, -1
            elif event == "end" and name == "c":
                address = element.get("r")
                at, column = cell_position(address) if address else (row, column + 1)
                yield at, column, element
            elif event == "end" and name == "row":
                element.clear()
