"""Each fault of a whole file: a code, and a sentence in both languages that says where, what, and what to do."""

import zipfile

import pytest
import xlsxwriter

from ingestion.errors import FileFault
from ingestion.grid import Limits
from ingestion.read import read_file
from ingestion.readers import csv_file, workbook_file
from tests.ingestion.sheets import LONG, LONG_HEADER, WIDE, WIDE_ROWS, read_wide, source, text_file, workbook

FACT = "Hà Nội,dti_rank,total,5,rank,2022,observation"


def fault_of(folder, path, reference, base=WIDE, **changes) -> FileFault:
    with pytest.raises(FileFault) as raised:
        read_file(path, path.name, source(folder, base, **changes), reference)
    assert raised.value.reason_vi
    assert raised.value.reason_en
    return raised.value


def changed(row: int, column: int, value: object) -> list[list[object]]:
    rows = [list(each) for each in WIDE_ROWS]
    rows[row] += [None] * (column + 1 - len(rows[row]))
    rows[row][column] = value
    return rows


@pytest.mark.parametrize(("base", "name"), [(WIDE, "file.xlsx"), (LONG, "file.csv")])
def test_an_empty_file(tmp_path, reference, base, name):
    (tmp_path / name).touch()
    assert fault_of(tmp_path, tmp_path / name, reference, base).reason_code == "empty_file"


def test_a_header_without_data(tmp_path, reference):
    assert fault_of(tmp_path, workbook(tmp_path, WIDE_ROWS[:3]), reference).reason_code == "empty_file"
    assert fault_of(tmp_path, text_file(tmp_path, LONG_HEADER), reference, LONG).reason_code == "empty_file"


def test_a_sheet_of_totals_only_says_how_many_rows_were_left_out(tmp_path, reference):
    rows = [*WIDE_ROWS[:3], [None, "Tổng cộng", 5, 5], [None, "Đông Nam Bộ", 5, 5]]
    fault = fault_of(tmp_path, workbook(tmp_path, rows), reference)
    assert fault.reason_code == "empty_file"
    assert "2 dòng tổng" in fault.reason_vi
    assert "2 rows of totals" in fault.reason_en


@pytest.mark.parametrize("figure", [7, "1.234,5"])
def test_figures_below_the_end_of_the_data_refuse_the_file(tmp_path, reference, figure):
    rows = [*WIDE_ROWS, [], [3, "Cần Thơ", None, figure]]
    fault = fault_of(tmp_path, workbook(tmp_path, rows), reference)
    assert fault.reason_code == "data_after_end"
    assert "D9" in fault.reason_vi
    assert f"D9 below holds “{figure}”" in fault.reason_en


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_workbook_cut_short(tmp_path, reference, share):
    path = workbook(tmp_path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert fault_of(tmp_path, path, reference).reason_code == "unreadable_file"


def test_a_workbook_with_one_damaged_part(tmp_path, reference):
    path = workbook(tmp_path)
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/worksheets/sheet1.xml")
    content = bytearray(path.read_bytes())
    content[part.header_offset + 80 : part.header_offset + 90] = b"\xff" * 10
    path.write_bytes(content)
    assert fault_of(tmp_path, path, reference).reason_code == "unreadable_file"


def test_a_disk_that_fails_is_no_fault_of_the_publisher(tmp_path, reference):
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "gone.xlsx", "gone.xlsx", source(tmp_path, WIDE), reference)


def test_a_web_page_saved_as_a_workbook(tmp_path, reference):
    path = tmp_path / "file.xlsx"
    path.write_text("<html><table></table></html>")
    assert fault_of(tmp_path, path, reference).reason_code == "unreadable_file"


def test_another_sheet_and_a_hidden_sheet_of_the_wanted_name(tmp_path, reference):
    path = workbook(tmp_path, name="Sheet1", hidden={"Thuê bao": WIDE_ROWS})
    fault = fault_of(tmp_path, path, reference, layout={"sheet": "Thuê bao"})
    assert fault.reason_code == "sheet_not_found"
    assert "“Sheet1”" in fault.reason_vi


def test_a_sheet_is_found_without_accents_and_the_hidden_one_is_passed_over(tmp_path, reference):
    path = workbook(tmp_path, name="THUE BAO", hidden={"2013": WIDE_ROWS})
    for layout in ({"sheet": "Thuê bao"}, {}):
        assert read_file(path, "file.xlsx", source(tmp_path, WIDE, layout=layout), reference).rows.num_rows == 4


def test_no_header(tmp_path, reference):
    fault = fault_of(tmp_path, workbook(tmp_path, [["Tháng 9 năm 2022"], ["a", "b"]]), reference)
    assert fault.reason_code == "header_not_found"
    assert "“Di động”" in fault.reason_en
    assert "“Tháng 9 năm 2022”" in fault.reason_en


def test_a_declared_column_is_missing_and_the_found_ones_are_named(tmp_path, reference):
    fault = fault_of(tmp_path, workbook(tmp_path, changed(2, 2, "Di động trả trước")), reference)
    assert fault.reason_code == "column_not_found"
    assert "no column “Di động”" in fault.reason_en
    assert "“Di động trả trước”" in fault.reason_vi


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (changed(2, 4, "Trạm 5G"), "“Trạm 5G” is not declared"),
        (changed(2, 4, "TRẠM  4G"), "occurs twice"),
        (changed(3, 4, 99), "E4 “99” has no header"),
    ],
)
def test_a_column_nobody_declared_is_never_dropped_in_silence(tmp_path, reference, rows, said):
    fault = fault_of(tmp_path, workbook(tmp_path, rows), reference)
    assert fault.reason_code == "unexpected_column"
    assert said in fault.reason_en


