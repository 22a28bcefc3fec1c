"""What the star holds after one build on the fixture inputs: figures computed by hand."""

from decimal import Decimal

import pytest

from tests.dbt_project.conftest import Build
from warehouse.content import TABLE_KEYS

pytestmark = pytest.mark.slow

# Section 9 of the design: tables and columns that are relied on from outside, keys first.
PINNED = {
    "dim_provinces": "province_id area_level boundary_set gso_code iso_code name_vi name_en kind region_id region_vi"
    " valid_from valid_to is_current sort_vi",
    "dim_province_versions": "province_id valid_from valid_to name_vi name_en kind legal_basis",
    "bridge_province_succession": "predecessor_id successor_id effective_date change share",
    "dim_indicators": "indicator_code parent_code name_vi name_en unit direction kind factor area_rule"
    " area_weight_code time_rule periodicity definition_source",
    "bridge_indicator_parts": "indicator_code role part_code",
    "dim_members": "dimension code name_vi name_en mapped_to last_day",
    "dim_periods": "period_id period_type calendar start_date end_date year quarter month sort_key label_vi label_en",
    "dim_sources": "source_id publisher title shape licence frequency rank",
    "fct_observations": "province_id indicator_code period_id basis breakdown source_id load_id value unit status"
    " qualifier decimals file_sha256 sheet cell known_from known_to is_latest",
    "fct_indicator_values": "province_id indicator_code period_id value unit status method reason_code coverage_of"
    " coverage_count coverage_expected source_id load_id boundary_set area_level",
    "fct_ratio_parts": "province_id indicator_code period_id numerator denominator factor denominator_period_id value"
    " method boundary_set area_level period_type end_date numerator_scaled",
    "fct_targets": "target_id province_id indicator_code period_id breakdown comparator value value_upper"
    " target_status source_id load_id sheet cell",
    "fct_dossiers": "province_id procedure_code service_level channel period_id source_id submitted_count"
    " received_count resolved_count on_time_count late_count returned_count pending_count pending_late_count"
    " online_payment_count fee_vnd as_of_date",
    "rpt_rankings": "province_id indicator_code period_id method boundary_set edition rank rank_of rank_previous"
    " rank_change crosses_break",
    "rpt_rank_ranges": "province_id indicator_code period_id method boundary_set choice_code rank rank_low rank_high"
    " ranking_count share_at_rank reason_code",
    "rpt_target_gaps": "target_id province_id indicator_code period_id breakdown target_value comparator actual_value"
    " actual_period_id gap is_met reason_code",
    "audit_loads": "load_id source_id shape file_name file_sha256 file_bytes received_at verdict reason_vi reason_en"
    " rows_read rows_accepted rows_rejected rows_superseded first_period_id last_period_id first_release_id",
    "audit_checks": "subject_type subject_id check_name run_id rule_vi rule_en severity on_fail success errored"
    " observed unexpected_count element_count checked_at",
    "audit_rejected_rows": "load_id row_no source_id sheet cell field raw_value reason_code reasons reason_vi"
    " reason_en",
    "audit_releases": "release_id published_at code_version ledger_entry previous_release_id content_hash row_counts",
}  # fmt: skip
# Columns beyond the pinned ones, each with a use.
ADDITIONAL = {
    "dim_provinces": "region_en",
    "dim_indicators": "note",
    "dim_sources": "legal_basis url description as_of_date",
    "fct_observations": "value_upper value_text quote correction vintage_no",
    "fct_indicator_values": "basis qualifier decimals denominator_period_id candidate_count has_conflict known_from"
    " edition is_break",
    "bridge_indicator_parts": "max_age_years",
    "fct_targets": "unit area_level quote correction known_from base_period_id",
    "fct_dossiers": "early_count refused_count carried_over_count fee_count fee_paid_count fee_unstated_count"
    " digitised_count digitised_unstated_count",
    "rpt_rank_ranges": "edition choice_vi choice_en",
    "rpt_target_gaps": "target_value_upper target_status actual_method actual_status actual_qualifier note_vi note_en"
    " unit outcome actual_province_id actual_unit context_province_id context_period_id context_value base_period_id"
    " base_value expected_value progress_share is_on_path path_reason_code source_id",
    "audit_loads": "superseded_by superseded_from decision decided_by accept_no",
    "audit_checks": "waiver",
}
# Tables beyond the pinned ones.
ADDED = {
    "rpt_obligations": "source_id indicator_code breakdown period_id province_id due_on judged_on state delivered_on"
    " is_in_time days_late load_id held_load_id reason",
    "rpt_completeness": "source_id period_id province_id due_on owed_count due_count delivered_count in_time_count"
    " late_count missing_count not_applicable_count confidential_count completeness timeliness",
    "fct_observation_gaps": " ".join(TABLE_KEYS["fct_observation_gaps"]) + " gap_to",
    "rpt_online_services": " ".join(TABLE_KEYS["rpt_online_services"]) + " value unit numerator denominator factor"
    " status reason_code partial_value coverage_of coverage_count coverage_expected member_vi member_en is_approximate"
    " note boundary_set period_type end_date known_from",
    "rpt_dossier_reconciliation": " ".join(TABLE_KEYS["rpt_dossier_reconciliation"]) + " printed_value counted_value"
    " difference tolerance outcome reason_code unit qualifier decimals counted_status is_approximate load_id sheet cell"
    " known_from",
    "audit_load_sheets": "load_id sheet rows_read rows_accepted rows_rejected rows_superseded",
    "audit_rejections": "load_id sheet reason_code rejected_count",
    "audit_decisions": "decision_no decided_at decision subject_type subject_id decided_by reason valid_until",
    "fct_dossier_days": " ".join(TABLE_KEYS["fct_dossier_days"]) + " dossier_count",
    "dim_rules": "rule_id rule_type indicator_code item_code source_id first_period_id last_period_id value reason",
}


