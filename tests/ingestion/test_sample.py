"""The sample inbox is the same every time, adds up, says what is synthetic, and is broken only where it says so."""

import csv
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineError, CalamineWorkbook

from ingestion.sample import FAULTS, write_sample
from ingestion.sample.figures import MEASURES, figures, provinces
from ingestion.sample.write import ARTICLE_COLUMNS, ARTICLES

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "dbt_project" / "seeds"
SAMPLE = ROOT / "ingestion" / "sample"
OPERATORS = ("viettel", "vnpt", "mobifone")
MONTHS = ("2022-07", "2022-08", "2022-09")
NUMBER_COLUMNS = {"viettel": "DEFGHIJKLMN", "vnpt": "DEFGHIJKLMN", "mobifone": "DEFGHIJKL"}
STATION_COLUMNS = {"viettel": "KLMN", "vnpt": "KLMN", "mobifone": "IJKL"}
FIRST_PROVINCE_ROW = {"viettel": 7, "vnpt": 8, "mobifone": 7}
TOTAL_ROW = {"viettel": 70, "vnpt": 7, "mobifone": 70}

each_workbook = pytest.mark.parametrize(
    ("operator", "month"), [(operator, month) for operator in OPERATORS for month in MONTHS]
)


@pytest.fixture(scope="module")
def inbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def faulty_inbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faulty")
    write_sample(folder, with_faults=True)
    return folder


@cache
def sheet(path):
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Thuê bao")


@cache
def rows(path):
    return sheet(path).to_python(skip_empty_area=False)


def value(path, address):
    return rows(path)[int(address[1:]) - 1]["ABCDEFGHIJKLMNO".index(address[0])]


def province_rows(operator):
    return range(FIRST_PROVINCE_ROW[operator], FIRST_PROVINCE_ROW[operator] + 63)


def count(operator, path, column, row):
    """The whole number a cell stands for: mobifone prints subscriptions as text, in thousands, `1.234,567`."""
    printed = value(path, f"{column}{row}")
    if operator == "mobifone" and column not in STATION_COLUMNS[operator]:
        assert printed[-4] == ",", printed
        return int(printed.replace(".", "").replace(",", ""))
    assert printed == int(printed)
    return int(printed)


def book(inbox, operator, month):
    return inbox / operator / f"{operator}_{month}.xlsx"


def seed(name):
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def csv_rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sample_has_twenty_one_good_files_and_no_others(inbox):
    files = sorted(str(path.relative_to(inbox)) for path in inbox.rglob("*") if path.is_file())
    assert files == sorted(
        [f"{operator}/{operator}_{month}.xlsx" for operator in OPERATORS for month in MONTHS]
        + [f"{source_id}/{source_id}.csv" for source_id in ARTICLES.values()]
        + ["bo_tttt_dti/dti_2022.csv"]
        + [f"dvc_tinh_mo_phong/mo_phong_dvc_tinh_{month}.csv.gz" for month in MONTHS]
        + [f"dvc_quoc_gia_mo_phong/mo_phong_dvc_quoc_gia_{month}.ndjson.gz" for month in MONTHS]
    )


def test_a_second_writing_has_the_same_bytes(tmp_path, faulty_inbox):
    again = write_sample(tmp_path, with_faults=True)
    assert len(again) == 27
    for path in again:
        assert path.read_bytes() == (faulty_inbox / path.relative_to(tmp_path)).read_bytes(), path.name


def test_faults_are_added_and_change_no_good_file(inbox, faulty_inbox):
    for path in (path for path in inbox.rglob("*") if path.is_file()):
        assert path.read_bytes() == (faulty_inbox / path.relative_to(inbox)).read_bytes(), path.name


@each_workbook
def test_a_workbook_says_three_times_that_it_is_synthetic(inbox, operator, month):
    path = book(inbox, operator, month)
    assert value(path, "A2") == "BÁO CÁO SỐ LIỆU PHÁT TRIỂN THUÊ BAO (SỐ LIỆU MÔ PHỎNG)"
    assert "số liệu mô phỏng" in value(path, "A4")
    with zipfile.ZipFile(path) as package:
        properties = package.read("docProps/core.xml").decode()
    assert "SỐ LIỆU MÔ PHỎNG" in properties
    assert "2022-01-01T00:00:00Z" in properties


