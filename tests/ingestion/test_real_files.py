"""Published tables of the statistics office, PAPI and the list of 34 provinces, each read by its source YAML alone."""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.areas import resolve
from ingestion.reference import load_reference
from ingestion.source import load_source
from tests.ingestion.conftest import SEEDS, SOURCES_DIR
from tests.ingestion.real_files import YEARS_THAT_ADD_UP, facts, read, value
from tests.ingestion.sheets import column

PERSON = Decimal(1000)  # GSO prints thousands


def population(real_dir: Path, area: str, year: str) -> Decimal:
    """Thousand persons, as printed."""
    found = value(real_dir, "gso_population", province_id=area, period_id=year, breakdown="total")
    return found / PERSON


@pytest.mark.parametrize(("year", "country", "provinces"), YEARS_THAT_ADD_UP)
def test_gso_provinces_regions_and_country_are_one_sum(real_dir, year, country, provinces):
    rows = facts(real_dir, "gso_population", period_id=year, breakdown="total")
    levels = Counter(row["area_level"] for row in rows)
    assert levels == {"province": provinces, "region": 6, "country": 1}
    sums = {level: sum(row["value"] for row in rows if row["area_level"] == level) for level in levels}
    assert sums["province"] == sums["region"] == sums["country"] == Decimal(country) * PERSON
    assert {row["boundary_set"] for row in rows if row["area_level"] != "country"} == {str(provinces)}


@pytest.mark.parametrize("year", [year for year, _, _ in YEARS_THAT_ADD_UP])
def test_gso_provinces_add_up_to_their_own_region(real_dir, year):
    rows = facts(real_dir, "gso_population", period_id=year, breakdown="total")
    region_of = {area.province_id: area for area in load_reference([SEEDS]).areas.values()}
    with (SEEDS / "provinces.csv").open(encoding="utf-8", newline="") as file:
        regions = {row["province_id"]: row["region_id"] for row in csv.DictReader(file)}
    sums: Counter[str] = Counter()
    for row in rows:
        if row["area_level"] == "province":
            sums[regions[row["province_id"]]] += row["value"]
    assert {row["province_id"]: row["value"] for row in rows if row["area_level"] == "region"} == sums
    assert set(sums) <= set(region_of)


def test_gso_single_values_and_preliminary_marks(real_dir):
    assert population(real_dir, "P63-26", "2016") == Decimal("1066.0")  # Vĩnh Phúc
    assert population(real_dir, "P63-86", "2016") == Decimal("1048.6")  # Vĩnh Long
    status = Counter((row["period_id"], row["status"]) for row in facts(real_dir, "gso_population"))
    assert {period for period, mark in status if mark == "P"} == {"2016"}
    assert status["2016", "P"] == 70 * 5
    (row,) = facts(real_dir, "gso_population", province_id="P63-26", period_id="2016", breakdown="total")
    assert (row["label_text"], row["value_text"], row["decimals"], row["unit"], row["unit_text"]) == (
        "Total Prel. 2016", "1066.0", -2, "person", "nghìn người",
    )  # fmt: skip


def test_ha_noi_before_and_after_the_merger_are_two_areas_and_no_growth(real_dir):
    assert population(real_dir, "P64-01", "2007") == Decimal("3228.5")
    assert population(real_dir, "P63-01", "2008") == Decimal("6381.8")
    assert facts(real_dir, "gso_population", province_id="P63-01", period_id="2007") == []
    assert facts(real_dir, "gso_population", province_id="P64-01", period_id="2008") == []
    assert population(real_dir, "P64-28", "2007") == Decimal("2773.7")  # Hà Tây, in its last year


def test_gso_members_of_sex_and_residence_stand_beside_the_total(real_dir):
    rows = facts(real_dir, "gso_population", province_id="P63-26", period_id="2016")
    assert {row["breakdown"]: row["value"] / PERSON for row in rows} == {
        "total": Decimal("1066.0"),
        "sex:male": Decimal("524.2"),
        "sex:female": Decimal("541.8"),
        "residence:urban": Decimal("248.5"),
        "residence:rural": Decimal("817.5"),
    }


