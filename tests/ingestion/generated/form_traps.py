"""Traps in what the layout language has forms for: words, parts of cells, locales, fonts, formulas, blocks, tables."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.ingestion.generated.cell_traps import Trap, data_sheet, figures_of, unread
from tests.ingestion.generated.figures import in_locale
from tests.ingestion.generated.letters import encoded
from tests.ingestion.generated.plan import Plan
from tests.ingestion.generated.truth import BLANK, Book, Cell, Sheet, refused

# Words that say two things, or nothing that can be held to.
CONTRADICTING = (
    *("trên dưới {}", "≥ ≤ {}", "> trên {}", "≥ {} trở xuống", "tối thiểu {} trở lên", "không {}", "tăng {}"),
    *("{} - {} - {}", "trên {} đến {}", "{} hoặc {}", "({})", "- {}", "≥", "đạt", "{}/{}", "{} nghìn triệu"),
)
# What is no cell of two figures, or of one that is none of its pattern.
OTHER_PARTS = ("{}", "({})", "{} ({}) ({})", "{} ({}", "{} {{{}}}", "{} - {}", "", "hạng ({})", "{}, {}")


def _instead_of(book: Book, say: Callable[[Cell], Any], fits: Callable[[Cell], bool]) -> bool:
    """Write what is said of a cell into one of the cells that it fits."""
    sheet = data_sheet(book)
    places = [(row, column) for row, column in figures_of(sheet) if fits(sheet.body[row][column])]
    if not places:
        return False
    row, column = book.random.choice(places)
    cell = sheet.body[row][column]
    sheet.body[row][column] = refused(cell, say(cell))
    return True


def _is_worded(cell: Cell) -> bool:
    return bool(cell.measure.get("is_worded"))


def _printed(book: Book, cell: Cell) -> str:
    assert cell.amount is not None
    return in_locale(book.locale(cell), abs(cell.amount))


def _contradicting(book: Book) -> bool:
    said = book.random.choice(CONTRADICTING)
    return _instead_of(book, lambda cell: said.format(*[_printed(book, cell)] * 3), _is_worded)


def _downwards(book: Book) -> bool:
    """A range whose end lies below its beginning, or at it."""
    sign = book.random.choice(["-", " đến ", " – "])

    def say(cell: Cell) -> str:
        assert cell.amount is not None
        ends = (abs(cell.amount) + book.random.randint(0, 5), abs(cell.amount))
        return sign.join(in_locale(book.locale(cell), end) for end in ends)

    return _instead_of(book, say, _is_worded)


def _other_unit(book: Book) -> bool:
    """A unit in the cell that is not that of the column, or a scale that its unit has already."""

    def say(cell: Cell) -> str:
        assert cell.fact is not None
        is_share = cell.fact.unit.startswith(("%", "million", "billion"))
        wrong = ["nghìn", "triệu", "trạm"] if is_share else ["%", "quả"]
        return f"{_printed(book, cell)} {book.random.choice(wrong)}"

    return _instead_of(book, say, lambda cell: _is_worded(cell) and "station" not in str(cell.fact))


def _two_words(book: Book) -> bool:
    """The column beside a figure says one bound, the figure itself another."""
    columns = book.layout.get("columns", {})
    sheet = data_sheet(book)
    roles = [role for role in ("qualifier", "comparator") if role in columns]
    bare = [fact for row in sheet.body for cell in row for fact in cell.facts if fact.value_upper is None]
    places = [(row, column) for row, column in figures_of(sheet) if sheet.body[row][column].fact in bare]
    if not roles or not places or book.layout.get("figures") != "worded":
        return False
    row, column = book.random.choice(places)
    cell = sheet.body[row][column]
    assert cell.fact is not None
    role, bound = ("comparator", "lt") if cell.fact.kind == "target" else ("qualifier", "less_than")
    if role not in roles:
        return False
    sheet.body[row][column] = refused(cell, f"≥ {_printed(book, cell)}")
    sheet.body[row][sheet.places(role)[0]] = Cell(bound)
    return True


def _upper(book: Book, is_lost: bool) -> bool:
    """The upper end of a range below its lower end, or without a lower one."""
    sheet = data_sheet(book)
    at = sheet.places("upper")
    places = [(row, column) for row, column in figures_of(sheet) if at and sheet.body[row][at[0]].shown is not None]
    if not places:
        return False
    row, column = book.random.choice(places)
    cell = sheet.body[row][column]
    assert cell.amount is not None
    tokens = sorted(book.layout.get("missing_tokens", {"...": "L"}))
    if is_lost:
        sheet.body[row][column] = refused(cell, tokens[0])
    else:
        sheet.body[row][column] = unread(cell)
        shown = in_locale(book.locale(cell), cell.amount - book.random.randint(0, 3))
        sheet.body[row][at[0]] = replace(sheet.body[row][at[0]], shown=shown)
    return True


def _other_parts(book: Book) -> bool:
    said = book.random.choice(OTHER_PARTS)
    if said == "{}" and book.random.random() < 0.5:
        return _instead_of(book, lambda cell: float(cell.amount or 0), lambda cell: "cell" in cell.measure)

    def say(cell: Cell) -> str | None:
        return said.format(*["5"] * 3) or None

    if not said and book.layout.get("blank_cells") != "reject":
        return False
    return _instead_of(book, say, lambda cell: "cell" in cell.measure and not _fits(said, cell))


def _fits(said: str, cell: Cell) -> bool:
    """Whether the text may be one of the measure's own pattern."""
    pattern = str(cell.measure["cell"])
    if pattern.startswith("Đạt") or ":" in pattern:
        return False
    return ";" in pattern or said.startswith("hạng")


