"""The file of a book: .xlsx by xlsxwriter, .csv, and the formats nobody writes any more byte by byte."""

import csv
import struct
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
import yaml

from ingestion.source import Source, source_of
from tests.ingestion.generated.letters import set_letters
from tests.ingestion.generated.spelling import for_cp1258, without_accents
from tests.ingestion.generated.truth import Book, Cell, Row, Sheet
from tests.ingestion.old_workbooks import biff, cell, compound, ods_file, record
from tests.ingestion.sheets import CREATED

ENCODINGS = {"bom": "utf-8-sig", "tcvn3": "cp1252", "vni": "cp1252"}
# A formula that was saved by a program that does not calculate.
NO_RESULT = "=A1*2"


def write_book(book: Book, folder: Path) -> Path:
    """Write the file, and set what the YAML says of its bytes (encoding, delimiter)."""
    set_letters(book)
    path = folder / f"file.{book.format}"
    if book.format == "xlsx":
        _write_xlsx(book, path)
    elif book.format == "csv":
        _write_csv(book, path)
    elif book.format == "ods":
        ods_file(folder, _ods_content(book))
    else:
        path.write_bytes(_xls_bytes(book))
    book.file_name = f"{book.file_name}.{book.format}"
    if book.format == "csv":
        book.sheets[0].name = Path(book.file_name).stem
    return path


def declared_source(book: Book) -> Source:
    """The source that the YAML of the book declares, by the fast parser: the product's own takes most of a test."""
    written = yaml.dump(book.raw, Dumper=_DUMPER, allow_unicode=True)
    return source_of(yaml.load(written, Loader=_LOADER), Path("thu.yml"), "")


_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _cells(rows: Iterable[Row]) -> Iterator[tuple[int, int, Cell]]:
    for number, row in enumerate(rows):
        for column, each in enumerate(row):
            if each.shown is not None or each.span != (1, 1):
                yield number, column, each


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- .xlsx ------------------------------------------------------------------------------------------------------------


def _write_xlsx(book: Book, path: Path) -> None:
    looks: dict[tuple[str, str], Any] = {("", ""): None}
    options = {"strings_to_numbers": False, "strings_to_formulas": False, "in_memory": True}
    with xlsxwriter.Workbook(str(path), options) as file:
        file.set_properties({"created": CREATED})
        for sheet in book.sheets:
            page = file.add_worksheet(sheet.name)
            if not sheet.is_visible:
                page.hide() if book.has("sheets", "hidden") else page.very_hidden()
            for row, column, each in _cells(sheet.rows):
                look = (each.look, each.font)
                if look not in looks:
                    said = {"num_format": each.look, "font_name": each.font}
                    looks[look] = file.add_format({key: value for key, value in said.items() if value})
                _write_cell(book, page, row, column, each, looks[look])
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
    elif each.is_formula:
        page.write_formula(row, column, str(value), look, "")
    elif book.has("format", "xlsx_calculated") and _is_number(value):
        page.write_formula(row, column, f"={value!r}*1", look, value)
    elif book.has("format", "xlsx_calculated") and isinstance(value, str) and value.strip() and len(value) % 3 == 0:
        page.write_formula(row, column, "=TRIM(B1)", look, value)
    elif isinstance(value, str):
        page.write_string(row, column, value, look)
    else:
        page.write(row, column, value, look)


# --- .csv -------------------------------------------------------------------------------------------------------------


