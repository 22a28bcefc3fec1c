"""From one row a place and one column a measure to the other shapes of sheets."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.ingestion.generated.subjects import (
    COMPARATORS,
    TARGET_STATUSES,
    bases_of,
    declared_measures,
    draw_measures,
    fact_of,
)
from tests.ingestion.generated.truth import BLANK, Book, Cell, Column, Fact, Row, Sheet
from tests.ingestion.generated.world import Province

Layout = dict[str, Any]


def to_pairs(sheet: Sheet, size: int) -> None:
    """So many columns of figures with their own places, sorted by their own first figures."""
    blocks = []
    values = sheet.places("value")
    groups = [values[start : start + size] for start in range(0, len(values), size)]
    for numbers in groups:
        rows = [[row[0], *(row[number] for number in numbers)] for row in sheet.body]
        provinces = [each for each in rows if isinstance(each[0].shown, Province)]
        others = [each for each in rows if not isinstance(each[0].shown, Province)]
        blocks.append([*sorted(provinces, key=lambda each: each[1].amount or Decimal(0), reverse=True), *others])
    columns = [
        column for numbers in groups for column in (Column("place", (), ""), *(sheet.columns[each] for each in numbers))
    ]
    sheet.body = [[cell for block in blocks for cell in block[row]] for row in range(len(sheet.body))]
    sheet.columns = columns


# --- one row a fact ---------------------------------------------------------------------------------------------------

QUALIFIERS = ("exact", "approx", "almost", "more_than", "at_least", "less_than", "at_most")
KINDS = {"TH": "observation", "KH": "target"}
# What a sheet of facts may say beside the figure: field of the layout, header, and what its cell makes of the fact.
Facet = tuple[str, str, Callable[[Book, Cell], tuple[Any, Fact]]]


def _kind(book: Book, cell: Cell) -> tuple[Any, Fact]:
    assert cell.fact is not None
    said = book.random.choice(sorted(KINDS))
    return said, replace(cell.fact, kind=KINDS[said])


def _target_status(book: Book, cell: Cell) -> tuple[Any, Fact]:
    assert cell.fact is not None
    said = book.random.choice(TARGET_STATUSES) if cell.fact.kind == "target" else None
    return said, replace(cell.fact, target_status=said)


def _comparator(book: Book, cell: Cell) -> tuple[Any, Fact]:
    assert cell.fact is not None
    said = book.random.choice([None, *COMPARATORS]) if cell.fact.kind == "target" else None
    return said, replace(cell.fact, comparator=said)


def _qualifier(book: Book, cell: Cell) -> tuple[Any, Fact]:
    assert cell.fact is not None
    said = book.random.choice([None, *QUALIFIERS])
    return said, replace(cell.fact, qualifier=said or "exact")


def _basis(book: Book, cell: Cell) -> tuple[Any, Fact]:
    assert cell.fact is not None
    said = book.random.choice([None, *bases_of(book)])
    return said, replace(cell.fact, basis=said or cell.fact.basis)


def _unchanged(said: Callable[[Cell], Any]) -> Callable[[Book, Cell], tuple[Any, Fact]]:
    def facet(_: Book, cell: Cell) -> tuple[Any, Fact]:
        assert cell.fact is not None
        return said(cell), cell.fact

    return facet


FACETS: tuple[Facet, ...] = (
    ("kind", "Loại", _kind),
    ("target_status", "Tình trạng", _target_status),
    ("comparator", "So sánh", _comparator),
    ("qualifier", "Mức độ", _qualifier),
    ("basis", "Cách tính", _basis),
    ("label", "Chỉ tiêu", _unchanged(lambda cell: cell.measure["name"])),
    ("quote", "Trích", _unchanged(lambda cell: "“… đạt 95% kế hoạch năm 2022…”")),
)


def to_long(book: Book, sheet: Sheet, layout: Layout) -> None:
    """One row a fact, with the code of its indicator, its breakdown and its unit, and what else may be said of it."""
    facets = book.once("facets", lambda: _draw_facets(book))
    has_upper = book.has("shape", "long_full") and book.once("upper", lambda: book.random.random() < 0.6)
    roles = ["place", "indicator", "breakdown", "value", "unit", *(name for name, _, _ in facets)]
    labels = [sheet.columns[0].path[0], "Mã chỉ tiêu", "Phân tổ", "Giá trị", "ĐVT", *(label for _, label, _ in facets)]
    if has_upper:
        roles.append("upper")
        labels.append("Đến")
    plain = sheet.columns[sheet.places("value")[0]].measure
    body: list[Row] = []
    for row in sheet.body:
        if row[0].is_heading or all(cell == BLANK for cell in row):
            body.append([row[0], *[BLANK] * (len(roles) - 1)])
            continue
        for number in sheet.places("value"):
            body.append(_fact_row(book, row[0], row[number], sheet.columns[number].measure, facets, has_upper))
    sheet.columns = [
        Column(role, (label,), role, plain if role == "value" else {})
        for role, label in zip(roles, labels, strict=True)
    ]
    sheet.body = body
    layout["columns"] = {"indicator_code": "Mã chỉ tiêu", "breakdown": "Phân tổ", "value": "Giá trị"}
    layout["columns"] |= {name: label for name, label, _ in facets} | ({"value_upper": "Đến"} if has_upper else {})
    if any(name == "kind" for name, _, _ in facets):
        layout["kinds"] = dict(KINDS)


def _draw_facets(book: Book) -> list[Facet]:
    if book.has("shape", "long"):
        return []
    needed = ("kind", "target_status", "comparator") if book.has("kind", "targets") else ()
    free = ("kind", "target_status", "comparator") if not needed else ()
    return [facet for facet in FACETS if facet[0] in needed or (facet[0] not in free and book.random.random() < 0.6)]


def _fact_row(book: Book, place: Cell, cell: Cell, measure: Layout, facets: list[Facet], has_upper: bool) -> Row:
    members = "; ".join(f"{key}:{value}" for key, value in measure["breakdown"].items())
    before, said, is_said = cell.fact, [], False
    for name, _, facet in facets:
        shown = None
        if cell.fact is not None:
            shown, fact = facet(book, cell)
            cell = replace(cell, fact=fact)
            is_said = is_said or (shown is not None and name in ("comparator", "qualifier"))
        said.append(Cell(shown))
    upper = BLANK
    if has_upper and before is not None and cell.amount is not None and book.random.random() < 0.4:
        assert cell.fact is not None
        amount = cell.amount + book.random.randint(1, 50)
        upper, is_said = Cell(amount=amount, measure=cell.measure), True
        cell = replace(cell, fact=replace(cell.fact, value_upper=amount * cell.measure["multiplier"]))
    if is_said:
        # What a column says stands beside a bare figure here; a cell that says it again may contradict it.
        cell = replace(cell, measure={**cell.measure, "is_worded": False})
    row = [place, Cell(measure["indicator_code"]), Cell(members or None), cell, Cell(measure["label"]), *said]
    return [*row, upper] if has_upper else row


# --- one row an indicator ---------------------------------------------------------------------------------------------


def indicator_rows(book: Book, name: str, layout: Layout, periods: list[Any], place: Province) -> Sheet:
    """One place: a row an indicator, a column a period, or one of what was done and one of what was planned."""
    is_again = book.has("sheets", "by_pattern", "listed") or book.has("stack", "begins_again", "beside_again")
    rows = book.once("measures", lambda: draw_measures(book)) if is_again else draw_measures(book)
    columns, declared = [], []
    for said in _said_by_columns(rows[0].measure):
        title = f"{said['title']} năm {{year}}" if book.has("shape", "indicator_years") else said["title"]
        declared += declared_measures(book, said, (title,))
        for period in periods:
            label = title.format(year=period.period_id)
            columns.append(
                Column("value", (label,), f"{label} (en)", {**_own(rows[0].measure), **said, "period": period})
            )
    layout["measures"] = declared
    labels = {row.path[0]: row.measure["indicator_code"] for row in rows}
    layout["indicators"] = {"column": "Chỉ tiêu", "labels": labels}
    body = [
        [
            Cell(row.path[0]),
            *(fact_of(book, place.province_id, {**column.measure, **_own(row.measure)}) for column in columns),
        ]
        for row in rows
    ]
    return Sheet(name, [Column("indicator", ("Chỉ tiêu",), "Indicator"), *columns], body)


def _own(measure: Layout) -> Layout:
    return {key: measure[key] for key in ("indicator_code", "name", "unit", "label", "multiplier")}


def _said_by_columns(measure: Layout) -> list[Layout]:
    """What the columns say: how figures are written, and that one of them holds targets. All else the rows say."""
    common = {key: measure[key] for key in ("number_locale", "figures", "is_worded") if key in measure}
    done: Layout = {"title": "Thực hiện", "breakdown": {}, **common}
    planned = {**done, "title": "Kế hoạch", "target": measure["target"]} if "target" in measure else None
    return [done, planned] if planned else [done]