def rows(build: Build, sql: str) -> list[tuple]:
    return build.warehouse.execute(sql).fetchall()


def failures(build: Build, resource_type: str) -> list[str]:
    return [
        f"{name}: {result.message}"
        for name, result in build.results.items()
        if name.startswith(f"{resource_type}.") and str(result.status) not in {"success", "pass"}
    ]


def test_every_seed_and_model_builds(build: Build):
    assert failures(build, "seed") + failures(build, "model") == []
    assert sum(name.startswith("model.") for name in build.results) > 35


def test_every_data_test_passes_but_the_warning_of_a_misprinted_total(build: Build):
    (name,) = failures(build, "test")
    assert name.startswith("test.sotinh.assert_reported_and_summed_values_agree:")
    (warned,) = [one for one in build.results.values() if str(one.status) == "warn"]
    assert warned.failures == 1  # see test_indices


def test_every_unit_test_passes(build: Build):
    assert failures(build, "unit_test") == []
    assert sum(name.startswith("unit_test.") for name in build.results) >= 15


def test_schema_main_holds_the_pinned_tables_with_all_their_columns_and_nothing_else(build: Build):
    found: dict[str, set[str]] = {}
    for table, column in rows(
        build, "select table_name, column_name from duckdb_columns() where schema_name = 'main' and not internal"
    ):
        found.setdefault(table, set()).add(column)
    expected = {
        table: set(columns.split()) | set(ADDITIONAL.get(table, "").split())
        for table, columns in {**PINNED, **ADDED}.items()
    }
    assert found == expected


def test_every_table_and_column_of_schema_main_has_a_comment(build: Build):
    silent = rows(
        build,
        """
        select table_name || '.' || column_name from duckdb_columns()
        where schema_name = 'main' and not internal and coalesce(comment, '') = ''
        union all
        select table_name from duckdb_tables()
        where schema_name = 'main' and not internal and coalesce(comment, '') = ''
        """,
    )
    assert silent == []
    assert rows(build, "select count(*) from duckdb_views() where schema_name = 'main' and not internal") == [(0,)]


def test_every_column_of_every_model_is_described_and_every_described_column_exists(build: Build):
    found: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in rows(
        build, "select schema_name, table_name, column_name from duckdb_columns() where not internal"
    ):
        found.setdefault((schema, table), set()).add(column)
    for node in build.manifest.nodes.values():
        if node.resource_type in {"model", "seed"}:
            described = {name for name, column in node.columns.items() if column.description}
            assert described == found[node.schema, node.name], node.name


def test_values_are_decimals_and_times_have_no_zone(build: Build):
    kinds = dict(
        rows(
            build,
            "select distinct column_name, data_type from duckdb_columns() where schema_name = 'main' and not internal",
        )
    )
    assert kinds["value"] == kinds["fee_vnd"] == kinds["gap"] == "DECIMAL(28,10)"
    assert kinds["known_from"] == kinds["received_at"] == "TIMESTAMP"


def test_the_article_on_vinh_phuc_is_found_with_its_cell(build: Build):
    found = rows(
        build,
        """
        select indicator_code, value, qualifier, file_sha256, sheet, cell from fct_observations
        where province_id = 'P63-26' and period_id = '2022-09' and breakdown = 'total' order by 1
        """,
    )
    figures = {code: (value, qualifier) for code, value, qualifier, *_ in found}
    assert figures["tel_bts_station"] == (2900, "exact")
    assert figures["tel_mobile_sub"] == (1200000, "more_than")
    assert figures["tel_hh_bb_fixed_pct"] == (Decimal("72.4"), "exact")
    assert all(sha == "load_article_1-sha" and sheet == "Sheet1" and cell for *_, sha, sheet, cell in found)


