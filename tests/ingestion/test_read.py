import json
import zipfile
from decimal import Decimal

import pytest
import xlsxwriter

from expectations.suite import load_suite
from ingestion.read import read_file
from ingestion.source import load_sources
from ingestion.vocabulary import BASES, COMPARATORS, QUALIFIERS, TARGET_STATUSES
from tests.ingestion.conftest import SOURCES_DIR
from tests.ingestion.sheets import LONG, WIDE, WIDE_ROWS, column, read_long, read_wide, source, text_file, workbook


def test_numbers_places_and_missing_marks_are_read_as_declared(tmp_path, reference):
    result = read_wide(tmp_path, reference)
    assert column(result.rows, "cell", "province_id", "value", "status", "value_text") == [
        ("C4", "P63-01", Decimal(1000), "A", "1000"),
        ("D4", "P63-01", Decimal(20), "A", "20"),
        ("C5", "P63-46", Decimal(1778489), "A", "1.778.489"),
        ("D5", "P63-46", None, "L", "..."),
    ]


@pytest.mark.parametrize(("blank_cells", "rows", "rejected"), [("missing", 4, 0), ("ignore", 3, 0), ("reject", 3, 1)])
def test_a_blank_cell_is_what_the_source_declares(tmp_path, reference, blank_cells, rows, rejected):
    cells = [list(row) for row in WIDE_ROWS]
    cells[3][2] = None
    result = read_wide(tmp_path, reference, cells, layout={"blank_cells": blank_cells})
    assert (result.rows.num_rows, result.rejected.num_rows) == (rows, rejected)
    if blank_cells == "missing":
        assert result.rows.to_pylist()[0]["status"] == "O"
    if rejected:
        assert column(result.rejected, "cell", "reason_code") == [("C4", "missing_value")]


@pytest.mark.parametrize(
    ("place", "value", "reason", "field", "raw"),
    [
        ("Tỉnh Không Có", 1, "unknown_area", "place", "Tỉnh Không Có"),
        ("Hà Tây", 1, "area_not_in_set", "place", "Hà Tây"),
        ("Hà Nội", "hơn 1 triệu", "unreadable_number", "value", "hơn 1 triệu"),
        ("Hà Nội", "15.85", "unreadable_number", "value", "15.85"),
        ("Hà Nội", "#N/A", "unreadable_number", "value", "#N/A"),
        ("Hà Nội", True, "unreadable_number", "value", "TRUE"),
    ],
)
def test_a_row_that_cannot_be_read_keeps_cell_raw_text_and_reason(
    tmp_path, reference, place, value, reason, field, raw
):
    cells = [*WIDE_ROWS[:3], [1, place, value, 20], [2, "Huế", 5, 6]]
    result = read_wide(tmp_path, reference, cells)
    fault = result.rejected.to_pylist()[0]
    assert (fault["cell"], fault["field"], fault["raw_value"], fault["reason_code"]) == ("C4", field, raw, reason)
    assert json.loads(fault["reasons"]) == [reason]
    assert raw in fault["reason_vi"]
    assert raw in fault["reason_en"]
    assert ("B4" if field == "place" else "C4") in fault["reason_en"]
    assert result.rows_read == result.rows.num_rows + result.rejected.num_rows == 4


def test_a_row_names_all_its_reasons(tmp_path, reference):
    result = read_long(tmp_path, reference, "Nơi Lạ,dti_rank,item:lạ,một,cái,hôm qua,dự báo")
    assert json.loads(result.rejected.to_pylist()[0]["reasons"]) == [
        "unreadable_period", "unknown_unit", "unknown_breakdown", "unreadable_number", "unknown_kind",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Hà Nội,dti_rank,total,,rank,2022,observation", "missing_value"),
        ("Hà Nội,dti_rank,total,5,cái,2022,observation", "unknown_unit"),
        ("Hà Nội,dti_rank,total,5,rank,Dec-06,observation", "unreadable_period"),
        ("Hà Nội,dti_rank,total,5,rank,9 tháng năm 2022,observation", "unreadable_period"),
        ("Hà Nội,dti_rank,operator:vietel,5,rank,2022,observation", "unknown_breakdown"),
        ("Hà Nội,dti_rank,total,5,rank,2022,forecast", "unknown_kind"),
        ("Hà Nội,dti_rank,total,5,rank,2003,observation", "area_before_known_sets"),
        ("Hà Nội,dti_rank,total,5,rank,undated,observation", "ambiguous_area"),
        ("Đông Nam Bộ,dti_rank,total,5,rank,2022,observation", "unknown_area"),
    ],
)
def test_each_row_fault_has_its_reason(tmp_path, reference, line, reason):
    assert column(read_long(tmp_path, reference, line).rejected, "reason_code") == [reason]


