"""What real sheets do beside one table under one header: each form read as declared, and refused where it is not."""

from decimal import Decimal
from typing import Any

import pytest

from ingestion.errors import SourceError
from tests.ingestion.sheets import LONG, column, read_long, source
from tests.ingestion.test_layouts import PLAIN, ROWS, read, reason

POP = {"column": "Dân số", "indicator_code": "ctx_pop_avg"}
HOUSEHOLDS = {"column": "Hộ", "indicator_code": "ctx_household", "unit": "hộ"}
RANKED = [{"column": "Xếp hạng", "indicator_code": "dti_rank", "unit": "hạng", "cell": "{value} ({any})"},
          {"column": "Xếp hạng", "indicator_code": "dti_score", "unit": "điểm", "cell": "{any} ({value})"}]  # fmt: skip


@pytest.mark.parametrize(("number", "cells"), [(1, {"Một"}), (2, {"Hai"}), ([1, "Hai"], {"Một", "Hai"})])
def test_a_sheet_by_its_number_among_the_visible_ones(tmp_path, reference, number, cells):
    sheets = {"Một": ROWS, "Hai": ROWS}
    found = read(tmp_path, reference, sheets, sheet=number, ignore_sheets=["Một", "Hai"])
    assert set(column(found.rows, "sheet")) == cells


def test_a_number_beyond_the_sheets_refuses_the_file(tmp_path, reference):
    assert reason(tmp_path, reference, {"Một": ROWS}, sheet=2) == "sheet_not_found"


BY_YEAR: dict[str, Any] = {
    "header_rows": 2,
    "fill_right": [1],
    "period": {"from": "header", "expect": "year"},
    "measures": [
        {**POP, "column": ["{period}", "Dân số ({unit})"]},
        {**HOUSEHOLDS, "column": ["{period}", "Hộ"]},
    ],
}


def test_a_row_of_years_over_the_measures_holds_for_the_blanks_right_of_it(tmp_path, reference):
    rows = [
        ["Tỉnh", "2020", "", "Sơ bộ 2021", ""],
        ["", "Dân số (nghìn người)", "Hộ", "Dân số (người)", "Hộ"],
        ["Huế", 1.5, 4, 1600, 5],
    ]
    found = read(tmp_path, reference, rows, **BY_YEAR)
    assert column(found.rows, "cell", "indicator_code", "period_id", "status", "value", "unit_text") == [
        ("B3", "ctx_pop_avg", "2020", "A", Decimal(1500), "nghìn người"),
        ("D3", "ctx_pop_avg", "2021", "P", Decimal(1600), "người"),
        ("C3", "ctx_household", "2020", "A", Decimal(4), "hộ"),
        ("E3", "ctx_household", "2021", "P", Decimal(5), "hộ"),
    ]
    assert reason(tmp_path, reference, rows, **{**BY_YEAR, "fill_right": None}) == "column_not_found"


def test_blanks_right_of_the_header_are_no_column_of_it(tmp_path, reference):
    rows = [["Tỉnh", "2020", "", "", ""], ["", "Dân số (người)", "Hộ", "", ""], ["Huế", 1, 4, "", ""]]
    assert column(read(tmp_path, reference, rows, **BY_YEAR).rows, "cell", "value") == [("B3", 1), ("C3", 4)]
    assert reason(tmp_path, reference, [*rows[:2], ["Huế", 1, 4, 7]], **BY_YEAR) == "unexpected_column"


def test_units_in_a_header_row_of_their_own(tmp_path, reference):
    rows = [["Tỉnh", "Dân số", "Hộ"], ["", "nghìn người", "hộ"], ["Huế", 1.5, 4]]
    measures = [
        {**POP, "column": ["Dân số", "{unit}"]},
        {"column": ["Hộ", "{unit}"], "indicator_code": "ctx_household"},
    ]
    found = read(tmp_path, reference, rows, header_rows=2, measures=measures, unit=None)
    assert column(found.rows, "cell", "value", "unit") == [("B3", 1500, "person"), ("C3", 4, "household")]


