"""Workbooks of .xls and .ods: read as .xlsx is, and as well guarded."""

import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.errors import FileFault
from ingestion.grid import LIMITS, Limits, NoFigure
from ingestion.read import read_file
from ingestion.readers.workbook_file import read_grids
from tests.ingestion.old_workbooks import biff, cell, compound, ods, ods_cell, record, xls
from tests.ingestion.sheets import WIDE, WIDE_ROWS, column, source, workbook

WRITERS = {"xls": xls, "ods": ods}
ROW = '<table:table-row{}><table:table-cell{} office:value-type="float" office:value="1"/></table:table-row>'


def refused(path: Path, file_format: str, limits: Limits = LIMITS) -> str:
    with pytest.raises(FileFault) as raised:
        read_grids(path, file_format, limits=limits)
    return raised.value.reason_code


@pytest.mark.parametrize("file_format", WRITERS)
def test_the_same_sheet_gives_the_same_rows_in_every_format(tmp_path, reference, file_format):
    modern = read_file(workbook(tmp_path, WIDE_ROWS), "file.xlsx", source(tmp_path, WIDE), reference)
    path = WRITERS[file_format](tmp_path, WIDE_ROWS)
    found = read_file(path, path.name, source(tmp_path, WIDE, format=file_format), reference)
    assert found.rows.to_pylist() == modern.rows.to_pylist()
    assert found.rows.num_rows == 4


@pytest.mark.parametrize("file_format", WRITERS)
def test_an_error_in_a_cell_is_no_blank(tmp_path, reference, file_format):
    rows = [*WIDE_ROWS[:3], [1, "Hà Nội", "#DIV/0!", 20]]
    found = read_file(WRITERS[file_format](tmp_path, rows), "a", source(tmp_path, WIDE, format=file_format), reference)
    assert column(found.rejected, "cell", "raw_value", "reason_code") == [("C4", "#DIV/0!", "unreadable_number")]


def test_a_number_printed_as_percentage_is_told_from_a_fraction(tmp_path):
    (old,) = read_grids(xls(tmp_path, [["a"]], others=cell(1, 0, 0.724, 1) + cell(2, 0, 0.724)), "xls")
    assert [repr(row[0]) for row in old.rows] == ["'a'", "72.4%", "0.724"]
    percent = (
        '<table:table-row><table:table-cell office:value-type="percentage" office:value="0.724"/></table:table-row>'
    )
    (open_document,) = read_grids(ods(tmp_path, [["a", 0.724]], others=percent), "ods")
    assert [repr(value) for row in open_document.rows for value in row] == ["'a'", "0.724", "72.4%", "None"]


@pytest.mark.parametrize("file_format", ["xls", "ods", "xlsx"])
def test_a_workbook_of_another_format_than_declared_is_refused(tmp_path, file_format):
    others = {"xls": xls(tmp_path, [[1]]), "ods": ods(tmp_path, [[1]]), "xlsx": workbook(tmp_path)}
    for name, path in others.items():
        if name != file_format:
            assert refused(path, file_format) == "unreadable_file"


def test_a_sheet_of_the_largest_size_is_read_only_within_the_limit(tmp_path):
    assert refused(xls(tmp_path, [[1]], others=cell(65_535, 255, 1)), "xls") == "too_large"
    assert refused(xls(tmp_path, [[1]], others=cell(0, 65_000, 1)), "xls") == "too_large"
    assert read_grids(xls(tmp_path, [[1]], others=cell(65_535, 3, 1)), "xls")[0].cell(65_535, 3) == 1


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        (record(0x0200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)), "unreadable_file"),
        (record(0x0203, b"\0"), "unreadable_file"),
        (record(0x00BD, b"\0" * 8190), "too_large"),
    ],
    ids=["a sheet announced larger than any", "a cell cut short", "more cells in a row than any sheet has"],
)
def test_records_that_cannot_be_are_refused_before_memory_is_set_aside(tmp_path, records, reason):
    limits = Limits(columns=256)
    assert refused(xls(tmp_path, [[1]], others=records), "xls", limits) == reason


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        (record(0x00FC, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)), "too_large"),
        (record(0x002F, b"\0" * 54), "unreadable_file"),
    ],
    ids=["four thousand million texts", "a password"],
)
def test_a_workbook_that_announces_too_much_or_is_locked_is_refused(tmp_path, others, reason):
    path = tmp_path / "file.xls"
    path.write_bytes(compound(biff({"a": cell(0, 0, 1)}, others)))
    assert refused(path, "xls") == reason


