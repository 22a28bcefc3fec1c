"""The type `code`: ids of figures are numbers inside the engine, and plain texts in whatever is published."""

from pathlib import Path

import pytest

from tests.dbt_project.conftest import Build, run_dbt
from tests.dbt_project.fixture_columns import TABLES
from tests.dbt_project.fixture_inputs import load, row, write_tables

pytestmark = pytest.mark.slow

KEY = ["province_id", "indicator_code", "period_id"]
# One text column that is joined to these as a text makes texts of all: nothing fails, and all of them get slow.
CODED = ["int_reported_values", "int_base_values", "int_boundary_sums", "int_area_values", "int_rollups",
         "int_part_values", "int_ratios", "int_boundary_carried", "int_candidates_unioned",
         "int_contested_candidates", "int_value_candidates"]  # fmt: skip
FINE = ("success", "pass")


@pytest.mark.parametrize("table", CODED)
def test_the_large_tables_keep_their_keys_as_codes(build: Build, table: str) -> None:
    found = build.warehouse.execute(
        "select column_name from duckdb_columns() where table_name = ? and data_type like 'ENUM%'", [table]
    ).fetchall()
    assert {name for (name,) in found} >= set(KEY)


def test_no_table_of_the_star_has_a_code_in_it(build: Build) -> None:
    found = build.warehouse.sql(
        "select table_name from duckdb_columns() where schema_name = 'main' and data_type like 'ENUM%'"
    )
    assert found.fetchall() == []


def test_codes_are_in_the_order_of_their_texts(build: Build) -> None:
    [(members,)] = build.warehouse.sql(
        "select enum_range(any_value(period_id)) from intermediate.int_base_values"
    ).fetchall()
    assert members == sorted(members)
    assert {"P34-25", "tel_mobile_sub", "2022-09", "person"} <= set(members)


def test_ids_that_no_reference_row_knows_are_told_by_their_check_and_break_no_table(tmp_path: Path) -> None:
    figure = row("load", 1, "P63-98", "tel_no_such", "2022-09", 5, source_id="src", unit="bushel")
    source = dict.fromkeys(TABLES["sources"]) | {"source_id": "src", "shape": "indicators", "rank": 50}
    tables = {"loads": [load("load", "src", "indicators", 1, 1)], "sources": [source], "indicators": [figure]}
    write_tables(tmp_path / "inputs.duckdb", tables)
    _, result = run_dbt(tmp_path, "build", "--exclude-resource-type", "unit_test")
    told = {one.node.name.split("__")[0]: str(one.status) for one in result.results if one.status not in FINE}
    assert told == {"references_fct_observations": "warn", "references_fct_indicator_values": "warn"}
