"""Blocks of rows under one header, each under a label that says of what, when, or in which unit its figures are."""

from dataclasses import dataclass, field, replace
from typing import Any

from tests.ingestion.generated.periods import alike_periods
from tests.ingestion.generated.subjects import other_unit
from tests.ingestion.generated.truth import BLANK, Book, Cell, Column, Row, Sheet

Layout = dict[str, Any]


@dataclass(frozen=True)
class Block:
    """The label of some rows, and what is otherwise with the measures of their figures; nothing is read of some."""

    label: str = ""
    changes: Layout = field(default_factory=dict)
    is_read: bool = True


def draw_blocks(book: Book, layout: Layout, measure: Layout) -> list[Block]:
    """The blocks of a sheet, and what the layout says of them; one without a label where it has none."""
    if book.has("period_of", "block"):
        periods = book.once("blocks", lambda: alike_periods(book, 2))
        layout["block"] = f"Kỳ {periods[0].pattern}"
        layout["period"]["patterns"] = [layout["block"]]
        return [Block(f"Kỳ {each.text}", {"period": each}) for each in periods]
    if book.has("unit_of", "block"):
        layout["block"] = "Đơn vị: {unit}"
        layout["unit"] = {"from": "block", "patterns": [layout["block"]]}
        units = [measure, other_unit(book, measure)]
        changes = [{key: unit[key] for key in ("label", "multiplier")} for unit in units]
        return [Block(f"Đơn vị: {each['label']}", each) for each in changes]
    if book.has("stack", "blocks"):
        layout["block"] = "A. Cả hai giới"
        return [Block("A. CẢ HAI GIỚI"), Block("B. RIÊNG NỮ", {"within": {"sex": "female"}})]
    if book.has("stack", "blocks_ignored"):
        layout["block"], layout["ignore_blocks"] = "I. Giá trị", ["Chỉ số phát triển {any}"]
        return [Block("I. GIÁ TRỊ"), Block("Chỉ số phát triển (Năm trước = 100) - %", is_read=False)]
    return [Block()]


def tables_of(book: Book) -> list[Layout]:
    """Blocks that are tables of their own, as the YAML says what is otherwise with each."""
    return [{"block": "A. Cả hai giới"}, {"block": "B {any}", "constants": {**book.constants, "sex": "female"}}]


def under_label(block: Block, body: list[Row]) -> list[Row]:
    """The rows of a block below a row with its label."""
    if not block.is_read:
        body = [[replace(cell, fact=None, other=None) for cell in row] for row in body]
    if not block.label:
        return body
    return [[Cell(block.label, is_heading=True), *[BLANK] * (len(body[0]) - 1)], *body]


def put_labels_in_column(book: Book, sheet: Sheet, layout: Layout) -> None:
    """The label of each block in a column beside its rows, in the first of them or in all, and no longer above them."""
    labels: list[str] = []
    label = ""
    for row in sheet.body:
        label = next((cell.shown for cell in row if cell.is_heading), label)
        labels.append(label)
    is_heading = [any(cell.is_heading for cell in row) for row in sheet.body]
    kept = [number for number, is_label in enumerate(is_heading) if not is_label]
    sheet.body = [sheet.body[number] for number in kept]
    is_repeated, seen, cells = book.random.random() < 0.4, "", []
    for number in kept:
        is_blank = all(cell == BLANK for cell in sheet.body[len(cells)])
        is_said = not is_blank and (is_repeated or labels[number] != seen)
        cells.append(Cell(labels[number]) if is_said else BLANK)
        seen = seen if is_blank else labels[number]
    sheet.insert(0, Column("block", ("Mục",), "Item"), cells)
    layout["block_column"] = "Mục"