def _part_of_other_locale(book: Book) -> bool:
    def say(cell: Cell) -> str:
        said = "1.5" if book.locale(cell) == "vi" else "1,5"
        return str(cell.measure["printed"]).format(said, said)

    return _instead_of(book, say, lambda cell: "second" in cell.measure)


def _formula(book: Book) -> bool:
    """A formula saved by a program that does not calculate, whatever its cell looks like."""
    if book.format not in ("xlsx", "ods"):
        return False
    sheet = data_sheet(book)
    row, column = book.random.choice(figures_of(sheet))
    look = book.random.choice(["", "0.0%"]) if book.format == "xlsx" else ""
    sheet.body[row][column] = replace(refused(sheet.body[row][column], "=A1*2", look), is_formula=True)
    return True


def _place_cells(book: Book) -> list[tuple[int, int]]:
    sheet = data_sheet(book)
    return [
        (row, column)
        for row, _ in figures_of(sheet)
        for column in sheet.places("place")
        if isinstance(sheet.body[row][column].shown, str)
    ]


def _false_font(book: Book) -> bool:
    """Unicode typed under the name of an old font: still what it says, or refused."""
    if book.format == "csv" or not book.has("encoding", "utf-8"):
        return False
    sheet = data_sheet(book)
    for row, column in _place_cells(book):
        if book.random.random() < 0.6:
            sheet.body[row][column] = replace(
                sheet.body[row][column], font=book.random.choice([".VnTime", "VNI-Times"])
            )
    return True


def _old_letters(book: Book) -> bool:
    """The letters of an old encoding that nothing tells: no font, no declaration."""
    sheet = data_sheet(book)
    places = [
        (row, column)
        for row, column in _place_cells(book)
        if (stored := encoded(sheet.body[row][column].shown, "tcvn3")) not in (None, sheet.body[row][column].shown)
        and stored is not None
    ]
    if not places or not book.has("fonts", "none") or not book.has("shape", "measures", "groups"):
        return False
    row, column = book.random.choice(places)
    cells = [unread(cell) for cell in sheet.body[row]]
    cells[column] = Cell(encoded(sheet.body[row][column].shown, "tcvn3"), font="Arial")
    sheet.body[row] = cells
    return True


def _block_renamed(book: Book) -> bool:
    """The label of a block says something else: the rows under it are of another thing."""
    sheet = data_sheet(book)
    if "block" not in str(book.layout) or sheet.places("block"):
        return False
    headings = [row for row, cells in enumerate(sheet.body) if any(cell.is_heading for cell in cells)]
    if not headings:
        return False
    at = headings[-1]
    label = next(number for number, cell in enumerate(sheet.body[at]) if cell.is_heading)
    sheet.body[at][label] = Cell("Chia theo ngành kinh tế")
    sheet.body[at + 1 :] = [[unread(cell) for cell in row] for row in sheet.body[at + 1 :]]
    return True


def _block_in_column_renamed(book: Book) -> bool:
    sheet = data_sheet(book)
    if not sheet.places("block"):
        return False
    at = sheet.places("block")[0]
    row = book.random.choice([row for row, cells in enumerate(sheet.body) if cells[at].shown])
    sheet.body[row][at] = Cell("Chia theo ngành kinh tế")
    sheet.body[row:] = [[unread(cell) for cell in cells] for cells in sheet.body[row:]]
    return True


def _all_unread(sheet: Sheet) -> None:
    for part in sheet.parts():
        part.body = [[unread(cell) for cell in row] for row in part.body]


