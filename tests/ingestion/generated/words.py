"""Figures as plans and reports write them: with bounds, ranges, scales and units in the cell."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

from tests.ingestion.generated.truth import Book, Cell, Fact

# A figure in its words, how firmly an observation is then stated, and how a target is then met.
BOUNDS: tuple[tuple[str, str, str | None], ...] = (
    ("≥ {}", "at_least", "ge"),
    (">={}", "at_least", "ge"),
    ("tối thiểu {}", "at_least", "ge"),
    ("Ít nhất {}", "at_least", "ge"),
    ("không dưới {}", "at_least", "ge"),
    ("từ {} trở lên", "at_least", "ge"),
    ("{} trở lên", "at_least", "ge"),
    ("đạt ≥ {}", "at_least", "ge"),
    ("> {}", "more_than", "gt"),
    ("trên {}", "more_than", "gt"),
    ("Trên {}", "more_than", "gt"),
    ("hơn {}", "more_than", "gt"),
    ("đạt trên {}", "more_than", "gt"),
    ("≤{}", "at_most", "le"),
    ("<= {}", "at_most", "le"),
    ("tối đa {}", "at_most", "le"),
    ("không quá {}", "at_most", "le"),
    ("{} trở xuống", "at_most", "le"),
    ("<{}", "less_than", "lt"),
    ("dưới {}", "less_than", "lt"),
    ("gần {}", "almost", None),
    ("khoảng {}", "approx", None),
    ("~ {}", "approx", None),
    ("ước đạt {}", "approx", None),
    ("đạt {}", "exact", None),
    ("= {}", "exact", None),
    ("{}", "exact", None),
)
RANGES = (
    ("{}-{}", "exact"),
    ("{} – {}", "exact"),
    ("{} đến {}", "exact"),
    ("từ {} đến {}", "exact"),
    ("{} tới {}", "exact"),
    ("khoảng {} - {}", "approx"),
)
SCALES = {"nghìn": 3, "ngàn": 3, "triệu": 6, "tỷ": 9, "tỉ": 9}

Write = Callable[[Decimal], str]


def worded(book: Book, cell: Cell, write: Write) -> Cell:
    """The cell with words around its figure, and what they make of its fact."""
    assert cell.fact is not None
    assert cell.amount is not None
    if book.has("words", "ranges"):
        return _range(book.random, cell, cell.fact, cell.amount, write)
    figure, fact = write(cell.amount), cell.fact
    if book.has("words", "scales"):
        figure, fact = _scaled(book, cell, fact, cell.amount, write)
    said, word, comparator = book.random.choice(BOUNDS)
    return replace(cell, shown=said.format(figure), fact=_stated(fact, word, comparator))


def _stated(fact: Fact, word: str, comparator: str | None) -> Fact:
    """A word that bounds is the comparator of a target and the qualifier of an observation; others qualify both."""
    if fact.kind == "target" and comparator:
        return replace(fact, comparator=comparator)
    return fact if word == "exact" else replace(fact, qualifier=word)


def _range(random: Random, cell: Cell, fact: Fact, amount: Decimal, write: Write) -> Cell:
    if amount < 0:
        return replace(cell, shown=write(amount))
    upper = amount + Decimal(random.randint(1, 20))
    said, word = random.choice(RANGES)
    suffix = random.choice(["", "%", " %"]) if fact.unit.startswith("%") else ""
    one = random.choice(["", suffix])
    shown = said.format(f"{write(amount)}{one}", f"{write(upper)}{suffix}")
    comparator = "range" if fact.kind == "target" else None
    changed = replace(_stated(fact, word, None), value_upper=upper * cell.measure["multiplier"])
    return replace(cell, shown=shown, fact=replace(changed, comparator=comparator))


def _scaled(book: Book, cell: Cell, fact: Fact, amount: Decimal, write: Write) -> tuple[str, Fact]:
    """A figure with its unit or a scale behind it, and what it then counts."""
    random, own = book.random, cell.measure["multiplier"]
    if fact.unit.startswith("%"):
        return f"{write(amount)}{random.choice(['%', ' %'])}", fact
    scales = [(name, Decimal(10) ** power) for name, power in SCALES.items()]
    # `500 triệu` in a column of billions of dong counts dong, and is no figure of that unit.
    known = [] if fact.unit.startswith(("million", "billion")) else scales
    known += [(label, multiplier) for label, multiplier in book.world.units[fact.unit] if not label[0].isdigit()]
    fitting = [(label, factor) for label, factor in known if own in (1, factor)]
    if not fitting:
        return write(amount), fact
    label, factor = random.choice(fitting)
    if factor != own:
        amount = Decimal(random.randint(1, 9999)) / 10
    value = amount * factor
    decimals = -int(amount.as_tuple().exponent) - factor.adjusted()
    return f"{write(amount)} {label}", replace(fact, value=value, decimals=decimals)