def test_a_year_to_date_text_contradicts_a_flow_but_not_a_stock(tmp_path, reference):
    line = "Hà Nội,tel_mobile_sub,total,5,thuê bao,9 tháng năm 2022,observation"
    assert column(read_long(tmp_path, reference, line).rejected, "field") == ["basis"]
    stock = read_long(tmp_path, reference, line, layout={"basis": "point"})
    assert column(stock.rows, "period_id", "basis") == [("2022-09", "point")]


def test_an_unknown_indicator_is_left_to_the_judge_with_no_catalogue_unit(tmp_path, reference):
    result = read_long(tmp_path, reference, "Hà Nội,no_such_code,total,5,rank,2022,observation")
    assert column(result.rows, "indicator_code", "unit", "catalogue_unit", "min_value") == [
        ("no_such_code", "rank", None, None)
    ]


def test_preliminary_figures_are_marked_and_members_stand_in_alphabetical_order(tmp_path, reference):
    line = "Cả nước,tel_bts_station,technology:5g;operator:viettel,5,trạm,Sơ bộ 2022,observation"
    assert column(read_long(tmp_path, reference, line).rows, "province_id", "status", "breakdown") == [
        ("VN", "P", "operator:viettel;technology:5g")
    ]


TWO_PLACES = {
    "places": [{"column": "TT", "scheme": "vnpt_code3"}, {"column": "Tỉnh/TP", "scheme": "name"}],
    "ignore_columns": None,
}


@pytest.mark.parametrize(
    ("code", "name", "reason", "cell"),
    [
        ("HNI", "Huế", "ambiguous_area", "A4"),
        ("HNI", "Tỉnh Không Có", "unknown_area", "B4"),
        ("XXX", "Hà Nội", "unknown_area", "A4"),
        ("HNI", "Hà Tây", "area_not_in_set", "B4"),
    ],
)
def test_two_place_columns_must_both_be_known_and_agree(tmp_path, reference, code, name, reason, cell):
    result = read_wide(tmp_path, reference, [*WIDE_ROWS[:3], [code, name, 2, 2]], layout=TWO_PLACES)
    assert column(result.rejected, "reason_code", "raw_value") == [(reason, f"{code} | {name}")] * 2
    assert f"Cell {cell}:" in result.rejected.to_pylist()[0]["reason_en"]


@pytest.mark.parametrize(
    ("code", "name", "province_id"),
    [
        ("HNI", "Hà Nội", "P63-01"),
        ("HNI", None, "P63-01"),
        (None, "Hà Nội", "P63-01"),
        # VNPT's list lacks the province; the code is one all such lists agree on.
        ("VTU", "Bà Rịa - Vũng Tàu", "P63-77"),
        ("VTU", None, "P63-77"),
    ],
)
def test_one_place_column_may_be_blank(tmp_path, reference, code, name, province_id):
    result = read_wide(tmp_path, reference, [*WIDE_ROWS[:3], [code, name, 3, 3]], layout=TWO_PLACES)
    assert column(result.rows, "province_id") == [province_id] * 2


def test_merged_headers_are_filled_and_found_wherever_they_stand(tmp_path, reference):
    rows = [
        ["Báo cáo", None, None],
        [],
        ["Tháng 9 năm 2022", None, "đvt:  THUÊ BAO"],
        ["Tỉnh / TP", "Thuê bao di động", None],
        [None, "Trả trước", "Trả sau"],
        ["Hà Nội", 7, 8],
    ]
    measures = [
        {
            "column": ["Thuê bao di động", "Trả trước"],
            "indicator_code": "tel_mobile_sub",
            "breakdown": {"contract": "prepaid"},
        },
        {
            "column": ["Thuê bao di động", "Trả sau"],
            "indicator_code": "tel_mobile_sub",
            "breakdown": {"contract": "postpaid"},
        },
    ]
    path = workbook(tmp_path, rows, merges=["A4:A5", "B4:C4"])
    declared = source(tmp_path, WIDE, layout={"header_rows": 2, "measures": measures, "ignore_columns": None})
    assert column(read_file(path, "a.xlsx", declared, reference).rows, "cell", "value", "breakdown") == [
        ("B6", 7, "contract:prepaid;operator:itel"),
        ("C6", 8, "contract:postpaid;operator:itel"),
    ]


