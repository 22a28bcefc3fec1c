"""The first night on the sample inbox: what the published star must hold, cell by cell."""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def star(first_night: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(first_night / "current" / "sotinh.duckdb"), read_only=True)


def test_vinh_phuc_rose_43_places_to_rank_12_across_a_break_of_method(star):
    row = star.sql(
        "select rank, rank_change, rank_previous, rank_of, crosses_break from rpt_rankings "
        "where province_id = 'P63-26' and indicator_code = 'dti_score' and period_id = '2021' and method = 'reported'"
    ).fetchall()
    assert row == [(12, 43, 55, 63, True)]


@pytest.mark.parametrize(
    ("indicator_code", "value"),
    [
        ("tel_bts_station", 2900),
        ("tel_bb_fixed_sub", 225500),
        ("tel_bb_mobile_sub", 800500),
        ("tel_hh_bb_fixed_pct", 72.4),
    ],
)
def test_the_figures_of_the_article_are_observations_with_file_sheet_and_cell(star, indicator_code, value):
    rows = star.sql(
        "select cast(value as double), length(file_sha256), sheet, cell from fct_observations "
        "where province_id = 'P63-26' and period_id = '2022-09' and breakdown = 'total' and is_latest "
        f"and indicator_code = '{indicator_code}' and source_id = 'vinh_phuc_the_che_2022'"
    ).fetchall()
    assert [(row[0], row[1]) for row in rows] == [(value, 64)]
    assert all(rows[0][2:])


def test_national_targets_of_2022_are_drafts(star):
    rows = star.sql(
        "select indicator_code, cast(value as integer), comparator from fct_targets "
        "where province_id = 'VN' and period_id = '2022' and target_status = 'draft' order by 1"
    ).fetchall()
    codes = ["tel_bb_mobile_per100", "tel_hh_fibre_pct", "tel_village_mbb_pct"]
    assert rows == [(code, value, "ge") for code, value in zip(codes, [85, 70, 100], strict=True)]


@pytest.mark.parametrize(("period_id", "by_level"), [("2025", [60, 80, 90]), ("2030", [70, 90, 100])])
def test_targets_of_the_old_vinh_long_are_told_apart_by_breakdown(star, period_id, by_level):
    rows = star.sql(
        "select breakdown, cast(value as integer) from fct_targets where province_id = 'P63-86' "
        f"and indicator_code = 'dgov_file_online_pct' and period_id = '{period_id}' order by 1"
    ).fetchall()
    levels = ["admin_level:commune", "admin_level:district", "admin_level:province"]
    assert rows == list(zip(levels, by_level, strict=True))


def test_what_the_articles_asked_is_judged_or_says_why_not(star):
    found = star.execute(
        "select province_id, period_id, target_status, reason_code, outcome, context_province_id, count(*) "
        "from rpt_target_gaps group by all order by all"
    ).fetchall()
    assert found == [
        ("P63-26", "2022", "adopted", None, "met", None, 1),
        ("P63-26", "2025", "adopted", "area_ended", "cannot_be_judged", "P34-25", 1),
        ("P63-26", "undated", "proposed", "no_period", "cannot_be_judged", None, 1),
        ("P63-86", "2025", "adopted", "area_ended", "cannot_be_judged", "P34-86", 12),
        ("P63-86", "2030", "adopted", "area_ended", "cannot_be_judged", "P34-86", 8),
        ("P63-86", "2030", "adopted", "no_base_year", "cannot_be_judged", "P34-86", 2),
        ("P63-86", "undated", "adopted", "no_period", "cannot_be_judged", None, 1),
        ("VN", "2022", "draft", "no_actual", "cannot_be_judged", None, 3),
    ]


def test_a_target_range_keeps_both_ends(star):
    rows = star.sql(
        "select cast(value as integer), cast(value_upper as integer) from fct_targets "
        "where province_id = 'P63-86' and indicator_code = 'eco_digital_share' and period_id = '2030'"
    ).fetchall()
    assert rows == [(15, 20)]


def test_dti_2022_ranks_63_provinces_with_both_provinces_of_the_tie(star):
    rows = star.sql(
        "select rank, count(*) from rpt_rankings where indicator_code = 'dti_score' and period_id = '2022' "
        "and method = 'reported' group by rank order by rank"
    ).fetchall()
    assert sum(count for _, count in rows) == 63
    assert dict(rows)[15] == 2
    assert 16 not in dict(rows)
    tied = star.sql(
        "select province_id from rpt_rankings where indicator_code = 'dti_score' and period_id = '2022' and rank = 15 "
        "and method = 'reported' order by 1"
    ).fetchall()
    assert tied == [("P63-15",), ("P63-38",)]


