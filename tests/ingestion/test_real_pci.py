"""PCI workbooks of 2008, 2010 and 2016, each read by its source YAML alone."""

from collections import Counter
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from ingestion.reference import load_reference
from tests.ingestion.conftest import SEEDS
from tests.ingestion.real_files import FILES, facts, value


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