def _beginning_renamed(book: Book) -> bool:
    """The title where the last table begins says something else: nothing tells where it begins."""
    sheet = data_sheet(book)
    if not sheet.under:
        return False
    last = sheet.under[-1]
    titles = [row for row in last.above if row and str(row[0].shown).startswith(("B. ", "Bảng số"))]
    if not titles:
        return False
    titles[0][0] = Cell("PHỤ LỤC KÈM THEO CÔNG VĂN")
    _all_unread(sheet)
    return True


def _ordinal_broken(book: Book) -> bool:
    """A column under no header that counts no more."""
    sheet = data_sheet(book)
    if not book.has("columns", "ordinal"):
        return False
    rows = [row for row, cells in enumerate(sheet.body) if cells[0].shown is not None]
    sheet.body[book.random.choice(rows)][0] = Cell(book.random.choice([99, "1.234", "x"]))
    return True


def _indicator_unknown(book: Book) -> bool:
    sheet = data_sheet(book)
    if not sheet.places("indicator") or not book.has("shape", "indicators", "indicator_years"):
        return False
    row, _ = book.random.choice(figures_of(sheet))
    cells = [unread(cell) for cell in sheet.body[row]]
    cells[sheet.places("indicator")[0]] = Cell(book.random.choice(["Chỉ tiêu mới", None, "Tổng cộng", "Thuê bao %"]))
    sheet.body[row] = cells
    return True


def _unit_below_changed(book: Book) -> bool:
    """The unit in its own row of the header says another multiple, or is none that is known."""
    sheet = data_sheet(book)
    if not book.has("unit_of", "unit_row"):
        return False
    at = book.random.choice(sheet.places("value"))
    level = len(sheet.columns[at].path) - 1
    sheet.header[level][at] = replace(sheet.header[level][at], shown="nghìn tấn")
    for row in sheet.body:
        if at < len(row):
            row[at] = unread(row[at])
    return True


def _figures_far_below(book: Book) -> bool:
    """A figure as the others of its column are written, below the end of the data."""
    sheet = data_sheet(book)
    if book.has("foot", "none", "lookup_below_blank") or sheet.beside:
        return False
    row, column = book.random.choice(figures_of(sheet))
    if not isinstance(sheet.body[row][column].shown, str):
        return False
    cells = [BLANK] * len(sheet.columns)
    cells[column] = replace(unread(sheet.body[row][column]), must_refuse=True)
    sheet.below += [cells]
    return True


FORM_TRAPS: dict[str, Trap] = {
    "contradicting_words": _contradicting,
    "range_downwards": _downwards,
    "unit_in_cell": _other_unit,
    "words_twice": _two_words,
    "upper_below_lower": lambda book: _upper(book, False),
    "upper_without_lower": lambda book: _upper(book, True),
    "other_parts": _other_parts,
    "part_of_other_locale": _part_of_other_locale,
    "formula_without_result": _formula,
    "false_font": _false_font,
    "old_letters": _old_letters,
    "block_renamed": _block_renamed,
    "block_in_column_renamed": _block_in_column_renamed,
    "beginning_renamed": _beginning_renamed,
    "ordinal_broken": _ordinal_broken,
    "indicator_unknown": _indicator_unknown,
    "unit_below_changed": _unit_below_changed,
    "figures_as_printed_below": _figures_far_below,
}
FORM_NEEDS: dict[str, Plan] = {
    "contradicting_words": {"words": "bounds", "cells": "one_figure"},
    "range_downwards": {"words": "ranges", "cells": "one_figure"},
    "unit_in_cell": {"words": "scales", "cells": "one_figure"},
    "words_twice": {"shape": "long_full", "words": "bounds"},
    "upper_below_lower": {"shape": "long_full"},
    "upper_without_lower": {"shape": "long_full", "blanks": "tokens"},
    "other_parts": {"cells": "rank_and_score", "shape": "measures"},
    "part_of_other_locale": {"cells": "rank_and_score", "shape": "measures"},
    "formula_without_result": {"format": "ods"},
    "false_font": {"encoding": "utf-8", "fonts": "none", "format": "xlsx", "places": "name"},
    "old_letters": {"encoding": "utf-8", "fonts": "none", "shape": "measures", "places": "name"},
    "block_renamed": {"stack": "blocks", "shape": "measures"},
    "block_in_column_renamed": {"stack": "blocks_ignored", "shape": "measures"},
    "beginning_renamed": {"stack": "begins_at"},
    "ordinal_broken": {"columns": "ordinal", "stack": "none"},
    "indicator_unknown": {"shape": "indicators"},
    "unit_below_changed": {"unit_of": "unit_row", "shape": "groups", "cells": "one_figure", "header": "unmerged"},
    "figures_as_printed_below": {"foot": "signature", "numbers": "printed"},
}