def test_dti_2022_totals_of_five_provinces_are_what_their_main_indices_add_up_to(first_night):
    with duckdb.connect(str(first_night / "build" / "warehouse.duckdb"), read_only=True) as warehouse:
        found = warehouse.sql(
            """
            select province_id, printed.value, abs(added.value - printed.value) <= 0.0001, added.is_conflict
            from intermediate.int_value_candidates as added
            join main.fct_indicator_values as printed using (province_id, indicator_code, period_id)
            where added.derivation = 'composite' and indicator_code = 'dti_score' and period_id = '2022' order by 2 desc
            """
        ).fetchall()
    printed = {"P63-48": "0.8002", "P63-79": "0.7163", "P63-22": "0.7024", "P63-46": "0.6975", "P63-92": "0.6924"}
    assert found == [(province, Decimal(total), True, False) for province, total in printed.items()]


def test_ranks_of_dti_2022_have_no_range_since_58_provinces_print_no_parts(star):
    assert star.sql(
        "select reason_code, count(*), count(rank_low) from rpt_rank_ranges "
        "where indicator_code = 'dti_score' and period_id = '2022' and choice_code = 'all' group by 1"
    ).fetchall() == [("missing_parts", 63, 0)]


def test_two_articles_stating_one_fact_are_two_observations_and_one_value(star):
    where = "province_id = 'P63-26' and indicator_code = 'dti_rank' and period_id = '2021'"
    assert star.sql(f"select count(*) from fct_observations where {where} and is_latest").fetchone() == (2,)
    assert star.sql(f"select cast(value as integer) from fct_indicator_values where {where}").fetchall() == [(12,)]


def test_operators_add_up_where_all_that_promise_the_measure_reported(star):
    row = star.sql(
        "select method, coverage_of, coverage_count, coverage_expected from fct_indicator_values "
        "where province_id = 'P63-01' and indicator_code = 'tel_mobile_sub' and period_id = '2022-09'"
    ).fetchone()
    assert row == ("breakdown_sum", "operator", 3, 3)
    fixed = star.sql(
        "select method, coverage_count, coverage_expected from fct_indicator_values "
        "where province_id = 'P63-01' and indicator_code = 'tel_bb_fixed_sub' and period_id = '2022-09'"
    ).fetchone()
    assert fixed == ("breakdown_sum", 2, 2)


def test_a_ratio_is_recomputed_from_its_parts(star):
    method, difference = star.sql(
        "select share.method, abs(share.value - 100 * smart.value / mobile.value) "
        "from fct_indicator_values as share "
        "join fct_indicator_values as smart using (province_id, period_id) "
        "join fct_indicator_values as mobile using (province_id, period_id) "
        "where share.indicator_code = 'tel_smart_share' and smart.indicator_code = 'tel_mobile_smart_sub' "
        "and mobile.indicator_code = 'tel_mobile_sub' and province_id = 'P63-01' and period_id = '2022-09'"
    ).fetchone()
    assert method == "ratio"
    assert difference < 1e-6


def test_every_load_balances_to_the_row(star):
    difference = "rows_read - rows_accepted - rows_rejected - rows_superseded"
    rows = star.sql(f"select {difference}, rows_read from audit_loads").fetchall()
    assert len(rows) == 21
    assert {difference for difference, _ in rows} == {0}
    assert sum(read for _, read in rows) > 9000


def test_no_key_of_the_centre_appears_twice(star):
    twice = "select 1 from fct_indicator_values group by province_id, indicator_code, period_id having count(*) > 1"
    assert star.sql(twice).fetchall() == []


def test_every_table_and_column_carries_its_comment(star):
    without = "not internal and (comment is null or comment = '')"
    assert star.sql(f"select table_name from duckdb_tables() where {without}").fetchall() == []
    assert star.sql(f"select table_name, column_name from duckdb_columns() where {without}").fetchall() == []
    assert star.sql("select count(*) from duckdb_columns() where not internal").fetchone() > (150,)


def test_the_release_holds_its_own_views_and_no_path_of_this_machine(star, first_night):
    views = star.sql("select view_name from duckdb_views() where not internal order by 1").fetchall()
    wide = [(f"v_indicator_wide_{period_type}",) for period_type in ("month", "quarter", "year")]
    others = [("v_online_services",), ("v_online_shares",), ("v_subscribers",)]
    assert views == [("v_dti",), ("v_indicator_ratios",), *wide, *others]
    content = (first_night / "current" / "sotinh.duckdb").read_bytes()
    assert str(first_night).encode() not in content


def test_the_release_folder_is_complete_and_read_only(first_night):
    release = (first_night / "current").resolve()
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["release_id"] == release.name
    assert release.name.endswith(manifest["content_hash"][:8])
    assert {path.stem for path in (release / "parquet").glob("*.parquet")} == set(manifest["row_counts"])
    assert (release / "sotinh.duckdb").stat().st_mode & 0o222 == 0