def test_a_unit_of_the_header_that_nobody_knows_refuses_its_cells(tmp_path, reference):
    rows = [["Tỉnh", "Dân số (vạn người)"], ["Huế", 1]]
    found = read(tmp_path, reference, rows, measures=[{**POP, "column": "Dân số ({unit})"}])
    assert column(found.rejected, "cell", "reason_code", "raw_value") == [("B2", "unknown_unit", "vạn người")]


@pytest.mark.parametrize("numbers", [["A", 1], ["(A)", "(1)"], ["A", "1"], ["A", "1=2+3"], [1, 2], ["1", "2=3:4"]])
def test_a_row_that_numbers_the_columns_is_no_data(tmp_path, reference, numbers):
    rows = [ROWS[0], numbers, *ROWS[1:]]
    assert column(read(tmp_path, reference, rows).rows, "cell") == ["B3", "B4"]


def test_numbers_of_columns_over_codes_of_places_are_told_by_the_source_alone(tmp_path, reference):
    rows = [["Mã", "Tên", "Dân số"], [1, 2, 3], [26, "Vĩnh Phúc", 5]]
    by_code = {"places": [{"column": "Mã", "scheme": "gso"}], "ignore_columns": ["Tên"]}
    said = read(tmp_path, reference, rows, column_numbers=True, **by_code)
    assert column(said.rows, "province_id") == ["P63-26"]
    unsaid = read(tmp_path, reference, rows, column_numbers=False, **by_code)
    assert column(unsaid.rows, "province_id") == ["P63-01", "P63-26"]
    assert reason(tmp_path, reference, rows, **by_code) == "header_not_found"  # either may be meant
    with_name = {"places": [*by_code["places"], {"column": "Tên", "scheme": "name"}]}
    assert column(read(tmp_path, reference, rows, **with_name).rows, "province_id") == ["P63-26"]
    assert reason(tmp_path, reference, [rows[0], rows[2]], column_numbers=True, **by_code) == "header_not_found"


@pytest.mark.parametrize("row", [["A", 2], ["B", 1], ["Huế", 1], ["A", "x"]])
def test_a_row_that_only_looks_like_numbers_of_columns_is_data(tmp_path, reference, row):
    assert read(tmp_path, reference, [ROWS[0], row, *ROWS[1:]]).rows_read == 3


def test_the_header_printed_again_on_a_new_page_is_no_data(tmp_path, reference):
    found = read(tmp_path, reference, [*ROWS, ROWS[0], ["Hải Phòng", 2]])
    assert column(found.rows, "cell") == ["B2", "B3", "B5"]
    assert found.rejected.num_rows == 0


def test_marks_of_footnotes_give_a_status_wherever_they_are_glued(tmp_path, reference):
    rows = [["Tỉnh", "Dân số (1)"], ["Hà Nội (*)", 8], ["Huế", "1.234 (*)"], ["Hải Phòng", 2], ["Cần Thơ", "... (1)"]]
    found = read(tmp_path, reference, rows, footnotes={"(*)": "P", "(1)": "B"}, missing_tokens={"...": "L"})
    assert column(found.rows, "cell", "value", "status", "value_text", "place_text") == [
        ("B2", Decimal(8), "B;P", "8", "Hà Nội"),
        ("B3", Decimal(1234), "B;P", "1.234 (*)", "Huế"),
        ("B4", Decimal(2), "B", "2", "Hải Phòng"),
        ("B5", None, "L", "... (1)", "Cần Thơ"),
    ]


def test_marks_that_nobody_declared_refuse_the_cell_the_place_and_the_column(tmp_path, reference):
    rows = [["Tỉnh", "Dân số"], ["Hà Nội (2)", 8], ["Huế", "1.234 (2)"]]
    found = read(tmp_path, reference, rows, footnotes={"(1)": "A"})
    assert column(found.rejected, "cell", "reason_code") == [("B2", "unknown_area"), ("B3", "unreadable_number")]
    assert reason(tmp_path, reference, [["Tỉnh", "Dân số (2)"], ["Huế", 1]]) == "column_not_found"


