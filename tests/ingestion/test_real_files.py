"""Published files that nobody here wrote, each read by its source YAML alone."""

import csv
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from ingestion.areas import resolve
from ingestion.read import ReadResult, read_file
from ingestion.reference import load_reference
from ingestion.source import load_source
from ingestion.text import column_letters
from tests.ingestion.conftest import SEEDS, SOURCES_DIR
from tests.ingestion.sheets import column

FILES = {
    "gso_population": "gso_average_population_by_province_1995_2016.csv",
    "sapnhap_bando_34": "sapnhap_bando_34_provinces_2025-07-17.csv",
    "papi": "PAPI_2011-2016.xlsx",
    "pci_2010": "PCI_2010.xls",
    "pci_2008": "PCI_2008.xls",
    "pci_2008_telephones": "PCI_2008.xls",
    "pci_2016": "PCI_2016.xlsx",
    "gso_area_density": "gso_area_population_density.csv",
    "gso_telephone": "gso_telephone_internet_subscribers_2005_2016.csv",
    "papi_panel": "papi_panel_2022.csv",
}
PERSON = Decimal(1000)  # GSO prints thousands


@cache
def read(real_dir: Path, source_id: str) -> ReadResult:
    name = FILES[source_id]
    reference = load_reference([SEEDS])
    return read_file(real_dir / name, name, load_source(SOURCES_DIR / f"{source_id}.yml"), reference)


def facts(real_dir: Path, source_id: str, **wanted: str) -> list[dict[str, Any]]:
    rows = read(real_dir, source_id).rows.to_pylist()
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def value(real_dir: Path, source_id: str, **wanted: str) -> Decimal:
    (row,) = facts(real_dir, source_id, **wanted)
    return row["value"]


def population(real_dir: Path, area: str, year: str) -> Decimal:
    """Thousand persons, as printed."""
    found = value(real_dir, "gso_population", province_id=area, period_id=year, breakdown="total")
    return found / PERSON


YEARS_THAT_ADD_UP = [
    ("2005", "82392.1", 64),
    ("2007", "84218.5", 64),
    ("2008", "85118.7", 63),
    ("2009", "86025.0", 63),
    ("2015", "91709.8", 63),
    ("2016", "92695.1", 63),
]


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


@pytest.mark.parametrize(
    ("area", "phones"),
    [("P63-01", "385.7575"), ("P63-79", "343.0888"), ("P63-26", "255.2343"), ("P63-86", "169.6446")],
    ids=["Hà Nội", "TP.HCM", "Vĩnh Phúc", "Vĩnh Long"],
)
def test_pci_phones_per_1000_are_those_printed(real_dir, area, phones):
    assert value(real_dir, "pci_2010", province_id=area, indicator_code="pci_infra_phone_per1000") == Decimal(phones)


def test_pci_statistics_of_the_sheet_follow_from_the_provinces_and_are_no_province(real_dir):
    rows = facts(real_dir, "pci_2010", indicator_code="pci_infra_phone_per1000")
    phones = sorted(row["value"] for row in rows)
    assert (len(phones), phones[0], phones[31], phones[-1]) == (
        63, Decimal("85.09067"), Decimal("205.8943"), Decimal("385.7575"),
    )  # fmt: skip
    assert {row["unit"] for row in rows} == {"per 1000 inhabitants"}
    assert len({row["province_id"] for row in rows}) == 63


def test_pci_pairs_sorted_on_their_own_give_each_province_the_component_of_its_own_sheet(real_dir):
    """The component sheets, which the source leaves out, are sorted by province: an independent witness."""
    names = {
        "pci_entry": "Chi phi gia nhap thi truong",
        "pci_land": "Tiep can dat dai",
        "pci_transparency": "Tinh minh bach",
        "pci_time": "Chi phi thoi gian",
        "pci_informal": "Chi phi khong chinh thuc",
        "pci_proactivity": "Tinh nang dong",
        "pci_support": "Ho tro doanh nghiep",
        "pci_labour": "Dao tao lao dong",
        "pci_legal": "Thiet che phap ly",
    }
    codes = {
        code: area for (scheme, code), (area,) in load_reference([SEEDS]).external_codes.items() if scheme == "pci_id"
    }
    with CalamineWorkbook.from_path(real_dir / FILES["pci_2010"]) as workbook:
        for indicator, sheet in names.items():
            rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            printed = {f"P63-{codes[str(int(row[0]))]}": row[2] for row in rows if isinstance(row[0], float)}
            found = {
                row["province_id"]: float(row["value"]) for row in facts(real_dir, "pci_2010", indicator_code=indicator)
            }
            assert found == printed, sheet
            assert len(found) == 63


