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
def test_provinces_regions_and_country_reconcile_in_the_star(night, year, country, provinces):
    levels = dict(
        (level, (count, total))
        for level, count, total in query(
            night,
            f"""select area_level, count(*), sum(value) from fct_indicator_values
            where indicator_code = 'ctx_pop_avg' and period_id = '{year}' group by 1""",
        )
    )
    total = Decimal(country) * 1000
    assert levels == {"country": (1, total), "region": (6, total), "province": (provinces, total)}


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