def test_a_fourth_operator_is_one_yaml(tmp_path, reference):
    """The sources folder of a home holds one file more; no code, no seed."""
    source(tmp_path, WIDE, source_id="itel")
    sources = load_sources([SOURCES_DIR, tmp_path])
    result = read_file(workbook(tmp_path), "itel_2022-09.xlsx", sources["itel"], reference)
    assert column(result.rows, "breakdown")[:2] == ["operator:itel", "operator:itel;technology:4g"]
    assert result.rejected.num_rows == 0


@pytest.mark.parametrize(
    ("period", "text", "period_id"),
    [
        ({"from": "column", "column": "TT"}, "T8/2022", "2022-08"),
        ({"from": "constant", "value": "Quý III/2022"}, 1, "2022-Q3"),
        ({"from": "file_name", "patterns": ["file_{year}_{month}"]}, 1, "2021-12"),
    ],
)
def test_a_period_may_stand_in_a_column_the_yaml_or_the_file_name(tmp_path, reference, period, text, period_id):
    rows = [*WIDE_ROWS[1:3], [text, "Hà Nội", 1, 2]]
    ignored = None if period["from"] == "column" else ["TT"]
    declared = source(tmp_path, WIDE, layout={"period": period, "ignore_columns": ignored})
    result = read_file(workbook(tmp_path, rows), "file_2021_12.xlsx", declared, reference)
    assert column(result.rows, "period_id") == [period_id] * 2


def test_totals_may_be_figures_of_the_country(tmp_path, reference):
    result = read_wide(tmp_path, reference, layout={"totals": "country"})
    assert column(result.rows, "province_id", "area_level", "value")[-2:] == [
        ("VN", "country", 1779489),
        ("VN", "country", 20),
    ]


TOTAL_ROWS = [
    [None, "Tổng cộng", 5, 5],  # in the place column
    ["TỔNG SỐ", None, 5, 5],  # left of a blank place
    ["999", "Cả nước", 5, 5],  # with a code that is no province
    [None, "Đông Nam Bộ", 5, 5],
]


@pytest.mark.parametrize("row", TOTAL_ROWS)
def test_a_total_or_a_region_is_no_row_wherever_its_label_stands(tmp_path, reference, row):
    result = read_wide(tmp_path, reference, [*WIDE_ROWS[:3], row, [1, "Hà Nội", 1, 2]])
    assert column(result.rows, "row_no", "province_id") == [(1, "P63-01"), (2, "P63-01")]
    assert result.rows_read == 2


def test_a_label_beside_a_known_province_does_not_make_the_row_vanish(tmp_path, reference):
    beside = read_wide(tmp_path, reference, [*WIDE_ROWS[:3], ["Thành phố", "Hà Nội", 1, 2]])
    assert beside.rows.num_rows == 2
    both = read_wide(tmp_path, reference, [*WIDE_ROWS[:3], ["HNI", "Tổng cộng", 1, 2]], layout=TWO_PLACES)
    assert column(both.rejected, "reason_code") == ["ambiguous_area"] * 2


def test_a_total_right_of_the_values_is_left_out_too(tmp_path, reference):
    rows = [*WIDE_ROWS[:2], ["Di động", "Trạm 4G", "Tỉnh/TP", "TT"], [1, 2, "Hà Nội"], [1, 2, "Tổng cộng"]]
    assert read_wide(tmp_path, reference, rows).rows_read == 2


