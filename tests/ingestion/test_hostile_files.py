"""Files made to hurt: whatever the bytes, a file is read, or refused with a reason, within bounded memory."""

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.errors import FileFault
from ingestion.read import read_file
from ingestion.readers import workbook_file
from tests.ingestion.sheets import LONG, LONG_HEADER, WIDE, WIDE_ROWS, column, source, workbook

SHEET, BOOK, RELATIONS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
PERIOD_IN_COLUMN = {"period": {"from": "column", "column": "TT", "expect": "month"}, "ignore_columns": None}


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_cells(folder: Path, rows: str, part: str = SHEET, encoding: str = "utf-8", **others: bytes) -> Path:
    """A workbook whose only sheet has these rows, in a part of this name that the relationships point at."""
    parts = parts_of(workbook(folder))
    parts[RELATIONS] = parts[RELATIONS].replace(b"worksheets/sheet1.xml", part.removeprefix("xl/").encode())
    del parts[SHEET]
    parts[part] = f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode(encoding)
    return zipped(folder / "file.xlsx", parts | {f"xl/{name}.xml": content for name, content in others.items()})


def refused(path: Path) -> str:
    with pytest.raises(FileFault) as raised:
        workbook_file.read_grids(path, "xlsx")
    return raised.value.reason_code


NEAR = '<row><c r="A1"><v>1</v></c></row>'
FAR_AWAY = [
    '<row><c r="ZZ1048576"><v>1</v></c></row>',  # no address on the row
    '<row r="1"><c r="XFD1048576"><v>1</v></c></row>',  # another one on the row
    '<row r="1048576"><c><v>1</v></c></row>',  # no address on the cell
    '<x:row xmlns:x="y" r="1"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
    '<row r="1"><c s=">" r=\'XFD1048576\'><is><t>1</t></is></c></row>',
    f'<row r="1"><c foo="{"x" * 5000}" r="XFD1048576"><v>1</v></c></row>',
    '<row r="1"><c r="XFD1048576"><f>1</f></c></row>',
]


@pytest.mark.parametrize("far", FAR_AWAY)
@pytest.mark.parametrize("part", [SHEET, "xl/sheets/sheet1.xml", "xl/picture.png"])
def test_a_cell_far_away_is_found_however_it_is_addressed_and_wherever_its_sheet_is_stored(tmp_path, far, part):
    assert refused(with_cells(tmp_path, NEAR + far, part)) == "too_large"


def test_many_short_rows_and_one_long_one_are_a_large_rectangle_too(tmp_path):
    long = "<row>" + "<c><v>1</v></c>" * 1999 + "</row>"
    assert refused(with_cells(tmp_path, long + "<row><c><v>1</v></c></row>" * 6000)) == "too_large"