def test_one_fact_of_two_articles_is_two_observations_and_one_value(build: Build):
    key = "where province_id = 'P63-26' and indicator_code = 'dti_rank' and period_id = '2021'"
    assert rows(build, f"select count(*) from fct_observations {key}") == [(2,)]
    assert rows(build, f"select value, method, source_id from fct_indicator_values {key}") == [
        (12, "reported", "article_1")
    ]


def test_operators_add_up_to_a_total_only_when_all_are_there(build: Build):
    found = rows(
        build,
        """
        select province_id, period_id, value, method, reason_code, coverage_of, coverage_count, coverage_expected
        from fct_indicator_values
        where indicator_code = 'tel_mobile_sub' and province_id in ('P63-01', 'P63-26')
            and period_id in ('2022-08', '2022-09') order by 1, 2
        """,
    )
    assert found == [
        ("P63-01", "2022-08", 10_000_000, "breakdown_sum", None, "operator", 3, 3),
        ("P63-01", "2022-09", None, "not_derivable", "incomplete_coverage", "operator", 2, 3),
        ("P63-26", "2022-08", 1_000_000, "breakdown_sum", None, "operator", 3, 3),
        ("P63-26", "2022-09", 1_200_000, "reported", None, None, None, None),
    ]


def test_a_ratio_names_the_year_of_its_denominator(build: Build):
    found = rows(
        build,
        """
        select province_id, value, status, denominator_period_id from fct_indicator_values
        where indicator_code = 'tel_mobile_per100' and period_id = '2022-08' and province_id in ('P63-01', 'P63-26')
        order by 1
        """,
    )
    # 10 000 000 / 8 435 600 (a preliminary figure) and 1 000 000 / 1 171 200 (of another year): both are estimates
    assert found == [
        ("P63-01", Decimal("118.5452131443"), "E", "2022"),
        ("P63-26", Decimal("85.3825136612"), "E", "2020"),
    ]


def test_values_beyond_all_bounds_become_a_null_with_a_reason_and_never_stop_the_build(build: Build):
    found = rows(
        build,
        """
        select province_id, indicator_code, value, reason_code from fct_indicator_values
        where province_id in ('P63-92', 'P63-93', 'P63-94', 'P63-95', 'P63-96') and period_id = '2022-08'
            and indicator_code in ('tel_mobile_sub', 'tel_mobile_per100') order by 1, 2
        """,
    )
    assert found == [
        ("P63-92", "tel_mobile_per100", None, "missing_denominator"),
        ("P63-92", "tel_mobile_sub", None, "out_of_range"),
        ("P63-93", "tel_mobile_per100", None, "null_numerator"),
        ("P63-93", "tel_mobile_sub", None, None),
        ("P63-94", "tel_mobile_per100", None, "zero_denominator"),
        ("P63-94", "tel_mobile_sub", 9 * 10**17, None),
        ("P63-95", "tel_mobile_per100", None, "out_of_range"),
        ("P63-95", "tel_mobile_sub", -(10**17), None),
        ("P63-96", "tel_mobile_per100", None, "out_of_range"),
        ("P63-96", "tel_mobile_sub", 10**17, None),
    ]
    assert rows(build, "select count(*) from rpt_rankings where period_id = '2019'") == [(0,)]
    assert rows(build, "select gap, is_met, reason_code from rpt_target_gaps where source_id = 'odd'") == [
        (None, None, "out_of_range")
    ]


def test_the_centre_says_what_else_was_said_and_whether_it_agrees(build: Build):
    found = rows(
        build,
        """
        select indicator_code, candidate_count, has_conflict from fct_indicator_values
        where province_id = 'P63-26' and (indicator_code, period_id) in (('dti_rank', '2021'),
            ('dti_rank', '2022'), ('tel_smart_per_pop', '2022-09'), ('ctx_pop_avg', '2021')) order by 1, period_id
        """,
    )
    assert found == [
        ("ctx_pop_avg", 0, False),
        ("dti_rank", 2, False),
        ("dti_rank", 1, False),
        ("tel_smart_per_pop", 2, False),
    ]


def test_an_empty_field_of_a_declaration_is_null(build: Build):
    assert rows(build, "select distinct legal_basis, url, description from dim_sources") == [(None, None, None)]


