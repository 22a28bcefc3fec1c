"""From a plan to a book: facts first, then the features one after another, each on the sheet and on the YAML."""

from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

from tests.ingestion.generated.features import (
    BLANKS,
    COLUMNS,
    ROWS,
    add_code_column,
    add_period_column,
    add_unit_column,
    declared_measure,
    to_long,
    to_pairs,
)
from tests.ingestion.generated.frame import add_foot, add_header, add_titles
from tests.ingestion.generated.plan import Plan
from tests.ingestion.generated.spelling import FOOTNOTES, write_number, write_place
from tests.ingestion.generated.subjects import (
    PERIODS,
    YEARS,
    Written,
    draw_measures,
    draw_period,
    draw_provinces,
    fact_of,
)
from tests.ingestion.generated.truth import BLANK, Book, Cell, Column, Sheet, text
from tests.ingestion.generated.world import Province, world

Layout = dict[str, Any]
LONGEST_SHEET_NAME = 31


def build(plan: Plan, seed: int) -> Book:
    """The book of a plan; the same seed gives the same book."""
    raw = {
        "source_id": "thu",
        "publisher": "Thử",
        "title": "Thử",
        "shape": "indicators",
        "format": "xlsx" if plan["format"].startswith("xlsx") else plan["format"],
        "rank": 40,
        "frequency": "once",
        "boundary_set": plan["boundaries"].removeprefix("fixed_") if "fixed" in plan["boundaries"] else "by_period",
        "number_locale": "en" if plan["numbers"] == "english" else "vi",
        "layout": {},
    }
    book = Book(plan, Random(seed), world(), raw)
    book.scheme = _scheme(book)
    layouts = [_sheet(book, name, period) for name, period in _sheet_names(book)]
    raw["layout"] = _common(book, layouts)
    _add_other_sheets(book)
    return book


def _scheme(book: Book) -> str:
    how = book.plan["places"]
    if how in ("code", "code_and_name") and book.plan["boundaries"].endswith("63"):
        return book.random.choice(["vnpt_code3", "pci_id", "iso_3166_2", "vnpost_code2", "gso_old3"])
    return "gso" if how in ("gso", "gso_number", "code", "code_and_name") else "name"


def _sheet_names(book: Book) -> list[tuple[str, Written]]:
    """The sheets that are read, each with its period: all one period, or that of the sheet's name."""
    period = book.once("period", lambda: draw_period(book))
    if not book.has("period_of", "sheet_name"):
        return [(f"Biểu {number}", period) for number in range(1, 3 if book.has("sheets", "tables") else 2)]
    drawn = (draw_period(book) for _ in range(40))
    named = {f"DL {each.text}": each for each in drawn if _is_sheet_name(each.text)}
    pattern = next(iter(named.values())).pattern
    alike = [(name, each) for name, each in named.items() if each.pattern == pattern]
    distinct = {each.period_id: (name, each) for name, each in alike}
    return list(distinct.values())[: book.random.randint(2, 3) if book.has("sheets", "by_pattern") else 1]


def _is_sheet_name(name: str) -> bool:
    return len(name) < LONGEST_SHEET_NAME - 3 and not set("[]:*?/\\") & set(name)


def _sheet(book: Book, name: str, period: Written) -> Layout:
    """Add one sheet; its layout."""
    layout: Layout = {
        "basis": period.basis,
        "blank_cells": "reject",
        "ignore_columns": [],
        "_period": period,
        "places": [{"column": "Tỉnh/TP", "scheme": book.scheme}],
        "period": _declared_period(book, period),
    }
    book.layout["basis"] = period.basis
    sheet = _wide(book, name, layout, period)
    _shape(book, sheet, layout)
    _columns(book, sheet, layout)
    if not book.has("blanks", "none"):
        BLANKS[book.plan["blanks"]](book, sheet, layout)
    _write(book, sheet)
    if book.has("numbers", "footnoted"):
        layout["footnotes"] = dict(FOOTNOTES)
    add_header(book, sheet, layout)
    add_titles(book, sheet, layout, period)
    add_foot(book, sheet, layout)
    book.sheets.append(sheet)
    del layout["_period"]
    return layout


def _declared_period(book: Book, period: Written) -> Layout:
    where = "header" if book.has("shape", "years", "years_below") else book.plan["period_of"]
    declared: Layout = {"from": where, "expect": period.expect}
    if where in ("cell", "file_name"):
        declared["patterns"] = [period.pattern]
    elif where == "sheet_name":
        declared["patterns"] = [f"DL {period.pattern}"]
    elif where == "column":
        declared["column"] = "Kỳ báo cáo"
    elif where == "constant":
        declared["value"] = period.text
    if where == "file_name":
        book.file_name = period.text
    if period.is_administrative:
        declared["quarters"] = "administrative"
    return declared


def _wide(book: Book, name: str, layout: Layout, period: Written) -> Sheet:
    """One row a province and one column a measure, or a measure in a period."""
    columns = _value_columns(book, layout, period)
    place = Column("place", ("Tỉnh/TP",), "Province")
    body = [
        [Cell(each), *(fact_of(book, each.province_id, column) for column in columns)] for each in draw_provinces(book)
    ]
    sheet = Sheet(name, [place, *columns], body)
    if not book.has("rows", "none"):
        ROWS[book.plan["rows"]](book, sheet, layout)
    return sheet