def test_gso_periods_before_2004_are_of_no_known_set_and_rejected_with_that_reason(real_dir):
    result = read(real_dir, "gso_population")
    assert Counter(column(result.rejected, "reason_code")) == {
        "area_before_known_sets": 9 * 5 * 71,  # 1995-2003, five columns a year, every row
        "missing_outside_set": 9 * 5,  # Hà Tây 2008-2016: `..` under an area that is no more
    }
    assert min(column(result.rows, "period_id")) == "2004"
    early = [row for row in result.rejected.to_pylist() if row["reason_code"] == "area_before_known_sets"]
    assert all("2004-01-01" in row["reason_en"] and "01/01/2004" in row["reason_vi"] for row in early)
    late = [row for row in result.rejected.to_pylist() if row["reason_code"] == "missing_outside_set"]
    assert {row["raw_value"] for row in late} == {"Ha Tay"}
    source = load_source(SOURCES_DIR / "gso_population.yml")
    assert set(column(result.rejected, "reason_code")) == set(source.expected_rejections)


def test_papi_has_63_provinces_a_year_and_the_highest_of_code_999_is_none_of_them(real_dir):
    result = read(real_dir, "papi")
    assert Counter(column(result.rows, "period_id", "sheet")) == {
        (str(year), f"{year}_PAPI"): 63 * 29 for year in range(2011, 2017)
    }
    for year in range(2011, 2017):
        assert len({row["province_id"] for row in facts(real_dir, "papi", period_id=str(year))}) == 63
    assert not any("999" in text or "Highest" in text for text in column(result.rows, "place_text"))
    highest = {"2011": Decimal("6.642126"), "2016": Decimal("6.8092865944")}
    for year, score in highest.items():
        rows = facts(real_dir, "papi", period_id=year, indicator_code="papi_participation")
        assert max(row["value"] for row in rows) == score


def test_papi_codes_written_as_numbers_mean_the_province_named_beside_them(real_dir):
    rows = facts(real_dir, "papi", period_id="2011", indicator_code="papi_participation")
    said = {row["place_text"]: row["province_id"] for row in rows}
    assert said["1 | Ha Noi | Hà Nội"] == "P63-01"
    assert said["26 | Vinh Phuc | Vĩnh Phúc"] == "P63-26"
    assert value(
        real_dir, "papi", province_id="P63-01", period_id="2011", indicator_code="papi_participation"
    ) == Decimal("5.76248")


def test_papi_columns_that_changed_in_2016_are_read_by_their_header_not_their_place(real_dir):
    boards = {
        year: value(
            real_dir, "papi", province_id="P63-01", period_id=year,
            indicator_code="papi_accountability_inspection_boards",
        )
        for year in ("2011", "2016")
    }  # fmt: skip
    cells = {
        row["period_id"]: row["cell"]
        for row in facts(real_dir, "papi", province_id="P63-01", indicator_code="papi_accountability_inspection_boards")
    }
    assert (cells["2011"], cells["2016"]) == ("O3", "P3")
    assert boards["2016"] == Decimal("1.1762458086")
    years = {row["period_id"] for row in facts(real_dir, "papi", indicator_code="papi_accountability_response")}
    assert years == {"2016"}


def test_papi_blanks_of_2014_are_missing_and_their_total_of_zero_is_below_any_total(real_dir):
    blank = [row for row in facts(real_dir, "papi") if row["status"] == "O"]
    assert {(row["province_id"], row["period_id"]) for row in blank} == {("P63-24", "2014"), ("P63-87", "2014")}
    assert len(blank) == 56
    (total,) = facts(real_dir, "papi", province_id="P63-24", period_id="2014", indicator_code="papi_score")
    assert total["value"] == 0 < total["min_value"]


