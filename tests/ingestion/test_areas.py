import csv
from datetime import date

import pytest

from ingestion.areas import Unresolved, label_kind, resolve
from ingestion.reference import load_reference
from ingestion.text import fold, fold_name
from tests.ingestion.conftest import SEEDS

IN_64, IN_63, IN_34 = date(2006, 12, 31), date(2022, 9, 30), date(2025, 7, 31)


def rows(table: str) -> list[dict[str, str]]:
    with (SEEDS / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def found(reference, scheme, text, day, boundary_set="by_period"):
    area = resolve(reference, scheme, text, day, boundary_set)
    return area.reason_code if isinstance(area, Unresolved) else area.province_id


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("15", "P63-15", "P34-15"),  # Yên Bái, then Lào Cai
        ("24", "P63-24", "P34-24"),  # Bắc Giang, then Bắc Ninh
        ("44", "P63-44", "P34-44"),  # Quảng Bình, then Quảng Trị
        ("52", "P63-52", "P34-52"),  # Bình Định, then Gia Lai
        ("80", "P63-80", "P34-80"),  # Long An, then Tây Ninh
        ("82", "P63-82", "P34-82"),  # Tiền Giang, then Đồng Tháp
        ("91", "P63-91", "P34-91"),  # Kiên Giang, then An Giang
    ],
)
def test_a_recycled_code_is_resolved_by_the_period(reference, code, before, after):
    assert found(reference, "gso", code, date(2025, 6, 30)) == before
    assert found(reference, "gso", code, date(2025, 7, 1)) == after
    names = [reference.areas[each].name_vi for each in (before, after)]
    assert names[0] != names[1]


def test_a_name_means_the_area_of_its_time(reference):
    assert found(reference, "name", "Vĩnh Long", IN_63) == "P63-86"
    assert found(reference, "name", "Vĩnh Long", IN_34) == "P34-86"
    assert found(reference, "name", "Hà Nội", IN_64) == "P64-01"


def test_a_set_declared_by_the_source_beats_the_date(reference):
    assert found(reference, "name", "Vĩnh Long", date(2030, 12, 31), "63") == "P63-86"
    assert found(reference, "name", "Vĩnh Long", None, "63") == "P63-86"


def test_every_alias_and_every_name_of_the_63_is_found_in_the_63(reference):
    wrong = {
        row["alias"]: answer
        for row in rows("province_aliases")
        if row["code_63"] != "28"
        and (answer := found(reference, "name", row["alias"], IN_63)) != f"P63-{row['code_63']}"
    }
    assert wrong == {}


def test_every_name_of_the_34_is_found_in_the_34(reference):
    areas = [row for row in rows("provinces") if row["boundary_set"] == "34" and row["area_level"] == "province"]
    assert len(areas) == 34
    for row in areas:
        assert found(reference, "name", row["name_vi"], IN_34) == row["province_id"]
        assert found(reference, "gso", row["gso_code"], IN_34) == row["province_id"]


def test_the_new_name_of_an_unchanged_area_is_the_same_area(reference):
    for name in ("Huế", "Thừa Thiên - Huế", "TT.Huế"):
        assert found(reference, "name", name, IN_63) == "P63-46"
        assert found(reference, "name", name, IN_34) == "P34-46"


def test_a_merged_province_is_not_in_the_new_set_and_its_successor_is_named(reference):
    answer = resolve(reference, "name", "Vĩnh Phúc", IN_34, "by_period")
    assert isinstance(answer, Unresolved)
    assert answer.reason_code == "area_not_in_set"
    assert "Phú Thọ (P34-25)" in answer.reason_vi
    assert "Phú Thọ (P34-25)" in answer.reason_en


def test_ha_tay_is_known_until_it_joined_ha_noi(reference):
    assert found(reference, "name", "Hà Tây", IN_64) == "P64-28"
    answer = resolve(reference, "name", "Hà Tây", IN_63, "by_period")
    assert isinstance(answer, Unresolved)
    assert answer.reason_code == "area_not_in_set"
    assert "P63-01" in answer.reason_en


