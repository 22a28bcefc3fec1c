"""Traps in one cell or one row: another text for a figure, a place that is none, a row that is no province."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tests.ingestion.generated.figures import in_locale
from tests.ingestion.generated.truth import BLANK, Book, Cell, Sheet, refused

Trap = Callable[[Book], bool]


def unread(cell: Cell) -> Cell:
    """A cell whose fact can no longer be told."""
    return replace(cell, fact=None, other=None, must_refuse=cell.must_refuse or cell.fact is not None)


def figures_of(sheet: Sheet) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row, cells in enumerate(sheet.body)
        for column, cell in enumerate(cells)
        if cell.fact is not None and cell.fact.value is not None
    ]


def data_sheet(book: Book) -> Sheet:
    return next(sheet for sheet in book.sheets if sheet.is_visible and sheet.body)


# --- one cell ---------------------------------------------------------------------------------------------------------


def _instead(book: Book, shown: Any, look: str = "") -> bool:
    """Write something else into one cell of figures."""
    sheet = data_sheet(book)
    row, column = book.random.choice(figures_of(sheet))
    sheet.body[row][column] = refused(sheet.body[row][column], shown, look)
    return True


def _one_of(*texts: Any) -> Trap:
    return lambda book: _instead(book, book.random.choice(texts))


def _only(formats: Sequence[str], trap: Trap) -> Trap:
    return lambda book: book.format in formats and trap(book)


def _of_one_figure(trap: Trap) -> Trap:
    """A trap for cells that hold a figure, plain or in words, and nothing beside it."""
    return lambda book: book.has("cells", "one_figure") and trap(book)


def _plain(trap: Trap) -> Trap:
    """A trap for cells whose figures have no words."""
    return _of_one_figure(lambda book: book.has("words", "none") and trap(book))


def _other_locale(book: Book) -> bool:
    """Digits as the locale of their cell, that of its measure where it has one, does not write them."""
    sheet = data_sheet(book)
    row, column = book.random.choice(figures_of(sheet))
    cell = sheet.body[row][column]
    said = book.random.choice(VIETNAMESE if book.locale(cell) == "en" else ENGLISH)
    sheet.body[row][column] = refused(cell, said)
    return True


VIETNAMESE = ("15,85", "1.234,5", "1.234.567")
ENGLISH = ("15.85", "1,234.5", "1,234,567", "0.123", "1234.567", "-0.5", "12.3450")
WORDED = (
    *("hơn 1,2 triệu", "gần 8.200", "12 nghìn", "≥ 80", "20-25", "15% đến 20%", "không", "chưa có số liệu"),
    *("01 (0,727)", "5/63", "182,340157,126139", "12 người", "1.234 đ", "trên 80%", "80 %", "VND 5", "1,2,3"),
)


def _glued(book: Book) -> bool:
    sheet = data_sheet(book)
    row, column = book.random.choice(figures_of(sheet))
    cell = sheet.body[row][column]
    amount = cell.amount
    assert amount is not None
    printed = in_locale(book.locale(cell), amount)
    mark = book.random.choice([" (1)", "*", "¹", ")", " a", "(*)", " 1)", "²", " [1]", "₁"])
    sheet.body[row][column] = refused(cell, f"{printed}{mark}")
    return True


def _scaled(book: Book) -> bool:
    look = book.random.choice(["#,##0,", "0.0,,", "#,##0.00,;-#,##0.00,"])
    return _instead(book, book.random.randint(10_000, 10**8), look)


def _percent_without_unit(book: Book) -> bool:
    sheet = data_sheet(book)
    places = [
        (row, column)
        for row, column in figures_of(sheet)
        if not any(fact.unit.startswith("%") for fact in sheet.body[row][column].facts)
    ]
    if not places:
        return False
    row, column = book.random.choice(places)
    sheet.body[row][column] = refused(sheet.body[row][column], 0.724, "0.0%")
    return True


def _merged(book: Book, down: int, across: int) -> bool:
    """One figure over several cells."""
    sheet = data_sheet(book)
    figures = set(figures_of(sheet))
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
    sheet = data_sheet(book)
    row, column = book.random.choice(figures_of(sheet))
    cells = sheet.body[row]
    places = sheet.places("place")
    if not places:
        return False
    if book.has("shape", "pairs", "triples"):
        at = max(number for number in places if number < column)
        reach = min([number for number in places if number > column] or [len(cells)])
        sheet.body[row] = [
            unread(cell) if at < number < reach else cell if number != at else Cell(shown)
            for number, cell in enumerate(cells)
        ]
        return True
    for number in [*places, *sheet.places("code")]:
        cells[number] = Cell(shown)
    sheet.body[row] = [unread(cell) for cell in cells]
    return True


def _other_set(book: Book) -> bool:
    foreign = {"63": "Hà Tây", "64": "", "34": "Hà Giang"}[book.plan["boundaries"].removeprefix("fixed_")]
    return bool(foreign) and book.scheme == "name" and _place(book, foreign)


def _footnoted_place(book: Book) -> bool:
    """The place with a mark: still the place, or refused."""
    sheet = data_sheet(book)
    row = book.random.choice([row for row, _ in figures_of(sheet)])
    is_name = book.scheme == "name" or book.has("places", "code_and_name")
    if not is_name or not book.has("marks", "none") or not sheet.places("place"):
        return False
    number = sheet.places("place")[0]
    shown = f"{sheet.body[row][number].shown}{book.random.choice([' (1)', '*', '¹', ' (*)', ' 1/'])}"
    sheet.body[row][number] = Cell(shown)
    return True


def _labelled(book: Book, kind: str) -> bool:
    """A row of a label that the source does not declare, unless it does."""
    declared = {"total": "totals", "region": "regions"}.get(kind, "")
    if declared in book.layout or kind in book.layout.get("skip_rows", ()) or "tables" in book.layout:
        return False
    sheet = data_sheet(book)
    if not sheet.places("place"):
        return False
    label = book.random.choice(book.world.labels[kind])
    model = book.random.choice([row for row, _ in figures_of(sheet)])
    # Rows of totals are left out where nothing else is declared; all others are refused.
    cells = [
        replace(cell, fact=None, other=None, must_refuse=kind != "total" and bool(cell.fact))
        for cell in sheet.body[model]
    ]
    for number, column in enumerate(sheet.columns):
        if column.role in ("place", "code", "block"):
            cells[number] = Cell(label if column.role == "place" else None)
    sheet.body.insert(book.random.randrange(len(sheet.body) + 1), cells)
    return True


def _repeated_header(book: Book) -> bool:
    sheet = data_sheet(book)
    at = book.random.randrange(1, len(sheet.body) + 1)
    sheet.body[at:at] = [[replace(cell, span=(1, 1)) for cell in row] for row in sheet.header]
    return True


def _column_numbers(book: Book) -> bool:
    sheet = data_sheet(book)
    if book.has("header", "coded"):
        return False
    sheet.body.insert(0, [Cell(number) for number in range(1, len(sheet.columns) + 1)])
    return book.format != "csv" and not book.has("shape", "pairs", "triples")


def _shifted(book: Book, by: int) -> bool:
    """One row pushed aside; where places are bare numbers, a figure may look like one and nothing can tell."""
    sheet = data_sheet(book)
    if book.scheme == "gso" and not book.has("places", "code_and_name"):
        return False
    row = book.random.choice([row for row, _ in figures_of(sheet)])
    cells = [BLANK, *sheet.body[row]] if by > 0 else sheet.body[row][1:]
    values = sheet.places("value")
    sheet.body[row] = [
        replace(cell, fact=None, other=None, must_refuse=number in values and cell.shown not in (None, " "))
        for number, cell in enumerate(cells)
    ]
    return True


def _figures_below(book: Book) -> bool:
    if book.has("foot", "none", "lookup_below_blank"):
        return False
    sheet = data_sheet(book)
    row, _ = book.random.choice(figures_of(sheet))
    amounts = [
        refused(cell, book.random.randint(1, 10**6)) if cell.fact is not None else BLANK for cell in sheet.body[row]
    ]
    sheet.below += [amounts]
    return True


CELL_TRAPS: dict[str, Trap] = {
    "other_locale": _other_locale,
    "glued_mark": _of_one_figure(lambda book: book.has("marks", "none") and _glued(book)),
    "words": _plain(_one_of(*WORDED)),
    "spaced_thousands": _one_of("1 234 567", "1\N{NO-BREAK SPACE}234", "1\N{NARROW NO-BREAK SPACE}234", "1'234"),
    "exponent": _one_of("1E3", "1,2E3", "2e5", "1x10^3"),
    "other_digits": _one_of("１２３", "١٢٣", "⅓", "½", "²"),
    "boolean": _only(("xlsx",), _one_of(True)),
    "date": _only(("xlsx",), lambda book: _instead(book, date(2022, 9, 1), "dd/mm/yyyy")),
    "error": _only(("xlsx",), _one_of("#N/A", "#DIV/0!", "#REF!")),
    "error_text": _only(("csv", "ods", "xls"), _one_of("#N/A", "#REF!", "N/A")),
    "scaled_format": _only(("xlsx",), _scaled),
    "percent_without_unit": _only(("xlsx",), _percent_without_unit),
    "merged_figures": _only(("xlsx", "xls", "ods"), lambda book: _merged(book, 1, 2)),
    "merged_rows": _only(("xlsx", "xls", "ods"), lambda book: _merged(book, 2, 1)),
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
}