def test_a_spreadsheet_error_is_refused_with_its_text_not_taken_for_a_blank(tmp_path, reference):
    path = tmp_path / "file.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        for number, row in enumerate(WIDE_ROWS[:4]):
            page.write_row(number, 0, row)
        page.write_formula("D4", "=VLOOKUP(1,A1:B2,2)", None, "#N/A")
    result = read_file(path, "a.xlsx", source(tmp_path, WIDE), reference)
    assert column(result.rows, "cell", "value") == [("C4", 1000)]
    assert column(result.rejected, "cell", "reason_code", "raw_value") == [("D4", "unreadable_number", "#N/A")]


def formula_workbook(folder, write):
    path = folder / "file.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        for number, row in enumerate(WIDE_ROWS[:5]):
            page.write_row(number, 0, row)
        write(page)
    return path


def test_a_formula_never_calculated_is_refused_one_with_a_blank_result_is_blank(tmp_path, reference):
    def write(page):
        page.write_formula("C4", "=1+1", None, "nothing")
        page.write_formula("C5", "=1+1", None, 2)
        page.write_formula("D6", "=SUM(D4:D5)", None, 3)
        page.write_string("B6", "Huế")

    path = formula_workbook(tmp_path, write)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    for result, kept in ((b"<v>2</v>", b""), (b"<v>3</v>", b"<v/>"), (b"<v>nothing</v>", b"<v></v>")):
        assert result in parts[sheet]
        parts[sheet] = parts[sheet].replace(b"</f>" + result, b"</f>" + kept)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    result = read_file(path, "a.xlsx", source(tmp_path, WIDE), reference)
    assert column(result.rows, "cell", "status") == [("C4", "O"), ("D4", "A"), ("D5", "L"), ("C6", "O")]
    assert column(result.rejected, "cell", "reason_code", "raw_value") == [
        ("C5", "unreadable_number", "=1+1"),
        ("D6", "unreadable_number", "=SUM(D4:D5)"),
    ]
    assert "formula without a result" in result.rejected.to_pylist()[0]["reason_en"]


def test_a_figure_merged_over_two_provinces_belongs_to_neither(tmp_path, reference):
    rows = [*WIDE_ROWS[:3], [1, "Hà Nội", 5, 20], [2, "Huế", None, 21], [3, "Cần Thơ", None, None]]
    path = workbook(tmp_path, rows, merges=["C4:C5", "C6:D6"])
    result = read_file(path, "a.xlsx", source(tmp_path, WIDE), reference)
    assert column(result.rejected, "cell", "reason_code", "raw_value") == [
        ("C4", "unreadable_number", "5"),
        ("C5", "unreadable_number", "5"),
    ]
    assert "C4:C5" in result.rejected.to_pylist()[1]["reason_vi"]
    # A merged range that is blank hides no figure.
    assert column(result.rows, "cell", "status") == [("D4", "A"), ("D5", "A"), ("C6", "O"), ("D6", "O")]


def test_a_region_whose_name_is_merged_over_the_figures_is_still_left_out(tmp_path, reference):
    path = workbook(tmp_path, [*WIDE_ROWS[:3], [None, "Đông Nam Bộ"], [1, "Hà Nội", 5, 20]], merges=["B4:D4"])
    assert read_file(path, "a.xlsx", source(tmp_path, WIDE), reference).rows_read == 2


def test_an_end_label_beside_a_figure_or_in_the_notes_ends_nothing(tmp_path, reference):
    header = [*WIDE_ROWS[2], "Ghi chú"]
    rows = [
        *WIDE_ROWS[:2],
        header,
        [1, "Hà Nội", 1, 2, "Người lập biểu: Sở TTTT"],
        [2, "Huế", None, None, "Người lập biểu nghỉ"],
        [3, "Cần Thơ", 3, 4],
        [None, "Người lập biểu", 5, 6],
        [None, "Người lập biểu", "TL. GIÁM ĐỐC"],
        [None, "Nguyễn Văn A", None, "Trần Thị B"],
    ]
    result = read_wide(tmp_path, reference, rows, layout={"ignore_columns": ["TT", "Ghi chú"]})
    assert column(result.rows, "cell", "value") == [
        ("C4", 1), ("D4", 2), ("C5", None), ("D5", None), ("C6", 3), ("D6", 4),
    ]  # fmt: skip
    assert column(result.rejected, "cell", "reason_code") == [("C7", "unknown_area"), ("D7", "unknown_area")]


