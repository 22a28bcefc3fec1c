"""Several tables on one sheet, one below the other or side by side, and where each begins."""

from typing import Any

from tests.ingestion.generated.truth import BLANK, Book, Row, Sheet, text

Layout = dict[str, Any]
# Printed title and declared beginning of tables of different layouts, and of one layout.
DIFFERENT = (("A. SỐ LIỆU CHUNG", "A. Số liệu chung"), ("B. Số liệu chi tiết", "B. Số {any}"))
ALIKE = ("Bảng số I", "Bảng số II", "Bảng số III")
TOP_LABELS = ("one", "merged", "deep", "unmerged", "bilingual", "coded", "numbered_below")


def set_beginning(book: Book, sheet: Sheet, layout: Layout, number: int) -> None:
    """Write and declare where the table begins; what stands above the first beginning holds for all."""
    first_label = sheet.columns[0].path[:1]
    if book.has("stack", "beside_at", "beside_again"):
        layout["beside_at"] = first_label[0]
        if number:
            sheet.above = []
    elif book.has("stack", "begins_again") and _begins_at_label(book, first_label):
        layout["begins_at"] = first_label[0]
        if number:
            sheet.above = [[BLANK]] * book.random.randint(0, 2)
    elif book.has("stack", "begins_at", "begins_again"):
        printed, layout["begins_at"] = _title(book, number)
        at = 0 if number else next((at for at, row in enumerate(sheet.above) if _says_something(book, sheet, row)), 0)
        sheet.above.insert(at, [text(printed)])


def _title(book: Book, number: int) -> tuple[str, str]:
    return DIFFERENT[number] if book.has("stack", "begins_at") else (ALIKE[number], "Bảng số {any}")


def _begins_at_label(book: Book, label: tuple[str, ...]) -> bool:
    """Whether the tables begin at the first label of their headers: then period and unit stand above all of them."""
    can = bool(label) and book.has("header", *TOP_LABELS) and not book.has("marks", "header", "everywhere")
    is_one = not book.has("period_of", "cell") or book.has("shape", "years", "years_below", "years_above")
    return can and is_one and bool(book.once("begins at a label", lambda: book.random.random() < 0.5))


def _says_something(book: Book, sheet: Sheet, row: Row) -> bool:
    """Whether a title line says the period or the unit, which is that of one table where they may differ."""
    texts = [str(cell.shown) for cell in row if cell.shown is not None]
    unit = str(book.drawn.get("unit", "ĐVT")).partition("{")[0]
    return any(text == sheet.period.text or text.startswith(unit) for text in texts)


def joined(book: Book) -> list[Sheet]:
    """The sheets of the book, its tables put together where they stand on one sheet."""
    first, *others = book.sheets
    if book.has("stack", "beside_at", "beside_again"):
        first.beside = others
    elif book.has("stack", "begins_at", "begins_again"):
        first.under = others
    else:
        return book.sheets
    return [first]
