"""From a plan to a book: facts first, then the features one after another, each on the sheet and on the YAML."""

from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.ingestion.generated.blocks import draw_blocks, put_labels_in_column, tables_of, under_label
from tests.ingestion.generated.features import (
    BLANKS,
    COLUMNS,
    ROWS,
    add_code_column,
    add_period_column,
    add_unit_column,
)
from tests.ingestion.generated.figures import FOOTNOTES, marked, with_status, write_number
from tests.ingestion.generated.frame import add_foot, add_header, add_titles
from tests.ingestion.generated.periods import PERIODS, YEARS, Written, alike_periods, draw_period
from tests.ingestion.generated.plan import Plan
from tests.ingestion.generated.shapes import indicator_rows, to_long, to_pairs
from tests.ingestion.generated.spelling import write_place
from tests.ingestion.generated.stack import joined, set_beginning
from tests.ingestion.generated.subjects import bases_of, declared_measures, draw_measures, draw_provinces, fact_of
from tests.ingestion.generated.truth import BLANK, Book, Cell, Column, Row, Sheet, text
from tests.ingestion.generated.world import Province, world

Layout = dict[str, Any]
LONGEST_SHEET_NAME = 31
YEARLY = ("years", "years_below", "years_above", "indicator_years")
LONG = ("long", "long_full")


@dataclass(frozen=True)
class Part:
    """One table to draw: the sheet it is on, its period, how many were drawn before it."""

    sheet: str
    period: Written
    number: int


def build(plan: Plan, seed: int) -> Book:
    """The book of a plan; the same seed gives the same book."""
    raw = {
        "source_id": "thu",
        "publisher": "Thử",
        "title": "Thử",
        "shape": "subscribers" if plan["constants"] == "operator" else "indicators",
        "format": plan["format"].removesuffix("_calculated"),
        "rank": 40,
        "frequency": "once",
        "boundary_set": plan["boundaries"].removeprefix("fixed_") if "fixed" in plan["boundaries"] else "by_period",
        "number_locale": "en" if plan["numbers"] == "english" else "vi",
        "layout": {},
    }
    book = Book(plan, Random(seed), world(), raw)
    book.scheme = _scheme(book)
    layouts = [_draw_part(book, part) for part in _parts(book)]
    raw["layout"] = _common(book, layouts)
    book.sheets = joined(book)
    _add_other_sheets(book)
    return book


def _scheme(book: Book) -> str:
    how = book.plan["places"]
    if how in ("code", "code_and_name") and book.plan["boundaries"].endswith("63"):
        return book.random.choice(["vnpt_code3", "pci_id", "iso_3166_2", "vnpost_code2", "gso_old3"])
    return "gso" if how in ("gso", "gso_number", "code", "code_and_name") else "name"


def _parts(book: Book) -> list[Part]:
    """The tables that are read, each with its period: all one period, or that of the sheet's name or of its title."""
    period = book.once("period", lambda: draw_period(book))
    if book.has("period_of", "sheet_name"):
        named = _sheet_names(book)
    elif book.has("stack", "begins_again") and book.has("period_of", "cell") and not book.has("shape", *YEARLY):
        named = [("Biểu 1", each) for each in alike_periods(book, book.random.randint(2, 3))]
    elif book.has("stack", "begins_at", "begins_again", "beside_at", "beside_again"):
        named = [("Biểu 1", period)] * 2
    else:
        named = [(f"Biểu {number}", period) for number in range(1, 3 if book.has("sheets", "tables", "listed") else 2)]
    return [Part(name, each, number) for number, (name, each) in enumerate(named)]


def _sheet_names(book: Book) -> list[tuple[str, Written]]:
    drawn = (draw_period(book) for _ in range(40))
    named = {f"DL {each.text}": each for each in drawn if _is_sheet_name(each.text)}
    pattern = next(iter(named.values())).pattern
    alike = [(name, each) for name, each in named.items() if each.pattern == pattern]
    distinct = {each.period_id: (name, each) for name, each in alike}
    return list(distinct.values())[: book.random.randint(2, 3) if book.has("sheets", "by_pattern") else 1]