@pytest.mark.parametrize("value", ["1.234.567.890.123.456.789", "0,12345678901", "9" * 30])
def test_a_number_that_cannot_be_stored_is_called_so_not_misspelt(tmp_path, reference, value):
    result = read_wide(tmp_path, reference, [*WIDE_ROWS[:3], [1, "Hà Nội", value, 20]])
    fault = result.rejected.to_pylist()[0]
    assert (fault["reason_code"], fault["raw_value"]) == ("number_out_of_range", value)
    assert "không lưu chính xác được" in fault["reason_vi"]
    assert "cannot be stored exactly" in fault["reason_en"]


LONG_WORDS = {
    "columns": {
        "indicator_code": "indicator", "value": "value", "breakdown": "breakdown", "kind": "kind",
        "value_upper": "upper", "qualifier": "how", "comparator": "sign", "target_status": "state",
    },
}  # fmt: skip


def read_words(folder, reference, upper="", how="", sign="", state=""):
    header = "place,indicator,breakdown,value,unit,period,kind,upper,how,sign,state"
    good = "Huế,dti_rank,total,6,rank,2022,observation,,,,"
    line = f"Hà Nội,dti_rank,total,5,rank,2022,target,{upper},{how},{sign},{state}"
    return read_file(text_file(folder, header, good, line), "a.csv", source(folder, LONG, layout=LONG_WORDS), reference)


def test_a_bad_upper_figure_is_reported_at_its_own_cell(tmp_path, reference):
    fault = read_words(tmp_path, reference, upper="mười").rejected.to_pylist()[0]
    assert (fault["cell"], fault["field"], fault["raw_value"]) == ("H3", "value_upper", "mười")
    assert "H3" in fault["reason_vi"]


@pytest.mark.parametrize(
    ("words", "field", "known"),
    [
        ({"how": "around"}, "qualifier", "more_than"),
        ({"sign": "≥"}, "comparator", "top_n"),
        ({"state": "done"}, "target_status", "adopted"),
    ],
)
def test_an_unknown_word_costs_its_row_and_the_known_ones_are_named(tmp_path, reference, words, field, known):
    result = read_words(tmp_path, reference, **words)
    assert column(result.rejected, "reason_code", "field", "raw_value") == [
        ("unknown_word", field, next(iter(words.values())))
    ]
    assert known in result.rejected.to_pylist()[0]["reason_en"]
    assert result.rows.num_rows == 1


def test_the_suites_hold_rows_against_the_words_the_reader_knows():
    suite = load_suite("indicators")
    qualifiers = next(rule.kwargs["value_set"] for rule in suite.rules if rule.kwargs.get("column") == "qualifier")
    assert set(qualifiers) == set(QUALIFIERS)
    words = next(column.sql for column in suite.columns if column.name == "unknown_word")
    for name, known in (("basis", BASES), ("comparator", COMPARATORS), ("target_status", TARGET_STATUSES)):
        assert f"{name} not in ({', '.join(repr(word) for word in known)})" in words


def test_a_number_printed_as_a_percentage_is_read_as_printed_or_refused(tmp_path, reference):
    path = tmp_path / "file.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        percent = book.add_format({"num_format": "0.0%"})
        page.write("A1", "Tháng 9 năm 2022")
        page.write_row("A2", ["Tỉnh/TP", "Tỷ lệ", "Trạm 4G"])
        page.write_row("A3", ["Hà Nội", 0.724, 0.5], percent)
        page.write_row("A4", ["Huế", 72.4, 5])
    measures = [
        {"column": "Tỷ lệ", "indicator_code": "tel_hh_bb_fixed_pct", "unit": "%"},
        {"column": "Trạm 4G", "indicator_code": "tel_bts_station", "unit": "trạm"},
    ]
    declared = source(tmp_path, WIDE, layout={"measures": measures, "unit": None, "ignore_columns": None})
    result = read_file(path, "a.xlsx", declared, reference)
    assert column(result.rows, "cell", "value", "decimals", "value_text") == [
        ("B3", Decimal("72.4"), 1, "72.4%"),
        ("B4", Decimal("72.4"), 1, "72.4"),
        ("C4", Decimal(5), 0, "5"),
    ]
    assert column(result.rejected, "cell", "reason_code", "raw_value") == [("C3", "unreadable_number", "50%")]
