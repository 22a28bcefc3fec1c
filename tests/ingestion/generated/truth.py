"""Sheets whose cells know what they mean: rows and columns may move, the truth moves with its cell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
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


@dataclass(frozen=True)
class Cell:
    """What is written in a cell, and what must come of it.

    A cell with a `fact` is read as this fact or refused. One with `must_refuse` holds something that is no such fact
    and must not get lost either. Of all others nothing may be read. `amount` is the figure in the unit of the sheet.
    """

    shown: Any = None
    fact: Fact | None = None
    amount: Decimal | None = None
    must_refuse: bool = False
    look: str = ""
    span: tuple[int, int] = (1, 1)


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
    """One sheet in four blocks of rows; `columns` are those of header and body, `is_visible` false hides it."""

    name: str
    columns: list[Column]
    body: list[Row]
    header: list[Row] = field(default_factory=list)
    above: list[Row] = field(default_factory=list)
    below: list[Row] = field(default_factory=list)
    is_visible: bool = True

    @property
    def rows(self) -> list[Row]:
        return [*self.above, *self.header, *self.body, *self.below]

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

    def once(self, what: str, draw: Callable[[], Any]) -> Any:
        """What is drawn for the first sheet and holds for all."""
        if what not in self.drawn:
            self.drawn[what] = draw()
        return self.drawn[what]

    @property
    def is_english(self) -> bool:
        return self.raw["number_locale"] == "en"

    def has(self, axis: str, *options: str) -> bool:
        return self.plan[axis] in options


def text(value: str, span: tuple[int, int] = (1, 1)) -> Cell:
    return Cell(value, span=span)


def refused(cell: Cell, shown: Any, look: str = "") -> Cell:
    """The cell with something else written into it, of which nothing may be read."""
    return replace(cell, shown=shown, fact=None, must_refuse=True, look=look)
