"""Workbooks of known truth with layout features combined at random: each cell is read right, or refused with a reason.

1,200 of them here, the same in every run; `make prove-sheets` reads as many more as wanted.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import ingestion.blocks
import ingestion.drafts
import ingestion.figures
import ingestion.legacy_text
import ingestion.places
import ingestion.read
import ingestion.readers.workbook_file
import ingestion.settle
import ingestion.settle_cells
import ingestion.values
from ingestion.cells import Cells
from ingestion.drafts import Draft
from ingestion.layout import Table
from tests.ingestion.generated.fields import NOT_DRAWN, every_field, is_explained
from tests.ingestion.generated.judge import Tally
from tests.ingestion.generated.plan import AXES, repaired
from tests.ingestion.generated.run import read_drawn
from tests.ingestion.generated.traps import TRAPS, fitted

SEEDS = st.integers(0, 2**32)
OPTIONS = st.fixed_dictionaries({axis: st.sampled_from(options) for axis, options in AXES.items()})
DRAWN = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)

# Least share of the facts of a feature that is read, the goal of the product.
FLOOR = 0.95
# Least share of the facts that traps leave as they were; many traps refuse the whole file.
FLOOR_BESIDE_TRAPS = 0.7


def test_every_fact_of_a_good_workbook_is_read_right(tmp_path, reference):
    tally = Tally()

    @settings(DRAWN, max_examples=620)
    @given(options=OPTIONS, seed=SEEDS)
    def read(options, seed):
        plan = repaired(options)
        verdict = read_drawn(plan, seed, tmp_path, reference)
        tally.add(plan, verdict)
        assert not verdict.silent

    read()
    assert tally.shares["all"].books >= 620
    assert {name for name, share in tally.shares.items() if share.read < FLOOR} == set(), tally.table()
    missing = {f"{axis}={option}" for axis, options in AXES.items() for option in options} - tally.shares.keys()
    assert missing == set(), "features never drawn"
    assert {field for field in every_field() - tally.fields if not is_explained(field)} == set(), "fields never drawn"
    assert NOT_DRAWN.keys() & tally.fields == set(), "said to be never drawn"


def test_what_is_said_of_fields_that_are_not_drawn_is_said_of_fields():
    assert NOT_DRAWN.keys() <= every_field()


def test_nothing_wrong_is_read_from_a_workbook_with_a_trap_in_it(tmp_path, reference):
    tally, fits = Tally(), Counter()

    @settings(DRAWN, max_examples=820)
    @given(options=OPTIONS, seed=SEEDS, trap=st.sampled_from(sorted(TRAPS)))
    def read(options, seed, trap):
        verdict = read_drawn(fitted(options, trap), seed, tmp_path, reference, trap)
        if verdict is not None:
            tally.add({"trap": trap}, verdict)
            fits[trap] += 1
            assert not verdict.silent

    read()
    assert fits.total() >= 600
    assert TRAPS.keys() == fits.keys()
    assert tally.shares["all"].read >= FLOOR_BESIDE_TRAPS, tally.table()


# A plan in which each of the broken readers below has something to break, once what it is about is drawn too.
PLAIN = {axis: options[0] for axis, options in AXES.items()}

BreakIt = Callable[[pytest.MonkeyPatch], None]


def _other_cells(change: Callable[[Cells, Table], Cells]) -> BreakIt:
    """A reader that takes other cells than it found."""

    def break_it(monkeypatch: pytest.MonkeyPatch) -> None:
        cells_of = ingestion.read.cells_of
        monkeypatch.setattr(ingestion.read, "cells_of", lambda table, *rest: change(cells_of(table, *rest), table))

    return break_it


def _other(module: Any, name: str, change: Callable[..., Any]) -> BreakIt:
    """A reader one of whose functions does something else; the change is given the function and what it is called with.

    Its result is that of the broken function.
    """

    def break_it(monkeypatch: pytest.MonkeyPatch) -> None:
        sound = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *rest: change(sound, *rest))

    return break_it


def _other_figures(cells: Cells, values: list[Any]) -> Cells:
    return replace(cells, values=values, draft=lambda at: replace(cells.draft(at), value=values[at]))


def _neighbours(cells: Cells, table: Table) -> Cells:
    places = zip(cells.rows, cells.columns, strict=True)
    return _other_figures(cells, [table.grid.cell(int(row), int(column) - 1) or 0 for row, column in places])


def _without_last(cells: Cells, _: Table) -> Cells:
    columns = {name: getattr(cells, name)[:-1] for name in ("rows", "columns", "values", "alike")}
    return replace(cells, **columns)


def _beside(cells: Cells, _: Table) -> Cells:
    def draft(at: int) -> Draft:
        found = cells.draft(at)
        return replace(found, column=found.column + 1)

    return replace(cells, columns=cells.columns + 1, draft=draft)


def _other_draft(**changes: Callable[[Draft], Any]) -> BreakIt:
    """A reader that changes a field of what it drafts."""

    def changed(draft: Draft) -> Draft:
        return replace(draft, **{name: change(draft) for name, change in changes.items()})

    return _other_cells(lambda cells, _: replace(cells, draft=lambda at: changed(cells.draft(at))))


def _thousandfold(monkeypatch: pytest.MonkeyPatch) -> None:
    unit_of = ingestion.settle.unit_of
    for module in (ingestion.settle, ingestion.settle_cells):
        monkeypatch.setattr(module, "unit_of", lambda *rest: (unit_of(*rest)[0], 1000 * unit_of(*rest)[1]))


def _hanoi(sound: Any, draft: Any, source: Any, asker: Any, *rest: Any) -> Any:
    found = sound(draft, source, asker, *rest)
    return asker.reference.areas["P63-01"] if hasattr(found, "province_id") else found


def _other_part(sound: Any, text: str, pattern: str) -> Any:
    return sound(text, pattern.replace("{value}", "{}").replace("{any}", "{value}").replace("{}", "{any}"))


def _without_statuses(sound: Any, *rest: Any) -> Any:
    return sound(*rest)[0], ()


def _one_block(_: Any, table: Any, layout: Any) -> Any:
    rows = [row for row in table.rows if table.grid.cell(row, table.figures[0].column) is not None]
    return [replace(table, rows=rows, block="A. Cả hai giới")]


def _first_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    sound, found = ingestion.read.period_of_table, []

    def first(*rest: Any) -> Any:
        found.append(sound(*rest))
        return found[0]

    monkeypatch.setattr(ingestion.read, "period_of_table", first)


def _exact(sound: Any, *rest: Any) -> Any:
    return "exact", sound(*rest)[1]


WORDED = {"words": "bounds", "numbers": "printed"}
MARKED = {"marks": "everywhere", "numbers": "printed"}


@pytest.mark.parametrize(
    ("break_it", "about", "trap"),
    [
        pytest.param(_other_cells(_neighbours), {}, "", id="reads the column beside"),
        pytest.param(_other_cells(_without_last), {}, "", id="drops the last cell"),
        pytest.param(_thousandfold, {}, "", id="takes a unit for its thousandfold"),
        pytest.param(_other(ingestion.settle, "area_of_row", _hanoi), {}, "", id="books every figure on one province"),
        pytest.param(_other_draft(basis=lambda _: "cumulative"), {}, "", id="declares another basis"),
        pytest.param(_other_draft(breakdown=lambda _: "sex:male"), {}, "", id="restricts to a member"),
        pytest.param(_other_cells(_beside), {}, "", id="names another cell"),
        pytest.param(
            _other_cells(lambda cells, _: _other_figures(cells, [2 * value for value in cells.values])),
            {},
            "",
            id="doubles the figure",
        ),
        pytest.param(
            _other(ingestion.values, "part_of_cell", _other_part),
            {"cells": "rank_and_score", "unit_of": "measure"},
            "",
            id="swaps the parts of a cell",
        ),
        pytest.param(_other(ingestion.figures, "_word", _exact), WORDED, "", id="takes a bound for the figure"),
        pytest.param(
            _other(ingestion.figures, "_word", _exact),
            {**WORDED, "kind": "targets"},
            "",
            id="takes the declared comparator for that of the cell",
        ),
        pytest.param(
            _other(ingestion.values, "read_words", lambda sound, *rest: replace(sound(*rest), upper=None)),
            {"words": "ranges"},
            "",
            id="takes the lower end of a range for the figure",
        ),
        pytest.param(
            _other(ingestion.figures, "_scale", lambda _, label, unit, multiplier, unit_of: multiplier),
            {"words": "scales"},
            "",
            id="passes over the scale in a cell",
        ),
        pytest.param(
            _other(ingestion.layout, "writing_of", lambda sound, *rest: sound(*rest)._replace(locale=None)),
            {"locale": "per_measure", "numbers": "printed"},
            "",
            id="reads every measure in the locale of the source",
        ),
        pytest.param(
            _other(ingestion.values, "without_marks", _without_statuses), MARKED, "", id="forgets marks of figures"
        ),
        pytest.param(
            _other(ingestion.drafts, "without_marks", _without_statuses), MARKED, "", id="forgets marks of places"
        ),
        pytest.param(
            _other(ingestion.layout, "marks_of_header", lambda *_: {}), MARKED, "", id="forgets marks of the header"
        ),
        pytest.param(
            _other_draft(kind=lambda _: "observation"), {"kind": "targets"}, "", id="takes targets for observations"
        ),
        pytest.param(
            _other_draft(breakdown=lambda _: "total"), {"constants": "operator"}, "", id="forgets the constants"
        ),
        pytest.param(
            _other(ingestion.read, "blocks_of", _one_block), {"stack": "blocks"}, "", id="reads all blocks as the first"
        ),
        pytest.param(
            _first_of_all,
            {"stack": "begins_again", "sheets": "one"},
            "",
            id="takes the first title for that of all tables",
        ),
        pytest.param(
            _other(ingestion.cells, "with_shared", lambda _, table, layout: table),
            {"format": "ods"},
            "merged_figures",
            id="reads merged figures of open documents",
        ),
        pytest.param(
            _other(ingestion.readers.workbook_file, "put_marks", lambda *_: None),
            {"format": "ods", "blanks": "missing"},
            "formula_without_result",
            id="takes a formula without a result for a blank",
        ),
    ],
)
def test_the_comparison_catches_a_broken_reader(tmp_path, reference, monkeypatch, break_it, about, trap):
    plan = repaired({**PLAIN, **about})
    assert {axis: plan[axis] for axis in about} == about
    # A drawn book may have nothing to break in it: no mark, no figure that both locales can write.
    seeds = range(6)
    good = [read_drawn(plan, seed, tmp_path, reference, trap) for seed in seeds]
    assert all(verdict.silent == [] for verdict in good if verdict)
    assert any(verdict.right for verdict in good if verdict)
    break_it(monkeypatch)
    broken = (read_drawn(plan, seed, tmp_path, reference, trap) for seed in seeds)
    assert any(verdict.silent for verdict in broken if verdict)
