"""Number formats that print another magnitude than the cell holds: such a figure is refused, in every format."""

import struct
from pathlib import Path

import pytest
import xlsxwriter

from ingestion.errors import FileFault
from ingestion.grid import NoFigure
from ingestion.read import read_file
from ingestion.readers.number_formats import mark_of_format
from ingestion.readers.workbook_file import read_grids
from tests.ingestion.old_workbooks import biff, cell, compound, ods_file, record
from tests.ingestion.sheets import WIDE, WIDE_ROWS, column, source

CODES = [
    ("#,##0,", ","),
    ('0.0,, "triệu"', ","),
    ("#,##0.00,;-#,##0.00,", ","),
    ('0" nghìn"', ","),
    ('#,##0.0" Triệu đồng"', ","),
    ("0.0\\ \\t\\r\\i\\ệ\\u", ","),
    ('0"K"', ","),
    ("#,##0[$ tỷ-42A]", ","),
    ('[>=1000]0" nghin";0', ","),
    ('#,##0"000"', ","),
    ('#,##0",000"', ","),
    ("#,##0", None),
    ("#,##0.00", None),
    ('0","', None),
    ('0" trạm"', None),
    ('#,##0" km2"', None),
    ('#,##0\\ "thuê bao"', None),
    ("#,##0[$₫-42A]", None),
    ("_-* #,##0_-;-* #,##0_-", None),
    ("0.0%", "%"),
    ('0"%"', None),
]


@pytest.mark.parametrize(("code", "mark"), CODES)
def test_a_number_format_may_print_another_number_than_the_cell_holds(code, mark):
    assert mark_of_format(code) == mark


@pytest.mark.parametrize("code", ["#,##0,", '0" nghìn"', '0.0" triệu"', '0"000"'])
def test_a_figure_shown_in_thousands_is_refused_and_the_others_are_read(tmp_path, reference, code):
    path = tmp_path / "file.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page, scaled = book.add_worksheet(), book.add_format({"num_format": code})
        for number, row in enumerate(WIDE_ROWS[:5]):
            for at, value in enumerate(row):
                page.write(number, at, value)
        page.write_number("C4", 1_234_567, scaled)
    found = read_file(path, "a.xlsx", source(tmp_path, WIDE), reference)
    assert column(found.rejected, "cell", "reason_code", "raw_value") == [("C4", "unreadable_number", "1234567.0")]
    assert "hiện theo nghìn hoặc triệu" in found.rejected.to_pylist()[0]["reason_vi"]
    assert found.rows.num_rows == 3


def xls(folder: Path, code: str) -> Path:
    """An old workbook whose cells of style 0 have this number format, those of style 1 none."""
    text = struct.pack("<HHB", 164, len(code), 1) + code.encode("utf-16-le")
    styles = record(0x041E, text) + record(0x00E0, struct.pack("<HH16x", 0, 164))
    cells = cell(0, 0, "Huế", 1) + cell(0, 1, 5.0, 0) + cell(0, 2, 7.0, 1)
    path = folder / "file.xls"
    path.write_bytes(compound(biff({"Sheet1": cells}, styles)))
    return path


@pytest.mark.parametrize(("code", "is_refused"), [('0" nghìn"', True), ('0.0" triệu"', True), ('0" trạm"', False)])
def test_words_of_magnitude_are_seen_in_old_workbooks_too(tmp_path, code, is_refused):
    (name, figure, plain), *_ = read_grids(xls(tmp_path, code), "xls")[0].rows
    assert (name, isinstance(figure, NoFigure), plain) == ("Huế", is_refused, 7.0)


NAMES = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "style", "number"))
FACTOR = '<number:number-style style:name="N1"><number:number number:display-factor="1000"/></number:number-style>'
WORDS = '<number:number-style style:name="N1"><number:number/><number:text> nghìn</number:text></number:number-style>'
UNIT = '<number:number-style style:name="N1"><number:number/><number:text> trạm</number:text></number:number-style>'
CASES = (
    '<number:number-style style:name="N2"><number:number/><number:text> triệu</number:text></number:number-style>'
    '<number:number-style style:name="N1"><number:number/>'
    '<style:map style:condition="value()&gt;=1000" style:apply-style-name="N2"/></number:number-style>'
)
OWN = '<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
PARENT = (
    '<style:style style:name="ce0" style:family="table-cell" style:data-style-name="N1"/>'
    '<style:style style:name="ce1" style:family="table-cell" style:parent-style-name="ce0"/>'
)


def ods(folder: Path, styles: str, columns: str = "", own: str = ' table:style-name="ce1"') -> Path:
    """A spreadsheet of one row: a name, 5 in the style under test, 7 in none."""
    figure = '<table:table-cell{} office:value-type="float" office:value="{}"><text:p>x</text:p></table:table-cell>'
    row = (
        '<table:table-cell table:style-name="ce9" office:value-type="string"><text:p>Huế</text:p></table:table-cell>'
        + figure.format(own, 5)
        + figure.format(' table:style-name="ce9"', 7)
    )
    return ods_file(
        folder,
        f"<office:document-content {NAMES}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f'<office:spreadsheet><table:table table:name="a">{columns}<table:table-row>{row}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>",
    )


@pytest.mark.parametrize(
    ("styles", "is_refused"),
    [(FACTOR + OWN, True), (WORDS + OWN, True), (WORDS + PARENT, True), (CASES + OWN, True), (UNIT + OWN, False)],
    ids=["factor", "word", "style of the parent", "in some cases", "a unit"],
)
def test_number_styles_of_open_document_that_scale_are_seen(tmp_path, styles, is_refused):
    (name, figure, plain), *_ = read_grids(ods(tmp_path, styles), "ods")[0].rows
    assert (name, isinstance(figure, NoFigure), plain) == ("Huế", is_refused, 7.0)


def test_a_cell_without_a_style_has_that_of_its_column(tmp_path):
    columns = (
        '<table:table-column/><table:table-column table:number-columns-repeated="2" '
        'table:default-cell-style-name="ce1"/>'
    )
    path = ods(tmp_path, FACTOR + OWN, columns, own="")
    (_, figure, plain), *_ = read_grids(path, "ods")[0].rows
    assert (isinstance(figure, NoFigure), plain) == (True, 7.0)


def test_a_factor_that_is_no_number_makes_a_file_no_spreadsheet(tmp_path):
    with pytest.raises(FileFault) as raised:
        read_grids(ods(tmp_path, FACTOR.replace("1000", "x") + OWN), "ods")
    assert raised.value.reason_code == "unreadable_file"