def test_pci_rank_and_score_of_a_province(real_dir):
    read_as = {row["indicator_code"]: row["value"] for row in facts(real_dir, "pci_2010", province_id="P63-48")}
    assert read_as["pci_rank"] == 1  # Đà Nẵng
    assert read_as["pci_score"] == Decimal("69.765929")
    assert read_as["pci_score_unweighted"] == Decimal("60.724846")
    assert read_as["pci_proactivity"] == Decimal("7.417719")


def test_pci_shares_printed_as_percentages_are_percentages(real_dir):
    (row,) = facts(real_dir, "pci_2010", province_id="P63-01", indicator_code="pci_infra_telecom_good_pct")
    assert (row["value"], row["unit"], row["value_text"]) == (Decimal("58.69565"), "%", "58.69565%")


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


def test_pci_2008_has_64_provinces_and_its_ict_index_is_that_printed(real_dir):
    rows = facts(real_dir, "pci_2008", indicator_code="pci_ict")
    index = {row["province_id"]: row["value"] for row in rows}
    assert index["P64-79"] == max(index.values()) == Decimal("47.37701")  # TP.HCM
    assert index["P64-01"] == Decimal("45.88865")  # Hà Nội
    assert index["P64-08"] == min(index.values()) == Decimal("9.426126")  # Tuyên Quang
    assert index["P64-28"] == Decimal("23.54507")  # Hà Tây, in its last year
    by_indicator = Counter(row["indicator_code"] for row in facts(real_dir, "pci_2008"))
    assert set(by_indicator.values()) == {64}
    assert len(by_indicator) == 23


def test_pci_2008_components_printed_twice_agree(real_dir):
    """The lookup block under the pairs prints Hà Nội's figures again: they are read from the pairs above."""
    read_as = {row["indicator_code"]: row["value"] for row in facts(real_dir, "pci_2008", province_id="P64-01")}
    with CalamineWorkbook.from_path(real_dir / FILES["pci_2008"]) as workbook:
        block = workbook.get_sheet_by_name("Tổng hợp").to_python(skip_empty_area=False)[68]
    printed = [cell for cell in block if isinstance(cell, float)]
    components = ["entry", "land", "transparency", "time", "informal", "soe_bias", "proactivity", "private_sector"]
    components += ["labour", "legal", "score_unweighted", "score"]
    assert [float(read_as[f"pci_{name}"]) for name in components] == printed


def test_pci_2008_shares_printed_as_percentages_are_percentages(real_dir):
    (row,) = facts(real_dir, "pci_2008", province_id="P64-01", indicator_code="pci_infra_email_pct")
    assert (row["value"], row["unit"], row["value_text"]) == (Decimal("61.66667"), "%", "61.66667%")


def test_telephones_of_pci_2008_all_lie_below_what_is_possible(real_dir):
    rows = facts(real_dir, "pci_2008_telephones")
    assert len(rows) == 64
    assert {(row["indicator_code"], row["period_id"]) for row in rows} == {("pci_infra_phone_per1000", "2007")}
    assert all(row["value"] < row["min_value"] for row in rows)
    assert facts(real_dir, "pci_2008", indicator_code="pci_infra_phone_per1000") == []


def test_pci_2016_is_that_of_2016_and_not_the_hidden_ranking_of_2013(real_dir):
    rows = facts(real_dir, "pci_2016")
    assert {(row["sheet"], row["period_id"]) for row in rows} == {("Summary_VN", "2016")}
    assert Counter(row["indicator_code"] for row in rows).most_common()[-1][1] == 63
    first = {row["indicator_code"]: row for row in rows if row["province_id"] == "P63-48"}  # Đà Nẵng
    assert (first["pci_rank"]["value"], first["pci_score"]["value"]) == (1, Decimal("70.0013961792"))
    assert (first["pci_competition"]["value"], first["pci_competition"]["cell"]) == (Decimal("5.4478559494"), "M19")


