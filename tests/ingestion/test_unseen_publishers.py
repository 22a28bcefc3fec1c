"""Files as publishers write them that nobody declared: proposed, answered in a line or two, then read right or refused.

The figures are invented.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml

from ingestion.errors import FileFault
from ingestion.propose import Proposal, propose
from ingestion.read import ReadResult, read_file
from ingestion.source import load_source
from tests.ingestion.old_workbooks import ods, record, xls

Answers = Mapping[str, str]


def read(folder: Path, file: Path, proposal: Proposal, reference, answers: Answers, **layout: Any) -> ReadResult:
    """Read the file by the proposal with the last label of columns answered as indicators, and other fields of it."""
    raw = yaml.safe_load(proposal.text)
    for measure in raw["layout"]["measures"]:
        label = measure["column"] if isinstance(measure["column"], str) else measure["column"][-1]
        measure["indicator_code"] = answers.get(label, measure["indicator_code"])
        if measure.get("unit") == "?":
            del measure["unit"]
    raw["layout"] |= layout
    path = folder / f"{proposal.source_id}.yml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return read_file(file, file.name, load_source(path), reference)


def facts(result: ReadResult) -> list[tuple[Any, ...]]:
    assert result.rejected.to_pylist() == []
    names = ("cell", "province_id", "indicator_code", "breakdown", "period_id", "value")
    return [tuple(row[name] for name in names) for row in result.rows.to_pylist()]


def department_report(folder: Path) -> Path:
    """A department's monthly report: a head of lines, a header of two rows with merged cells, totals, signatures."""
    path = folder / "BC_vien_thong_T9.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("Biểu 01")
        page.merge_range("A1:C1", "UBND THÀNH PHỐ HÀ NỘI")
        page.merge_range("D1:G1", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
        page.merge_range("A2:C2", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG")
        page.merge_range("D2:G2", "Độc lập - Tự do - Hạnh phúc")
        page.merge_range("A4:G4", "TÌNH HÌNH PHÁT TRIỂN VIỄN THÔNG CỦA CÁC TỈNH TRONG VÙNG")
        page.merge_range("A5:G5", "Tháng 9 năm 2022")
        page.write("G6", "ĐVT: Thuê bao")
        for cells, label in (
            ("A7:A8", "TT"),
            ("B7:B8", "Tỉnh, thành phố"),
            ("C7:E7", "Thuê bao di động"),
            ("F7:F8", "Thuê bao băng rộng cố định"),
            ("G7:G8", "Ghi chú"),
        ):
            page.merge_range(cells, label)
        page.write_row("C8", ["Tổng số", "Trả trước", "Trả sau"])
        rows = [
            ("Hà Nội", "12.400.500", 9_900_000, 2_500_500, 2_100_000, ""),
            ("Vĩnh Phúc", "1.310.000", 1_200_000, 110_000, 305_000, "cập nhật ngày 05/10"),
            ("Bắc Ninh", "1.790.250", 1_600_000, 190_250, 412_000, ""),
            ("Hải Dương", "1.950.000", 1_800_000, 150_000, 398_000, ""),
        ]
        for number, row in enumerate(rows):
            page.write_row(8 + number, 0, [number + 1, *row])
        page.merge_range("A13:B13", "Tổng cộng")
        page.write_row("C13", ["17.450.750", 14_500_000, 2_950_750, 3_215_000])
        page.write("B15", "Người lập biểu")
        page.write("F15", "KT. GIÁM ĐỐC")
        page.write("F16", "PHÓ GIÁM ĐỐC")
        page.write("B19", "Nguyễn Văn A")
        page.write("F19", "Trần Thị B")
    return path


def test_a_departments_report_of_two_header_rows_and_signatures(tmp_path, reference):
    proposal = propose(file := department_report(tmp_path), "so_tttt", reference)
    raw = yaml.safe_load(proposal.text)
    assert (raw["layout"]["header_rows"], raw["frequency"], raw["number_locale"]) == (2, "month", "vi")
    assert raw["layout"]["ignore_columns"] == ["TT", "Ghi chú"]
    mobile = dict.fromkeys(("Tổng số", "Trả trước", "Trả sau"), "tel_mobile_sub")
    found = facts(read(tmp_path, file, proposal, reference, mobile))
    assert len(found) == 16
    assert found[:4] == [
        ("C9", "P63-01", "tel_mobile_sub", "total", "2022-09", 12_400_500),
        ("D9", "P63-01", "tel_mobile_sub", "contract:prepaid", "2022-09", 9_900_000),
        ("E9", "P63-01", "tel_mobile_sub", "contract:postpaid", "2022-09", 2_500_500),
        ("F9", "P63-01", "tel_bb_fixed_sub", "total", "2022-09", 2_100_000),
    ]
    assert {row[0] for row in found}.isdisjoint({"C13", "F19"})


def test_a_px_web_export_with_titles_regions_and_preliminary_years(tmp_path, reference):
    lines = [
        '"Population density by province by Cities, provincies and Year (Person/km2)"',
        "",
        '"Cities, provincies";"2019";"2020";"Prel. 2021"',
        '" WHOLE COUNTRY";291;294;297.0',
        '"Red River Delta";1064;1078;1091.5',
        '"Ha Noi";2410;2455;2480.1',
        '"Vinh Phuc";935;950;963',
        '"Bac Ninh";1665;1724;..',
        '"Thua Thien-Hue";231;232;234',
    ]
    file = tmp_path / "V02.01.csv"
    file.write_bytes(("\ufeff" + "\r\n".join([*lines, ""])).encode())
    proposal = propose(file, "px", reference)
    raw = yaml.safe_load(proposal.text)
    assert (raw["delimiter"], raw["number_locale"], raw["layout"]["period"]["from"]) == (";", "en", "header")
    assert raw["layout"]["skip_rows"] == ["region"]
    assert [measure["column"] for measure in raw["layout"]["measures"]] == ["{period}"]
    found = facts(read(tmp_path, file, proposal, reference, {"{period}": "ctx_pop_density"}, basis="period"))
    assert len(found) == 12
    assert [row[1:2] + row[4:] for row in found[:4]] == [
        ("P63-01", "2019", 2410),
        ("P63-01", "2020", 2455),
        ("P63-01", "2021", Decimal("2480.1")),
        ("P63-26", "2019", 935),
    ]


DISTRICTS = [
    ["Diện tích theo huyện, thành phố năm 2022"],
    ["STT", "Huyện/TP", "Diện tích (km2)"],
    *(
        [number, name, 100 + number]
        for number, name in enumerate(
            [
                "Thành phố Cao Bằng",
                "Huyện Bảo Lâm",
                "Huyện Bảo Lạc",
                "Thành phố Hà Giang",
                "Huyện Đồng Văn",
                "Huyện Mèo Vạc",
                "Thành phố Bắc Kạn",
                "Huyện Pác Nặm",
                "Huyện Ba Bể",
                "Huyện Ngân Sơn",
            ],
            1,
        )
    ),
]


def test_a_spreadsheet_of_districts_is_refused_though_some_are_called_as_their_provinces(tmp_path, reference):
    with pytest.raises(FileFault, match="names provinces below a header"):
        propose(ods(tmp_path, DISTRICTS), "huyen", reference)


def test_a_column_that_is_hidden_in_an_old_workbook_is_asked_about_as_any_other(tmp_path, reference):
    rows = [
        ["Doanh thu dịch vụ viễn thông năm 2022"],
        ["ĐVT: triệu đồng"],
        ["Tỉnh", "Kỳ trước", "Doanh thu dịch vụ viễn thông"],
        ["Hà Nội", 300, 310],
        ["Huế", 50, 51.5],
        ["Cần Thơ", 80, 82],
    ]
    hidden = record(0x007D, bytes.fromhex("0100 0100 000a 0f00 0100 0000"))  # COLINFO: column B has width and is hidden
    proposal = propose(file := xls(tmp_path, rows, others=hidden), "an", reference)
    measures = yaml.safe_load(proposal.text)["layout"]["measures"]
    assert [(each["column"], each["indicator_code"]) for each in measures] == [
        ("Kỳ trước", "unknown"),
        ("Doanh thu dịch vụ viễn thông", "tel_revenue"),
    ]
    only = {"measures": measures[1:], "ignore_columns": ["Kỳ trước"]}
    found = facts(read(tmp_path, file, proposal, reference, {}, **only))
    assert [row[1:3] + row[4:] for row in found] == [
        ("P63-01", "tel_revenue", "2022", 310),
        ("P63-46", "tel_revenue", "2022", 51.5),
        ("P63-92", "tel_revenue", "2022", 82),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_unicode_text_of_a_spreadsheet_with_semicolons(tmp_path, reference, encoding):
    lines = [
        "Mã tỉnh;Tỉnh;Quý III/2022 (triệu đồng);Quý IV/2022 (triệu đồng)",
        "01;Hà Nội;310,5;1.311,25",
        "26;Vĩnh Phúc;20,5;21,75",
        "46;Thừa Thiên Huế;51;-",
    ]
    file = tmp_path / "doanh_thu.csv"
    file.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
    proposal = propose(file, "u16", reference)
    raw = yaml.safe_load(proposal.text)
    assert (raw["delimiter"], raw["number_locale"]) == (";", "vi")
    assert [place["scheme"] for place in raw["layout"]["places"]] == ["name", "gso"]
    code = {raw["layout"]["measures"][0]["column"]: "tel_revenue"}
    result = read(tmp_path, file, proposal, reference, code, basis="period")
    assert [row[4:] for row in facts(result)][:4] == [
        ("2022-Q3", Decimal("310.5")),
        ("2022-Q4", Decimal("1311.25")),
        ("2022-Q3", Decimal("20.5")),
        ("2022-Q4", Decimal("21.75")),
    ]
    assert result.rows.to_pylist()[-1]["status"] == "L"


def test_years_merged_over_the_measures_of_each(tmp_path, reference):
    file = tmp_path / "nhieu_nam.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        page = book.add_worksheet()
        page.write("A1", "Kết quả viễn thông các tỉnh (ĐVT: triệu đồng)")
        page.merge_range("A2:A3", "Địa phương")
        page.merge_range("B2:C2", "Năm 2021")
        page.merge_range("D2:E2", "Năm 2022")
        page.write_row("B3", ["Doanh thu dịch vụ viễn thông", "Số tiền thanh toán trực tuyến"] * 2)
        for number, row in enumerate([("Hà Nội", 1, 2, 3, 4), ("Huế", 5, 6, 7, 8), ("Cà Mau", 9, 10, 11, 12)]):
            page.write_row(3 + number, 0, row)
    proposal = propose(file, "nam", reference)
    columns = [each["column"] for each in yaml.safe_load(proposal.text)["layout"]["measures"]]
    assert columns == [
        ["{period}", "Doanh thu dịch vụ viễn thông"],
        ["{period}", "Số tiền thanh toán trực tuyến"],
    ]
    found = facts(read(tmp_path, file, proposal, reference, {}))
    assert [row[1:3] + row[4:] for row in found[:4]] == [
        ("P63-01", "tel_revenue", "2021", 1),
        ("P63-01", "tel_revenue", "2022", 3),
        ("P63-01", "dvc_pay_amount", "2021", 2),
        ("P63-01", "dvc_pay_amount", "2022", 4),
    ]