def test_the_34_provinces_have_area_and_population_and_their_own_codes_are_not_gso_codes(real_dir):
    rows = read(real_dir, "sapnhap_bando_34").rows
    assert set(column(rows, "boundary_set", "period_id")) == {("34", "2025-07-17")}
    assert len(set(column(rows, "province_id"))) == 34
    of = {(row["place_text"], row["indicator_code"]): row for row in rows.to_pylist()}
    ha_noi = of["Thủ đô Hà Nội", "ctx_area_km2"]
    assert (ha_noi["province_id"], ha_noi["value"], ha_noi["decimals"]) == ("P34-01", Decimal("3359.80"), 2)
    assert of["Thủ đô Hà Nội", "ctx_pop_size"]["value"] == 8_718_000
    assert of["tỉnh Tuyên Quang", "ctx_pop_size"]["province_id"] == "P34-08"
    assert of["tỉnh Vĩnh Long", "ctx_pop_size"]["value"] == 4_257_581
    assert of["thành phố Huế", "ctx_area_km2"]["value"] == Decimal("4947.10")
    assert of["tỉnh Cà Mau", "ctx_pop_size"]["cell"] == "E36"  # one line break inside a field above


def test_three_measures_and_a_year_in_one_label_are_three_indicators_with_their_units(real_dir):
    rows = facts(real_dir, "gso_area_density", province_id="P63-26", period_id="2016")  # Vĩnh Phúc
    assert [(row["indicator_code"], row["value"], row["unit"], row["unit_text"], row["status"]) for row in rows] == [
        ("ctx_area_km2", Decimal("1235.3"), "km2", "Km2", "P"),
        ("ctx_pop_avg", Decimal(1066000), "person", "Thous. pers.", "P"),
        ("ctx_pop_density", Decimal(863), "person per km2", "Person/km2", "P"),
    ]
    sums: Counter[str] = Counter()
    for row in facts(real_dir, "gso_area_density", period_id="2016", indicator_code="ctx_pop_avg"):
        sums[row["area_level"]] += row["value"]
    assert set(sums.values()) == {92695100}
    status = Counter((row["period_id"], row["status"]) for row in facts(real_dir, "gso_area_density"))
    assert {period for period, mark in status if mark == "P"} == {"2016"}


def test_the_rows_of_growth_under_the_same_years_are_not_read_as_subscribers(real_dir):
    rows = facts(real_dir, "gso_telephone")
    assert len(rows) == 3 * 12
    assert {(row["province_id"], row["unit"], row["basis"]) for row in rows} == {("VN", "subscription", "point")}
    of = {(row["indicator_code"], row["period_id"]): row for row in rows}
    assert of["tel_phone_sub", "2005"]["value"] == 15_845_000
    assert (of["tel_mobile_sub", "2016"]["value"], of["tel_mobile_sub", "2016"]["status"]) == (121_268_100, "P")
    assert of["tel_adsl_sub", "2006"]["value"] == 516_600  # and not 246.0, its growth


def test_codes_of_a_panel_mean_the_provinces_of_its_codebook(real_dir):
    with (real_dir / "papi_panel_codebook_provinces.csv").open(encoding="utf-8-sig", newline="") as file:
        names = {row["Variable_Code"]: row["Variable_Name"] for row in csv.DictReader(file)}
    found = {row["place_text"]: row["province_id"] for row in facts(real_dir, "papi_panel")}
    reference = load_reference([SEEDS])
    assert {code: resolve(reference, "name", name, None, "63").province_id for code, name in names.items()} == found
    assert found["P17"] == "P63-26"  # Vĩnh Phúc: no code of the statistics office


def test_blanks_of_a_panel_are_missing_and_not_zero(real_dir):
    rows = facts(real_dir, "papi_panel", status="O")
    assert Counter(row["indicator_code"] for row in rows)["papi_procedures_construction"] == 63
    assert len(rows) == 92
    assert all(row["value"] is None for row in rows)
    assert value(
        real_dir, "papi_panel", province_id="P63-26", indicator_code="papi_participation_knowledge"
    ) == Decimal("1.182351112")