def damaged(folder: Path, at: int, content: bytes) -> Path:
    path = xls(folder, [["a", 1.5]])
    data = bytearray(path.read_bytes())
    data[at : at + len(content)] = content
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("at", "number"),
    [(44, 0xFFFFFF00), (48, 0xFFFF00), (64, 0xFFFFFF00), (72, 0xFFFFFF00), (76, 0xFFFF), (512 + 8, 2), (512 + 4, 1)],
    ids=[
        "tables",
        "directory",
        "small tables",
        "extra tables",
        "first table",
        "stream in a circle",
        "directory in a circle",
    ],
)
def test_tables_of_a_compound_file_that_lead_nowhere_or_in_circles_are_refused(tmp_path, at, number):
    assert refused(damaged(tmp_path, at, struct.pack("<I", number)), "xls") == "unreadable_file"


def test_a_cut_off_old_workbook_is_refused_at_any_length(tmp_path):
    whole = xls(tmp_path, [["a", 1.5]]).read_bytes()
    for length in range(1, len(whole) - 2048, 97):
        path = tmp_path / "cut.xls"
        path.write_bytes(whole[:length])
        assert refused(path, "xls") == "unreadable_file"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 6000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4))
def test_an_old_workbook_with_any_bytes_changed_is_read_or_refused(changes):
    with TemporaryDirectory() as folder:
        path = xls(Path(folder), [["Tỉnh/TP", "a"], ["Hà Nội", 1.5], ["Huế", "#DIV/0!"]], others=cell(4, 1, 0.5, 1))
        data = bytearray(path.read_bytes())
        for at, content in changes:
            data[at : at + len(content)] = content
        path.write_bytes(data)
        try:
            grids = read_grids(path, "xls")
        except FileFault as fault:
            assert fault.reason_code in ("unreadable_file", "too_large")
        else:
            assert all(len(grid.rows) <= 65_536 for grid in grids)


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        (ROW.format(' table:number-rows-repeated="1048576"', ' table:number-columns-repeated="100"'), "too_large"),
        (ROW.format("", ' table:number-columns-repeated="16384"'), "too_large"),
        (ROW.format("", ' table:number-columns-repeated="999999999"'), "unreadable_file"),
        (ROW.format(' table:number-rows-repeated="0"', ""), "unreadable_file"),
        ('<x:table-row x:number-rows-repeated="99999999" xmlns:x="y"/>', "unreadable_file"),
        ('<table:table table:name="b"/>', "unreadable_file"),
    ],
    ids=["rows", "columns", "columns beyond any sheet", "none", "another prefix", "a table in a table"],
)
def test_repeated_rows_and_cells_are_counted_before_they_are_laid_out(tmp_path, others, reason):
    assert refused(ods(tmp_path, [[1]], others=others), "ods") == reason


def test_styled_blanks_to_the_edge_of_the_sheet_do_no_harm(tmp_path):
    blanks = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert read_grids(ods(tmp_path, [[1, "a"]], others=blanks), "ods")[0].rows == [[1, "a"]]


def test_a_document_type_in_open_document_is_refused(tmp_path):
    assert refused(ods(tmp_path, [[1]], before="<!DOCTYPE x [<!ENTITY a 'b'>]>"), "ods") == "unreadable_file"


def test_merged_cells_of_an_open_document_are_known_and_a_covered_figure_is_none(tmp_path, reference):
    """Calamine tells merged ranges of Excel's formats only: the second figure would be missing, the first its own."""
    header = ods_cell("Dân số").replace("<table:table-cell", '<table:table-cell table:number-columns-spanned="2"')
    shared = ods_cell(7).replace("<table:table-cell", '<table:table-cell table:number-columns-spanned="2"')
    rows = [
        [ods_cell("Tỉnh"), header, "<table:covered-table-cell/>"],
        [ods_cell(None), ods_cell("Nam"), ods_cell("Nữ")],
        [ods_cell("Huế"), shared, "<table:covered-table-cell/>"],
        [ods_cell("Hà Nội"), ods_cell(8), ods_cell(9)],
    ]
    others = "".join(f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in rows)
    measures = [
        {"column": ["Dân số", each], "indicator_code": "ctx_pop_avg", "unit": "người", "breakdown": {"sex": code}}
        for each, code in (("Nam", "male"), ("Nữ", "female"))
    ]
    layout = {"header_rows": 2, "places": [{"column": "Tỉnh", "scheme": "name"}], "measures": measures, "unit": None}
    declared = source(
        tmp_path, WIDE, layout={**layout, "period": {"from": "constant", "value": "2022-09"}}, format="ods"
    )
    found = read_file(ods(tmp_path, [], others=others), "file.ods", declared, reference)
    assert column(found.rows, "cell", "value") == [("B4", 8), ("C4", 9)]
    assert column(found.rejected, "cell", "reason_code") == [("B3", "unreadable_number"), ("C3", "unreadable_number")]


def test_a_formula_of_an_open_document_without_a_result_is_no_blank(tmp_path):
    formula = '<table:table-row><table:table-cell table:formula="of:=[.A1]*2"/></table:table-row>'
    (grid,) = read_grids(ods(tmp_path, [[5]], others=formula), "ods")
    assert isinstance(grid.rows[1][0], NoFigure)
    assert grid.rows[1][0].text == "=[.A1]*2"