def test_pci_2016_ranks_stand_two_columns_behind_their_province_and_order_the_scores(real_dir):
    ranks = {row["province_id"]: row["value"] for row in facts(real_dir, "pci_2016", indicator_code="pci_rank")}
    scores = {row["province_id"]: row["value"] for row in facts(real_dir, "pci_2016", indicator_code="pci_score")}
    assert sorted(scores, key=scores.__getitem__, reverse=True) == sorted(ranks, key=ranks.__getitem__)


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


@pytest.mark.parametrize("source_id", FILES)
def test_every_row_read_is_accepted_or_rejected(real_dir, source_id):
    result = read(real_dir, source_id)
    assert result.rows_read == result.rows.num_rows + result.rejected.num_rows
    numbers = column(result.rows, "row_no") + column(result.rejected, "row_no")
    assert sorted(numbers) == list(range(1, result.rows_read + 1))
    assert {row["catalogue_unit"] == row["unit"] for row in result.rows.to_pylist()} == {True}


def numbers_of(path: Path) -> Iterator[tuple[str, int, str]]:
    """Sheet, row and column letters of every cell that holds a number, read without the product."""
    if path.suffix == ".csv":
        delimiter = ";" if "gso" in path.name else ","
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader, line = csv.reader(file, delimiter=delimiter), 1
            for fields in reader:
                for number, text in enumerate(fields):
                    if text.replace(".", "").replace(",", "").isdecimal():
                        yield path.stem, line, column_letters(number)
                line = reader.line_num + 1
        return
    with CalamineWorkbook.from_path(path) as workbook:
        for name in workbook.sheet_names:
            for row, cells in enumerate(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False), 1):
                yield from ((name, row, column_letters(n)) for n, cell in enumerate(cells) if isinstance(cell, float))


# Sheets of PCI 2008 that are read, with the first row of the block that looks one province up.
PCI_2008_READ = {"Tổng hợp": 69, "Công nghệ thông tin": 69, "Cơ sở hạ tầng": 70}

# What a source leaves out by declaration: sheets, columns of codes and of other figures, rows under the data.
LEFT_OUT = {
    "gso_population": lambda sheet, row, letters: False,
    "sapnhap_bando_34": lambda sheet, row, letters: letters in ("A", "B", "G", "H"),
    "papi": lambda sheet, row, letters: letters == "A" or row == 66,
    "pci_2008": lambda sheet, row, letters: (
        sheet not in PCI_2008_READ
        or letters == "A"
        or row >= PCI_2008_READ[sheet]
        or (sheet == "Cơ sở hạ tầng" and letters not in ("Y", "AA", "AQ", "AS"))
    ),
    "pci_2008_telephones": lambda sheet, row, letters: sheet != "Cơ sở hạ tầng" or letters != "AC" or row >= 70,
    "pci_2016": lambda sheet, row, letters: sheet != "Summary_VN" or letters == "A" or row in (67, 68),
    "gso_area_density": lambda sheet, row, letters: False,
    "gso_telephone": lambda sheet, row, letters: letters == "B" or row >= 16,
    "papi_panel": lambda sheet, row, letters: False,
    "pci_2010": lambda sheet, row, letters: (
        sheet not in ("Tong hop", "Co so ha tang")
        or letters == "A"
        or (sheet == "Tong hop" and row in (67, 68))
        or (sheet == "Co so ha tang" and (row >= 69 or letters in "DEFGHIMNO"))
    ),
}


@pytest.mark.parametrize("source_id", FILES)
def test_every_number_of_the_file_is_a_row_or_declared_to_be_left_out(real_dir, source_id):
    result = read(real_dir, source_id)
    taken = set(column(result.rows, "sheet", "cell")) | set(column(result.rejected, "sheet", "cell"))
    numbers = list(numbers_of(real_dir / FILES[source_id]))
    wanted = {
        (sheet, f"{letters}{row}") for sheet, row, letters in numbers if not LEFT_OUT[source_id](sheet, row, letters)
    }
    assert wanted <= taken
    without_number = {cell for cell in taken if cell not in wanted}
    texts = {(row["sheet"], row["cell"]): row for row in [*result.rows.to_pylist(), *result.rejected.to_pylist()]}
    assert all(texts[cell].get("value") is None for cell in without_number)
    assert len(numbers) > 90
