"""What a layout can say of a sheet beyond one header row over one list of provinces, and what it refuses."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from ingestion.errors import FileFault, SourceError
from ingestion.promises import expected_members
from ingestion.read import ReadResult, read_file
from tests.ingestion.sheets import LONG, WIDE, column, source

Sheets = Mapping[str, Sequence[Sequence[Any]]]

# One header row, figures of one indicator, nothing around them.
PLAIN: dict[str, Any] = {
    **{key: LONG[key] for key in ("source_id", "publisher", "title", "rank", "frequency", "boundary_set")},
    "shape": "indicators",
    "format": "xlsx",
    "number_locale": "vi",
    "layout": {
        "header_rows": 1,
        "period": {"from": "constant", "value": "2022"},
        "unit": {"from": "constant", "value": "người"},
        "places": [{"column": "Tỉnh", "scheme": "name"}],
        "blank_cells": "reject",
        "basis": "period",
        "measures": [{"column": "Dân số", "indicator_code": "ctx_pop_avg"}],
    },
}
ROWS = [["Tỉnh", "Dân số"], ["Hà Nội", 8], ["Huế", 1]]
YEARS = {"from": "header", "expect": "year"}
BY_YEAR = {"period": YEARS, "measures": [{"column": "Tổng số {period}", "indicator_code": "ctx_pop_avg"}]}


def read(folder: Path, reference, sheets: Sheets | Sequence[Sequence[Any]], **layout: Any) -> ReadResult:
    pages = sheets if isinstance(sheets, Mapping) else {"Sheet1": sheets}
    with xlsxwriter.Workbook(str(folder / "file.xlsx")) as book:
        for name, rows in pages.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return read_file(folder / "file.xlsx", "file.xlsx", source(folder, PLAIN, layout), reference)


def reason(folder: Path, reference, sheets, **layout: Any) -> str:
    with pytest.raises(FileFault) as raised:
        read(folder, reference, sheets, **layout)
    return raised.value.reason_code


def test_one_measure_in_many_columns_takes_each_period_from_its_header(tmp_path, reference):
    rows = [["Tỉnh", "Tổng số 2020", "Tổng số - Sơ bộ 2021", "Tổng số Prel. 2022"], ["Huế", 1, 2, 3]]
    found = read(tmp_path, reference, rows, **BY_YEAR)
    assert column(found.rows, "cell", "period_id", "status", "period_text") == [
        ("B2", "2020", "A", "Tổng số 2020"),
        ("C2", "2021", "P", "Tổng số - Sơ bộ 2021"),
        ("D2", "2022", "P", "Tổng số Prel. 2022"),
    ]


def test_a_period_in_another_header_row_than_the_measure(tmp_path, reference):
    rows = [["Tỉnh", "Dân số", ""], ["", "2021", "2022"], ["Huế", 1, 2]]
    rows[0][2] = "Dân số"
    layout = {"header_rows": 2, "measures": [{"column": ["Dân số", "{year}"], "indicator_code": "ctx_pop_avg"}]}
    found = read(tmp_path, reference, rows, period=YEARS, **layout)
    assert column(found.rows, "cell", "period_id") == [("B3", "2021"), ("C3", "2022")]


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("Tổng số 2020-2021", "unexpected_column"),
        ("Tổng số cả năm", "unexpected_column"),
        ("Nam 2021", "unexpected_column"),
        ("Tổng số 9/2021", "period_not_found"),
    ],
)
def test_a_header_whose_period_cannot_be_told_refuses_the_file(tmp_path, reference, header, fault):
    assert reason(tmp_path, reference, [["Tỉnh", "Tổng số 2020", header], ["Huế", 1, 2]], **BY_YEAR) == fault


def test_two_measures_that_mean_one_column_refuse_the_file(tmp_path, reference):
    measures = [
        {"column": f"{word} {{period}}", "indicator_code": "ctx_pop_avg"} for word in ("Tổng số", "Tổng số năm")
    ]
    rows = [["Tỉnh", "Tổng số năm 2020", "Tổng số 2021"], ["Huế", 1, 2]]
    assert reason(tmp_path, reference, rows, period=YEARS, measures=measures) == "unexpected_column"


def test_each_sheet_has_its_period_in_its_name_and_columns_of_its_own(tmp_path, reference):
    sheets = {
        "2020_DS": [["Tỉnh", "Dân số"], ["Huế", 1]],
        "2021_DS": [["Tỉnh", "Dân số"], ["Huế", 2]],
        "2022_DS": [["Tỉnh", "Hộ", "Dân số"], ["Huế", 4, 3]],
    }
    tables = [
        {"sheet": ["2020_DS", "2021_DS"]},
        {"sheet": "2022_DS", "measures": [{"column": "Hộ", "indicator_code": "ctx_household", "unit": "hộ"}]},
    ]
    period = {"from": "sheet_name", "patterns": ["{year}_DS"]}
    found = read(tmp_path, reference, sheets, period=period, tables=tables)
    assert column(found.rows, "row_no", "sheet", "cell", "indicator_code", "period_id", "value") == [
        (1, "2020_DS", "B2", "ctx_pop_avg", "2020", Decimal(1)),
        (2, "2021_DS", "B2", "ctx_pop_avg", "2021", Decimal(2)),
        (3, "2022_DS", "C2", "ctx_pop_avg", "2022", Decimal(3)),
        (4, "2022_DS", "B2", "ctx_household", "2022", Decimal(4)),
    ]
    by_pattern = {"sheet": "{year}_DS", "period": period}
    assert read(tmp_path, reference, {"2020_DS": ROWS, "2021_DS": ROWS}, **by_pattern).rows_read == 4


@pytest.mark.parametrize(
    ("others", "ignored", "fault"),
    [
        ({"Hướng dẫn": [["Cách điền"]]}, None, "unexpected_sheet"),
        ({"Huong dan 1": [["Cách điền"]]}, ["Hướng dẫn {any}"], None),
        ({"Sheet2": [], "Sheet3": []}, None, None),
        ({}, ["Hướng dẫn"], None),
    ],
    ids=["undeclared", "ignored by a pattern", "blank", "ignored and not there"],
)
def test_a_visible_sheet_is_declared_ignored_or_blank(tmp_path, reference, others, ignored, fault):
    sheets, layout = {"Số liệu": ROWS, **others}, {"sheet": "Số liệu", "ignore_sheets": ignored}
    if fault:
        assert reason(tmp_path, reference, sheets, **layout) == fault
    else:
        assert read(tmp_path, reference, sheets, **layout).rows_read == 2


def test_a_sheet_of_a_table_that_is_missing_refuses_the_whole_file(tmp_path, reference):
    tables = [{"sheet": "Một"}, {"sheet": "Hai"}]
    assert reason(tmp_path, reference, {"Một": ROWS}, tables=tables) == "sheet_not_found"


PAIRS = {
    "places": [{"offset": -1, "scheme": "name"}],
    "ignore_columns": ["TT", "Nhóm"],
    "measures": [
        {"column": "Dân số", "indicator_code": "ctx_pop_avg"},
        {"column": "Hộ", "indicator_code": "ctx_household", "unit": "hộ"},
    ],
}
PAIR_ROWS: list[list[Any]] = [
    ["TT", "Tỉnh", "Dân số", "", "Hộ", "", "Nhóm"],
    [1, "Hà Nội", 8, "Huế", 5, "Huế", "Tốt"],
    [2, "Huế", 1, "Hà Nội", 2, "Hà Nội", "Khá"],
]


def test_pairs_of_place_and_value_are_read_each_for_itself(tmp_path, reference):
    found = read(tmp_path, reference, PAIR_ROWS, **PAIRS)
    assert column(found.rows, "cell", "province_id", "indicator_code", "value", "place_text") == [
        ("C2", "P63-01", "ctx_pop_avg", Decimal(8), "Hà Nội"),
        ("E2", "P63-46", "ctx_household", Decimal(5), "Huế"),
        ("C3", "P63-46", "ctx_pop_avg", Decimal(1), "Huế"),
        ("E3", "P63-01", "ctx_household", Decimal(2), "Hà Nội"),
    ]


def test_a_shorter_list_of_pairs_ends_where_it_has_neither_place_nor_figure(tmp_path, reference):
    rows = [*PAIR_ROWS, [3, "Hải Phòng", 2, "", "", "", ""]]
    assert read(tmp_path, reference, rows, **PAIRS).rows_read == 5
    half = [*PAIR_ROWS, [3, "Hải Phòng", 2, "Hải Phòng", "", "", ""]]
    assert column(read(tmp_path, reference, half, **PAIRS).rejected, "cell", "reason_code") == [("E4", "missing_value")]
    no_place = [*PAIR_ROWS, [3, "", 2, "", "", "", ""]]
    assert column(read(tmp_path, reference, no_place, **PAIRS).rejected, "cell", "reason_code") == [
        ("C4", "unknown_area")
    ]


def test_figures_beside_an_ignored_column_of_pairs_are_not_ignored_with_it(tmp_path, reference):
    rows = [*PAIR_ROWS, [3, "Hải Phòng", 2, "Hải Phòng", 3, 7.5, "Khá"]]
    assert reason(tmp_path, reference, rows, **PAIRS) == "unexpected_column"


def test_of_header_rows_in_two_languages_one_names_the_columns(tmp_path, reference):
    rows = [["Tỉnh", "Dân số"], ["Province", "Population"], ["Huế", 1]]
    found = read(tmp_path, reference, rows, header_rows=2, label_rows=[1])
    assert column(found.rows, "cell", "label_text") == [("B3", "Dân số")]
    measures = [{"column": "Population", "indicator_code": "ctx_pop_avg"}]
    places = [{"column": "Province", "scheme": "name"}]
    below = read(tmp_path, reference, rows, header_rows=2, label_rows=[2], measures=measures, places=places)
    assert column(below.rows, "cell", "label_text") == [("B3", "Population")]


def test_columns_are_ignored_by_a_pattern_of_their_header(tmp_path, reference):
    rows = [["Tỉnh", "Dân số", "Ghi chú (1)"], ["Huế", 1, 9]]
    assert read(tmp_path, reference, rows, ignore_columns=["Ghi chú {any}"]).rows_read == 1
    assert reason(tmp_path, reference, rows, ignore_columns=["Chú thích {any}"]) == "unexpected_column"


BELOW = {"ends_at": "blank_row", "below_end": "lookup"}


@pytest.mark.parametrize(
    "below",
    [[["Huế", 1]], [["Median", 4.5], ["Min", 0], ["Max", 99]], [["Tỉnh", "Dân số"], ["Hà Nội", 8]], []],
    ids=["one looked up", "statistics", "with a header of its own", "nothing"],
)
def test_a_look_up_block_under_the_data_is_no_data(tmp_path, reference, below):
    found = read(tmp_path, reference, [*ROWS, [], *below], **BELOW)
    assert column(found.rows, "cell") == ["B2", "B3"]


@pytest.mark.parametrize(
    ("below", "layout"),
    [
        ([["Hải Phòng", 2]], BELOW),
        ([["Hải Phòng", 8]], BELOW),
        ([["", 8]], BELOW),
        ([["Trung bình cộng", 4.5]], BELOW),
        ([["Huế", 1]], {"ends_at": "blank_row"}),
        ([["Median", 4.5]], {"ends_at": "blank_row", "below_end": "refuse"}),
    ],
    ids=[
        "another province",
        "another province with a figure seen above",
        "no label",
        "a label not known as a statistic",
        "not declared",
        "refused by name",
    ],
)
def test_a_figure_of_its_own_under_the_data_refuses_the_file(tmp_path, reference, below, layout):
    assert reason(tmp_path, reference, [*ROWS, [], *below], **layout) == "data_after_end"


def test_a_blank_row_between_header_and_data_does_not_end_the_data(tmp_path, reference):
    assert read(tmp_path, reference, [ROWS[0], [], *ROWS[1:], []], **BELOW).rows_read == 2


@pytest.mark.parametrize(
    ("text", "period", "found"),
    [
        ("Đồng bằng sông Hồng", "2022", "R63-1"),
        ("Red River Delta", "2007", "R64-1"),
        ("Tây Nguyên", "2024", "R63-4"),
        ("Bắc Trung Bộ", "2026", "R34-3"),
        ("Cả nước", "2007", "VN"),
    ],
)
def test_rows_of_regions_and_the_country_are_facts_of_their_own_areas(tmp_path, reference, text, period, found):
    rows = [ROWS[0], [text, 30]]
    layout = {"totals": "country", "regions": "area", "period": {"from": "constant", "value": period}}
    row = read(tmp_path, reference, rows, **layout).rows.to_pylist()[0]
    assert row["province_id"] == found


@pytest.mark.parametrize(
    ("text", "period", "why"),
    [
        ("Đông Bắc", "2007", "unknown_area"),  # of the eight regions before 2006, which no set here has
        ("Tây Nguyên", "2026", "area_not_in_set"),  # since 2025 part of another region
        ("Tây Nguyên", "2003", "area_before_known_sets"),
        ("Cả nước", "2003", "area_before_known_sets"),
        ("Median", "2022", "unknown_area"),
    ],
)
def test_a_region_that_no_boundary_set_of_the_period_has_is_refused(tmp_path, reference, text, period, why):
    layout = {"totals": "country", "regions": "area", "period": {"from": "constant", "value": period}}
    found = read(tmp_path, reference, [ROWS[0], [text, 30]], **layout)
    assert column(found.rejected, "reason_code") == [why]


def test_a_missing_mark_of_a_merged_province_has_a_reason_of_its_own_and_a_figure_has_not(tmp_path, reference):
    found = read(tmp_path, reference, [ROWS[0], ["Hà Tây", ".."], ["Hà Tây", 5]])
    assert column(found.rejected, "cell", "reason_code") == [("B2", "missing_outside_set"), ("B3", "area_not_in_set")]


@pytest.mark.parametrize("code", [1, 1.0, "1", "01", "001"])
def test_a_gso_code_may_be_a_number(tmp_path, reference, code):
    found = read(tmp_path, reference, [ROWS[0], [code, 8]], places=[{"column": "Tỉnh", "scheme": "gso"}])
    known = column(found.rows, "province_id")
    assert known == (["P63-01"] if code != "001" else [])


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ({"period": YEARS}, "layout.period"),
        ({"measures": [{"column": "Dân số {year}", "indicator_code": "ctx_pop_avg"}]}, "layout.period"),
        ({"measures": [{"column": "Dân số {nam}", "indicator_code": "ctx_pop_avg"}]}, "placeholder"),
        ({"places": [{"column": "Tỉnh", "offset": -1, "scheme": "name"}]}, "layout.places"),
        ({"places": [{"scheme": "name"}]}, "layout.places"),
        ({"label_rows": [2]}, "layout.label_rows"),
        ({"sheet": "{nam}"}, "layout.sheet"),
        ({"ignore_sheets": ["{nam}"]}, "layout.ignore_sheets"),
        ({"tables": [{"sheet": "a", "header_row": 1}]}, "layout.tables"),
        ({"tables": [{"sheet": "a"}, {"sheet": "b", "places": []}]}, "layout.tables[2].places"),
        ({"places": None, "tables": [{"sheet": "a"}]}, "layout.tables[1]"),
        ({"tables": [{"sheet": "a", "ignore_columns": ["Dân số"]}]}, "declared twice"),
    ],
)  # fmt: skip
def test_a_layout_that_contradicts_itself_is_named_with_its_field(tmp_path, layout, said):
    with pytest.raises(SourceError) as error:
        source(tmp_path, PLAIN, layout)
    assert said in str(error.value)


def test_operators_promise_the_measures_of_all_their_tables(tmp_path):
    tables = [{"sheet": "Một"}, {"sheet": "Hai", "constants": {"operator": "vnpt"}}]
    promised = expected_members(source(tmp_path, WIDE, {"tables": tables}, expected_from="2022-07"))
    assert {row["breakdown"] for row in promised if row["indicator_code"] == "tel_mobile_sub"} == {
        "operator:itel", "operator:vnpt",
    }  # fmt: skip
