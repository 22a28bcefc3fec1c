"""Every value of the fixture's star worked out again by `warehouse.explain`, which shares nothing with the models."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import pytest

from tests.dbt_project.conftest import Build
from warehouse.content import main_tables
from warehouse.explain.explanation import Key, explain
from warehouse.explain.figure import DOSSIERS, Figure
from warehouse.explain.rankings import differences as differences_of_places
from warehouse.explain.rankings import rankings
from warehouse.explain.star import Star, read_star
from warehouse.explain.tree import cells_named, walk
from warehouse.explain.values import differences, value
from warehouse.sql import rows

pytestmark = pytest.mark.slow

KEY = ("province_id", "indicator_code", "period_id")


@pytest.fixture(scope="module")
def star(build: Build) -> Iterator[Star]:
    """The star behind views, so that a test can narrow its observations."""
    (file,) = build.warehouse.execute(
        "select path from duckdb_databases() where database_name = 'warehouse'"
    ).fetchone()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file}' as release (read_only)")
        for table in main_tables(connection, "release"):
            connection.execute(f"create view {table} as from release.main.{table}")
        yield read_star(connection)


@pytest.fixture(scope="module")
def published(star: Star) -> list[dict[str, Any]]:
    return rows(star.connection, "from fct_indicator_values order by all")


def seeing(star: Star, observations: str) -> Star:
    star.connection.execute(f"create or replace view fct_observations as {observations}")
    return replace(star, memory={})


def found(star: Star, row: dict[str, Any]) -> Figure:
    figure = value(star, *(row[name] for name in KEY))
    assert figure is not None, row
    return figure


def test_every_value_of_the_centre_follows_from_the_cells_of_the_star(star, published):
    apart = [(row, told) for row in published if (told := differences(row, found(star, row)))]
    assert apart[:3] == []
    methods = Counter(row["method"] for row in published)
    assert {"reported", "breakdown_sum", "ratio", "rollup", "boundary_sum", "boundary_ratio", "not_derivable"} <= set(
        methods
    )
    assert len(published) > 1500


def test_nothing_is_worked_out_that_is_not_published(star, published):
    keys = {tuple(row[name] for name in KEY) for row in published}
    areas, codes = {key[0] for key in keys}, {key[1] for key in keys}
    periods = [period for period in star.periods if period in {key[2] for key in keys}]
    invented = [
        (area, code, period)
        for area in sorted(areas)[::40]
        for code in sorted(codes)
        for period in periods
        if (area, code, period) not in keys and value(star, area, code, period) is not None
    ]
    assert invented == []


def test_every_place_follows_from_printed_ranks_or_from_the_scores_of_all_areas(star):
    places = rows(star.connection, "from rpt_rankings")
    apart = []
    for row in places:
        told = {place.method: place for place in rankings(star, *(row[name] for name in KEY))}
        apart += [(row, each) for each in differences_of_places(row, told[row["method"]])]
    assert apart[:3] == []
    assert Counter(row["method"] for row in places).keys() == {"reported", "computed"}


def test_sixty_values_follow_from_nothing_but_the_cells_they_name(star, published):
    """Of every method some; a star without any other cell gives the same value."""
    chosen: list[dict[str, Any]] = []
    for method in sorted({row["method"] for row in published}):
        of_method = [row for row in published if row["method"] == method]
        chosen += of_method[:: max(1, len(of_method) // 16)][:17]
    figures = [found(star, row) for row in chosen]
    star.connection.execute("create or replace table named (load_id varchar, sheet varchar, cell varchar)")
    for row, figure in zip(chosen, figures, strict=True):
        cells = cells_named(figure)
        star.connection.execute("delete from named")
        if cells:
            star.connection.executemany("insert into named values (?, ?, ?)", [list(cell) for cell in cells])
        alone = seeing(star, "from release.main.fct_observations semi join named using (load_id, sheet, cell)")
        assert differences(row, found(alone, row)) == []
    seeing(star, "from release.main.fct_observations")
    assert len(chosen) >= 50
    assert sum(bool(cells_named(figure)) for figure in figures) >= 30


def test_a_cell_edited_behind_the_back_of_the_build_shows_in_exactly_the_values_that_are_made_of_it(star, published):
    """One subscriber more in one operator's cell: what is summed, divided, rolled up or carried from it differs."""
    ask = "select * from fct_observations where breakdown = 'operator:viettel' and is_latest and value > 0 order by all"
    cell = next(row for row in rows(star.connection, ask))
    naming = {
        tuple(row[name] for name in KEY)
        for row in published
        if (cell["load_id"], cell["sheet"], cell["cell"]) in cells_named(found(star, row))
    }
    edited = seeing(
        star,
        "select * replace (case when (load_id, sheet, cell) = "
        f"('{cell['load_id']}', '{cell['sheet']}', '{cell['cell']}') then value + 1 else value end as value) "
        "from release.main.fct_observations",
    )
    differing = {tuple(row[name] for name in KEY) for row in published if differences(row, found(edited, row))}
    (row,) = (r for r in published if tuple(r[name] for name in KEY) in differing and r["method"] == "breakdown_sum")
    told = explain(edited, Key(*(row[name] for name in KEY)))
    seeing(star, "from release.main.fct_observations")
    assert differing
    assert differing <= naming
    # what names the cell and does not differ has no number to change, or another figure counts
    assert all(row["value"] is None or row["method"] == "reported" for row in published
               if tuple(row[name] for name in KEY) in naming - differing)  # fmt: skip
    assert (told["recomputed"], [each["column"] for each in told["differences"]]) == ("different", ["value"])


def test_a_tree_ends_in_cells_with_their_printed_text_or_in_counts_of_a_log(star, published):
    for row in published[::40]:
        tree = explain(star, Key(*(row[name] for name in KEY)))["tree"]
        assert all(each["rule"]["vi"] != each["derivation"] for each in walk(tree))
        assert all(each["reason"]["en"] != each["reason_code"] for each in walk(tree) if each["reason"])
        leaves = [each for each in walk(tree) if not each["parts"]]
        for leaf in leaves:
            if leaf["derivation"] == "reported":
                assert leaf["cell"]["cell"]
                assert leaf["cell"]["file_sha256"]
                assert leaf["load_id"] in star.loads
            else:
                assert leaf["derivation"] == DOSSIERS or leaf["value"] is None, leaf
