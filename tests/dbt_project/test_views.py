"""The views of a release: read through the file as a BI tool opens it, after the session's build."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

from tests.dbt_project.conftest import Build
from warehouse.release_files import DATABASE, copy_tables

pytestmark = pytest.mark.slow

VIEWS = Path(__file__).resolve().parents[2] / "warehouse" / "views"
OWN_ROW = {"release_id": "r2", "published_at": datetime.fromisoformat("2026-01-12"), "code_version": "x",
           "ledger_entry": 1, "previous_release_id": "r1", "content_hash": "x"}  # fmt: skip
WIDE = [f"v_indicator_wide_{period_type}" for period_type in ("month", "quarter", "year")]


@pytest.fixture(scope="module")
def release(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A release of the session's build, attached under another name beside tables of the same names."""
    build_db = build.warehouse.execute("select path from duckdb_databases() where path is not null").fetchall()[0][0]
    folder = tmp_path_factory.mktemp("bản phát hành")
    copy_tables(Path(build_db), folder, OWN_ROW, [], {})
    with duckdb.connect() as connection:
        connection.execute("create table main.fct_indicator_values as select 'not the release' as province_id")
        connection.execute(f"attach '{folder / DATABASE}' as số_tỉnh (read_only)")
        yield connection


def rows(release: duckdb.DuckDBPyConnection, sql: str) -> list[tuple]:
    return release.execute(sql).fetchall()


def columns(release: duckdb.DuckDBPyConnection, view: str) -> dict[str, str]:
    return {name: str(kind) for name, kind, *_ in release.execute(f"select * from số_tỉnh.{view} limit 0").description}


def test_a_release_holds_the_views_that_are_relied_on_each_with_a_comment(release):
    views = dict(rows(release, "select view_name, comment from duckdb_views() where database_name = 'số_tỉnh'"))
    assert set(views) == {*WIDE, "v_subscribers", "v_online_services", "v_online_shares", "v_dti", "v_indicator_ratios"}
    assert [name for name, comment in views.items() if not comment] == []
    silent = "select table_name, column_name from duckdb_columns() where database_name = 'số_tỉnh' and comment is null"
    assert rows(release, silent) == []
    for name in views:
        assert release.execute(f"select count(*) from số_tỉnh.{name}").fetchall()[0][0] >= 0


def test_every_column_of_a_view_is_described_in_its_order(release):
    files = sorted(VIEWS.glob("*.sql"))
    assert len(files) == 5
    for file in files:
        said = yaml.safe_load(file.with_suffix(".yml").read_text(encoding="utf-8"))
        assert said["description"].startswith("One row per "), file.stem
        assert list(said["columns"]) == list(columns(release, file.stem)), file.stem


def test_the_wide_views_have_a_column_for_every_indicator_of_the_catalogue(release):
    codes = [code for (code,) in rows(release, "select indicator_code from số_tỉnh.dim_indicators order by 1")]
    assert len(codes) > 100
    for view in WIDE:
        assert list(columns(release, view))[-len(codes) :] == codes
    comment = "select comment from duckdb_columns() where table_name = 'v_indicator_wide_month' and column_name = '{}'"
    assert rows(release, comment.format("tel_mobile_sub")) == [
        ("Số thuê bao điện thoại di động | Mobile-cellular telephone subscriptions [subscription]."
         " Adds up over provinces of one set, never over periods.",)
    ]  # fmt: skip


def test_numbers_of_the_wide_views_are_those_of_the_centre_and_add_up_to_it(release):
    centre = """
        select sum(value) from số_tỉnh.fct_indicator_values
        where indicator_code = 'tel_mobile_sub' and period_id = '2022-08' and province_id in ('P63-01', 'P63-26')
    """
    wide = """
        select sum(tel_mobile_sub) from số_tỉnh.v_indicator_wide_month
        where boundary_set = '63' and period_id = '2022-08' and province_id in ('P63-01', 'P63-26')
    """
    assert rows(release, wide) == rows(release, centre) == [(Decimal(11_000_000),)]
    country = """
        select centre.value, (
            select sum(ctx_household) from số_tỉnh.v_indicator_wide_year
            where boundary_set = '63' and period_id = '2012')
        from số_tỉnh.fct_indicator_values as centre
        where province_id = 'VN' and indicator_code = 'ctx_household' and period_id = '2012'
    """
    assert rows(release, country) == [(Decimal(2_016_000), Decimal(2_016_000))]
    both = """
        select count(*), count(*) filter (wide.dti_rank.value = centre.value)
        from số_tỉnh.fct_indicator_values as centre
        join số_tỉnh.v_indicator_wide_year as wide using (province_id, period_id)
        where centre.indicator_code = 'dti_rank' and period_id = '2022' and centre.boundary_set = '63'
    """
    assert rows(release, both) == [(63, 63)]


def test_nothing_that_does_not_add_up_can_be_added_or_averaged_through_the_views(release):
    additive = dict(rows(release, "select indicator_code, area_rule = 'sum' from số_tỉnh.dim_indicators"))
    wide = columns(release, "v_indicator_wide_year")
    assert {code for code, adds in additive.items() if adds == wide[code].startswith("UNION")} == set()
    refused = [f"v_indicator_wide_year.{code}" for code, adds in additive.items() if not adds]
    refused += ["v_indicator_ratios.ratio", "v_dti.score", "v_dti.rank", "v_dti.rank_change", "v_dti.rank_of"]
    for one in refused:
        view, column = one.split(".")
        for aggregate in ("sum", "avg"):
            with pytest.raises(duckdb.BinderException, match="No function matches"):
                release.execute(f"select {aggregate}({column}) from số_tỉnh.{view}")
        release.execute(f"select max({column}), min({column}), max({column}.value) from số_tỉnh.{view} order by 1")


