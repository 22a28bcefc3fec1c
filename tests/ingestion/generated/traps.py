"""What goes wrong in real files: planted into a good book, with what then is true of its cells.

A trap returns False where the book has no place for it. After a trap nothing wrong may be read: a cell is still the
fact it was, or another that the sheet now says, or is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tests.ingestion.generated.spelling import english, vietnamese
from tests.ingestion.generated.subjects import Written, draw_amount, draw_period
from tests.ingestion.generated.truth import BLANK, Book, Cell, Column, Row, Sheet, refused, text

Trap = Callable[[Book], bool]


def unread(cell: Cell) -> Cell:
    """A cell whose fact can no longer be told."""
    return replace(cell, fact=None, must_refuse=cell.must_refuse or cell.fact is not None)


def _figures(sheet: Sheet) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row, cells in enumerate(sheet.body)
        for column, cell in enumerate(cells)
        if cell.fact is not None and cell.fact.value is not None
    ]


def _sheet(book: Book) -> Sheet:
    return next(sheet for sheet in book.sheets if sheet.is_visible and sheet.body)


# --- one cell ---------------------------------------------------------------------------------------------------------


def _instead(book: Book, shown: Any, look: str = "") -> bool:
    """Write something else into one cell of figures."""
    sheet = _sheet(book)
    row, column = book.random.choice(_figures(sheet))
    sheet.body[row][column] = refused(sheet.body[row][column], shown, look)
    return True


def _one_of(*texts: Any) -> Trap:
    return lambda book: _instead(book, book.random.choice(texts))


def _only(formats: Sequence[str], trap: Trap) -> Trap:
    return lambda book: book.has("format", *formats) and trap(book)


def _other_locale(book: Book) -> bool:
    return _instead(book, book.random.choice(["15,85", "1.234,5", "1.234.567"] if book.is_english else ENGLISH))


ENGLISH = ("15.85", "1,234.5", "1,234,567", "0.123", "1234.567", "-0.5", "12.3450")
WORDED = (
    *("hơn 1,2 triệu", "gần 8.200", "12 nghìn", "≥ 80", "20-25", "15% đến 20%", "không", "chưa có số liệu"),
    *("01 (0,727)", "5/63", "182,340157,126139", "12 người", "1.234 đ", "trên 80%", "80 %", "VND 5", "1,2,3"),
)


def _glued(book: Book) -> bool:
    sheet = _sheet(book)
    row, column = book.random.choice(_figures(sheet))
    cell = sheet.body[row][column]
    amount = cell.amount
    assert amount is not None
    printed = english(amount) if book.is_english else vietnamese(amount)
    mark = book.random.choice([" (1)", "*", "¹", ")", " a", "(*)", " 1)", "²", " [1]", "₁"])
    sheet.body[row][column] = refused(cell, f"{printed}{mark}")
    return True


def _scaled(book: Book) -> bool:
    look = book.random.choice(["#,##0,", "0.0,,", "#,##0.00,;-#,##0.00,"])
    return _instead(book, book.random.randint(10_000, 10**8), look)


def _percent_without_unit(book: Book) -> bool:
    sheet = _sheet(book)
    places = [(row, column) for row, column in _figures(sheet) if "%" not in str(sheet.body[row][column].fact)]
    if not places:
        return False
    row, column = book.random.choice(places)
    sheet.body[row][column] = refused(sheet.body[row][column], 0.724, "0.0%")
    return True


def _merged(book: Book, down: int, across: int) -> bool:
    """One figure over several cells."""
    sheet = _sheet(book)
    figures = set(_figures(sheet))
    whole = [
        (row, column)
        for row, column in sorted(figures)
        if {(row + i, column + j) for i in range(down) for j in range(across)} <= figures
    ]
    if not whole:
        return False
    top, left = book.random.choice(whole)
    for row in range(top, top + down):
        for column in range(left, left + across):
            cell = sheet.body[row][column]
            is_first = (row, column) == (top, left)
            sheet.body[row][column] = replace(refused(cell, cell.shown if is_first else None), look="")
    sheet.body[top][left] = replace(sheet.body[top][left], span=(down, across))
    return True


def _blank_against_policy(book: Book) -> bool:
    return bool(book.layout.get("blank_cells") == "reject") and _instead(book, None)


# --- places and rows --------------------------------------------------------------------------------------------------

STRANGERS = (
    *("Tỉnh Không Có", "Hà Nội 2", "Nước ngoài", "Không xác định", "999", "Bộ Công an", "Hà Nam Ninh"),
    *("Нà Nội", "Cộng", "Tổng", "Trong đó:", "A", "Các tỉnh còn lại", "Hà Nội, Huế", "Huyện Bình Chánh"),
)


def _place(book: Book, shown: Any) -> bool:
    """Another text as the place of one row, or of one figure in sheets of pairs."""
    sheet = _sheet(book)
    row, column = book.random.choice(_figures(sheet))
    cells = sheet.body[row]
    if book.has("shape", "pairs"):
        cells[column - 1], cells[column] = Cell(shown), unread(cells[column])
        return True
    for number in [*sheet.places("place"), *sheet.places("code")]:
        cells[number] = Cell(shown)
    sheet.body[row] = [unread(cell) for cell in cells]
    return True


def _other_set(book: Book) -> bool:
    foreign = {"63": "Hà Tây", "64": "", "34": "Hà Giang"}[book.plan["boundaries"].removeprefix("fixed_")]
    return bool(foreign) and book.scheme == "name" and _place(book, foreign)


def _footnoted_place(book: Book) -> bool:
    """The place with a mark: still the place, or refused."""
    sheet = _sheet(book)
    row = book.random.choice([row for row, _ in _figures(sheet)])
    number = sheet.places("place")[0]
    shown = f"{sheet.body[row][number].shown}{book.random.choice([' (1)', '*', '¹', ' (*)', ' 1/'])}"
    if book.scheme != "name" and not book.has("places", "code_and_name"):
        return False
    sheet.body[row][number] = Cell(shown)
    return True


def _labelled(book: Book, kind: str) -> bool:
    """A row of a label that the source does not declare, unless it does."""
    declared = {"total": "totals", "region": "regions"}.get(kind, "")
    if declared in book.layout or kind in book.layout.get("skip_rows", ()) or "tables" in book.layout:
        return False
    sheet = _sheet(book)
    label = book.random.choice(book.world.labels[kind])
    model = book.random.choice([row for row, _ in _figures(sheet)])
    # Rows of totals are left out where nothing else is declared; all others are refused.
    cells = [replace(cell, fact=None, must_refuse=kind != "total" and bool(cell.fact)) for cell in sheet.body[model]]
    for number, column in enumerate(sheet.columns):
        if column.role in ("place", "code"):
            cells[number] = Cell(label if column.role == "place" else None)
    sheet.body.insert(book.random.randrange(len(sheet.body) + 1), cells)
    return True


def _repeated_header(book: Book) -> bool:
    sheet = _sheet(book)
    at = book.random.randrange(1, len(sheet.body) + 1)
    sheet.body[at:at] = [[replace(cell, span=(1, 1)) for cell in row] for row in sheet.header]
    return True


def _column_numbers(book: Book) -> bool:
    sheet = _sheet(book)
    if book.has("header", "coded"):
        return False
    sheet.body.insert(0, [Cell(number) for number in range(1, len(sheet.columns) + 1)])
    return book.raw["format"] != "csv" and not book.has("shape", "pairs")


def _shifted(book: Book, by: int) -> bool:
    """One row pushed aside; where places are bare numbers, a figure may look like one and nothing can tell."""
    sheet = _sheet(book)
    if book.scheme == "gso" and not book.has("places", "code_and_name"):
        return False
    row = book.random.choice([row for row, _ in _figures(sheet)])
    cells = [BLANK, *sheet.body[row]] if by > 0 else sheet.body[row][1:]
    values = sheet.places("value")
    sheet.body[row] = [
        replace(cell, fact=None, must_refuse=number in values and cell.shown not in (None, " "))
        for number, cell in enumerate(cells)
    ]
    return True


def _figures_below(book: Book) -> bool:
    if book.has("foot", "none", "lookup_below_blank"):
        return False
    sheet = _sheet(book)
    row, _ = book.random.choice(_figures(sheet))
    amounts = [
        refused(cell, book.random.randint(1, 10**6)) if cell.fact is not None else BLANK for cell in sheet.body[row]
    ]
    sheet.below += [amounts]
    return True


# --- columns ----------------------------------------------------------------------------------------------------------


def _column(sheet: Sheet, change: Callable[[Cell], Cell], at: int) -> None:
    for row in sheet.body:
        if at < len(row):
            row[at] = change(row[at])


def _plain_header(book: Book) -> bool:
    """Whether every column has its labels for itself, so that columns may be cut out and put in."""
    return book.has("header", "one", "bilingual", "english_above", "coded") and not book.has("shape", "pairs")


def _duplicated(book: Book) -> bool:
    sheet = _sheet(book)
    if not _plain_header(book):
        return False
    at = book.random.choice(sheet.places("value"))
    _column(sheet, unread, at)
    for row in [*sheet.header, *sheet.body]:
        row.insert(at, row[at])
    sheet.columns.insert(at, sheet.columns[at])
    return True


def _added(book: Book, label: str | None) -> bool:
    """One more column of figures, which nobody declared."""
    sheet = _sheet(book)
    if not _plain_header(book):
        return False
    at = book.random.randrange(1, len(sheet.columns) + 1)
    for number, row in enumerate(sheet.header):
        row.insert(at, Cell(label if number == 0 else None))
    for row in sheet.body:
        is_full = any(cell.fact for cell in row)
        row.insert(at, Cell(book.random.randint(100, 10**6), must_refuse=True) if is_full else BLANK)
    sheet.columns.insert(at, Column("other", (label,) if label else (), ""))
    if book.has("header", "english_above"):
        sheet.header[1][at], sheet.header[0][at] = sheet.header[0][at], sheet.header[1][at]
    return True


def _renamed(book: Book) -> bool:
    """The label of a column of figures says something else."""
    sheet = _sheet(book)
    at = book.random.choice(sheet.places("value"))
    labels = [row for row in sheet.header if at < len(row) and isinstance(row[at].shown, str)]
    if not labels or not _plain_header(book):
        return False
    named = sheet.header[1] if book.has("header", "english_above") else sheet.header[0]
    said = str(named[at].shown)
    other = book.random.choice(
        ["Thuê bao vệ tinh", f"{said} (nghìn)", f"{said} lũy kế", f"{said} 2020-2021", f"{said} %"]
    )
    named[at] = text(other)
    _column(sheet, unread, at)
    return True


def _gone(book: Book) -> bool:
    sheet = _sheet(book)
    at = book.random.choice([*sheet.places("value"), *sheet.places("place")])
    if not _plain_header(book):
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
    sheet = _sheet(book)
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
    sheet = _sheet(book)
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
    sheet = _sheet(book)
    sheet.above.insert(book.random.randrange(len(sheet.above) + 1), [text(book.random.choice(NOTES))])
    return True


def _title(book: Book, what: str) -> tuple[Sheet, int, int] | None:
    """Where the sheet says its period or its unit above the header."""
    if not book.has(f"{what}_of", "cell") or (what == "period" and book.has("shape", "years", "years_below")):
        return None
    sheet = _sheet(book)
    patterns = book.layout.get(what, {}).get("patterns")
    if not patterns or len([each for each in book.sheets if each.body]) > 1:
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
    sheet = _sheet(book)
    measure = sheet.columns[sheet.places("value")[0]].measure
    others = [each for each in book.world.units[measure["unit"]] if each[1] != measure["multiplier"]]
    if not others:
        return False
    label, multiplier = book.random.choice(others)

    def change(cell: Cell) -> Cell:
        if cell.fact is None or cell.fact.value is None or cell.fact.decimals is None:
            return cell
        factor = multiplier / measure["multiplier"]
        decimals = cell.fact.decimals + measure["multiplier"].adjusted() - multiplier.adjusted()
        return replace(cell, fact=replace(cell.fact, value=cell.fact.value * factor, decimals=decimals))

    return _retitled(book, "unit", _unit_said(book, label), change)


def _other_period(book: Book) -> Written | None:
    period: Written = book.drawn["period"]
    drawn = (draw_period(book) for _ in range(200))
    return next((each for each in drawn if each.pattern == period.pattern and each.period_id != period.period_id), None)


def _period_changed(book: Book) -> bool:
    other = _other_period(book)
    if other is None:
        return False

    def change(cell: Cell) -> Cell:
        return replace(cell, fact=replace(cell.fact, period_id=other.period_id)) if cell.fact else cell

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
    for word in ("Tháng 1 ", "T1-", "Tháng 1-", "Quý 1-", "Q1-"):
        if period.text.startswith(word):
            return _retitled(book, "period", period.text.replace("1", "1¹", 1), lambda cell: cell)
    return False


# --- sheets and blocks ------------------------------------------------------------------------------------------------


def _sheet_renamed(book: Book) -> bool:
    if book.raw["format"] == "csv" or not book.layout.get("sheet"):
        return False
    _sheet(book).name = "Khác"
    return True


def _sheet_undeclared(book: Book) -> bool:
    if book.raw["format"] not in ("xlsx", "xls"):
        return False
    sheet = _sheet(book)
    body = [[replace(unread(cell), span=(1, 1)) for cell in row] for row in sheet.body]
    book.sheets.append(Sheet("Bieu bo sung", sheet.columns, body, sheet.header, sheet.above, sheet.below))
    return True


def _other_rows(book: Book, sheet: Sheet) -> list[Row]:
    """The same rows with other figures, which belong to something else."""

    def other(cell: Cell) -> Cell:
        if cell.fact is None:
            return cell
        amount, _ = draw_amount(book.random, "person")
        shown = (
            float(amount) if book.raw["format"] != "csv" else vietnamese(amount.quantize(amount.to_integral_value()))
        )
        return refused(cell, shown)

    return [[other(cell) for cell in row] for row in sheet.body if any(cell.fact for cell in row)]


def _block_below(book: Book) -> bool:
    """A second table below the first: its title says another period, and its header is the same."""
    other = _other_period(book)
    sheet = _sheet(book)
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
    sheet = _sheet(book)
    if not book.has("foot", "none"):
        return False
    row = [BLANK] * len(sheet.columns)
    row[book.random.choice([0, *sheet.places("place")])] = Cell(book.random.choice(HEADINGS))
    sheet.body = [*sheet.body, row, *_other_rows(book, sheet)]
    return True


def _field(book: Book, is_lost: bool) -> bool:
    """A separator of one line lost or added: its fields stand in wrong columns."""
    if book.raw["format"] != "csv":
        return False
    sheet = _sheet(book)
    row = book.random.choice([row for row, _ in _figures(sheet)])
    cells = [unread(cell) for cell in sheet.body[row]]
    at = book.random.randrange(1, len(cells))
    if is_lost:
        cells[at - 1 : at + 1] = [replace(cells[at], shown=f"{cells[at - 1].shown or ''}{cells[at].shown or ''}")]
    else:
        cells.insert(at, BLANK)
    sheet.body[row] = cells
    return True


TRAPS: dict[str, Trap] = {
    "other_locale": _other_locale,
    "glued_mark": _glued,
    "words": _one_of(*WORDED),
    "spaced_thousands": _one_of("1 234 567", "1\N{NO-BREAK SPACE}234", "1\N{NARROW NO-BREAK SPACE}234", "1'234"),
    "exponent": _one_of("1E3", "1,2E3", "2e5", "1x10^3"),
    "other_digits": _one_of("１２３", "١٢٣", "⅓", "½", "²"),
    "boolean": _only(("xlsx",), _one_of(True)),
    "date": _only(("xlsx",), lambda book: _instead(book, date(2022, 9, 1), "dd/mm/yyyy")),
    "error": _only(("xlsx",), _one_of("#N/A", "#DIV/0!", "#REF!")),
    "error_text": _only(("csv", "ods", "xls"), _one_of("#N/A", "#REF!", "N/A")),
    "scaled_format": _only(("xlsx",), _scaled),
    "percent_without_unit": _only(("xlsx",), _percent_without_unit),
    "merged_figures": _only(("xlsx", "xls"), lambda book: _merged(book, 1, 2)),
    "merged_rows": _only(("xlsx", "xls"), lambda book: _merged(book, 2, 1)),
    "blank_against_policy": _blank_against_policy,
    "undeclared_token": lambda book: not book.has("blanks", "tokens") and _one_of("x", "-", "n.a.", ".", "–")(book),
    "unknown_place": lambda book: _place(book, book.random.choice(STRANGERS)),
    "blank_place": lambda book: _place(book, None),
    "place_of_other_set": _other_set,
    "footnoted_place": _footnoted_place,
    "undeclared_total": lambda book: _labelled(book, "total"),
    "undeclared_region": lambda book: _labelled(book, "region"),
    "undeclared_statistic": lambda book: _labelled(book, "statistic"),
    "repeated_header": _repeated_header,
    "column_numbers": _column_numbers,
    "shifted_right": lambda book: _shifted(book, 1),
    "shifted_left": lambda book: _shifted(book, -1),
    "figures_below": _figures_below,
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
    "two_units": lambda book: _retitled(book, "unit", _unit_said(book, "nghìn hộ"), unread, is_added=True),
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