def test_a_reported_ratio_stands_and_its_recomputation_on_a_population_of_a_named_year_is_kept_beside_it(build: Build):
    found = rows(
        build,
        """
        select derivation, value, denominator_period_id, tolerance, is_winner, is_truncated, is_conflict
        from intermediate.int_value_candidates
        where province_id = 'P63-26' and indicator_code = 'tel_smart_per_pop' and period_id = '2022-09'
        order by candidate_order
        """,
    )
    # 80 % is printed without decimals and stands for 79.5 to 80.5
    assert found == [
        ("reported", 80, None, Decimal("0.5"), True, False, False),
        ("ratio", Decimal("80.2595628415"), "2020", Decimal("0.5"), False, False, False),
    ]
    explained = "select numerator, denominator, denominator_age_years from intermediate.int_ratios"
    smart = "indicator_code = 'tel_smart_per_pop' and period_id = '2022-09'"
    assert rows(build, f"{explained} where province_id = 'P63-26' and {smart}") == [(940_000, 1_171_200, 2)]


def test_a_superseded_reading_stays_as_a_closed_vintage(build: Build):
    found = rows(
        build,
        """
        select value, is_latest, known_from::varchar, known_to::varchar from fct_observations
        where source_id = 'vnpt' and province_id = 'P63-01' and period_id = '2022-08' order by vintage_no
        """,
    )
    assert found == [
        (2999999, False, "2026-01-10 18:30:00", "2026-01-11 18:30:00"),
        (3000000, True, "2026-01-11 18:30:00", None),
    ]


def test_vinh_phuc_ranked_12_up_43_was_55_under_another_decision(build: Build):
    found = rows(
        build,
        """
        select method, edition, rank, rank_of, rank_previous, rank_change, crosses_break from rpt_rankings
        where province_id = 'P63-26' and indicator_code = 'dti_score' and period_id = '2021'
        """,
    )
    assert found == [("reported", "922/QĐ-BTTTT", 12, 63, 55, 43, True)]


def test_dti_2022_keeps_both_ties(build: Build):
    found = rows(
        build,
        """
        select rank, list(province_id order by province_id) from rpt_rankings
        where period_id = '2022' and rank between 14 and 17 group by rank order by rank
        """,
    )
    assert found == [(14, ["P63-31"]), (15, ["P63-15", "P63-38"]), (17, ["P63-93"])]


def test_provinces_and_their_history_are_complete(build: Build):
    counts = "select boundary_set, count(*) from dim_provinces where area_level = 'province' group by 1 order by 1"
    assert rows(build, counts) == [("34", 34), ("63", 63), ("64", 64)]
    assert rows(build, "select count(*) from dim_provinces") == [(180,)]
    assert rows(build, "select count(*) from dim_province_versions") == [(165,)]
    assert rows(build, "select gso_code, region_vi, is_current from dim_provinces where province_id = 'P63-01'") == [
        ("01", "Đồng bằng sông Hồng", False)
    ]


def test_periods_read_as_in_print(build: Build):
    wanted = ["2022", "2022-09", "2022-H1", "2022-Q3", "2023-Q1-adm", "2030", "undated"]
    found = rows(
        build,
        f"""
        select period_id, label_vi, start_date::varchar, end_date::varchar from dim_periods
        where period_id in {tuple(wanted)} order by 1
        """,
    )
    assert found == [
        ("2022", "Năm 2022", "2022-01-01", "2022-12-31"),
        ("2022-09", "Tháng 9/2022", "2022-09-01", "2022-09-30"),
        ("2022-H1", "6 tháng đầu năm 2022", "2022-01-01", "2022-06-30"),
        ("2022-Q3", "Quý III/2022", "2022-07-01", "2022-09-30"),
        ("2023-Q1-adm", "Quý I/2023 (kỳ báo cáo hành chính)", "2022-12-15", "2023-03-14"),
        ("2030", "Năm 2030", "2030-01-01", "2030-12-31"),
        ("undated", "Không ghi thời kỳ", None, None),
    ]


def test_an_undeclared_folder_has_its_source_and_its_load(build: Build):
    assert rows(build, "select verdict from audit_loads where source_id = '_unknown'") == [("failed",)]
    assert rows(build, "select count(*) from dim_sources where source_id = '_unknown'") == [(1,)]


def test_a_portal_owes_the_log_of_each_month_until_it_reaches_the_month_s_last_day(build: Build):
    # the log ends on 20 October; it begins in September, and tells nothing of P63-01
    found = rows(
        build,
        """
        select period_id, province_id, state, due_on::varchar, delivered_on::varchar, days_late, load_id
        from rpt_obligations where source_id = 'dvc_vp' order by all
        """,
    )
    assert found == [
        ("2022-08", "P63-01", "missing", "2022-09-15", None, 1213, None),
        ("2022-08", "P63-26", "missing", "2022-09-15", None, 1213, None),
        ("2022-09", "P63-01", "missing", "2022-10-15", None, 1183, None),
        ("2022-09", "P63-26", "delivered", "2022-10-15", "2026-01-10", 1183, "load_dvc_vp"),
        ("2022-10", "P63-01", "late", "2022-11-15", None, 1152, None),
        ("2022-10", "P63-26", "late", "2022-11-15", None, 1152, None),
    ]