def test_no_view_names_an_argument_which_later_readers_of_the_file_do_not_understand(release):
    texts = dict(rows(release, "select view_name, sql from duckdb_views() where not internal"))
    assert "v_dti" in texts
    assert [name for name, sql in texts.items() if ":=" in sql] == []


def test_a_ratio_of_several_provinces_is_made_of_sums(release):
    found = rows(
        release,
        """
        select sum(numerator), sum(denominator), sum(numerator_scaled) / sum(denominator), max(ratio)
        from số_tỉnh.v_indicator_ratios
        where indicator_code = 'tel_mobile_per100' and period_id = '2022-08' and province_id in ('P63-01', 'P63-26')
        """,
    )
    whole = 11_000_000 / 9_606_800 * 100  # 114.50 per 100, where the mean of 118.5 and 85.4 would be 102
    assert [(int(a), int(b), float(c), d) for a, b, c, d in found] == [
        (11_000_000, 9_606_800, pytest.approx(whole), Decimal("118.5452131443"))
    ]


def test_operators_stand_for_a_total_only_where_they_make_it_up(release):
    found = rows(
        release,
        """
        select province_id, period_id, operator, operator_vi, subscribers, reason_code from số_tỉnh.v_subscribers
        where indicator_code = 'tel_mobile_sub' and province_id in ('P63-01', 'P63-26') order by all
        """,
    )
    assert found == [
        ("P63-01", "2022-08", "mobifone", "MobiFone", 2_000_000, None),
        ("P63-01", "2022-08", "viettel", "Viettel", 5_000_000, None),
        ("P63-01", "2022-08", "vnpt", "VNPT (VinaPhone)", 3_000_000, None),
        ("P63-01", "2022-09", "_all", "Tất cả doanh nghiệp", None, "incomplete_coverage"),
        ("P63-26", "2022-08", "mobifone", "MobiFone", 400_000, None),
        ("P63-26", "2022-08", "viettel", "Viettel", 600_000, None),
        ("P63-26", "2022-08", "vnpt", "VNPT (VinaPhone)", 0, None),
        ("P63-26", "2022-09", "_all", "Tất cả doanh nghiệp", 1_200_000, None),
    ]
    differing = """
        with told as (
            select province_id, indicator_code, period_id, sum(subscribers) as subscribers
            from số_tỉnh.v_subscribers group by 1, 2, 3
        )
        select * from told join số_tỉnh.fct_indicator_values using (province_id, indicator_code, period_id)
        where subscribers is distinct from value
    """
    assert rows(release, differing) == []


def test_dti_shows_ties_and_a_rank_without_a_score(release):
    found = rows(
        release,
        """
        select rank, list(province_vi order by province_vi), max(score) from số_tỉnh.v_dti
        where year = 2022 and is_total and rank.value between 14 and 17 group by rank order by rank
        """,
    )
    assert found == [(14, ["Hải Phòng"], None), (15, ["Thanh Hóa", "Yên Bái"], None), (17, ["Hậu Giang"], None)]


def test_dossiers_are_told_with_their_labels_and_add_up(release):
    found = rows(
        release,
        """
        select service_level_vi, service_kind, channel_vi, sum(received_count), sum(resolved_count)
        from số_tỉnh.v_online_services where province_id = 'P63-26' group by all order by all
        """,
    )
    total = "select sum(received_count), sum(resolved_count) from số_tỉnh.fct_dossiers where province_id = 'P63-26'"
    assert [(sum(one[3] for one in found), sum(one[4] for one in found))] == rows(release, total)
    assert {one[:3] for one in found} == {("Toàn trình", "full", "Trực tuyến"), ("Toàn trình", "full", "Trực tiếp")}


def test_the_share_of_a_group_is_a_sum_over_a_sum_and_no_mean_of_shares(release):
    group = """
        from số_tỉnh.v_online_shares where period_id = '2025-Q2' and dimension = 'total' and boundary_set = '63'
            and indicator_code = 'dvc_online_pct'
    """
    assert rows(release, f"select round(sum(numerator_scaled) / sum(denominator), 2)::varchar {group}") == [("57.14",)]
    assert rows(release, f"select province_vi, round(ratio.value, 2)::varchar {group} order by ratio") == [
        ("Hải Dương", "33.33"), ("Hải Phòng", "75.00"),
    ]  # fmt: skip
    for wrong in ("sum", "avg"):
        with pytest.raises(duckdb.Error):
            rows(release, f"select {wrong}(ratio) {group}")


def test_one_metric_is_declared_for_every_ratio_and_dbt_finds_it_sound(build: Build):
    from dbt.contracts.graph.semantic_manifest import SemanticManifest

    metrics = {metric.name: metric.type.value for metric in build.manifest.metrics.values()}
    assert metrics == {"ratio": "ratio", "ratio_numerator": "simple", "ratio_denominator": "simple"}
    assert SemanticManifest(build.manifest).validate()
