"""The file of a book: .xlsx by xlsxwriter, .csv, and the formats nobody writes any more byte by byte."""

import csv
import struct
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from ingestion.source import Source, load_source
from tests.ingestion.generated.spelling import for_cp1258
from tests.ingestion.generated.truth import Book, Cell, Row, Sheet
from tests.ingestion.old_workbooks import biff, cell, compound, ods, record
from tests.ingestion.sheets import CREATED

ENCODINGS = {"utf-8": "utf-8", "bom": "utf-8-sig", "utf-16": "utf-16", "cp1258": "cp1258"}


def write_book(book: Book, folder: Path) -> Path:
    """Write the file, and set what the YAML says of its bytes (encoding, delimiter)."""
    file_format = str(book.raw["format"])
    path = folder / f"file.{file_format}"
    if file_format == "xlsx":
        _write_xlsx(book, path)
    elif file_format == "csv":
        _write_csv(book, path)
    elif file_format == "ods":
        ods(folder, [[each.shown for each in row] for row in book.sheets[0].rows], book.sheets[0].name)
    else:
        path.write_bytes(compound(biff({sheet.name: _xls_records(sheet) for sheet in book.sheets})))
    book.file_name = f"{book.file_name}.{file_format}"
    if file_format == "csv":
        book.sheets[0].name = Path(book.file_name).stem
    return path


def write_source(book: Book, folder: Path) -> Source:
    path = folder / "thu.yml"
    path.write_text(yaml.dump(book.raw, Dumper=_DUMPER, allow_unicode=True), encoding="utf-8")
    return load_source(path)


_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _cells(rows: Iterable[Row]) -> Iterator[tuple[int, int, Cell]]:
    for number, row in enumerate(rows):
        for column, each in enumerate(row):
            if each.shown is not None or each.span != (1, 1):
                yield number, column, each


def _write_xlsx(book: Book, path: Path) -> None:
    looks: dict[str, Any] = {}
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False}) as file:
        file.set_properties({"created": CREATED})
        for sheet in book.sheets:
            page = file.add_worksheet(sheet.name)
            if not sheet.is_visible:
                page.hide() if book.has("sheets", "hidden") else page.very_hidden()
            for row, column, each in _cells(sheet.rows):
                if each.look and each.look not in looks:
                    looks[each.look] = file.add_format({"num_format": each.look})
                _write_cell(book, page, row, column, each, looks.get(each.look))
        if not book.sheets[0].is_visible:
            next(page for page in file.worksheets() if not page.hidden).activate()


def _write_cell(book: Book, page: Any, row: int, column: int, each: Cell, look: Any) -> None:
    value = each.shown
    if each.span != (1, 1):
        page.merge_range(row, column, row + each.span[0] - 1, column + each.span[1] - 1, value, look)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, look)
    elif isinstance(value, str) and value.startswith("#"):
        page.write_formula(row, column, "=1/0", look, value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and book.has("format", "xlsx_calculated"):
        page.write_formula(row, column, f"={value!r}*1", look, value)
    elif isinstance(value, str):
        page.write_string(row, column, value, look)
    else:
        page.write(row, column, value, look)


def _write_csv(book: Book, path: Path) -> None:
    encoding = book.plan["encoding"]
    book.raw["delimiter"] = delimiter = book.random.choice([",", ";", "\t", "|"])
    lines = [[_printed(each) for each in row] for row in book.sheets[0].rows]
    if encoding == "cp1258":
        lines = [[for_cp1258(value) for value in line] for line in lines]
        try:
            "".join(value for line in lines for value in line).encode("cp1258")
        except UnicodeEncodeError:
            encoding = book.plan["encoding"] = "utf-8"
    book.raw["encoding"] = "utf-8" if encoding == "bom" else encoding
    with path.open("w", encoding=ENCODINGS[encoding], newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(lines)


def _printed(each: Cell) -> str:
    return "" if each.shown is None else str(each.shown)


def _xls_records(sheet: Sheet) -> bytes:
    rows = sheet.rows
    records = [
        cell(row, column, each.shown, "%" in each.look) for row, column, each in _cells(rows) if each.shown is not None
    ]
    spans = [(row, column, each.span) for row, column, each in _cells(rows) if each.span != (1, 1)]
    merged = b"".join(struct.pack("<HHHH", r, r + down - 1, c, c + across - 1) for r, c, (down, across) in spans)
    return b"".join(records) + (record(0x00E5, struct.pack("<H", len(spans)) + merged) if spans else b"")