def test_words_of_a_cell_are_the_qualifier_of_a_figure_and_a_range_has_two_ends(tmp_path, reference):
    rows = [ROWS[0], ["Hà Nội", "hơn 8,5 triệu"], ["Huế", "1.000-1.200"], ["Hải Phòng", "2.000"], ["Cần Thơ", 1200.5]]
    found = read(tmp_path, reference, rows, figures="worded")
    assert column(found.rows, "value", "value_upper", "qualifier", "comparator") == [
        (Decimal(8_500_000), None, "more_than", None),
        (Decimal(1000), Decimal(1200), "exact", None),
        (Decimal(2000), None, "exact", None),
        (Decimal("1200.5"), None, "exact", None),
    ]
    plain = read(tmp_path, reference, rows)
    assert column(plain.rejected, "cell", "reason_code") == [("B2", "unreadable_number"), ("B3", "unreadable_number")]


def test_words_of_a_target_are_how_it_is_met(tmp_path, reference):
    rows = [["Tỉnh", "Mục tiêu 2025"], ["Hà Nội", "≥ 80%"], ["Huế", "60 - 70%"], ["Hải Phòng", "75"]]
    target = {"status": "adopted", "comparator": "ge"}
    measure = {"column": "Mục tiêu 2025", "indicator_code": "tel_hh_fibre_pct", "unit": "%", "figures": "worded"}
    found = read(tmp_path, reference, rows, measures=[{**measure, "target": target}])
    assert column(found.rows, "kind", "comparator", "value", "value_upper", "target_status", "qualifier") == [
        ("target", "ge", Decimal(80), None, "adopted", "exact"),
        ("target", "range", Decimal(60), Decimal(70), "adopted", "exact"),
        ("target", "ge", Decimal(75), None, "adopted", "exact"),
    ]


def test_a_cell_and_the_column_beside_it_may_not_say_different_things(tmp_path, reference):
    columns = {**LONG["layout"]["columns"], "qualifier": "period"}
    rows = [f"Huế,ctx_pop_avg,total,{text},người,{word},observation" for text, word in
            [("> 5", "more_than"), ("> 5", ""), ("> 5", "almost"), ("5", "almost")]]  # fmt: skip
    layout = {"figures": "worded", "columns": columns, "period": {"from": "constant", "value": "2022"}}
    found = read_long(tmp_path, reference, *rows, layout=layout)
    assert column(found.rows, "cell", "qualifier") == [("D2", "more_than"), ("D3", "more_than"), ("D5", "almost")]
    assert column(found.rejected, "cell", "reason_code") == [("D4", "unreadable_number")]


def test_the_upper_end_of_a_range_stands_above_its_lower_end(tmp_path, reference):
    columns = {**LONG["layout"]["columns"], "value_upper": "kind"}
    rows = [f"Huế,ctx_pop_avg,total,{lower},người,2022,{upper}" for lower, upper in [(5, 9), (9, 5), (5, 5), ("..", 9)]]
    layout = {"columns": {key: columns[key] for key in columns if key != "kind"}, "kinds": None}
    found = read_long(tmp_path, reference, *rows, layout=layout)
    assert column(found.rows, "cell", "value", "value_upper") == [("D2", 5, 9)]
    assert column(found.rejected, "cell", "field") == [(cell, "value_upper") for cell in ("D3", "D4", "D5")]


def test_a_mark_behind_the_header_of_a_long_sheet_is_a_status_of_all_its_figures(tmp_path, reference):
    rows = [["Tỉnh", "Mã", "Giá trị (*)"], ["Huế", "ctx_pop_avg", 5]]
    columns = {"indicator_code": "Mã", "value": "Giá trị"}
    found = read(tmp_path, reference, rows, measures=None, columns=columns, footnotes={"(*)": "P"})
    assert column(found.rows, "cell", "value", "status") == [("C2", 5, "P")]


def test_one_column_may_be_written_otherwise_than_the_others(tmp_path, reference):
    rows = [["Tỉnh", "Dân số", "Hộ"], ["Huế", "1.200", "1,200"]]
    found = read(tmp_path, reference, rows, measures=[POP, {**HOUSEHOLDS, "number_locale": "en"}])
    assert column(found.rows, "value") == [1200, 1200]
    assert column(read(tmp_path, reference, rows, measures=[POP, HOUSEHOLDS]).rows, "value") == [1200, Decimal("1.2")]


