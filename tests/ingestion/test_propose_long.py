"""A first source YAML for long sheets: one row per place, indicator and period."""

from pathlib import Path
from typing import Any

import yaml

from ingestion.propose import propose
from ingestion.read import read_file
from ingestion.source import Source, load_source
from tests.ingestion.sheets import text_file, workbook

LONG_ROWS = [
    ["BÁO CÁO CHỈ SỐ CHUYỂN ĐỔI SỐ"],
    ["STT", "Tỉnh/TP", "Kỳ", "Chỉ tiêu", "Giá trị", "Đơn vị tính"],
    [1, "Hà Nội", 2021, "Số hồ sơ trực tuyến tiếp nhận", 1200, "hồ sơ"],
    [2, "Hà Nội", 2022, "Số hồ sơ trực tuyến tiếp nhận", 1500, "hồ sơ"],
    [3, "Hà Nội", 2021, "Doanh thu dịch vụ viễn thông", 310, "triệu đồng"],
    [4, "Hà Nội", 2022, "Doanh thu dịch vụ viễn thông", 320, "triệu đồng"],
    [5, "Huế", 2021, "Doanh thu dịch vụ viễn thông", 51.5, "triệu đồng"],
    [6, "Huế", 2022, "Doanh thu dịch vụ viễn thông", 52.5, "triệu đồng"],
    [7, "Cà Mau", 2021, "Doanh thu dịch vụ viễn thông", 41, "triệu đồng"],
    [8, "Cà Mau", 2022, "Doanh thu dịch vụ viễn thông", 42, "triệu đồng"],
]


def made(folder: Path, text: str) -> Source:
    path = folder / "dai.yml"
    path.write_text(text, encoding="utf-8")
    return load_source(path)


def facts(file: Path, source: Source, reference) -> list[tuple[Any, ...]]:
    result = read_file(file, file.name, source, reference)
    assert result.rejected.num_rows == 0, result.rejected.to_pylist()[0]
    names = ("cell", "province_id", "indicator_code", "period_id", "value", "unit")
    return [tuple(row[name] for name in names) for row in result.rows.to_pylist()]


def test_period_unit_indicator_and_value_are_found_by_what_their_columns_hold(tmp_path, reference):
    file = workbook(tmp_path, LONG_ROWS)
    proposal = propose(file, "dai", reference)
    layout = yaml.safe_load(proposal.text)["layout"]
    assert layout["period"] == {"from": "column", "column": "Kỳ", "expect": "year"}
    assert layout["unit"] == {"from": "column", "column": "Đơn vị tính"}
    assert layout["indicators"]["column"] == "Chỉ tiêu"
    assert layout["indicators"]["labels"]["Doanh thu dịch vụ viễn thông"] == "tel_revenue"
    assert layout["measures"] == [{"column": "Giá trị"}]
    assert layout["ignore_columns"] == ["STT"]


def test_a_long_sheet_of_known_indicators_is_read_at_once(tmp_path, reference):
    rows = [row for row in LONG_ROWS if "Số hồ sơ trực tuyến tiếp nhận" not in row]
    proposal = propose(file := workbook(tmp_path, rows), "dai", reference)
    assert proposal.questions == 0, proposal.text
    found = facts(file, made(tmp_path, proposal.text), reference)
    assert found[0] == ("E3", "P63-01", "tel_revenue", "2021", 310, "million VND")
    assert [row[3:5] for row in found] == [
        ("2021", 310),
        ("2022", 320),
        ("2021", 51.5),
        ("2022", 52.5),
        ("2021", 41),
        ("2022", 42),
    ]


def test_a_name_that_no_indicator_has_is_asked_about_and_its_rows_wait(tmp_path, reference):
    rows = [[*row[:3], "Mức độ vui vẻ", *row[4:]] if row[0] in (3, 4) else row for row in LONG_ROWS]
    proposal = propose(file := workbook(tmp_path, rows), "dai", reference)
    assert "# ? “Mức độ vui vẻ”: " in proposal.text
    assert "rows are of an indicator that is not named yet" in proposal.text
    codes = {row[2] for row in facts(file, made(tmp_path, proposal.text), reference)}
    assert "unknown" in codes


def test_a_text_file_with_one_row_a_month_needs_no_column_of_indicators(tmp_path, reference):
    lines = [
        f"{place};T{month}/2022;{place_no}{month}"
        for place_no, place in enumerate(("Hà Nội", "Huế", "Cà Mau"), 1)
        for month in (7, 8)
    ]
    file = text_file(tmp_path, "Tỉnh;Tháng;Doanh thu dịch vụ viễn thông (triệu đồng)", *lines)
    proposal = propose(file, "dai", reference)
    assert proposal.questions == 0, proposal.text
    found = facts(file, made(tmp_path, proposal.text), reference)
    assert [row[3:] for row in found[:2]] == [("2022-07", 17, "million VND"), ("2022-08", 18, "million VND")]


def test_rows_that_nothing_tells_apart_are_asked_about(tmp_path, reference):
    rows = [[*row[:3], "Doanh thu dịch vụ viễn thông", *row[4:]] if row[0] in range(1, 9) else row for row in LONG_ROWS]
    assert "what tells them apart?" in propose(workbook(tmp_path, rows), "dai", reference).text
