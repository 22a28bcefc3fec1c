"""Lines and marks that change what a sheet means, found by drawing workbooks: each is accounted for or refused."""

import pytest

from ingestion.errors import FileFault
from ingestion.periods import read_period
from ingestion.read import read_file
from tests.ingestion.sheets import WIDE, WIDE_ROWS, column, read_wide, source, workbook

TITLE, UNIT, HEADER = WIDE_ROWS[:3]
HANOI, HUE = [1, "Hà Nội", 1000, 20], [2, "Huế", 500, 6]


def reason(folder, reference, rows, **changes):
    with pytest.raises(FileFault) as raised:
        read_wide(folder, reference, rows, **changes)
    return raised.value.reason_code


@pytest.mark.parametrize(
    "line",
    [
        ["Tháng 10 năm 2022"],
        [None, "Chỉ số phát triển (Năm trước = 100) - %"],
        [None, "Trong đó: Nữ"],
        [2023],
        [None, None, "ĐVT: nghìn thuê bao"],
    ],
    ids=["period", "growth index", "part", "year", "unit over the figures"],
)
@pytest.mark.parametrize("blank_cells", ["ignore", "missing", "reject"])
def test_a_line_between_figures_that_says_they_are_something_else_refuses_the_file(
    tmp_path, reference, line, blank_cells
):
    rows = [TITLE, UNIT, HEADER, HANOI, HUE, line, HANOI, HUE]
    assert reason(tmp_path, reference, rows, layout={"blank_cells": blank_cells}) == "unexpected_block"


@pytest.mark.parametrize(
    "line",
    [
        [None, "Tây Nguyên"],
        [None, "Hà Tây"],
        ["II"],
        [None, "Cần Thơ"],
        [],
    ],
    ids=["region", "province of another time", "number", "province without figures", "blank"],
)
def test_labels_places_and_numbers_without_figures_say_nothing_about_the_rows_below(tmp_path, reference, line):
    rows = [TITLE, UNIT, HEADER, HANOI, line, HUE]
    found = read_wide(tmp_path, reference, rows, layout={"blank_cells": "ignore"}).rows
    assert column(found, "cell", "value") == [("C4", 1000), ("D4", 20), ("C6", 500), ("D6", 6)]


def test_a_place_with_a_mark_and_without_figures_says_nothing_about_the_rows_below(tmp_path, reference):
    rows = [TITLE, UNIT, HEADER, HANOI, [None, "Cần Thơ (1)"], HUE]
    found = read_wide(tmp_path, reference, rows, layout={"blank_cells": "ignore", "footnotes": {"(1)": "A"}}).rows
    assert column(found, "cell") == ["C4", "D4", "C6", "D6"]


MEASURE = WIDE["layout"]["measures"][0]
WRITTEN = {
    "with a mark": ({"footnotes": {"(1)": "A"}}, "1.000 (1)"),
    "in words": ({"figures": "worded"}, "trên 1.000"),
    "as a range": ({"figures": "worded"}, "1.000 - 1.200"),
    "beside another": ({"measures": [{**MEASURE, "cell": "{value} ({any})"}]}, "1.000 (2)"),
}


@pytest.mark.parametrize(("layout", "figure"), WRITTEN.values(), ids=WRITTEN)
def test_a_figure_is_one_however_its_column_writes_it(tmp_path, reference, layout, figure):
    """Lines between such figures say that the rows below are others, and such a figure below the end is data."""
    own = {"ignore_columns": ["TT", "Trạm 4G"], "measures": [MEASURE], **layout}
    row = [1, "Hà Nội", figure]
    between = [TITLE, UNIT, HEADER, row, [None, "Trong đó: Nữ"], row]
    assert reason(tmp_path, reference, between, layout=own) == "unexpected_block"
    below = [TITLE, UNIT, HEADER, row, [None, "Người lập biểu"], row]
    assert reason(tmp_path, reference, below, layout=own) == "data_after_end"
    signed = [TITLE, UNIT, HEADER, row, [None, "Người lập biểu"], [None, None, "Hà Nội, ngày 5 tháng 10 năm 2022"]]
    assert read_wide(tmp_path, reference, signed, layout=own).rows.num_rows == 1


