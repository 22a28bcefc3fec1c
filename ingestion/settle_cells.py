"""All cells of a table to accepted and rejected rows, each kind of cell judged once.

Cells that are drafted alike and hold plain numbers become rows that differ in their address and number alone. So the
first of them is settled by itself, and the others take its row, with an address and a number of their own. So does a
cell whose like was refused, or that holds anything but a plain number.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.cells import Cells
from ingestion.drafts import Draft
from ingestion.errors import RowFault
from ingestion.layout import Table
from ingestion.number_columns import Integers, NumberColumns, columns_of, short_numbers
from ingestion.numbers import Number
from ingestion.questions import Asker
from ingestion.settle import LeftOut, settle, unit_of
from ingestion.shapes import ROW_SCHEMA, VALUE_TYPE, arrays_of
from ingestion.source import Source
from ingestion.text import is_blank, printed
from ingestion.values import value_of

# In place of the row a cell takes: it is not judged yet, was refused, or is no row at all.
_REFUSED, _LEFT_OUT, _OPEN = -1, -2, -3

# What a number has of its own where it takes the row of another cell; and what every cell has of its own.
_OF_NUMBERS = ("value_text", "value", "decimals")
_OWN = (*_OF_NUMBERS, "row_no", "cell")


class Settled(NamedTuple):
    """What the cells of a table are: accepted rows, rejected records, and figures of wholes that are left out.

    `left_out` counts the rows of the sheet that are left out, whether or not their figures can be read. `rows_read` is
    the number of cells of the sheet that are shape rows: counted on the sheet, and not from what became of them.
    """

    rows: pa.Table
    rejected: list[dict[str, Any]]
    wholes: list[dict[str, Any]]
    left_out: int
    rows_read: int


def settle_cells(cells: Cells, table: Table, source: Source, asker: Asker, row_no: int) -> Settled:
    """Settle the cells of a table; the first accepted or rejected row gets the number `row_no`."""
    judge = _Judge(cells, table, source, asker)
    short = judge.settle_short_numbers()
    judge.settle_others()
    are_wholes = np.array([*judge.are_wholes, False, False], bool)[judge.kinds]
    are_shape_rows = ~are_wholes & (judge.kinds != _LEFT_OUT)
    row_numbers = row_no - 1 + np.cumsum(are_shape_rows)
    numbers = (short, judge.numbers_like_others())
    return Settled(
        rows=judge.rows(np.flatnonzero((judge.kinds >= 0) & ~are_wholes), row_numbers, numbers),
        rejected=[{"row_no": int(row_numbers[at]), **record} for at, record in sorted(judge.rejected.items())],
        wholes=judge.rows(np.flatnonzero(are_wholes), row_numbers, numbers).to_pylist(),
        left_out=len(set(cells.rows[are_wholes | (judge.kinds == _LEFT_OUT)].tolist())),
        rows_read=int(np.count_nonzero(are_shape_rows)),
    )


class _Like(NamedTuple):
    """A number that was accepted: its draft and row, and what its unit is in the base unit."""

    draft: Draft
    kind: int
    unit: str | None
    multiplier: Decimal


class _Judge:
    """What is known of the cells so far. `kinds` says for each cell which of the rows in `found` it takes."""

    def __init__(self, cells: Cells, table: Table, source: Source, asker: Asker) -> None:
        self.cells, self.table, self.source, self.asker = cells, table, source, asker
        self.kinds = np.full(len(cells.values), _OPEN)
        self.found: list[dict[str, Any]] = []
        self.are_wholes: list[bool] = []  # whether a row of `found` is of a whole that is left out
        self.rejected: dict[int, dict[str, Any]] = {}
        self.numbers: dict[int, Number] = {}  # of cells that take the row of another, by position
        self.alike: dict[int, _Like] = {}  # the first of the cells of one number in cells.alike
        self.same: dict[Hashable, int] = {}

    def settle_short_numbers(self) -> NumberColumns:
        """Settle the first of the short numbers that are alike; those that can take its row do, and are returned."""
        numbers = short_numbers(self.cells.values)
        if self.cells.uppers is not None:
            numbers = numbers.where(np.array([self._upper(at) is None for at in numbers.at.tolist()], bool))
        alike = self.cells.alike[numbers.at]
        firsts = np.full(alike.max(initial=0) + 1, -1)
        firsts[alike[::-1]] = numbers.at[::-1]
        for at in firsts[firsts >= 0].tolist():
            self._settle(at)
        likes = {each: like for each, like in self.alike.items() if not like.draft.writing.pattern}
        multipliers = sorted({like.multiplier for like in likes.values()})
        kinds, of = np.full(len(firsts), _OPEN), np.zeros(len(firsts), np.int64)
        for each, like in likes.items():
            kinds[each], of[each] = like.kind, multipliers.index(like.multiplier)
        are_known = kinds[alike] != _OPEN
        found = columns_of(numbers.where(are_known), multipliers, of[alike[are_known]])
        self.kinds[found.at] = kinds[self.cells.alike[found.at]]
        return found

    def settle_others(self) -> None:
        """Settle every cell that is left: as a number like another one, as the same cell before it, or by itself."""
        for at in np.flatnonzero(self.kinds == _OPEN).tolist():
            alike, value, upper = int(self.cells.alike[at]), self.cells.values[at], self._upper(at)
            like = self.alike.get(alike)
            number = None if like is None else self._number(at, like)
            same = (alike, type(value), value, type(upper), upper)
            if like and number:
                self.kinds[at], self.numbers[at] = like.kind, number
            elif same in self.same:
                self.kinds[at] = self.same[same]
            else:
                self._settle(at)
                if self.kinds[at] != _REFUSED:
                    self.same[same] = int(self.kinds[at])

    def _settle(self, at: int) -> None:
        """Settle a cell by itself; the first number that is accepted becomes the like of others."""
        draft = self.cells.draft(at)
        settled = settle(draft, self.table, self.source, self.asker)
        if isinstance(settled, list):
            self.kinds[at], self.rejected[at] = _REFUSED, _rejected(self.table, draft, settled)
            return
        row = settled.whole if isinstance(settled, LeftOut) else settled
        if row is None:
            self.kinds[at] = _LEFT_OUT
            return
        self.kinds[at] = len(self.found)
        self.are_wholes.append(isinstance(settled, LeftOut))
        self.found.append(row)
        like = _Like(draft, int(self.kinds[at]), *unit_of(draft, self.asker, []))
        if self._number(at, like) is not None:
            self.alike.setdefault(int(self.cells.alike[at]), like)

    def _upper(self, at: int) -> object:
        """The upper end of a range in a column of its own, None where there is none."""
        upper = None if self.cells.uppers is None else self.cells.uppers[at]
        return None if is_blank(upper) else upper

    def _number(self, at: int, like: _Like) -> Number | None:
        """The number in a cell, where it is one and nothing else: no range, no bound, no mark with a status."""
        if self._upper(at) is not None:
            return None
        unit = (self.asker, like.unit, like.multiplier)
        figure, status = value_of(self.cells.values[at], "", like.draft.writing, self.source, unit, [])
        is_plain = figure is not None and not status and figure.upper is None and figure.word == "exact"
        return figure.number if figure is not None and is_plain else None

    def numbers_like_others(self) -> NumberColumns:
        """The other numbers that take the row of another cell."""
        at = np.array(sorted(self.numbers), np.int64)
        numbers = [self.numbers[each] for each in at.tolist()]
        return NumberColumns(
            at=at,
            value_text=pa.array([printed(self.cells.values[each]) for each in at.tolist()], pa.string()),
            value=pa.array([number.value for number in numbers], VALUE_TYPE),
            decimals=pa.array([number.decimals for number in numbers], pa.int32()),
        )

    def rows(self, at: Integers, row_numbers: Integers, numbers: Sequence[NumberColumns]) -> pa.Table:
        """The rows of some cells, each with its own address and number."""
        places, kinds = self.kinds.copy(), pa.array(self.kinds[at])
        end = len(self.found)
        for each in numbers:
            places[each.at] = np.arange(end, end + len(each.at))
            end += len(each.at)
        own, found = pa.array(places[at]), arrays_of(self.found, ROW_SCHEMA)
        columns = {name: _taken(cells, kinds) for name, cells in found.items() if name not in _OWN}
        for name in _OF_NUMBERS:
            columns[name] = pa.concat_arrays([found[name], *(getattr(each, name) for each in numbers)]).take(own)
        columns |= {"row_no": pa.array(row_numbers[at]), "cell": self._addresses(at)}
        return pa.table(columns, schema=ROW_SCHEMA)

    def _addresses(self, at: Integers) -> pa.Array:
        grid, columns = self.table.grid, self.cells.columns[at]
        letters = pa.array([grid.letters(column) for column in range(columns.max(initial=0) + 1)], pa.string())
        numbers = pa.array(np.asarray(grid.row_numbers, np.int64)[self.cells.rows[at]])
        return pc.binary_join_element_wise(letters.take(pa.array(columns)), pc.cast(numbers, pa.string()), "")


def _taken(cells: pa.Array, kinds: pa.Array) -> pa.Array:
    return pa.repeat(cells[0], len(kinds)) if len(cells.unique()) == 1 else cells.take(kinds)


def _rejected(table: Table, draft: Draft, faults: Sequence[RowFault]) -> dict[str, Any]:
    first = faults[0]
    return {
        "sheet": table.grid.sheet,
        "cell": first.cell or table.grid.address(draft.row, draft.column),
        "field": first.field,
        "raw_value": first.raw_value,
        "reason_code": first.reason_code,
        "reasons": json.dumps(list(dict.fromkeys(fault.reason_code for fault in faults))),
        "reason_vi": " ".join(fault.reason_vi for fault in faults),
        "reason_en": " ".join(fault.reason_en for fault in faults),
    }
