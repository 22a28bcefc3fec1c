"""How offices write figures: as numbers or texts, with marks and words, two in one cell."""

from dataclasses import replace
from decimal import Decimal

from tests.ingestion.generated.spelling import NBSP
from tests.ingestion.generated.subjects import RANK_CHANGE
from tests.ingestion.generated.truth import Book, Cell, Fact
from tests.ingestion.generated.words import worded

# Marks a source declares, with the status that they give.
FOOTNOTES = {"(*)": "P", "(1)": "A", "**": "E", "¹": "B"}
SHARE_WORDED = 0.6
SHARE_MARKED = 0.3


def vietnamese(amount: Decimal, is_grouped: bool = True) -> str:
    """1.234,50"""
    return english(amount, is_grouped).translate(str.maketrans(",.", ".,"))


def english(amount: Decimal, is_grouped: bool = True) -> str:
    """1,234.50"""
    return f"{amount:,f}" if is_grouped else f"{amount:f}"


def in_locale(locale: str, amount: Decimal, is_grouped: bool = True) -> str:
    return english(amount, is_grouped) if locale == "en" else vietnamese(amount, is_grouped)


def marked(book: Book, said: str) -> tuple[str, str]:
    """A text with a declared mark behind it, and the status that the mark gives."""
    mark = book.random.choice(sorted(FOOTNOTES))
    return f"{said}{book.random.choice(['', ' '])}{mark}", FOOTNOTES[mark]


def with_status(fact: Fact, status: str) -> Fact:
    """Status is a set: of A, which says nothing, and the others. Why there is no figure stands alone."""
    if fact.value is None:
        return fact
    return replace(fact, status=";".join(sorted({*fact.status.split(";"), status} - {"A"})) or "A")


def write_number(book: Book, cell: Cell) -> Cell:
    """The cell with its figure written; a numeric cell keeps no zeros at the end, so its decimals are fewer."""
    if cell.amount is None or cell.shown is not None:
        return cell
    written = _written(book, cell, cell.amount)
    if (
        isinstance(written.shown, str)
        and book.has("marks", "figures", "everywhere")
        and book.random.random() < SHARE_MARKED
    ):
        said, status = marked(book, written.shown)
        return replace(written.restated(lambda fact: with_status(fact, status)), shown=said)
    return written


def _written(book: Book, cell: Cell, amount: Decimal) -> Cell:
    how, random, locale = book.plan["numbers"], book.random, book.locale(cell)
    is_grouped = random.random() < 0.8
    if cell.measure.get("cell"):
        return _in_parts(cell if book.has("marks", "none") else _no_mark(cell), locale, is_grouped)
    if cell.fact is not None and cell.measure.get("is_worded") and random.random() < SHARE_WORDED:
        return worded(book, cell, lambda each: in_locale(locale, each, is_grouped))
    if how == "mixed":
        how = random.choice(["numeric", "printed", "padded"])
    if how == "percent":
        return (
            _numeric(cell, amount.scaleb(-2), "0.0%") if cell.fact and cell.fact.unit == "%" else _numeric(cell, amount)
        )
    if how == "numeric":
        return _numeric(cell, amount)
    printed = in_locale(locale, amount, is_grouped)
    if how == "padded":
        printed = random.choice([f"   {printed}", f"{printed}{NBSP}", f"{NBSP}{printed} ", printed.replace("-", "−")])
    return replace(cell, shown=printed)


def _no_mark(cell: Cell) -> Cell:
    """A second figure that cannot be taken for a mark: `14 (1)` may be a rank with a footnote, and is refused."""
    other = cell.other
    if other is None or other.amount != 1 or other.fact is None or other.fact.decimals is None:
        return cell
    if other.measure["indicator_code"] == RANK_CHANGE:
        return cell
    amount = other.amount.quantize(Decimal("1.00"))
    added = 2 + int(other.amount.as_tuple().exponent)
    fact = replace(other.fact, decimals=other.fact.decimals + added)
    return replace(cell, other=replace(other, amount=amount, fact=fact))


def _in_parts(cell: Cell, locale: str, is_grouped: bool) -> Cell:
    """The cell as its pattern has it: ranks with a leading zero, changes of ranks with their sign."""
    figures = []
    for each in (cell, cell.other):
        if each is not None and each.amount is not None:
            printed = in_locale(locale, each.amount, is_grouped)
            is_rank = each.measure.get("unit") == "rank"
            if each.measure.get("indicator_code") == RANK_CHANGE:
                printed = f"{each.amount:+f}"
            figures.append(printed.zfill(2) if is_rank and not printed.startswith(("-", "+")) else printed)
    while len(figures) < cell.measure["printed"].count("{}"):
        figures.append(in_locale(locale, Decimal(5), is_grouped))
    return replace(cell, shown=cell.measure["printed"].format(*figures))


def _numeric(cell: Cell, amount: Decimal, look: str = "") -> Cell:
    number: float | int = float(amount)
    number = int(number) if number.is_integer() and not look else number
    assert cell.amount is not None
    printed = max(0, -int(cell.amount.normalize().as_tuple().exponent))
    before = max(0, -int(cell.amount.as_tuple().exponent))
    fact = cell.fact
    if fact is not None and fact.decimals is not None:
        fact = replace(fact, decimals=fact.decimals - before + printed)
    return replace(cell, shown=number, fact=fact, look=look)