def test_a_note_below_the_last_figure_is_no_heading(tmp_path, reference):
    rows = [TITLE, UNIT, HEADER, HANOI, ["Số liệu chưa điều chỉnh"]]
    assert read_wide(tmp_path, reference, rows).rows.num_rows == 2


def test_labels_merged_down_are_found_below_the_title_lines(tmp_path, reference):
    rows = [[None, None, None, None, "ĐVT: thuê bao"], TITLE, [*HEADER, "Ghi chú"], [], [*HANOI, "điều chỉnh"]]
    path = workbook(tmp_path, rows, merges=[f"{letter}3:{letter}4" for letter in "ABCDE"])
    declared = source(tmp_path, WIDE, layout={"header_rows": 2, "ignore_columns": ["TT", "Ghi chú"]})
    found = read_file(path, "a.xlsx", declared, reference).rows
    assert column(found, "cell", "value", "period_id", "unit") == [
        ("C5", 1000, "2022-09", "subscription"),
        ("D5", 20, "2022-09", "station"),
    ]


def test_a_blank_figure_beside_its_place_is_not_lost_where_the_sheet_is_one_pair(tmp_path, reference):
    pair = {
        "places": [{"offset": -1, "scheme": "name"}],
        "measures": [{"column": "Di động", "indicator_code": "tel_mobile_sub"}],
        "ignore_columns": None,
    }
    rows = [TITLE, UNIT, [None, "Di động"], ["Hà Nội", 5], ["Huế", None]]
    assert column(read_wide(tmp_path, reference, rows, layout=pair).rows, "cell", "status") == [
        ("B4", "A"),
        ("B5", "O"),
    ]
    refused = read_wide(tmp_path, reference, rows, layout={**pair, "blank_cells": "reject"}).rejected
    assert column(refused, "cell", "reason_code") == [("B5", "missing_value")]


def test_each_figure_under_a_merged_range_is_refused_also_where_blanks_are_ignored(tmp_path, reference):
    path = workbook(tmp_path, [TITLE, UNIT, HEADER, [1, "Hà Nội", 1000], HUE], merges=["C4:D4"])
    found = read_file(path, "a.xlsx", source(tmp_path, WIDE, layout={"blank_cells": "ignore"}), reference)
    assert column(found.rejected, "cell", "reason_code") == [("C4", "unreadable_number"), ("D4", "unreadable_number")]
    assert found.rows.num_rows == 2


def test_a_look_up_row_may_repeat_figures_that_are_padded_texts(tmp_path, reference):
    rows = [TITLE, UNIT, HEADER, [1, "Hà Nội", " 1.000 ", 20], HUE, [], [None, "Hà Nội", " 1.000 ", 20]]
    layout = {"ends_at": "blank_row", "below_end": "lookup", "end_labels": None}
    assert read_wide(tmp_path, reference, rows, layout=layout).rows.num_rows == 4


@pytest.mark.parametrize("scheme", ["gso", "pci_id"])
def test_a_row_of_bare_numbers_where_places_are_codes_must_be_declared(tmp_path, reference, scheme):
    rows = [TITLE, UNIT, HEADER, [1, 2, 3, 4], [2, 4, 5, 6]]
    by_code = {"places": [{"column": "Tỉnh/TP", "scheme": scheme}]}
    assert reason(tmp_path, reference, rows, layout=by_code) == "header_not_found"
    numbered = read_wide(tmp_path, reference, rows, layout={**by_code, "column_numbers": True})
    assert numbered.rows_read == 2
    assert read_wide(tmp_path, reference, rows, layout={**by_code, "column_numbers": False}).rows_read == 4


@pytest.mark.parametrize("text", ["Tháng 1¹ năm 2022", "Quý 1² năm 2022", "Năm 2022³", "T1①/2022"])
def test_a_raised_mark_behind_a_digit_makes_no_other_period(text):
    assert read_period(text) is None