def test_rank_and_score_in_one_cell_are_two_indicators(tmp_path, reference):
    rows = [["Tỉnh", "Xếp hạng"], ["Đà Nẵng", "01 (0,727)"], ["Huế", "02 (0,7)"], ["Hà Nội", "3"]]
    found = read(tmp_path, reference, rows, measures=RANKED)
    assert column(found.rows, "cell", "indicator_code", "value", "decimals") == [
        ("B2", "dti_rank", Decimal(1), 0),
        ("B2", "dti_score", Decimal("0.727"), 3),
        ("B3", "dti_rank", Decimal(2), 0),
        ("B3", "dti_score", Decimal("0.7"), 1),
    ]
    assert column(found.rejected, "cell", "reason_code") == [("B4", "unreadable_number")] * 2


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


def test_years_as_labels_over_the_provinces_are_the_period(tmp_path, reference):
    rows = [ROWS[0], ["Năm 2021", ""], *ROWS[1:], ["Năm 2022", ""], *ROWS[1:]]
    period = {"from": "block", "patterns": ["Năm {year}"]}
    found = read(tmp_path, reference, rows, block="Năm {year}", period=period)
    assert column(found.rows, "cell", "period_id") == [
        ("B3", "2021"), ("B4", "2021"), ("B6", "2022"), ("B7", "2022"),
    ]  # fmt: skip
    assert reason(tmp_path, reference, rows[:1] + rows[2:], block="Năm {year}", period=period) == "unexpected_block"


def test_running_numbers_under_no_header_are_declared_and_nothing_else_is(tmp_path, reference):
    rows = [["", "Tỉnh", "Dân số"], [1, "Hà Nội", 8], [2, "Huế", 1]]
    assert reason(tmp_path, reference, rows) == "unexpected_column"
    assert read(tmp_path, reference, rows, unlabelled_columns="ordinal").rows_read == 2
    others = [rows[0], [1, "Hà Nội", 8], [7, "Huế", 1]]
    assert reason(tmp_path, reference, others, unlabelled_columns="ordinal") == "unexpected_column"


def test_in_pairs_a_second_figure_stands_further_from_the_place(tmp_path, reference):
    rows = [["Tỉnh", "Dân số", "Hộ"], ["Huế", 1, 4]]
    pairs = {"places": [{"offset": -1, "scheme": "name"}], "measures": [POP, {**HOUSEHOLDS, "offset": -2}]}
    found = read(tmp_path, reference, rows, **pairs)
    assert column(found.rows, "cell", "province_id") == [("B2", "P63-46"), ("C2", "P63-46")]
    one = {**pairs, "measures": pairs["measures"][1:]}
    assert reason(tmp_path, reference, rows, **one) == "unexpected_column"  # a figure between is not passed over


def test_a_column_of_figures_beside_an_ignored_one_is_not_ignored_with_it(tmp_path, reference):
    rows = [["Tỉnh", "Dân số", "Xếp hạng", "Nhóm"], ["Huế", 1, 5, "Tốt"]]
    layout = {"places": [{"offset": -1, "scheme": "name"}], "ignore_columns": ["Nhóm"]}
    assert reason(tmp_path, reference, rows, **layout) == "unexpected_column"


PLAN = [
    ["TT", "Chỉ tiêu", "Đơn vị tính", "Năm 2022", "Mục tiêu 2025"],
    ["I", "Hạ tầng số", "", "", ""],
    [1, "Tỷ lệ hộ gia đình có cáp quang (1)", "%", "72,4", "≥ 80"],
    [2, "Số trạm BTS", "trạm", "1.250", "1.500-1.600"],
]
BY_ROW: dict[str, Any] = {
    "places": [{"text": "Huế", "scheme": "name"}],
    "ignore_columns": ["TT"],
    "indicators": {"column": "Chỉ tiêu", "labels": {
        "Tỷ lệ hộ gia đình có cáp quang": "tel_hh_fibre_pct", "số trạm bts": "tel_bts_station"}},
    "unit": {"from": "column", "column": "Đơn vị tính"},
    "period": {"from": "header", "expect": "year"},
    "blank_cells": "ignore",
    "figures": "worded",
    "footnotes": {"(1)": "A"},
    "measures": [{"column": "Năm {year}"}, {"column": "Mục tiêu {year}", "target": {"status": "adopted"}}],
}  # fmt: skip