def _is_sheet_name(name: str) -> bool:
    return len(name) < LONGEST_SHEET_NAME - 3 and not set("[]:*?/\\") & set(name)


def _draw_part(book: Book, part: Part) -> Layout:
    """Add one table; its layout."""
    layout: Layout = {
        "basis": book.once("basis", lambda: _basis(book, part.period)),
        "blank_cells": "reject",
        "ignore_columns": [],
        "places": [{"column": _place_label(book, part), "scheme": book.scheme}],
        "period": _declared_period(book, part.period),
    }
    if book.constants:
        layout["constants"] = book.constants
    book.layout["basis"] = layout["basis"]
    sheet = _wide(book, part, layout)
    sheet.period = part.period
    _shape(book, sheet, layout)
    _columns(book, sheet, layout)
    if not book.has("blanks", "none"):
        BLANKS[book.plan["blanks"]](book, sheet, layout)
    _write(book, sheet)
    _declare_writing(book, layout)
    add_header(book, sheet, layout)
    add_titles(book, sheet, layout, part.period)
    add_foot(book, sheet, layout)
    set_beginning(book, sheet, layout, part.number)
    book.sheets.append(sheet)
    return layout


def _basis(book: Book, period: Written) -> str:
    return period.basis if book.random.random() < 0.6 else book.random.choice(bases_of(book))


def _place_label(book: Book, part: Part) -> str:
    """Tables side by side are told apart by their first labels."""
    return "Địa phương" if book.has("stack", "beside_at") and part.number else "Tỉnh/TP"


def _declare_writing(book: Book, layout: Layout) -> None:
    if not book.has("marks", "none"):
        layout["footnotes"] = dict(FOOTNOTES)
    if "figures" in book.drawn:
        layout["figures"] = "worded"
    elif book.once("says that figures are plain", lambda: book.random.random() < 0.2):
        layout["figures"] = "plain"


def _declared_period(book: Book, period: Written) -> Layout:
    where = "header" if book.has("shape", *YEARLY) else book.plan["period_of"]
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
    elif period.expect == "quarter" and book.once("says that quarters are plain", lambda: book.random.random() < 0.5):
        declared["quarters"] = "calendar"
    return declared


def _wide(book: Book, part: Part, layout: Layout) -> Sheet:
    """One row a province and one column a measure, or a measure in a period; one row an indicator of one province."""
    if book.has("shape", "indicators", "indicator_years"):
        periods = _years(book) if book.has("shape", "indicator_years") else [part.period]
        place = book.once("place", lambda: draw_provinces(book)[0])
        layout["places"] = [{"text": str(write_place(book, place)), "scheme": book.scheme}]
        sheet = indicator_rows(book, part.sheet, layout, periods, place)
        if not book.has("rows", "none"):
            ROWS[book.plan["rows"]](book, sheet, layout)
        return sheet
    columns = _value_columns(book, layout, part.period)
    head = [Column("place", (_place_label(book, part),), "Province"), *columns]
    body: list[Row] = []
    for block in draw_blocks(book, layout, columns[0].measure):
        changed = [replace(each, measure={**each.measure, **block.changes}) for each in columns]
        body += under_label(block, _rows(book, [head[0], *changed], layout))
    return Sheet(part.sheet, head, body)


def _rows(book: Book, columns: list[Column], layout: Layout) -> list[Row]:
    """The rows of some provinces, and those of labels among them."""
    body = [
        [Cell(each), *(fact_of(book, each.province_id, column.measure) for column in columns[1:])]
        for each in draw_provinces(book)
    ]
    sheet = Sheet("", columns, body)
    if not book.has("rows", "none"):
        ROWS[book.plan["rows"]](book, sheet, layout)
    return sheet.body