def test_blank_cells_far_away_do_no_harm(tmp_path):
    grid = workbook_file.read_grids(with_cells(tmp_path, NEAR + '<row><c r="XFD1048576" s="0"/></row>'), "xlsx")[0]
    assert grid.rows == [[1]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_worksheet_in_another_encoding_is_refused(tmp_path, encoding):
    assert refused(with_cells(tmp_path, NEAR, encoding=encoding)) == "unreadable_file"


def test_an_announced_number_of_texts_reserves_no_memory(tmp_path):
    texts = b'<sst uniqueCount="99999999999"><si><t>a</t></si></sst>'
    assert refused(with_cells(tmp_path, NEAR, sharedStrings=texts)) == "too_large"


def test_a_workbook_of_another_format_inside_is_refused(tmp_path):
    path = workbook(tmp_path)
    assert refused(zipped(path, parts_of(path) | {"content.xml": b"<x/>"})) == "unreadable_file"


@pytest.mark.parametrize("value", ["1e999", "-1e999", "nan", "1e300", "20220.5", "0"])
def test_a_number_that_is_no_period_rejects_its_row(tmp_path, reference, value):
    parts = parts_of(workbook(tmp_path, [*WIDE_ROWS[1:3], [202209.0, "Hà Nội", 1, 2]]))
    parts[SHEET] = parts[SHEET].replace(b"<v>202209</v>", f"<v>{value}</v>".encode())
    path = zipped(tmp_path / "file.xlsx", parts)
    result = read_file(path, "a.xlsx", source(tmp_path, WIDE, layout=PERIOD_IN_COLUMN), reference)
    assert column(result.rejected, "reason_code") == ["unreadable_period"] * 2


def test_a_duration_beyond_any_calendar_is_the_fault_of_the_file(tmp_path):
    styles = b'<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="46"/></cellXfs></styleSheet>'
    path = with_cells(tmp_path, '<row><c r="A1" s="1"><v>1e15</v></c></row>', styles=styles)
    assert refused(path) == "unreadable_file"


# What stands in the place of a piece of a good file.
NASTY = st.sampled_from(
    [b"", b"1e999", b"nan", b"-1", b"0", b"99999999999", b"1e-999", b"\xff\xfe", b"\0", b"&#0;", b"&amp;", b"<", b">",
     b'"', b"A0", b"XFD1048576", b"AAAAAAAA1", b"str", b"e", b"d", b"s", b"2022-99-99", b"<row>", b"</row>", b"<c/>",
     b"<f>1</f>", b"../", b"/", b"\xed\xa0\x80", b"0001-Q1 (15/12/2022 - 14/03/2023)", b"9999-12", b"9" * 400]
)  # fmt: skip


def only_faults(path: Path, declared, reference) -> None:
    try:
        result = read_file(path, path.name, declared, reference)
    except FileFault as fault:
        assert fault.reason_vi
        assert fault.reason_en
    else:
        assert result.rows_read == result.rows.num_rows + result.rejected.num_rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_workbook_with_pieces_of_a_part_replaced_is_read_or_refused(reference, data):
    with TemporaryDirectory() as folder:
        rows = [*WIDE_ROWS[1:3], [202209.0, "Hà Nội", 1.5, "1.234"], [20220930.0, "Huế", 2, "..."]]
        path = workbook(Path(folder), rows, merges=["C3:D3"])
        parts = parts_of(path)
        for _ in range(data.draw(st.integers(1, 3))):
            name = data.draw(st.sampled_from([SHEET, SHEET, SHEET, BOOK, RELATIONS, "xl/styles.xml",
                                              "xl/sharedStrings.xml"]))  # fmt: skip
            # Values and attributes are the likeliest places for harm, so the cuts lie at their marks.
            marks = [at for at, byte in enumerate(parts[name]) if byte in b'<>"=']
            first, last = sorted(data.draw(st.tuples(st.sampled_from(marks), st.sampled_from(marks))))
            last = min(last, first + data.draw(st.sampled_from([1, 10, 40])))
            parts[name] = parts[name][: first + 1] + data.draw(NASTY) + parts[name][last:]
        only_faults(zipped(path, parts), source(Path(folder), WIDE, layout=PERIOD_IN_COLUMN), reference)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), encoding=st.sampled_from(["utf-8", "utf-16", "cp1258"]))
def test_a_text_file_with_pieces_replaced_is_read_or_refused(reference, data, encoding):
    with TemporaryDirectory() as folder:
        good = f"{LONG_HEADER}\nHa Noi,dti_rank,total,5,rank,2022,observation\nHue,dti_rank,total,6,rank,2022,target\n"
        content = good.encode(encoding)
        for _ in range(data.draw(st.integers(1, 3))):
            first = data.draw(st.integers(0, len(content)))
            content = content[:first] + data.draw(NASTY) + content[first + data.draw(st.sampled_from([0, 1, 4])) :]
        path = Path(folder) / "file.csv"
        path.write_bytes(content)
        only_faults(path, source(Path(folder), LONG, encoding=encoding), reference)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_workbook_with_bytes_replaced_is_read_or_refused(reference, data):
    with TemporaryDirectory() as folder:
        path = workbook(Path(folder))
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(content)
        only_faults(path, source(Path(folder), WIDE), reference)


def test_a_number_of_a_million_digits_is_a_row_that_cannot_be_read(tmp_path, reference):
    path = tmp_path / "file.csv"
    path.write_text(f"{LONG_HEADER}\nHà Nội,dti_rank,total,{'9' * 1_000_000},rank,2022,observation\n", encoding="utf-8")
    result = read_file(path, "file.csv", source(tmp_path, LONG), reference)
    assert column(result.rejected, "field") == ["value"]