def test_a_plan_of_one_province_has_an_indicator_in_each_row_and_a_period_in_each_column(tmp_path, reference):
    found = read(tmp_path, reference, PLAN, **BY_ROW)
    names = ("cell", "indicator_code", "kind", "period_id", "value", "value_upper", "unit", "comparator")
    assert column(found.rows, *names) == [
        ("D3", "tel_hh_fibre_pct", "observation", "2022", Decimal("72.4"), None, "%", None),
        ("E3", "tel_hh_fibre_pct", "target", "2025", Decimal(80), None, "%", "ge"),
        ("D4", "tel_bts_station", "observation", "2022", Decimal(1250), None, "station", None),
        ("E4", "tel_bts_station", "target", "2025", Decimal(1500), Decimal(1600), "station", "range"),
    ]
    assert set(column(found.rows, "province_id", "period_id")) == {("P63-46", "2022"), ("P34-46", "2025")}


def test_an_indicator_without_any_figure_is_missing_and_says_nothing_of_the_rows_below(tmp_path, reference):
    rows = [*PLAN[:3], [2, "Số trạm BTS", "trạm", "", ""], PLAN[2]]
    layout = {**BY_ROW, "blank_cells": "missing"}
    assert column(read(tmp_path, reference, rows, **layout).rows, "cell", "indicator_code", "status") == [
        ("D3", "tel_hh_fibre_pct", "A"),
        ("E3", "tel_hh_fibre_pct", "A"),
        ("D4", "tel_bts_station", "O"),
        ("E4", "tel_bts_station", "O"),
        ("D5", "tel_hh_fibre_pct", "A"),
        ("E5", "tel_hh_fibre_pct", "A"),
    ]
    assert read(tmp_path, reference, rows, **BY_ROW).rows_read == 4


def test_a_row_under_a_name_that_is_not_declared_is_rejected_with_its_figure(tmp_path, reference):
    found = read(tmp_path, reference, [*PLAN, [3, "Số xã có wifi", "xã", "12", ""]], **BY_ROW)
    assert column(found.rejected, "cell", "reason_code", "raw_value") == [
        ("D5", "unknown_indicator", "Số xã có wifi | Năm 2022")
    ]


def test_words_of_a_pattern_stay_whole_where_anything_may_follow(tmp_path, reference):
    rows = [["Tỉnh", "Chỉ số 1: Dân số", "Chỉ số 10: Hộ"], ["Huế", 1, 4]]
    measures = [{**POP, "column": "Chỉ số 1: {any}"}, {**HOUSEHOLDS, "column": "Chỉ số 10: {any}"}]
    assert column(read(tmp_path, reference, rows, measures=measures).rows, "value") == [1, 4]


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ({"fill_right": [2]}, "fill_right"),
        ({"measures": [POP, {**POP, "cell": "{value} ({any})"}]}, "declared twice"),
        ({"measures": [RANKED[0], RANKED[0]]}, "declared twice"),
        ({"measures": RANKED, "ignore_columns": ["Xếp hạng"]}, "declared twice"),
        ({"measures": [{**POP, "column": ["{year}", "{year}"]}]}, "layout.period"),
        ({"measures": [{**POP, "column": ["{any}", "{unit} x"]}]}, "column"),
        ({"measures": [{**POP, "cell": "{rank} ({value})"}]}, "cell"),
        ({"footnotes": {"1": "A"}}, "footnotes"),
        ({"block_column": "Mục"}, "layout.block"),
        ({"period": {"from": "block", "patterns": ["Năm {year}"]}}, "layout.block"),
        ({"block": "{nam}"}, "layout.block"),
        ({"tables": [{"begins_at": "I"}, {"basis": "period"}]}, "layout.begins_at"),
        ({"tables": [{"beside_at": "I"}, {"basis": "period"}]}, "layout.beside_at"),
        ({"tables": [{"block": "I"}, {"basis": "period"}]}, "layout.block"),
        ({"sheet": 0}, "layout.sheet"),
        ({"measures": [{"column": "Dân số"}]}, "layout.measures"),
        ({"indicators": BY_ROW["indicators"]}, "layout.measures"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_meant_is_named_with_its_field(tmp_path, layout, said):
    with pytest.raises(SourceError) as error:
        source(tmp_path, PLAIN, layout)
    assert said in str(error.value)
