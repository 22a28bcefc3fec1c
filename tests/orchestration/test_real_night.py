"""One night on published files under their own names: what arrives in the star, and what it makes derivable."""

import json
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

from ingestion.sample.write import article_sheet
from tests.ingestion.real_files import FILES, YEARS_THAT_ADD_UP
from tests.ingestion.sheets import LONG

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real_night")]

# Invented: 120 mobile subscriptions for 100 of the 1066.0 thousand inhabitants GSO prints for Vĩnh Phúc in 2016. The
# population of 2020 is GSO's: its file ends with 2016.
FIGURES = """place,indicator,breakdown,value,unit,period,kind
Vĩnh Phúc,tel_mobile_sub,total,1279200,thuê bao,2016-12,observation
Vĩnh Phúc,ctx_pop_avg,total,1171.2,nghìn người,2020,observation
"""
ARTICLE = "vinh_phuc_the_che_2022"  # an article of 2022 on Vĩnh Phúc


@pytest.fixture(scope="module")
def night(real_dir, sotinh, tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    home = tmp_path_factory.mktemp("real")
    for source_id, name in FILES.items():
        folder = home / "inbox" / source_id
        folder.mkdir(parents=True)
        shutil.copyfile(real_dir / name, folder / name)
    (home / "sources").mkdir()
    numerator = {**LONG, "source_id": "so_lieu_thu", "layout": {**LONG["layout"], "basis": "point"}}
    (home / "sources" / "so_lieu_thu.yml").write_text(yaml.safe_dump(numerator, allow_unicode=True), encoding="utf-8")
    (home / "inbox" / "so_lieu_thu").mkdir()
    (home / "inbox" / "so_lieu_thu" / "di_dong.csv").write_text(FIGURES, encoding="utf-8")
    (home / "inbox" / ARTICLE).mkdir()
    (home / "inbox" / ARTICLE / "bai_bao.csv").write_bytes(article_sheet("001"))
    (home / "sotinh.toml").write_text("settle_seconds = 0\n", encoding="utf-8")
    return home, sotinh(home, "nightly", "--json")


def query(night, sql: str) -> list[tuple]:
    with duckdb.connect(str(night[0] / "current" / "sotinh.duckdb"), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def test_all_files_are_accepted_and_what_was_rejected_makes_the_night_end_with_3(night):
    assert night[1].returncode == 3, night[1].stdout[-3000:] + night[1].stderr[-3000:]
    assert query(
        night, "select source_id, verdict, rows_read, rows_accepted, rows_rejected from audit_loads order by source_id"
    ) == [
        ("gso_area_density", "accepted_with_warnings", 1260, 1260, 0),
        ("gso_population", "accepted", 7810, 4570, 3240),
        ("gso_telephone", "accepted", 36, 36, 0),
        ("mof_plan_2003", "quarantined", 310, 0, 310),  # not one cell of it belongs to a known boundary set
        ("mof_plan_2008", "accepted", 576, 576, 0),
        ("papi", "accepted_with_warnings", 10962, 10960, 2),
        ("papi_panel", "accepted", 1827, 1827, 0),
        ("pci_2008", "accepted", 1472, 1472, 0),
        ("pci_2008_telephones", "quarantined", 64, 0, 64),
        ("pci_2010", "accepted", 1134, 1134, 0),
        ("pci_2016", "accepted", 756, 756, 0),
        ("sapnhap_bando_34", "accepted", 68, 68, 0),
        ("so_lieu_thu", "accepted", 2, 2, 0),
        (ARTICLE, "accepted", 26, 26, 0),
    ]
    assert query(
        night, "select source_id, reason_code, count(*) from audit_rejected_rows group by all order by all"
    ) == [
        ("gso_population", "area_before_known_sets", 3195),
        ("gso_population", "missing_outside_set", 45),
        ("mof_plan_2003", "area_before_known_sets", 305),
        ("mof_plan_2003", "unknown_area", 5),
        ("papi", "below_minimum", 2),
        ("pci_2008_telephones", "below_minimum", 64),
    ]


def test_telephones_in_an_impossible_unit_are_quarantined_and_hold_nothing_else_up(night):
    assert query(
        night,
        """select source_id, count(*) from fct_observations
        where indicator_code = 'pci_infra_phone_per1000' group by 1""",
    ) == [("pci_2010", 63)]
    assert query(night, "select count(distinct province_id) from fct_observations where source_id = 'pci_2008'") == [
        (64,)
    ]


@pytest.mark.parametrize(("year", "country", "provinces"), YEARS_THAT_ADD_UP)
def test_provinces_of_every_set_regions_and_country_reconcile_in_the_star(night, year, country, provinces):
    found = query(
        night,
        f"""select area_level, boundary_set, count(*), sum(value), count(*) filter (reason_code = 'unknown_share')
        from fct_indicator_values where indicator_code = 'ctx_pop_avg' and period_id = '{year}' group by 1, 2""",
    )
    total = Decimal(country) * 1000
    regions = [one for one in found if one[0] == "region"]
    assert [(count, own) for _, _, count, own, _ in regions] == [(6, total)]  # and none of another set
    sets = {boundary_set: told for level, boundary_set, *told in found if level != "region"}
    assert sets.pop("all") == [1, total, 0]
    assert sets.pop(str(provinces)) == [provinces, total, 0]
    if provinces == 63:
        assert sets == {"34": [34, total, 0]}
    else:  # parts of Vĩnh Phúc and Hòa Bình went to Hà Nội: of these three nothing is known, nor of what holds them
        assert {each: (count, unknown) for each, (count, _, unknown) in sets.items()} == {"63": (63, 3), "34": (34, 2)}
        assert all(own < total for _, own, _ in sets.values())


def test_the_merged_phu_tho_of_2016_has_the_people_of_its_three_provinces(night):
    assert query(
        night,
        """select value, method, status, coverage_of, coverage_count, coverage_expected from fct_indicator_values
        where province_id = 'P34-25' and indicator_code = 'ctx_pop_avg' and period_id = '2016'""",
    ) == [(Decimal(1381700 + 1066000 + 831300), "boundary_sum", "E", "province", 3, 3)]  # preliminary figures
    assert query(
        night,
        """select distinct method, reason_code from fct_indicator_values
        where province_id = 'P34-25' and indicator_code in ('pci_score', 'pci_rank', 'papi_score')""",
    ) == [("not_derivable", "not_transferable")]
    assert (
        query(
            night,
            """select province_id from fct_indicator_values where indicator_code = 'ctx_pop_avg'
        and period_id = '2016' and province_id like 'P64%'""",
        )
        == []
    )


@pytest.mark.parametrize(
    ("area", "method", "reason"),
    [
        ("P63-01", "not_derivable", "unknown_share"),
        ("P63-17", "not_derivable", "unknown_share"),
        ("P63-26", "not_derivable", "unknown_share"),
        ("P63-25", "boundary_sum", None),
        ("P34-01", "not_derivable", "unknown_share"),
        ("P34-25", "not_derivable", "unknown_share"),
        ("P34-08", "boundary_sum", None),
    ],
)
def test_what_parts_of_unknown_size_went_into_in_2008_has_no_earlier_figure(night, area, method, reason):
    assert query(
        night,
        f"""select method, reason_code, value is null from fct_indicator_values
        where province_id = '{area}' and indicator_code = 'ctx_pop_avg' and period_id = '2007'""",
    ) == [(method, reason, reason is not None)]


def test_ha_noi_grows_by_no_merger(night):
    assert query(
        night,
        """select province_id, period_id, value from fct_observations where indicator_code = 'ctx_pop_avg'
        and breakdown = 'total' and province_id like 'P6_-01' and period_id in ('2007', '2008') order by period_id""",
    ) == [("P64-01", "2007", Decimal(3228500)), ("P63-01", "2008", Decimal(6381800))]


def test_no_statistic_became_a_province_and_computed_ranks_are_those_vcci_printed(night):
    assert query(night, "select count(distinct province_id) from fct_observations where source_id = 'pci_2010'") == [
        (63,)
    ]
    assert query(night, "select count(distinct province_id) from fct_observations where source_id = 'papi'") == [(63,)]
    ranks = query(
        night,
        """select reported.edition, count(*), count(*) filter (reported.rank = computed.rank)
        from rpt_rankings as reported join rpt_rankings as computed using (province_id, indicator_code, period_id)
        where indicator_code = 'pci_score' and reported.method = 'reported' and computed.method = 'computed'
        group by 1 order by 1""",
    )
    assert ranks == [
        ("PCI, 10 chỉ số thành phần (có cạnh tranh bình đẳng)", 63, 63),
        ("PCI, 9 chỉ số thành phần", 63, 63),
    ]
    assert query(
        night,
        """select value, unit from fct_indicator_values
        where province_id = 'P63-26' and indicator_code = 'pci_infra_phone_per1000'""",
    ) == [(Decimal("255.2343"), "per 1000 inhabitants")]


def test_totals_of_pci_and_papi_are_what_their_parts_add_up_to(night):
    with duckdb.connect(str(night[0] / "build" / "warehouse.duckdb"), read_only=True) as warehouse:
        found = warehouse.sql(
            """
            select indicator_code, count(*), count(*) filter (is_conflict), max(abs(difference)) < 0.00001
            from intermediate.int_value_candidates
            where derivation = 'composite' and value is not null group by 1 order by 1
            """
        ).fetchall()
    years = 5 * 63 + 61  # two provinces of 2014 are blank
    dimensions = ("accountability", "corruption", "participation", "procedures")
    assert found == [
        *((f"papi_{one}", years, 0, True) for one in dimensions),
        ("papi_score", years, 0, True),
        ("papi_services", years, 0, True),
        ("papi_transparency", years, 0, True),
        ("pci_score", 64 + 63 + 63, 0, True),
        ("pci_score_unweighted", 64 + 63, 0, True),
    ]


def test_places_of_pci_2016_move_when_weights_do_and_the_first_four_hardly(night):
    found = query(
        night,
        """select rank, rank_low, rank_high, ranking_count from rpt_rank_ranges
        where indicator_code = 'pci_score' and period_id = '2016' and method = 'reported' and choice_code = 'all'
        order by rank""",
    )
    assert len(found) == 63
    assert all(low <= rank <= high and count == 1005 for rank, low, high, count in found)
    assert [(low, high) for _, low, high, _ in found[:4]] == [(1, 1), (2, 2), (3, 3), (4, 5)]


def test_provinces_of_a_plan_in_tcvn3_are_shown_under_their_right_names_where_they_were_rejected(night):
    rejected = query(
        night,
        """select raw_value, reason_vi from audit_rejected_rows
        where source_id = 'mof_plan_2003' and cell = 'C23'""",
    )
    assert [name for name, _ in rejected] == ["HƯNG YÊN"]
    assert "trước 01/01/2004" in rejected[0][1]


def test_a_plan_for_the_64_provinces_stays_on_them(night):
    assert query(
        night,
        """select province_id, value, unit, method from fct_indicator_values
        where indicator_code = 'fin_plan_revenue' and period_id = '2008' and province_id in ('P64-01', 'P64-28')
        order by province_id""",
    ) == [
        ("P64-01", Decimal(53807000), "million VND", "reported"),
        ("P64-28", Decimal(3347500), "million VND", "reported"),
    ]


def test_a_rate_is_derived_on_the_real_population_and_says_of_which_year(night):
    assert query(
        night,
        """select value, unit, method, status, denominator_period_id from fct_indicator_values
        where province_id = 'P63-26' and indicator_code = 'tel_mobile_per100' and period_id = '2016-12'""",
    ) == [(Decimal(120), "per 100 inhabitants", "ratio", "E", "2016")]


def test_the_smartphone_share_of_vinh_phuc_is_printed_within_its_precision_of_the_population_of_2020(night):
    with duckdb.connect(str(night[0] / "build" / "warehouse.duckdb"), read_only=True) as warehouse:
        candidates = warehouse.sql(
            """select derivation, value, denominator_period_id, tolerance, is_conflict
            from intermediate.int_value_candidates
            where province_id = 'P63-26' and indicator_code = 'tel_smart_per_pop' and period_id = '2022-09'
            order by candidate_order"""
        ).fetchall()
    # 940 000 over 1 171.2 thousand, GSO's nearest earlier year: 2016 would be too old
    assert candidates == [
        ("reported", Decimal(80), None, Decimal("0.5"), False),
        ("ratio", Decimal("80.2595628415"), "2020", Decimal("0.5"), False),
    ]
    assert query(
        night,
        """select value, method, candidate_count, has_conflict from fct_indicator_values
        where province_id = 'P63-26' and indicator_code = 'tel_smart_per_pop' and period_id = '2022-09'""",
    ) == [(Decimal(80), "reported", 2, False)]


def test_the_night_after_has_nothing_to_do(night, sotinh):
    again = sotinh(night[0], "nightly", "--json")
    assert (again.returncode, json.loads(again.stdout)["outcome"]) == (0, "quiet")
