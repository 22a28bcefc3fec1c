"""Sheets whose cells know what they mean: rows and columns may move, the truth moves with its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import zip_longest
from random import Random
from typing import Any

from tests.ingestion.generated.world import World


@dataclass(frozen=True)
class Fact:
    """What a cell says, in the base unit; `value` is None where the cell says by its `status` that there is none."""

    province_id: str
    indicator_code: str
    period_id: str
    breakdown: str
    basis: str
    unit: str
    value: Decimal | None
    decimals: int | None
    status: str
    value_upper: Decimal | None = None
    qualifier: str = "exact"
    kind: str = "observation"
    comparator: str | None = None
    target_status: str | None = None


@dataclass(frozen=True)
class Cell:
    """What is written in a cell, and what must come of it.

    A cell with a `fact` is read as this fact or refused; with an `other`, the second figure of the cell, as both. One
    with `must_refuse` holds something that is no such fact and must not get lost either. Of all others nothing may be
    read. `amount` is the figure in the unit of the sheet, `measure` the column or row that it belongs to. A cell that
    `is_heading` says what the rows below it are; `font` and `look` are how a workbook sets it, `is_formula` how made.
    """

    shown: Any = None
    fact: Fact | None = None
    amount: Decimal | None = None
    must_refuse: bool = False
    look: str = ""
    span: tuple[int, int] = (1, 1)
    other: Cell | None = None
    measure: dict[str, Any] = field(default_factory=dict, compare=False)
    font: str = ""
    is_heading: bool = False
    is_formula: bool = False

    @property
    def facts(self) -> list[Fact]:
        return [cell.fact for cell in (self, self.other) if cell is not None and cell.fact is not None]

    def restated(self, change: Callable[[Fact], Fact]) -> Cell:
        """The cell with each of its facts changed."""
        other = None if self.other is None else self.other.restated(change)
        return replace(self, fact=None if self.fact is None else change(self.fact), other=other)


BLANK = Cell()
Row = list[Cell]


@dataclass
class Column:
    """A column before the sheet is written: its role, its header from the top down, the same in English."""

    role: str
    path: tuple[str, ...]
    english: str
    measure: dict[str, Any] = field(default_factory=dict)


@dataclass
class Sheet:
    """One sheet in four blocks of rows; `columns` are those of header and body, `is_visible` false hides it.

    More tables may stand `beside` it from the first row of its header on, or `under` it. `period` is that of its
    figures where they have one.
    """

    name: str
    columns: list[Column]
    body: list[Row]
    header: list[Row] = field(default_factory=list)
    above: list[Row] = field(default_factory=list)
    below: list[Row] = field(default_factory=list)
    is_visible: bool = True
    period: Any = None
    beside: list[Sheet] = field(default_factory=list)
    under: list[Sheet] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        table = [*self.header, *self.body, *self.below]
        for other in self.beside:
            right = [*other.header, *other.body, *other.below]
            gaps = [BLANK] * _width(table), [BLANK] * _width(right)
            pairs = zip_longest(_padded(table), _padded(right))
            table = [[*(one or gaps[0]), *(two or gaps[1])] for one, two in pairs]
        return [*self.above, *table, *(row for other in self.under for row in other.rows)]

    def parts(self) -> Iterator[Sheet]:
        """The table itself and those beside and under it."""
        yield self
        for other in (*self.beside, *self.under):
            yield from other.parts()

    def places(self, role: str) -> list[int]:
        return [number for number, column in enumerate(self.columns) if column.role == role]

    def insert(self, at: int, column: Column, cells: Sequence[Cell]) -> None:
        """Add a column before the header is made."""
        self.columns.insert(at, column)
        for row, cell in zip(self.body, cells, strict=True):
            row.insert(at, cell)

    def change(self, role: str, change: Callable[[Cell], Cell]) -> None:
        """Change every cell of the body under the columns of a role."""
        for row in self.body:
            for number in self.places(role):
                row[number] = change(row[number])

    def change_all(self, change: Callable[[Cell], Cell]) -> None:
        """Change every cell of the table, those beside and under it included."""
        for part in self.parts():
            for rows in (part.above, part.header, part.body, part.below):
                rows[:] = [[change(cell) for cell in row] for row in rows]


def _width(rows: Sequence[Row]) -> int:
    return max(map(len, rows), default=0)


def _padded(rows: Sequence[Row]) -> list[Row]:
    width = _width(rows)
    return [[*row, *[BLANK] * (width - len(row))] for row in rows]


@dataclass
class Book:
    """A workbook in the making, with the source YAML that describes it."""

    plan: dict[str, str]
    random: Random
    world: World
    raw: dict[str, Any]
    sheets: list[Sheet] = field(default_factory=list)
    file_name: str = "Bao cao"
    scheme: str = "name"
    drawn: dict[str, Any] = field(default_factory=dict)

    @property
    def layout(self) -> dict[str, Any]:
        layout: dict[str, Any] = self.raw["layout"]
        return layout

    @property
    def format(self) -> str:
        return str(self.raw["format"])

    @property
    def constants(self) -> dict[str, str]:
        """Members that every row of the source belongs to."""
        return {"operator": "itel"} if self.has("constants", "operator") else {}

    def once(self, what: str, draw: Callable[[], Any]) -> Any:
        """What is drawn for the first sheet and holds for all."""
        if what not in self.drawn:
            self.drawn[what] = draw()
        return self.drawn[what]

    def locale(self, cell: Cell) -> str:
        """How digits of this figure are written."""
        return str(cell.measure.get("number_locale", self.raw["number_locale"]))

    def has(self, axis: str, *options: str) -> bool:
        return self.plan[axis] in options


def text(value: str, span: tuple[int, int] = (1, 1)) -> Cell:
    return Cell(value, span=span)


def refused(cell: Cell, shown: Any, look: str = "") -> Cell:
    """The cell with something else written into it, of which nothing may be read."""
    return replace(cell, shown=shown, fact=None, other=None, must_refuse=True, look=look, is_formula=False)
