"""Layout features: each changes the sheet and says what a person would then write into the layout of the YAML."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from tests.ingestion.generated.periods import Written
from tests.ingestion.generated.subjects import draw_amount, fact_of, set_of
from tests.ingestion.generated.truth import BLANK, Book, Cell, Column, Fact, Row, Sheet
from tests.ingestion.generated.world import Province

Layout = dict[str, Any]
Feature = Callable[[Book, Sheet, Layout], None]

TOKENS = {"-": "M", "x": "Q", "…": "L", "...": "L", "n.a.": "O"}
DEFAULT_TOKENS = {"..": "L", "...": "L", "…": "L"}


# --- rows among the provinces -----------------------------------------------------------------------------------------


def _label_row(book: Book, sheet: Sheet, label: str, area_id: str = "") -> Row:
    """A row whose place is a label: figures of an area that is read, or figures nothing may be read of."""
    row = [BLANK] * len(sheet.columns)
    for number, column in enumerate(sheet.columns):
        if column.role == "place":
            row[number] = Cell(label)
        elif column.role == "value" and area_id:
            row[number] = fact_of(book, area_id, column.measure)
        elif column.role == "value":
            row[number] = Cell(amount=draw_amount(book.random, column.measure["unit"])[0], measure=column.measure)
    return row


def _total(book: Book, sheet: Sheet, layout: Layout, at: int) -> None:
    sheet.body.insert(at, _label_row(book, sheet, book.random.choice(book.world.labels["total"])))
    layout["totals"] = "skip"


def _country(book: Book, sheet: Sheet, layout: Layout) -> None:
    label = book.random.choice(book.world.labels["total"])
    sheet.body.insert(0, _label_row(book, sheet, label, "VN"))
    layout["totals"] = "country"


def _regions_skipped(book: Book, sheet: Sheet, layout: Layout) -> None:
    label = book.random.choice(book.world.labels["region"])
    row = _label_row(book, sheet, label)
    if book.random.random() < 0.4:
        row = [BLANK if cell.amount is not None else cell for cell in row]
    sheet.body.insert(book.random.randrange(len(sheet.body)), row)
    layout["skip_rows"] = ["region", "group"]


def _regions_read(book: Book, sheet: Sheet, layout: Layout) -> None:
    label, area_id = book.random.choice(sorted(book.world.regions[set_of(book)].items()))
    at = book.random.randrange(len(sheet.body))
    sheet.body.insert(at, _label_row(book, sheet, label, area_id))
    layout["regions"] = "area"


def _statistics(book: Book, sheet: Sheet, layout: Layout) -> None:
    for label in book.random.sample(book.world.labels["statistic"], 2):
        sheet.body.append(_label_row(book, sheet, label))
    layout["skip_rows"] = ["statistic"]


def _empty(book: Book, sheet: Sheet, _: Layout) -> None:
    for _ in range(book.random.randint(1, 2)):
        sheet.body.insert(book.random.randint(1, len(sheet.body)), [BLANK] * len(sheet.columns))


ROWS: dict[str, Feature] = {
    "total_first": lambda book, sheet, layout: _total(book, sheet, layout, 0),
    "total_last": lambda book, sheet, layout: _total(book, sheet, layout, len(sheet.body)),
    "country": _country,
    "regions_skipped": _regions_skipped,
    "regions_read": _regions_read,
    "statistics": _statistics,
    "empty": _empty,
}


# --- columns beside the figures ---------------------------------------------------------------------------------------


def _texts(sheet: Sheet, make: Callable[[int], Cell]) -> list[Cell]:
    """A cell for each row that is neither blank nor a heading."""
    return [
        make(number) if any(cell != BLANK and not cell.is_heading for cell in row) else BLANK
        for number, row in enumerate(sheet.body)
    ]


def _numbered(_: Book, sheet: Sheet, layout: Layout) -> None:
    cells = _texts(sheet, lambda number: Cell(number + 1 if number % 5 else "I"))
    sheet.insert(0, Column("other", ("TT",), "No."), cells)
    layout["ignore_columns"].append("TT")


def _note(book: Book, sheet: Sheet, layout: Layout) -> None:
    words = ["số liệu ước", "(*) điều chỉnh", "1.234", None]
    cells = _texts(sheet, lambda _: Cell(book.random.choice(words)))
    sheet.insert(len(sheet.columns), Column("other", ("Ghi chú",), "Notes"), cells)
    layout["ignore_columns"].append("Ghi chú")


def _ignored_figures(book: Book, sheet: Sheet, layout: Layout, *labels: str, pattern: str) -> None:
    for label in labels:
        cells = _texts(sheet, lambda _: Cell(book.random.randint(1, 200)))
        at = book.random.randrange(1, len(sheet.columns) + 1)
        sheet.insert(at, Column("other", (label,), label), cells)
    layout["ignore_columns"].append(pattern)


def _shuffled(book: Book, sheet: Sheet, _: Layout) -> None:
    order = [0, *book.random.sample(range(1, len(sheet.columns)), len(sheet.columns) - 1)]
    sheet.columns = [sheet.columns[number] for number in order]
    sheet.body = [[row[number] for number in order] for row in sheet.body]


def _ordinal(book: Book, sheet: Sheet, layout: Layout) -> None:
    """Running numbers under no header, as numbers or as texts."""
    numbers = iter(range(1, len(sheet.body) + 1))
    kind = book.random.choice([int, str])
    sheet.insert(0, Column("other", (), ""), _texts(sheet, lambda _: Cell(kind(next(numbers)))))
    layout["unlabelled_columns"] = "ordinal"


COLUMNS: dict[str, Feature] = {
    "numbered": _numbered,
    "ordinal": _ordinal,
    "note": _note,
    "ignored_figures": lambda book, sheet, layout: _ignored_figures(
        book, sheet, layout, "Tăng/giảm so cùng kỳ (%)", pattern="Tăng/giảm so cùng kỳ (%)"
    ),
    "ignored_pattern": lambda book, sheet, layout: _ignored_figures(
        book, sheet, layout, "So với năm 2019", "So với năm 2020", pattern="So với {any}"
    ),
    "shuffled": _shuffled,
    "spacer": lambda _, sheet, __: sheet.insert(
        len(sheet.columns) - 1, Column("other", (), ""), [BLANK] * len(sheet.body)
    ),
}


def add_unit_column(sheet: Sheet) -> None:
    """The unit of each row, beside what the row is about."""
    values = sheet.places("value")
    labels = [
        next((row[number].measure.get("label") for number in values if row[number].measure), "") for row in sheet.body
    ]
    sheet.insert(1, Column("unit", ("ĐVT",), "Unit"), _texts(sheet, lambda number: Cell(labels[number])))


def add_period_column(book: Book, sheet: Sheet, period: Written) -> None:
    cell = Cell(period.text)
    if book.format in ("xlsx", "ods") and period.expect == "month" and period.basis == "period":
        year, month = period.period_id.split("-")
        if book.random.random() < 0.5:
            cell = Cell(date(int(year), int(month), 1), look="mm/yyyy")
    elif book.format != "csv" and period.text.isdecimal():
        cell = Cell(int(period.text))
    sheet.insert(1, Column("period", ("Kỳ báo cáo",), "Period"), _texts(sheet, lambda _: cell))


def add_code_column(book: Book, sheet: Sheet) -> None:
    cells = [
        Cell(row[0].shown.codes[book.scheme]) if isinstance(row[0].shown, Province) else BLANK for row in sheet.body
    ]
    sheet.insert(0, Column("code", ("Mã tỉnh",), "Code"), cells)


# --- cells without a figure -------------------------------------------------------------------------------------------


def _some(book: Book, sheet: Sheet, change: Callable[[Cell], Cell]) -> None:
    """Change one figure in eight, and at least one."""
    places = [
        (row, column)
        for row, cells in enumerate(sheet.body)
        for column, cell in enumerate(cells)
        if cell.fact is not None and cell.fact.value_upper is None
    ]
    for row, column in book.random.sample(places, min(len(places), max(1, len(places) // 8))):
        sheet.body[row][column] = change(sheet.body[row][column])


def without_value(cell: Cell, shown: Any, status: str) -> Cell:
    def change(fact: Fact) -> Fact:
        return replace(fact, value=None, decimals=None, status=status)

    return replace(cell.restated(change), shown=shown, amount=None)


def _ignore(book: Book, sheet: Sheet, layout: Layout) -> None:
    layout["blank_cells"] = "ignore"
    _some(book, sheet, lambda cell: BLANK)


def _missing(book: Book, sheet: Sheet, layout: Layout) -> None:
    layout["blank_cells"] = "missing"
    _some(book, sheet, lambda cell: without_value(cell, book.random.choice([None, " "]), "O"))


def _tokens(book: Book, sheet: Sheet, layout: Layout, tokens: dict[str, str], is_declared: bool) -> None:
    if is_declared:
        layout["missing_tokens"] = tokens

    def change(cell: Cell) -> Cell:
        token = book.random.choice(sorted(tokens))
        return without_value(
            cell, book.random.choice([token, f" {token}", f"{token}\N{NO-BREAK SPACE}"]), tokens[token]
        )

    _some(book, sheet, change)


BLANKS: dict[str, Feature] = {
    "ignore": _ignore,
    "missing": _missing,
    "tokens": lambda book, sheet, layout: _tokens(book, sheet, layout, TOKENS, True),
    "default_tokens": lambda book, sheet, layout: _tokens(book, sheet, layout, DEFAULT_TOKENS, False),
}