@each_workbook
def test_a_workbook_has_the_operators_layout(inbox, operator, month):
    path = book(inbox, operator, month)
    last = "M" if operator == "mobifone" else "O"
    unit = "nghìn thuê bao" if operator == "mobifone" else "thuê bao"
    assert value(path, "A3") == f"Tháng {int(month[-2:])} năm 2022"
    assert value(path, f"{last}4") == f"ĐVT: {unit}"
    assert [value(path, f"{column}5") for column in "ABC"] == ["TT", "Mã tỉnh", "Tỉnh/TP"]
    first_station = STATION_COLUMNS[operator][0]
    assert value(path, f"{first_station}5") == "Số trạm BTS"
    assert [value(path, f"{column}6") for column in STATION_COLUMNS[operator]] == ["2G", "3G", "4G", "5G"]
    titles = rows(path)[4]
    assert ("Thuê bao ĐTCĐ" in titles) == ("Thuê bao BRCĐ" in titles) == (operator != "mobifone")
    assert value(path, f"C{TOTAL_ROW[operator]}") == "Tổng cộng"
    assert value(path, "B72") == "Người lập biểu"
    assert "TL. GIÁM ĐỐC" in rows(path)[71]
    assert not any(rows(path)[70])


@each_workbook
def test_header_cells_are_merged_over_their_columns_and_rows(inbox, operator, month):
    merged = set(sheet(book(inbox, operator, month)).merged_cell_ranges)
    groups = {((4, 3), (4, 5)), ((4, 8), (4, 11))} if operator == "mobifone" else {((4, 4), (4, 6)), ((4, 10), (4, 13))}
    single = {0, 1, 2, 6, 7, 12} if operator == "mobifone" else {0, 1, 2, 3, 7, 8, 9, 14}
    assert groups <= merged
    assert {((4, column), (5, column)) for column in single} <= merged


@each_workbook
def test_totals_are_the_sums_of_63_provinces(inbox, operator, month):
    path = book(inbox, operator, month)
    assert [value(path, f"A{row}") for row in province_rows(operator)] == list(range(1, 64))
    for column in NUMBER_COLUMNS[operator]:
        every = [count(operator, path, column, row) for row in province_rows(operator)]
        assert min(every) >= 0
        assert count(operator, path, column, TOTAL_ROW[operator]) == sum(every), column


def test_every_province_is_known_to_the_seeds_by_name_and_by_code(inbox):
    aliases = {row["alias"]: row["code_63"] for row in seed("province_aliases.csv")}
    names = aliases | {row["name_vi"]: row["gso_code"] for row in seed("provinces.csv") if row["boundary_set"] == "63"}
    codes = {(row["scheme"], row["code"]): row["code_63"] for row in seed("province_external_codes.csv")}
    # three-letter codes all schemes agree on are aliases: vnpt_code3 itself has none for Bà Rịa - Vũng Tàu
    agreed = {row["alias"]: row["code_63"] for row in seed("province_aliases.csv") if row["kind"] == "code3"}
    schemes = {"viettel": "viettelpost_code3", "vnpt": "vnpt_code3"}
    set_of_63 = [row["gso_code"] for row in seed("provinces.csv") if row["province_id"].startswith("P63-")]
    for operator in OPERATORS:
        path = book(inbox, operator, "2022-09")
        assert [names[value(path, f"C{row}")] for row in province_rows(operator)] == sorted(set_of_63), operator
        for row in province_rows(operator) if operator in schemes else ():
            code = value(path, f"B{row}")
            known = codes.get((schemes[operator], code)) or agreed[code]
            assert known == names[value(path, f"C{row}")], code


def test_mobifone_spells_some_provinces_in_its_own_way_and_gives_no_codes(inbox):
    path = book(inbox, "mobifone", "2022-09")
    spelt = {value(path, f"C{row}") for row in province_rows("mobifone")}
    assert {"TP. Hồ Chí Minh", "Thừa Thiên - Huế", "Hoà Bình", "Bà Rịa-Vũng Tàu", "Bắc Cạn"} <= spelt
    assert {value(path, f"B{row}") for row in province_rows("mobifone")} == {""}


@pytest.mark.parametrize("operator", OPERATORS)
def test_figures_agree_with_each_other_and_grow_slowly(operator):
    for province in provinces():
        july, august, september = (figures(operator, province, 2022, month) for month in (7, 8, 9))
        for month in (july, august, september):
            assert tuple(month) == MEASURES
            assert month["mobile"] == month["prepaid"] + month["postpaid"]
            assert max(month["smartphone"], month["mobile_broadband"]) < month["mobile"]
        for measure in MEASURES:
            for before, after in ((july[measure], august[measure]), (august[measure], september[measure])):
                assert abs(after - before) <= max(1, before * 0.02), (province.name_vi, measure)


def test_most_small_provinces_honestly_have_no_5g_station():
    zeros = [province for province in provinces() if figures("viettel", province, 2022, 9)["bts_5g"] == 0]
    assert len(zeros) > 30
    assert figures("viettel", vinh_phuc(), 2022, 9)["bts_5g"] == 2