def _is_again(book: Book) -> bool:
    """Whether all tables have one layout."""
    return book.has("sheets", "by_pattern", "listed") or book.has("stack", "begins_again", "beside_again")


def _years(book: Book) -> list[Written]:
    """Up to three years, the last of them as preliminary as the plan says."""
    first, last = YEARS[book.plan["boundaries"]]
    start = book.once("years", lambda: book.random.randint(first, max(first, last - 2)))
    years = range(start, last + 1)[:3]
    return [PERIODS[book.plan["period"] if year == years[-1] else "year"](book.random, year) for year in years]


def _value_columns(book: Book, layout: Layout, period: Written) -> list[Column]:
    measures = book.once("measures", lambda: draw_measures(book)) if _is_again(book) else draw_measures(book)
    layout["measures"] = []
    if not book.has("shape", *YEARLY):
        for column in measures:
            layout["measures"] += declared_measures(book, column.measure, column.path)
        return [replace(_with_unit(book, each), measure={**each.measure, "period": period}) for each in measures]
    written = {year.period_id: year for year in _years(book)}
    for measure in measures:
        layout["measures"] += declared_measures(book, measure.measure, _dated(book, measure.path[0], "{period}"))
    columns = [_in_year(book, measure, written[year]) for measure in measures for year in written]
    if book.has("shape", "years_above"):
        columns = [_in_year(book, measure, written[year]) for year in written for measure in measures]
        labels = {year.period_id: _said(book, year) for year in written.values()}
        columns = [replace(each, path=(labels[each.measure["period"].period_id], *each.path[1:])) for each in columns]
    return [_with_unit(book, each) for each in columns]


def _dated(book: Book, label: str, year: str) -> tuple[str, ...]:
    """The header of a measure in a year: in one label, or the year in a row of its own below or above."""
    if book.has("shape", "years"):
        return (f"{label} {year}",)
    return (label, year) if book.has("shape", "years_below") else (year, label)


def _in_year(book: Book, column: Column, year: Written) -> Column:
    path = _dated(book, column.path[0], _said(book, year))
    english = f"{column.english} {year.period_id}"
    return replace(column, path=path, english=english, measure={**column.measure, "period": year})


def _said(book: Book, year: Written) -> str:
    """A year as a header has it."""
    return year.text if year.status == "P" else book.random.choice([year.period_id, f"Năm {year.period_id}"])


def _with_unit(book: Book, column: Column) -> Column:
    """The column with its unit in its label or below it, where the plan wants it there."""
    label = column.measure["label"]
    if book.has("unit_of", "unit_row"):
        return replace(column, path=(*column.path, label))
    return replace(column, path=(f"{column.path[0]} ({label})",)) if book.has("unit_of", "header") else column


def _shape(book: Book, sheet: Sheet, layout: Layout) -> None:
    if book.has("shape", "pairs"):
        to_pairs(sheet, 1)
        layout["places"] = [{"offset": -1, "scheme": book.scheme}]
    elif book.has("shape", "triples"):
        to_pairs(sheet, 2)
        layout["places"] = [{"offset": -1, "scheme": book.scheme}]
        second = [column.path[0] for column in sheet.columns if column.path][1::2]
        for measure in layout["measures"]:
            label = measure["column"] if isinstance(measure["column"], str) else measure["column"][0]
            measure |= {"offset": -2} if label in second else {}
    elif book.has("shape", *LONG):
        to_long(book, sheet, layout)
        del layout["measures"]


