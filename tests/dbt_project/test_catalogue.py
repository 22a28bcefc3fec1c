"""The catalogue: which components the indices have, and that rules which do not fit together are told."""

from collections import Counter
from collections.abc import Callable

import duckdb
import pytest

from tests.dbt_project.conftest import Build
from tests.dbt_project.test_project_rules import seed_rows

CATALOGUE = ("main.dim_indicators", "main.bridge_indicator_parts", "seeds.indicator_bounds", "seeds.ranking_measures",
             "seeds.index_weights", "seeds.rank_choices", "intermediate.int_index_weights",
             "intermediate.int_edition_years")  # fmt: skip
FIT = "assert_catalogue_rules_fit_together"
FAULTS = [
    # what is changed, the test that tells it, what it says
    ("update main.dim_indicators set unit = null where indicator_code = 'par_index'", FIT,
     ("par_index", "a name, unit or rule is missing")),
    ("update main.dim_indicators set factor = 100 where indicator_code = 'par_index'", FIT,
     ("par_index", "only a ratio has a factor")),
    ("update main.dim_indicators set factor = null where indicator_code = 'tel_smart_share'", FIT,
     ("tel_smart_share", "without parts nothing is recomputed over areas")),
    ("update main.dim_indicators set area_rule = 'sum' where indicator_code = 'eco_lab_prod_growth'", FIT,
     ("eco_lab_prod_growth", "only stocks and flows add up over areas")),
    ("update main.dim_indicators set time_rule = 'sum' where indicator_code = 'tel_fixed_sub'", FIT,
     ("tel_fixed_sub", "only flows add up over time, and a stock is taken at an end")),
    ("update main.dim_indicators set time_rule = 'last' where indicator_code = 'dti_rank'", FIT,
     ("dti_rank", "a rank is never aggregated, a score at most averaged over areas")),
    ("update main.dim_indicators set area_rule = 'weighted_mean' where indicator_code = 'dti_score'", FIT,
     ("dti_score", "a rank is never aggregated, a score at most averaged over areas")),
    ("update main.dim_indicators set area_weight_code = null where indicator_code = 'eco_epay_pct'", FIT,
     ("eco_epay_pct", "a weighted mean has a weight that adds up, and nothing else has one")),
    ("update main.dim_indicators set area_weight_code = 'dvc_full' where indicator_code = 'eco_epay_pct'", FIT,
     ("eco_epay_pct", "a weighted mean has a weight that adds up, and nothing else has one")),
    ("insert into main.bridge_indicator_parts values ('dvc_full_pct', 'numerator', 'dti_score', null)", FIT,
     ("dvc_full_pct", "a ratio is made of stocks and flows")),
    ("update seeds.indicator_bounds set min_value = 200 where indicator_code = 'papi_score'", FIT,
     ("papi_score", "the least value is above the greatest")),
    ("update seeds.ranking_measures set indicator_code = 'par_index' where indicator_code = 'pci_rank'", FIT,
     ("par_index", "what is ranked is a score, and a rank tells its place")),
    ("update seeds.index_weights set weight = -1 where part_code = 'dti_economy'", FIT,
     ("dti_score", "an index is a score made of other scores")),
    ("update main.dim_indicators set parent_code = 'papi_egov_portals' where indicator_code = 'papi_score'",
     "assert_no_indicator_is_its_own_ancestor", ("papi_egov_portals",)),
    ("update seeds.index_weights set last_year = 2024 where indicator_code = 'dti_score';"
     "insert into intermediate.int_index_weights values ('dti_score', 2024, 'dti_economy', 0.15)",
     "assert_weights_keep_to_one_edition", ("dti_score", 2021, 2024)),
    ("update seeds.rank_choices set draw_count = 100000 where weight_spread > 0", "assert_rank_choices_can_be_drawn",
     ("weights_10_percent",)),
    ("update seeds.rank_choices set draw_count = 2 where choice_code = 'missing_zero'",
     "assert_rank_choices_can_be_drawn", ("missing_zero",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def told(build: Build) -> Callable[[str, str], list[tuple]]:
    """Change a copy of the catalogue and ask one dbt test what it finds."""

    def ask(change: str, test: str) -> list[tuple]:
        with duckdb.connect() as copy:
            copy.execute("attach ':memory:' as warehouse")
            copy.execute("use warehouse")
            for name in CATALOGUE:
                copy.execute(f"create schema if not exists {name.split('.')[0]}")
                copy.register("rows", build.warehouse.execute(f"select * from {name}").to_arrow_table())
                copy.execute(f"create table {name} as select * from rows")
                copy.unregister("rows")
            copy.execute(change)
            return copy.execute(build.results[f"test.sotinh.{test}"].node.compiled_code).fetchall()

    return ask


@pytest.mark.slow
@pytest.mark.parametrize(("change", "test", "fault"), FAULTS)
def test_rules_that_do_not_fit_together_are_told(told, change: str, test: str, fault: tuple):
    assert told("select 1", test) == []
    assert fault in told(change, test)


def test_every_index_has_the_components_of_its_editions():
    parents = Counter(row["parent_code"] for row in seed_rows("indicators") if row["kind"] == "score")
    parts = Counter((row["indicator_code"], row["first_year"]) for row in seed_rows("index_weights"))
    dimensions = [row["indicator_code"] for row in seed_rows("indicators")
                  if row["parent_code"] == "papi_score" and row["kind"] == "score"]  # fmt: skip
    assert parents["dti_score"] == 9  # eight that score, and smart cities
    assert [parts["pci_score", year] for year in ("2008", "2010", "2013")] == [10, 9, 10]
    assert len(dimensions) == 8
    # 29 of the edition of 2018, and two boards of communes that earlier editions had
    assert sum(parents[one] for one in dimensions) == 31


def test_weights_of_the_published_decisions_add_up():
    sums: Counter[tuple[str, str]] = Counter()
    for row in seed_rows("index_weights"):
        sums[row["indicator_code"], row["first_year"]] += round(float(row["weight"]) * 1000)
    assert sums["dti_score", "2021"] == 1000
    assert {sums["pci_score", year] for year in ("2008", "2010", "2013")} == {10_000}  # ten components of ten points
