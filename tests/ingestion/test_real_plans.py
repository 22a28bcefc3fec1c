"""Budget plans of the Ministry of Finance, in TCVN3 and under eight rows of header, read by source YAML alone."""

from collections import Counter
from datetime import date

from python_calamine import CalamineWorkbook

from ingestion.areas import Unresolved, resolve
from ingestion.readers.workbook_file import read_grids
from ingestion.reference import load_reference
from tests.ingestion.conftest import SEEDS
from tests.ingestion.real_files import FILES, facts, read, value
from tests.ingestion.sheets import column


def test_every_text_of_plan_2003_comes_out_of_tcvn3_as_the_ministry_itself_converted_it(real_dir):
    """The second sheet is the first one in Unicode, capitals and all: an independent witness for every cell."""
    tcvn3, converted = read_grids(real_dir / FILES["mof_plan_2003"], "xls")
    assert (tcvn3.sheet, converted.sheet) == ("Sheet1", "Sheet1 (2)")
    texts = {
        tcvn3.address(row, at): value
        for row, values in enumerate(tcvn3.rows)
        for at, value in enumerate(values)
        if isinstance(value, str) and not value.startswith("#")
    }
    assert len(texts) == 109
    assert texts == {
        converted.address(row, at): value
        for row, values in enumerate(converted.rows)
        for at, value in enumerate(values)
        if isinstance(value, str) and not value.startswith("#")
    }
    assert texts["B23"] == "HƯNG YÊN"  # stored as `h`, soft hyphen, `ng yªn` under a font of capitals
    assert texts["A4"] == "(Kèm theo Quyết định số 757/2003/QĐ-BTC ngày 08/04/2003 của Bộ trưởng Bộ Tài chính)"


def test_plan_2003_is_of_no_known_set_and_its_provinces_are_rejected_under_their_right_names(real_dir):
    result = read(real_dir, "mof_plan_2003")
    assert result.rows.num_rows == 0
    assert Counter(column(result.rejected, "reason_code")) == {"area_before_known_sets": 61 * 5, "unknown_area": 5}
    names = {row["raw_value"] for row in result.rejected.to_pylist() if row["raw_value"]}
    known = load_reference([SEEDS])
    found = {name: resolve(known, "name", name, date(2004, 1, 1), "by_period") for name in names}
    assert len(names) == 61
    assert {"TP. HỒ CHÍ MINH", "BÀ RỊA - VŨNG TÀU", "THỪA THIÊN - HUẾ", "ĐĂK LĂK", "BẮC CẠN", "ĐÀ NẴNG"} <= names
    assert [name for name, area in found.items() if isinstance(area, Unresolved)] == []
    assert len({area.province_id for area in found.values() if not isinstance(area, Unresolved)}) == 61
    # Under the last province stands, without a name, how many were counted: no figure of any province.
    nameless = [row for row in result.rejected.to_pylist() if row["reason_code"] == "unknown_area"]
    assert {row["cell"] for row in nameless} == {"C85", "D85", "E85", "F85", "G85"}


# Sheet row of each region's own figures, and the rows of its provinces.
REGIONS_2008 = {
    17: range(19, 33),
    33: range(35, 47),
    47: range(50, 64),
    64: range(65, 70),
    70: range(72, 78),
    78: range(80, 93),
}
COLUMNS_2008 = {
    "fin_plan_revenue": "C",
    "fin_plan_balancing_expenditure": "E",
    "fin_plan_transfer": "F",
    "fin_plan_transfer_balancing": "G",
    "fin_plan_transfer_target": "H",
    "fin_plan_transfer_target_projects": "I",
    "fin_plan_transfer_target_policies": "J",
    "fin_plan_transfer_target_programs": "K",
}


def test_plan_2008_has_the_64_provinces_it_was_made_for_and_their_figures(real_dir):
    rows = facts(real_dir, "mof_plan_2008")
    assert Counter(row["province_id"] for row in rows) == dict.fromkeys({row["province_id"] for row in rows}, 9)
    assert len({row["province_id"] for row in rows}) == 64
    assert {(row["boundary_set"], row["period_id"]) for row in rows} == {("64", "2008")}
    ha_tay = {row["indicator_code"]: row["value"] for row in rows if row["province_id"] == "P64-28"}
    assert ha_tay == {
        "fin_plan_revenue": 3347500,
        "fin_plan_retained_pct": 100,
        "fin_plan_balancing_expenditure": 4357553,
        "fin_plan_transfer": 1300135,
        "fin_plan_transfer_balancing": 1081827,
        "fin_plan_transfer_target": 218307,
        "fin_plan_transfer_target_projects": 112520,
        "fin_plan_transfer_target_policies": 8816,
        "fin_plan_transfer_target_programs": 96971,
    }
    assert value(real_dir, "mof_plan_2008", province_id="P64-79", indicator_code="fin_plan_retained_pct") == 26
    assert {row["unit"] for row in rows} == {"million VND", "%"}
    assert {(row["place_text"], row["province_id"]) for row in rows} >= {("Sóc Trăng", "P64-94"), ("Lào Cai", "P64-10")}


def test_plan_2008_provinces_add_up_to_the_regions_and_the_country_as_printed(real_dir):
    """To 2 million đồng, the rounding of up to 14 figures; what is not yet given to any province is in the total."""
    read_as = {row["cell"]: row["value"] or 0 for row in facts(real_dir, "mof_plan_2008")}
    with CalamineWorkbook.from_path(real_dir / FILES["mof_plan_2008"]) as workbook:
        printed = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    left = {}
    for indicator, letter in COLUMNS_2008.items():
        at = ord(letter) - 65
        for row, provinces in REGIONS_2008.items():
            assert abs(printed[row - 1][at] - float(sum(read_as[f"{letter}{each}"] for each in provinces))) <= 2.5
        total = printed[15 if letter == "G" else 13][at]
        left[indicator] = round(total - float(sum(figure for cell, figure in read_as.items() if cell[0] == letter)))
    assert {indicator: rest for indicator, rest in left.items() if abs(rest) > 5} == {
        "fin_plan_transfer_balancing": 2640714,  # footnote (1): 2.640.712 for the minimum wage
        "fin_plan_transfer_target": 467513,
        "fin_plan_transfer_target_programs": 467510,
    }


def test_plan_2008_columns_add_up_as_their_numbers_say(real_dir):
    """`4=5+6` and `6=7+8+9` in the row of column numbers, which is read as no figure."""
    of = {(row["cell"][0], row["cell"][1:]): row["value"] or 0 for row in facts(real_dir, "mof_plan_2008")}
    for row in {row for _, row in of}:
        assert abs(of["F", row] - of["G", row] - of["H", row]) <= 2
        assert abs(of["H", row] - of["I", row] - of["J", row] - of["K", row]) <= 2


def test_plan_2008_blank_balancing_transfers_are_missing_and_no_zero(real_dir):
    rows = facts(real_dir, "mof_plan_2008", indicator_code="fin_plan_transfer_balancing")
    assert sorted(row["province_id"] for row in rows if row["status"] == "O") == [
        "P64-01", "P64-22", "P64-26", "P64-31", "P64-48", "P64-56", "P64-74", "P64-75", "P64-79",
    ]  # fmt: skip
    assert sorted(row["province_id"] for row in rows if row["value"] == 0) == ["P64-77", "P64-92"]