def _columns(book: Book, sheet: Sheet, layout: Layout) -> None:
    label = next(column.measure["label"] for column in sheet.columns if column.role == "value")
    if book.has("unit_of", "column"):
        layout["unit"] = {"from": "column", "column": "ĐVT"}
        if not book.has("shape", *LONG):
            add_unit_column(sheet)
    elif book.has("unit_of", "constant"):
        layout["unit"] = {"from": "constant", "value": label}
    if layout["period"]["from"] == "column":
        add_period_column(book, sheet, sheet.period)
    if book.has("places", "code_and_name"):
        add_code_column(book, sheet)
        layout["places"] = [{"column": "Mã tỉnh", "scheme": book.scheme}, {**layout["places"][0], "scheme": "name"}]
    if book.has("shape", *LONG) and not book.has("unit_of", "column"):
        layout["ignore_columns"].append("ĐVT")
    if "block" in layout and book.once("blocks in a column", lambda: book.random.random() < 0.5):
        put_labels_in_column(book, sheet, layout)
    if not book.has("columns", "none"):
        COLUMNS[book.plan["columns"]](book, sheet, layout)


def _write(book: Book, sheet: Sheet) -> None:
    def place(cell: Cell) -> Cell:
        return replace(cell, shown=write_place(book, cell.shown)) if isinstance(cell.shown, Province) else cell

    provinces = [
        (row, number)
        for row, cells in enumerate(sheet.body)
        for number in sheet.places("place")
        if isinstance(cells[number].shown, Province)
    ]
    sheet.change("place", place)
    for role in ("value", "upper"):
        sheet.change(role, lambda cell: write_number(book, cell))
    if book.has("marks", "places", "everywhere"):
        for row, number in provinces:
            _mark_place(book, sheet, sheet.body[row], number)


def _mark_place(book: Book, sheet: Sheet, cells: Row, at: int) -> None:
    """A declared mark behind the name of a place: a status of all figures of the place."""
    if not isinstance(cells[at].shown, str) or book.random.random() < 0.7:
        return
    said, status = marked(book, cells[at].shown)
    cells[at] = replace(cells[at], shown=said)
    places = [number for number in sheet.places("place") if number > at]
    is_paired = book.has("shape", "pairs", "triples")
    reach = range(at, places[0] if places and is_paired else len(cells)) if is_paired else range(len(cells))
    for number in reach:
        cells[number] = cells[number].restated(lambda fact: with_status(fact, status))


def _common(book: Book, layouts: list[Layout]) -> Layout:
    """The layout of the YAML: one, or what is common and a table for each sheet, part of a sheet or block of rows."""
    first = layouts[0]
    if book.has("stack", "blocks"):
        return {**{key: deepcopy(value) for key, value in first.items() if key != "block"}, "tables": tables_of(book)}
    if book.has("sheets", "tables") or book.has("stack", "begins_at", "beside_at"):
        if book.has("sheets", "tables"):
            layouts = [{"sheet": sheet.name, **layout} for sheet, layout in zip(book.sheets, layouts, strict=True)]
        shared = {key: value for key, value in first.items() if all(each.get(key) == value for each in layouts)}
        shared.pop("measures", None)
        tables = [{key: value for key, value in layout.items() if key not in shared} for layout in layouts]
        return {**shared, "tables": tables}
    if book.has("sheets", "by_pattern"):
        return {**deepcopy(first), "sheet": first["period"]["patterns"][0]}
    if book.has("sheets", "listed"):
        return {**deepcopy(first), "sheet": [sheet.name for sheet in book.sheets]}
    return deepcopy(first)


def _add_other_sheets(book: Book) -> None:
    """Sheets that are not read: hidden ones with other figures, declared ones to ignore, blank ones."""
    how, sheet = book.plan["sheets"], book.sheets[0]
    if how in ("hidden", "very_hidden"):
        body = [[replace(cell, fact=None, other=None) for cell in reversed(row)] for row in sheet.body]
        header, above, below = ([list(row) for row in rows] for rows in (sheet.header, sheet.above, sheet.below))
        below = [[replace(cell, fact=None, other=None) for cell in row] for row in below]
        other = Sheet("Summary", sheet.columns, body, header, above, below, is_visible=False)
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
