"""Several tables or blocks of rows on one sheet: below one another, side by side, under labels of their own."""

from typing import Any

from tests.ingestion.sheets import column
from tests.ingestion.test_layouts import ROWS, read, reason

POP = {"column": "Dân số", "indicator_code": "ctx_pop_avg"}
HOUSEHOLDS = {"column": "Hộ", "indicator_code": "ctx_household", "unit": "hộ"}


MONTHS = [["Tháng 8 năm 2022"], *ROWS, [], ["Tháng 9 năm 2022"], ROWS[0], ["Huế", 2], ["Người lập biểu"]]
STACKED: dict[str, Any] = {
    "begins_at": "Tháng {month} năm {year}",
    "period": {"from": "cell", "patterns": ["Tháng {month} năm {year}"]},
    "end_labels": ["Người lập biểu"],
}


def test_tables_one_below_the_other_each_have_their_own_header_and_title(tmp_path, reference):
    found = read(tmp_path, reference, [["ĐVT: nghìn người"], *MONTHS], **{
        **STACKED, "unit": {"from": "cell", "patterns": ["ĐVT: {unit}"]},
    })  # fmt: skip
    assert column(found.rows, "cell", "period_id", "value") == [
        ("B4", "2022-08", 8000),
        ("B5", "2022-08", 1000),
        ("B9", "2022-09", 2000),
    ]
    assert reason(tmp_path, reference, ROWS, **STACKED) == "table_not_found"


def test_figures_above_the_first_beginning_are_of_a_table_that_lost_its_own(tmp_path, reference):
    titled = [["Tổng hợp", 2022, 3], *MONTHS]
    assert read(tmp_path, reference, titled, **STACKED).rows.num_rows == 3
    assert reason(tmp_path, reference, [["Tháng tám"], *MONTHS[1:]], **STACKED) == "table_not_found"


def test_stacked_tables_may_have_other_measures(tmp_path, reference):
    rows = [["I. Dân số"], *ROWS, ["II. Hộ"], ["Tỉnh", "Hộ"], ["Huế", 4]]
    tables = [{"begins_at": "I. {any}", "measures": [POP]}, {"begins_at": "II. {any}", "measures": [HOUSEHOLDS]}]
    found = read(tmp_path, reference, rows, measures=None, tables=tables)
    assert column(found.rows, "cell", "indicator_code") == [
        ("B3", "ctx_pop_avg"),
        ("B4", "ctx_pop_avg"),
        ("B7", "ctx_household"),
    ]


def test_a_table_printed_in_two_halves_side_by_side_is_read_whole(tmp_path, reference):
    rows = [
        ["Dân số năm 2022"],
        ["TT", "Tỉnh", "Dân số", "", "TT", "Tỉnh", "Dân số"],
        [1, "Hà Nội", 8, "", 3, "Hải Phòng", 2],
        [2, "Huế", 1],
    ]
    found = read(tmp_path, reference, rows, beside_at="TT", ignore_columns=["TT"])
    assert column(found.rows, "cell", "place_text") == [("C3", "Hà Nội"), ("C4", "Huế"), ("G3", "Hải Phòng")]
    assert reason(tmp_path, reference, rows, ignore_columns=["TT"]) == "unexpected_column"


def test_tables_side_by_side_may_have_other_measures(tmp_path, reference):
    rows = [["Dân cư", "", "Nhà ở", ""], ["Tỉnh", "Dân số", "Tỉnh", "Hộ"], ["Huế", 1, "Hà Nội", 5]]
    tables = [{"beside_at": "Dân cư", "measures": [POP]}, {"beside_at": "Nhà ở", "measures": [HOUSEHOLDS]}]
    found = read(tmp_path, reference, rows, header_rows=2, label_rows=[2], measures=None, tables=tables)
    assert column(found.rows, "cell", "province_id", "indicator_code") == [
        ("B3", "P63-46", "ctx_pop_avg"),
        ("D3", "P63-01", "ctx_household"),
    ]


BLOCKS = [
    ["Năm", "Dân số"],
    ["Dân số - nghìn người", ""],
    ["2021", 97.5],
    ["2022", 98.5],
    ["Chỉ số phát triển (Năm trước = 100) - %", ""],
    ["2021", 101],
    ["2022", 101.5],
]
NATIONAL: dict[str, Any] = {
    "places": [{"text": "Cả nước", "scheme": "name"}],
    "totals": "country",
    "block": "Dân số - {unit}",
    "unit": {"from": "block", "patterns": ["Dân số - {unit}"]},
    "period": {"from": "column", "column": "Năm", "expect": "year"},
}


def test_blocks_of_rows_under_a_label_of_their_own_are_kept_apart(tmp_path, reference):
    found = read(tmp_path, reference, BLOCKS, ignore_blocks=["Chỉ số phát triển {any}"], **NATIONAL)
    assert column(found.rows, "cell", "province_id", "period_id", "value") == [
        ("B3", "VN", "2021", 97_500),
        ("B4", "VN", "2022", 98_500),
    ]


def test_each_block_may_be_a_table_with_its_own_measure(tmp_path, reference):
    tables = [
        {"block": "Dân số - {unit}"},
        {"block": "Chỉ số phát triển {any}", "unit": {"from": "constant", "value": "%"},
         "measures": [{"column": "Dân số", "indicator_code": "eco_lab_prod_growth"}]},
    ]  # fmt: skip
    layout = {**NATIONAL, "block": None, "measures": None}
    tables[0]["measures"] = [POP]
    found = read(tmp_path, reference, BLOCKS, tables=tables, **layout)
    assert column(found.rows, "cell", "indicator_code") == [
        ("B3", "ctx_pop_avg"), ("B4", "ctx_pop_avg"), ("B6", "eco_lab_prod_growth"), ("B7", "eco_lab_prod_growth"),
    ]  # fmt: skip


def test_a_block_in_a_column_holds_for_the_blanks_below_it(tmp_path, reference):
    rows = [["Mục", "Năm", "Dân số"], ["Dân số - người", "2021", 5], ["", "2022", 6], ["Chỉ số", "2022", 120]]
    in_column = {**NATIONAL, "block_column": "Mục"}
    found = read(tmp_path, reference, rows, ignore_blocks=["Chỉ số"], **in_column)
    assert column(found.rows, "cell", "value") == [("C2", 5), ("C3", 6)]
    assert reason(tmp_path, reference, rows, **in_column) == "unexpected_block"
    assert reason(tmp_path, reference, [rows[0], rows[3]], ignore_blocks=["Chỉ số"], **in_column) == "block_not_found"


def test_a_line_before_the_next_block_of_a_column_refuses_the_file(tmp_path, reference):
    rows = [["Mục", "Năm", "Dân số"], ["Dân số - người", "2021", 5], ["", "Trong đó: Nữ", ""], ["Chỉ số", "2022", 6]]
    in_column = {**NATIONAL, "block_column": "Mục", "ignore_blocks": ["Chỉ số"]}
    assert reason(tmp_path, reference, rows, **in_column) == "unexpected_block"