def test_before_the_first_known_set_nothing_resolves(reference):
    assert found(reference, "name", "Hà Nội", date(2003, 12, 31)) == "area_before_known_sets"
    assert found(reference, "name", "Hà Nội", date(2004, 1, 1)) == "P64-01"


def test_an_undated_fact_needs_a_declared_set(reference):
    assert found(reference, "name", "Hà Nội", None) == "ambiguous_area"


def test_an_unknown_name_is_refused_with_three_near_ones(reference):
    answer = resolve(reference, "name", "Vĩnh Fúc", IN_63, "by_period")
    assert isinstance(answer, Unresolved)
    assert answer.reason_code == "unknown_area"
    assert "Vĩnh Phúc" in answer.reason_vi
    assert len(answer.reason_en.split("nearest: ")[1].split(". ")[0].split(", ")) == 3


@pytest.mark.parametrize("text", ["", "  ", "Tỉnh Không Có", "999", "'; drop table provinces; --"])
def test_what_is_no_place_is_unknown(reference, text):
    assert found(reference, "name", text, IN_63) == "unknown_area"


def test_a_code_belongs_to_its_scheme(reference):
    assert found(reference, "vnpt_code3", "VPC", IN_63) == "P63-26"
    assert found(reference, "vnpt_code3", "VPC", IN_34) == "area_not_in_set"
    assert found(reference, "vnpt_code3", "HGG", IN_63) == "P63-02"
    assert found(reference, "gso", "VPC", IN_63) == "unknown_area"
    assert found(reference, "gso", "1", IN_63) == "P63-01"


def test_a_code_all_schemes_agree_on_stands_in_where_the_scheme_lacks_it(reference, tmp_path):
    assert found(reference, "vnpt_code3", "VTU", IN_63) == "P63-77"
    assert found(reference, "pci_id", "VTU", IN_63) == "unknown_area"
    (tmp_path / "province_aliases.csv").write_text(
        "alias,code_63,kind,source\nXYZ,01,code3,test\nVPC,02,code3,test\n", encoding="utf-8"
    )
    overlaid = load_reference([SEEDS, tmp_path])
    assert found(overlaid, "vnpt_code3", "XYZ", IN_63) == "P63-01"
    assert found(overlaid, "vnpt_code3", "VPC", IN_63) == "P63-26"  # the scheme's own word comes first


def test_an_inferred_code_never_decides_alone(reference):
    assert found(reference, "egov_H", "H56", IN_63) == "P63-38"  # seen
    assert found(reference, "egov_H", "H26", IN_63) == "unknown_area"  # inferred


def test_an_alias_with_two_meanings_is_never_guessed(tmp_path):
    (tmp_path / "province_aliases.csv").write_text(
        "alias,code_63,kind,source\nThị xã Lạ,01,listed,test\nTHI XA LA,02,listed,test\n", encoding="utf-8"
    )
    reference = load_reference([SEEDS, tmp_path])
    assert found(reference, "name", "thị xã lạ", IN_63) == "ambiguous_area"


def test_no_label_of_a_total_or_region_is_also_the_name_of_a_province(reference):
    labels = {fold(row["label"]) for row in rows("region_labels")}
    names = {fold(row["alias"]) for row in rows("province_aliases")}
    names |= {fold(area.name_vi) for area in reference.areas.values() if area.area_level == "province"}
    assert labels & names == set()
    assert label_kind(reference, "TỔNG  CỘNG") == "total"
    assert label_kind(reference, "Hà Nội") is None


def test_folding_meets_every_way_a_name_is_written():
    assert (
        len({fold_name(t) for t in ("Hoà Bình", "Hòa Bình", "HOA BINH", "Hoa\u0300 Bi\u0300nh", " Hòa\u00a0 Bình")})
        == 1
    )
    assert fold_name("Bình Ðịnh") == fold_name("Bình Định")  # U+00D0 stands for Đ in real lists