def vinh_phuc():
    return next(province for province in provinces() if province.name_vi == "Vĩnh Phúc")


@pytest.mark.parametrize(
    ("measure", "published"),
    [("mobile", 1_200_000), ("smartphone", 940_000), ("fixed_broadband", 225_500), ("mobile_broadband", 800_500)],
)
def test_operators_of_vinh_phuc_come_near_the_published_figures_but_do_not_repeat_them(measure, published):
    total = sum(figures(operator, vinh_phuc(), 2022, 9)[measure] for operator in OPERATORS)
    assert total != published
    assert abs(total - published) < published * 0.03


def test_article_sheets_hold_every_fact_once_with_its_short_phrase(inbox):
    facts = {row["fact_no"]: row for row in csv_rows(SAMPLE / "seed_facts.csv")}
    written = [row for source_id in ARTICLES.values() for row in csv_rows(inbox / source_id / f"{source_id}.csv")]
    assert sorted(row["fact_no"] for row in written) == sorted(facts)
    for row in written:
        assert tuple(row) == ARTICLE_COLUMNS
        assert row == {column: facts[row["fact_no"]][column] for column in ARTICLE_COLUMNS}
        assert 0 < len(row["quote"].split()) <= 25


def test_articles_are_those_of_the_list_of_articles():
    listed = csv_rows(SAMPLE / "seed_articles.csv")
    assert [row["seed_file"][:3] for row in listed] == list(ARTICLES)
    assert all(row["title"] and row["publisher"] for row in listed)


def test_article_sheets_are_utf_8_with_line_feeds_only(inbox):
    for source_id in ARTICLES.values():
        content = (inbox / source_id / f"{source_id}.csv").read_bytes()
        assert b"\r" not in content
        assert content.decode().startswith("fact_no,province,")


def test_the_ministrys_sheet_is_untouched_and_ranks_63_provinces_with_its_tie(inbox):
    assert (inbox / "bo_tttt_dti" / "dti_2022.csv").read_bytes() == (SAMPLE / "dti_2022.csv").read_bytes()
    ranks = {row["province_vi"]: int(row["rank"]) for row in csv_rows(SAMPLE / "dti_2022.csv")}
    assert len(ranks) == 63
    assert ranks["Vĩnh Phúc"] == 18
    assert {province for province, rank in ranks.items() if rank == 15} == {"Thanh Hóa", "Yên Bái"}
    assert 16 not in ranks.values()


def test_cell_faults_are_in_the_cells_the_list_names_and_nowhere_else(faulty_inbox):
    cells = {fault.cell: fault for fault in FAULTS if fault.cell}
    assert set(cells) == {"C43", "H52", "E58"}
    path = book(faulty_inbox, "viettel", "2022-10")
    assert value(path, "C43") == "Tỉnh Không Có"
    assert value(path, "H52") == -1250
    assert value(path, "E58") == "hơn 1 triệu"
    broken = {address for fault in cells.values() for address in fault.written}
    for row in province_rows("viettel"):
        for column in NUMBER_COLUMNS["viettel"]:
            if f"{column}{row}" not in broken:
                assert count("viettel", path, column, row) >= 0
    printed = {value(path, f"C{row}") for row in province_rows("viettel")}
    assert {province.name_vi for province in provinces()} - printed == {"Khánh Hòa"}


def test_the_unknown_province_is_unknown_to_every_seed():
    known = {row["alias"].casefold() for row in seed("province_aliases.csv")}
    known |= {row["code"].casefold() for row in seed("province_external_codes.csv")}
    unknown = next(fault for fault in FAULTS if fault.reason_code == "unknown_area")
    assert not known & {str(text).casefold() for text in unknown.written.values()}


def test_file_faults_are_what_the_list_says(faulty_inbox):
    whole_files = {fault.reason_code: faulty_inbox / fault.source_id / fault.file_name for fault in FAULTS}
    renamed = CalamineWorkbook.from_path(str(whole_files["sheet_not_found"]))
    assert renamed.sheet_names == ["Sheet1"]
    truncated = whole_files["unreadable_file"].read_bytes()
    with pytest.raises(CalamineError):
        CalamineWorkbook.from_filelike(BytesIO(truncated))
    assert whole_files["unknown_source"] == faulty_inbox / "nha_mang_la" / "x.xlsx"
    assert all((faulty_inbox / fault.source_id / fault.file_name).is_file() for fault in FAULTS)


def test_writing_again_leaves_no_half_written_files_behind(tmp_path):
    write_sample(tmp_path)
    write_sample(tmp_path)
    assert not list(tmp_path.rglob("*.part"))