def _write_csv(book: Book, path: Path) -> None:
    encoding = book.plan["encoding"]
    book.raw["delimiter"] = delimiter = book.random.choice([",", ";", "\t", "|"])
    lines = [[_printed(each) for each in row] for row in book.sheets[0].rows]
    if encoding in ("cp1258", "cp1252"):
        spelled = for_cp1258 if encoding == "cp1258" else without_accents
        lines = [[spelled(value) for value in line] for line in lines]
        try:
            "".join(value for line in lines for value in line).encode(encoding)
        except UnicodeEncodeError:
            encoding = book.plan["encoding"] = "utf-8"
    book.raw["encoding"] = "utf-8" if encoding == "bom" else encoding
    with path.open("w", encoding=ENCODINGS.get(encoding, encoding), newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(lines)


def _printed(each: Cell) -> str:
    return "" if each.shown is None else str(each.shown)


# --- .xls -------------------------------------------------------------------------------------------------------------


def _xls_bytes(book: Book) -> bytes:
    """Styles are the default one, one for each old font, and one that prints percentages."""
    fonts = sorted({each.font for sheet in book.sheets for _, _, each in _cells(sheet.rows)} - {""})
    # Font 4 is never given a number in cells: the fifth font is number 5.
    numbers = [number if number < 4 else number + 1 for number in range(len(fonts) + 1)]
    others = b"".join(_xls_font(name) for name in ["Arial", *fonts])
    others += b"".join(record(0x00E0, struct.pack("<HH16x", number, 0)) for number in numbers)
    styles = {font: number for number, font in enumerate(["", *fonts])}
    sheets = {sheet.name: _xls_records(book, sheet, styles, len(numbers) + 1) for sheet in book.sheets}
    hidden = [sheet.name for sheet in book.sheets if not sheet.is_visible]
    return compound(biff(sheets, others, hidden))


def _xls_font(name: str) -> bytes:
    head = struct.pack("<HHHHHBBBBBB", 200, 0, 0, 400, 0, 0, 0, 0, 0, len(name), 0)
    return record(0x0031, head + name.encode())


def _xls_records(book: Book, sheet: Sheet, styles: dict[str, int], percent: int) -> bytes:
    cells = list(_cells(sheet.rows))
    records = []
    for row, column, each in cells:
        style = percent if "%" in each.look else styles[each.font]
        if each.shown is None:
            continue
        if book.has("format", "xls_calculated") and _is_number(each.shown):
            head = struct.pack("<HHHdHI", row, column, style, each.shown, 0, 0)
            records.append(record(0x0006, head + struct.pack("<HBH", 3, 0x1E, 1)))
        else:
            records.append(cell(row, column, each.shown, style))
    spans = [(row, column, each.span) for row, column, each in cells if each.span != (1, 1)]
    merged = b"".join(struct.pack("<HHHH", r, r + down - 1, c, c + across - 1) for r, c, (down, across) in spans)
    return b"".join(records) + (record(0x00E5, struct.pack("<H", len(spans)) + merged) if spans else b"")


# --- .ods -------------------------------------------------------------------------------------------------------------


def _ods_content(book: Book) -> str:
    spaces = " ".join(
        f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "calcext", "style", "svg", "fo")
    )
    fonts = sorted({each.font for sheet in book.sheets for _, _, each in _cells(sheet.rows)} - {""})
    faces = "".join(f'<style:font-face style:name="F{n}" svg:font-family="{font}"/>' for n, font in enumerate(fonts))
    styles = "".join(
        f'<style:style style:name="c{n}" style:family="table-cell"><style:text-properties style:font-name="F{n}"/>'
        "</style:style>"
        for n in range(len(fonts))
    )
    hidden = '<style:style style:name="off" style:family="table"><style:table-properties table:display="false"/>'
    tables = "".join(_ods_table(book, sheet, fonts) for sheet in book.sheets)
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><office:document-content {spaces}>"
        f"<office:font-face-decls>{faces}</office:font-face-decls>"
        f"<office:automatic-styles>{styles}{hidden}</style:style></office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )


def _ods_table(book: Book, sheet: Sheet, fonts: list[str]) -> str:
    rows = sheet.rows
    covered = {
        (row + down, column + across)
        for row, column, each in _cells(rows)
        for down in range(each.span[0])
        for across in range(each.span[1])
        if (down, across) != (0, 0)
    }
    width = max([len(row) for row in rows] + [column + 1 for _, column in covered])
    lines = []
    for number, row in enumerate(rows):
        padded = [*row, *[Cell()] * (width - len(row))]
        cells = (
            "<table:covered-table-cell/>" if (number, column) in covered else _ods_cell(book, each, fonts)
            for column, each in enumerate(padded)
        )
        lines.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    style = "" if sheet.is_visible else ' table:style-name="off"'
    return f"<table:table table:name={quoteattr(sheet.name)}{style}>{''.join(lines)}</table:table>"


def _ods_cell(book: Book, each: Cell, fonts: list[str]) -> str:
    said = f' table:style-name="c{fonts.index(each.font)}"' if each.font else ""
    if each.span != (1, 1):
        said += f' table:number-rows-spanned="{each.span[0]}" table:number-columns-spanned="{each.span[1]}"'
    value = each.shown
    if each.is_formula:
        return f'<table:table-cell{said} table:formula="of:=[.A1]*2"/>'
    if value is None:
        return f"<table:table-cell{said}/>"
    if book.has("format", "ods_calculated"):
        said += ' table:formula="of:=[.A1]"'
    if isinstance(value, bool):
        return f'<table:table-cell{said} office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, date):
        return f'<table:table-cell{said} office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, str):
        return f'<table:table-cell{said} office:value-type="string">{_ods_text(value)}</table:table-cell>'
    kind = "percentage" if "%" in each.look else "float"
    return f'<table:table-cell{said} office:value-type="{kind}" office:value="{value!r}"/>'


def _ods_text(value: str) -> str:
    """Every line a paragraph; blanks that XML would fold are written out."""
    lines = (escape(line).replace("  ", ' <text:s text:c="1"/>') for line in value.split("\n"))
    return "".join(f"<text:p>{line}</text:p>" for line in lines)