def _value_columns(book: Book, layout: Layout, period: Written) -> list[Column]:
    is_same = book.has("sheets", "by_pattern")
    measures = book.once("measures", lambda: draw_measures(book)) if is_same else draw_measures(book)
    if not book.has("shape", "years", "years_below"):
        layout["measures"] = [declared_measure(book, column, column.path) for column in measures]
        return [replace(_with_unit(book, each), measure={**each.measure, "period": period}) for each in measures]
    first, last = YEARS[book.plan["boundaries"]]
    years = range(book.random.randint(first, max(first, last - 2)), last + 1)[:3]
    columns = []
    for measure in measures:
        label = measure.path[0]
        is_below = book.has("shape", "years_below")
        path = (label, "{period}") if is_below else (f"{label} {{period}}",)
        layout.setdefault("measures", []).append(declared_measure(book, measure, path))
        for year in years:
            how = book.plan["period"] if year == years[-1] else "year"
            written = PERIODS[how](book.random, year)
            said = written.text if how == "preliminary" else book.random.choice([str(year), f"Năm {year}"])
            header = (label, said) if is_below else (f"{label} {said}",)
            dated = {**measure.measure, "period": written}
            columns.append(replace(measure, path=header, english=f"{measure.english} {year}", measure=dated))
    return columns


def _with_unit(book: Book, column: Column) -> Column:
    """The column with its unit in its label, where the plan wants it there."""
    label = f"{column.path[0]} ({column.measure['label']})"
    return replace(column, path=(label,)) if book.has("unit_of", "header") else column


def _shape(book: Book, sheet: Sheet, layout: Layout) -> None:
    if book.has("shape", "pairs"):
        to_pairs(sheet)
        layout["places"] = [{"offset": -1, "scheme": book.scheme}]
    if book.has("shape", "long"):
        to_long(sheet, layout)
        del layout["measures"]


def _columns(book: Book, sheet: Sheet, layout: Layout) -> None:
    label = next(column.measure["label"] for column in sheet.columns if column.role == "value")
    if book.has("unit_of", "column"):
        layout["unit"] = {"from": "column", "column": "ĐVT"}
        if not book.has("shape", "long"):
            add_unit_column(sheet)
    elif book.has("unit_of", "constant"):
        layout["unit"] = {"from": "constant", "value": label}
    if layout["period"]["from"] == "column":
        add_period_column(book, sheet, layout["_period"])
    if book.has("places", "code_and_name"):
        add_code_column(book, sheet)
        layout["places"] = [{"column": "Mã tỉnh", "scheme": book.scheme}, {"column": "Tỉnh/TP", "scheme": "name"}]
    if book.has("shape", "long") and not book.has("unit_of", "column"):
        layout["ignore_columns"].append("ĐVT")
    if not book.has("columns", "none"):
        COLUMNS[book.plan["columns"]](book, sheet, layout)


def _write(book: Book, sheet: Sheet) -> None:
    def place(cell: Cell) -> Cell:
        return replace(cell, shown=write_place(book, cell.shown)) if isinstance(cell.shown, Province) else cell

    sheet.change("place", place)
    sheet.change("value", lambda cell: write_number(book, cell))


def _common(book: Book, layouts: list[Layout]) -> Layout:
    """The layout of the YAML: one, or what is common and a table for each sheet."""
    first = layouts[0]
    if book.has("sheets", "tables"):
        shared = {key: value for key, value in first.items() if all(each.get(key) == value for each in layouts)}
        shared.pop("measures", None)
        tables = [
            {"sheet": sheet.name, **{key: value for key, value in layout.items() if key not in shared}}
            for sheet, layout in zip(book.sheets, layouts, strict=True)
        ]
        return {**shared, "tables": tables}
    if book.has("sheets", "by_pattern"):
        return {**deepcopy(first), "sheet": first["period"]["patterns"][0]}
    return deepcopy(first)


def _add_other_sheets(book: Book) -> None:
    """Sheets that are not read: hidden ones with other figures, declared ones to ignore, blank ones."""
    how, sheet = book.plan["sheets"], book.sheets[0]
    if how in ("hidden", "very_hidden"):
        body = [[replace(cell, fact=None) for cell in reversed(row)] for row in sheet.body]
        other = Sheet("Summary", sheet.columns, body, sheet.header, sheet.above, sheet.below, is_visible=False)
        book.sheets.insert(book.random.choice([0, 1]), other)
        if book.random.random() < 0.5:
            book.layout["sheet"] = sheet.name.upper()
    elif how == "ignored":
        other = Sheet("Hướng dẫn", [], [], above=[[text("Cách điền"), Cell(2022)]])
        book.sheets.insert(book.random.choice([0, 1]), other)
        book.layout["ignore_sheets"] = ["Huong dan"]
    elif how == "by_number":
        other = Sheet("Bìa", [], [], above=[[text("Cách điền"), Cell(2022)]])
        book.sheets.insert(book.random.choice([0, 1]), other)
        number = [each.name for each in book.sheets].index(sheet.name) + 1
        book.layout.update(sheet=number, ignore_sheets=["Bìa"])
    elif how == "blank":
        book.sheets.append(Sheet("Sheet2", [], [], above=[[BLANK]]))