@pytest.mark.parametrize("title", ["Tháng chín năm 2022", "Tháng 13 năm 2022", "Quý III năm 2022", None])
def test_no_period(tmp_path, reference, title):
    fault = fault_of(tmp_path, workbook(tmp_path, changed(0, 0, title)), reference)
    assert fault.reason_code == "period_not_found"


def test_two_periods_are_as_bad_as_none(tmp_path, reference):
    fault = fault_of(tmp_path, workbook(tmp_path, changed(0, 3, "Tháng 8 năm 2022")), reference)
    assert fault.reason_code == "period_not_found"
    assert "2022-08, 2022-09" in fault.reason_en


def test_no_period_in_the_file_name(tmp_path, reference):
    layout = {"period": {"from": "file_name", "patterns": ["facts_{year}"]}}
    path = text_file(tmp_path, LONG_HEADER.replace("period", "x"), FACT)
    fault = fault_of(tmp_path, path, reference, LONG, layout={**layout, "ignore_columns": ["x"]})
    assert fault.reason_code == "period_not_found"


def test_no_unit(tmp_path, reference):
    assert fault_of(tmp_path, workbook(tmp_path, changed(1, 3, None)), reference).reason_code == "unit_not_found"


def test_an_unknown_unit_rejects_the_rows_it_concerns(tmp_path, reference):
    result = read_wide(tmp_path, reference, changed(1, 3, "ĐVT: cái"))
    assert result.rejected.num_rows == 2
    assert result.rows.num_rows == 2


def test_the_wrong_encoding(tmp_path, reference):
    path = text_file(tmp_path, LONG_HEADER, FACT, encoding="utf-16")
    assert fault_of(tmp_path, path, reference, LONG).reason_code == "unreadable_file"
    assert read_file(path, "a.csv", source(tmp_path, LONG, encoding="utf-16"), reference).rows.num_rows == 1


@pytest.mark.parametrize(("mark", "encoding"), [("\ufeff", "utf-8"), ("\ufeff", "utf-16-le"), ("", "utf-16-le")])
def test_a_byte_order_mark_is_no_part_of_the_first_header(tmp_path, reference, mark, encoding):
    path = text_file(tmp_path, mark + LONG_HEADER.replace("place", '"place"'), FACT, encoding=encoding)
    assert read_file(path, "a.csv", source(tmp_path, LONG, encoding=encoding), reference).rows.num_rows == 1


def test_text_declared_as_utf_16_that_is_none(tmp_path, reference):
    path = text_file(tmp_path, LONG_HEADER, FACT)
    assert fault_of(tmp_path, path, reference, LONG, encoding="utf-16").reason_code == "unreadable_file"


@pytest.mark.parametrize("line", [FACT.removesuffix(",observation"), FACT + ",x", FACT + ",", '"' + FACT, FACT + "\0"])
def test_a_damaged_line(tmp_path, reference, line):
    fault = fault_of(tmp_path, text_file(tmp_path, LONG_HEADER, FACT, line), reference, LONG)
    assert fault.reason_code in ("unreadable_file", "unexpected_column")


def test_lines_that_all_end_in_a_separator_are_whole(tmp_path, reference):
    path = text_file(tmp_path, LONG_HEADER, f"{FACT},", f"{FACT.replace('2022', '2021')},")
    assert read_file(path, "a.csv", source(tmp_path, LONG), reference).rows.num_rows == 2


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    with pytest.raises(FileFault) as raised:
        workbook_file.read_grids(path, "xlsx")
    assert raised.value.reason_code == "too_large"


@pytest.mark.parametrize("far", [(1_048_575, 0), (0, 16_383), (499_999, 30)])
def test_one_cell_far_away_does_not_take_all_memory(tmp_path, far):
    row, column = far
    path = tmp_path / "file.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        page.write(0, 0, 1)
        page.write(row, column, 1)
    with pytest.raises(FileFault) as raised:
        workbook_file.read_grids(path, "xlsx")
    assert raised.value.reason_code == "too_large"


@pytest.mark.parametrize("limits", [Limits(file_bytes=10), Limits(cells=5), Limits(columns=3)])
def test_a_text_file_beyond_a_limit(tmp_path, limits):
    with pytest.raises(FileFault) as raised:
        csv_file.read_grid(text_file(tmp_path, LONG_HEADER, FACT), "a", "utf-8", ",", limits)
    assert raised.value.reason_code == "too_large"


def test_a_huge_cell(tmp_path):
    path = text_file(tmp_path, "a" * 2_000_000)
    with pytest.raises(FileFault) as raised:
        csv_file.read_grid(path, "a", "utf-8", ",")
    assert raised.value.reason_code == "unreadable_file"


def test_text_that_looks_like_a_formula_or_a_path_is_text(tmp_path, reference):
    fault = fault_of(tmp_path, text_file(tmp_path, "=cmd|' /C calc'!A0,../../etc/passwd", "1,2"), reference, LONG)
    assert fault.reason_code == "header_not_found"


def test_a_workbook_that_declares_a_document_type_is_refused(tmp_path):
    path = workbook(tmp_path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/styles.xml"] = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(FileFault) as raised:
        workbook_file.read_grids(path, "xlsx")
    assert raised.value.reason_code == "unreadable_file"
