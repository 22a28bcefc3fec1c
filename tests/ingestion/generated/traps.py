"""What goes wrong in real files: planted into a good book, with what then is true of its cells.

A trap returns False where the book has no place for it. After a trap nothing wrong may be read: a cell is still the
fact it was, or another that the sheet now says, or is refused.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.ingestion.generated.cell_traps import CELL_TRAPS, Trap, data_sheet, figures_of, unread
from tests.ingestion.generated.figures import vietnamese
from tests.ingestion.generated.form_traps import FORM_NEEDS, FORM_TRAPS
from tests.ingestion.generated.periods import Written, draw_period
from tests.ingestion.generated.plan import Plan, repaired
from tests.ingestion.generated.subjects import draw_amount
from tests.ingestion.generated.truth import BLANK, Book, Cell, Column, Row, Sheet, refused, text

# --- columns ----------------------------------------------------------------------------------------------------------


def _column(sheet: Sheet, change: Callable[[Cell], Cell], at: int) -> None:
    for row in sheet.body:
        if at < len(row):
            row[at] = change(row[at])


def _plain_header(book: Book) -> bool:
    """Whether every column has its labels for itself, so that columns may be cut out and put in."""
    return book.has("header", "one", "bilingual", "english_above", "coded") and not book.has(
        "shape", "pairs", "triples"
    )


def _unmerged_header(book: Book) -> bool:
    """Whether columns may be put in and renamed, each of its labels in a cell of its own."""
    return _plain_header(book) or book.has("header", "unmerged")


def _duplicated(book: Book) -> bool:
    sheet = data_sheet(book)
    if not _unmerged_header(book):
        return False
    at = book.random.choice(sheet.places("value"))
    _column(sheet, unread, at)
    for row in [*sheet.header, *sheet.body]:
        row.insert(at, row[at])
    sheet.columns.insert(at, sheet.columns[at])
    return True


def _added(book: Book, label: str | None) -> bool:
    """One more column of figures, which nobody declared."""
    sheet = data_sheet(book)
    if not _unmerged_header(book):
        return False
    at = book.random.randrange(1, len(sheet.columns) + 1)
    for number, row in enumerate(sheet.header):
        row.insert(at, Cell(label if number == 0 else None))
    for row in sheet.body:
        is_full = any(cell.fact for cell in row)
        row[len(row) :] = [BLANK] * (at - len(row))
        row.insert(at, Cell(book.random.randint(100, 10**6), must_refuse=True) if is_full else BLANK)
    sheet.columns.insert(at, Column("other", (label,) if label else (), ""))
    if book.has("header", "english_above"):
        sheet.header[1][at], sheet.header[0][at] = sheet.header[0][at], sheet.header[1][at]
    return True


def _renamed(book: Book) -> bool:
    """The label of a column of figures says something else."""
    sheet = data_sheet(book)
    at = book.random.choice(sheet.places("value"))
    labels = [row for row in sheet.header if at < len(row) and isinstance(row[at].shown, str)]
    named = sheet.header[1] if book.has("header", "english_above") else sheet.header[0]
    if not labels or not _unmerged_header(book) or named[at].shown is None:
        return False
    said = str(named[at].shown)
    other = book.random.choice(
        ["Thuê bao vệ tinh", f"{said} (nghìn)", f"{said} lũy kế", f"{said} 2020-2021", f"{said} %"]
    )
    named[at] = text(other)
    _column(sheet, unread, at)
    return True


def _gone(book: Book) -> bool:
    sheet = data_sheet(book)
    at = book.random.choice([*sheet.places("value"), *sheet.places("place")])
    if not _plain_header(book):
        return False
    if book.has("stack", "beside_at", "beside_again") and at == 0:
        return False
    is_place = sheet.columns[at].role == "place"
    for row in [*sheet.header, *sheet.body]:
        del row[at]
    del sheet.columns[at]
    if is_place:
        sheet.body = [[unread(cell) for cell in row] for row in sheet.body]
    return True


def _swapped(book: Book) -> bool:
    """Two columns change places with their headers: everything is still as true."""
    sheet = data_sheet(book)
    if not _plain_header(book) or len(sheet.columns) < 3:
        return False
    one, other = book.random.sample(range(len(sheet.columns)), 2)
    for row in [*sheet.header, *sheet.body]:
        row[one], row[other] = row[other], row[one]
    sheet.columns[one], sheet.columns[other] = sheet.columns[other], sheet.columns[one]
    return True


# --- around the table -------------------------------------------------------------------------------------------------

NOTES = ("(Số liệu sơ bộ)", "Đơn vị báo cáo: Sở TTTT", "Kèm theo Công văn số 123/UBND-KT ngày 5/10/2022", "Trang 1/2")


def _row_in_header(book: Book) -> bool:
    sheet = data_sheet(book)
    at = book.random.randrange(len(sheet.header) + 1)
    row = [BLANK] * len(sheet.columns)
    row[0] = Cell(book.random.choice([None, *NOTES]))
    if at == len(sheet.header):
        sheet.body.insert(0, row)
    elif book.has("header", "merged", "deep"):
        return False
    else:
        sheet.header.insert(at, row)
    return True


def _row_above(book: Book) -> bool:
    sheet = data_sheet(book)
    sheet.above.insert(book.random.randrange(len(sheet.above) + 1), [text(book.random.choice(NOTES))])
    return True


def _title(book: Book, what: str) -> tuple[Sheet, int, int] | None:
    """Where the sheet says its period or its unit above the header."""
    if not book.has(f"{what}_of", "cell") or (what == "period" and book.layout.get("period", {}).get("from") != "cell"):
        return None
    sheet = data_sheet(book)
    patterns = book.layout.get(what, {}).get("patterns")
    if not patterns or len([each for each in book.sheets if each.body]) > 1 or sheet.beside or sheet.under:
        return None
    said = [
        (sheet, row, column)
        for row, cells in enumerate(sheet.above)
        for column, cell in enumerate(cells)
        if (isinstance(cell.shown, str) and (":" in cell.shown and "Biểu" not in cell.shown) == (what == "unit"))
    ]
    texts = [each for each in said if what == "unit" or cell_at(each) == book.drawn["period"].text]
    return texts[0] if texts else None


def cell_at(place: tuple[Sheet, int, int]) -> Any:
    sheet, row, column = place
    return sheet.above[row][column].shown


def _retitled(book: Book, what: str, shown: Any, change: Callable[[Cell], Cell], is_added: bool = False) -> bool:
    place = _title(book, what)
    if place is None:
        return False
    sheet, row, column = place
    if is_added:
        sheet.above.append([text(shown)])
    else:
        sheet.above[row][column] = Cell(shown)
    sheet.body = [[change(cell) for cell in cells] for cells in sheet.body]
    return True


def _unit_said(book: Book, label: str) -> str:
    return str(book.drawn.get("unit", "")).format(label)


def _unit_changed(book: Book) -> bool:
    """The sheet now counts in another multiple of the same unit, and says so."""
    sheet = data_sheet(book)
    measure = sheet.columns[sheet.places("value")[0]].measure
    others = [each for each in book.world.units[measure["unit"]] if each[1] != measure["multiplier"]]
    if not others or book.has("words", "scales"):
        return False
    label, multiplier = book.random.choice(others)

    def change(cell: Cell) -> Cell:
        if cell.fact is None or cell.fact.value is None or cell.fact.decimals is None:
            return cell
        factor = multiplier / measure["multiplier"]
        decimals = cell.fact.decimals + measure["multiplier"].adjusted() - multiplier.adjusted()
        upper = cell.fact.value_upper and cell.fact.value_upper * factor
        fact = replace(cell.fact, value=cell.fact.value * factor, value_upper=upper, decimals=decimals)
        return replace(cell, fact=fact)

    return _retitled(book, "unit", _unit_said(book, label), change)


def _two_units(book: Book) -> bool:
    sheet = data_sheet(book)
    is_counted = sheet.columns[sheet.places("value")[0]].measure["unit"] == "household"
    other = "thuê bao" if is_counted else "nghìn hộ"
    return _retitled(book, "unit", _unit_said(book, other), unread, is_added=True)


def _other_period(book: Book) -> Written | None:
    period: Written = book.drawn["period"]
    drawn = (draw_period(book) for _ in range(200))
    return next((each for each in drawn if each.pattern == period.pattern and each.period_id != period.period_id), None)


def _period_changed(book: Book) -> bool:
    other = _other_period(book)
    if other is None:
        return False

    def change(cell: Cell) -> Cell:
        return cell.restated(lambda fact: replace(fact, period_id=other.period_id))

    return _retitled(book, "period", other.text, change)


def _two_periods(book: Book) -> bool:
    other = _other_period(book)
    return other is not None and _retitled(book, "period", other.text, unread, is_added=True)


def _other_type(book: Book) -> bool:
    expect = book.drawn["period"].expect
    said = book.random.choice([each for each in ("Năm 2022", "Tháng 3 năm 2022", "Quý II năm 2022") if each])
    is_other = {"Năm": "year", "Tháng": "month", "Quý": "quarter"}[said.split()[0]] != expect
    return is_other and _retitled(book, "period", said, unread)


def _superscript(book: Book) -> bool:
    """A footnote mark on the month or quarter is no digit of it."""
    period: Written = book.drawn["period"]
    found = re.match(r"(?:Tháng|T|Quý|Q) ?\d+(?=[ -])", period.text, re.IGNORECASE)
    return found is not None and _retitled(
        book, "period", f"{found[0]}¹{period.text[found.end() :]}", lambda cell: cell
    )


# --- sheets and blocks ------------------------------------------------------------------------------------------------


def _sheet_renamed(book: Book) -> bool:
    if book.format == "csv" or not book.layout.get("sheet"):
        return False
    data_sheet(book).name = "Khác"
    return True


def _sheet_undeclared(book: Book) -> bool:
    if book.format not in ("xlsx", "xls"):
        return False
    sheet = data_sheet(book)
    body = [[replace(unread(cell), span=(1, 1)) for cell in row] for row in sheet.body]
    book.sheets.append(Sheet("Bieu bo sung", sheet.columns, body, sheet.header, sheet.above, sheet.below))
    return True


def _other_rows(book: Book, sheet: Sheet) -> list[Row]:
    """The same rows with other figures, which belong to something else."""

    def other(cell: Cell) -> Cell:
        if cell.fact is None:
            return cell
        amount, _ = draw_amount(book.random, "person")
        shown = float(amount) if book.format != "csv" else vietnamese(amount.quantize(amount.to_integral_value()))
        return refused(cell, shown)

    return [[other(cell) for cell in row] for row in sheet.body if any(cell.fact for cell in row)]


def _block_below(book: Book) -> bool:
    """A second table below the first: its title says another period, and its header is the same."""
    other = _other_period(book)
    sheet = data_sheet(book)
    if other is None or not book.has("foot", "none") or _title(book, "period") is None:
        return False
    title = [text(other.text), *[BLANK] * (len(sheet.columns) - 1)]
    header = [[replace(cell, span=(1, 1)) for cell in row] for row in sheet.header]
    gap = [[BLANK] * len(sheet.columns)] * book.random.randint(0, 2)
    sheet.body = [*sheet.body, *gap, title, *header, *_other_rows(book, sheet)]
    return True


HEADINGS = ("Chỉ số phát triển (Năm trước = 100) - %", "Tháng 10 năm 2022", "II. KẾ HOẠCH NĂM 2023", "Trong đó: Nữ")


def _heading_between(book: Book) -> bool:
    """A line that says that the rows below it are something else."""
    sheet = data_sheet(book)
    if not book.has("foot", "none") or book.has("stack", "blocks_ignored"):
        return False
    row = [BLANK] * len(sheet.columns)
    row[book.random.choice([0, *sheet.places("place")])] = Cell(book.random.choice(HEADINGS))
    sheet.body = [*sheet.body, row, *_other_rows(book, sheet)]
    return True


def _field(book: Book, is_lost: bool) -> bool:
    """A separator of one line lost or added: its fields stand in wrong columns."""
    sheet = data_sheet(book)
    if book.format != "csv" or sheet.beside:
        return False
    row = book.random.choice([row for row, _ in figures_of(sheet)])
    cells = [unread(cell) for cell in sheet.body[row]]
    at = book.random.randrange(1, len(cells))
    if is_lost:
        cells[at - 1 : at + 1] = [replace(cells[at], shown=f"{cells[at - 1].shown or ''}{cells[at].shown or ''}")]
    else:
        cells.insert(at, BLANK)
    sheet.body[row] = cells
    return True


PLAIN_HEADER = {"header": "one", "shape": "measures"}
UNIT_IN_CELL = {"unit_of": "cell", "stack": "none", "cells": "one_figure", "sheets": "one"}
PERIOD_IN_CELL = {"period_of": "cell", "stack": "none", "sheets": "one", "shape": "measures"}
# What a trap needs of a plan to have a place in its book; it may still not fit.
NEEDS: dict[str, Plan] = {
    **FORM_NEEDS,
    **dict.fromkeys(("unit_unknown", "unit_gone", "two_units"), UNIT_IN_CELL),
    "unit_changed": {**UNIT_IN_CELL, "scale": "multiplied", "words": "none"},
    **dict.fromkeys(("period_changed", "period_gone", "two_periods"), PERIOD_IN_CELL),
    "period_of_other_type": PERIOD_IN_CELL,
    "period_superscript": {**PERIOD_IN_CELL, "period": "month"},
    "block_below": {**PERIOD_IN_CELL, "foot": "none"},
    **dict.fromkeys(("duplicated_column", "column_gone", "columns_swapped"), PLAIN_HEADER),
    "heading_between": {"foot": "none"},
    "column_numbers": {"format": "xls"},
    **dict.fromkeys(("field_lost", "field_added"), {"format": "csv"}),
    **dict.fromkeys(("boolean", "date", "error", "scaled_format", "percent_without_unit"), {"format": "xlsx"}),
    **dict.fromkeys(("merged_figures", "merged_rows"), {"format": "ods"}),
    "words": {"words": "none", "cells": "one_figure"},
    "glued_mark": {"marks": "none", "cells": "one_figure"},
    "footnoted_place": {"marks": "none", "places": "name"},
    "undeclared_token": {"blanks": "none"},
    "undeclared_total": {"rows": "none", "stack": "none", "sheets": "one"},
    "undeclared_region": {"rows": "none", "stack": "none", "sheets": "one"},
    "undeclared_statistic": {"rows": "none", "stack": "none", "sheets": "one"},
    "place_of_other_set": {"places": "name", "boundaries": "fixed_34"},
    "sheet_renamed": {"sheets": "listed"},
}


def fitted(plan: Plan, trap: str) -> Plan:
    """A plan in whose book the trap has a place, as far as one can be."""
    return repaired({**plan, **NEEDS.get(trap, {})})


TRAPS: dict[str, Trap] = {
    **CELL_TRAPS,
    **FORM_TRAPS,
    "duplicated_column": _duplicated,
    "undeclared_column": lambda book: _added(book, "Chỉ tiêu mới"),
    "column_without_header": lambda book: _added(book, None),
    "label_renamed": _renamed,
    "column_gone": _gone,
    "columns_swapped": _swapped,
    "row_in_header": _row_in_header,
    "row_above_header": _row_above,
    "unit_unknown": lambda book: _retitled(book, "unit", _unit_said(book, "nghìn tấn"), unread),
    "unit_gone": lambda book: _retitled(book, "unit", None, unread),
    "two_units": _two_units,
    "unit_changed": _unit_changed,
    "period_changed": _period_changed,
    "period_gone": lambda book: _retitled(book, "period", None, unread),
    "two_periods": _two_periods,
    "period_of_other_type": _other_type,
    "period_superscript": _superscript,
    "sheet_renamed": _sheet_renamed,
    "sheet_undeclared": _sheet_undeclared,
    "block_below": _block_below,
    "heading_between": _heading_between,
    "field_lost": lambda book: _field(book, True),
    "field_added": lambda book: _field(book, False),
}
