"""Vietnamese of before Unicode: TCVN3 and VNI by font or declaration, and what must not be taken for them."""

import csv
import struct
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.areas import Unresolved, resolve
from ingestion.errors import FileFault
from ingestion.grid import LIMITS
from ingestion.legacy_text import decoded, font_of, kind, vietnamese_letters
from ingestion.read import read_file
from ingestion.readers.workbook_file import read_grids
from tests.ingestion.old_workbooks import biff, cell, compound, ods_file, record
from tests.ingestion.sheets import LONG, LONG_HEADER, WIDE, column, source, text_file
from tests.ingestion.test_areas import IN_63
from tests.ingestion.test_place_spellings import aliases

TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]  # none, grave, hook, tilde, acute, dot below
SMALL = "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in TONES) + "đ"
ACCENTED = [letter for letter in SMALL if letter not in "aeiouy"]

# Written by converters and typists of the time, and what stands there.
PHRASES = {
    "tcvn3": {
        "hép møt tÕt": "hộp mứt tết",
        "trung \xad¬ng": "trung ương",
        "Céng hßa x· héi chñ nghÜa ViÖt Nam": "Cộng hòa xã hội chủ nghĩa Việt Nam",
        "§éc lËp - Tù do - H¹nh phóc": "Độc lập - Tự do - Hạnh phúc",
        "Bµ RÞa – Vòng Tµu": "Bà Rịa – Vũng Tàu",
    },
    "vni": {
        "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam": "Cộng hòa xã hội chủ nghĩa Việt Nam",
        "Ñoäc laäp - Töï do - Haïnh phuùc": "Độc lập - Tự do - Hạnh phúc",
        "TP. HOÀ CHÍ MINH": "TP. HỒ CHÍ MINH",
        "Thöøa Thieân - Hueá": "Thừa Thiên - Huế",
        "Ñaék Laék, Bình Ñònh, Myõ Tho, Quyønh": "Đắk Lắk, Bình Định, Mỹ Tho, Quỳnh",
    },
}


def written(text: str, encoding: str) -> str:
    """The text as a typist of the encoding stored it, by the table read backwards."""
    path = Path(__file__).parents[2] / "ingestion" / "encodings" / f"{encoding}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        codes = {
            row["letter"]: "".join(chr(int(code, 16)) for code in row["code_points"].split())
            for row in csv.DictReader(file)
        }
    return "".join(codes.get(letter, letter) for letter in text)


def test_the_alphabet_has_134_accented_letters():
    assert len(ACCENTED) == 67
    assert vietnamese_letters() == {*ACCENTED, *(letter.upper() for letter in ACCENTED)}
    assert len(vietnamese_letters()) == 134


@pytest.mark.parametrize("letter", [*ACCENTED, *(letter.upper() for letter in ACCENTED)])
def test_every_letter_survives_vni_alone_and_inside_a_word(letter):
    for text in (letter, f"ng{letter}n", f"{letter}{letter}", f"a{letter}y"):
        assert decoded(written(text, "vni"), "vni") == text


@pytest.mark.parametrize("letter", [*ACCENTED, *"ĂÂÊÔƠƯĐ"])
def test_every_letter_of_a_tcvn3_font_survives(letter):
    for text in (letter, f"ng{letter}n", f"{letter}{letter}"):
        assert decoded(written(text, "tcvn3"), "tcvn3") == text


@pytest.mark.parametrize("letter", ACCENTED)
def test_every_capital_is_told_by_a_tcvn3_font_of_capitals(tmp_path, letter):
    stored = written(f"ng{letter}n", "tcvn3")
    (grid,) = read_grids(xlsx(tmp_path, [[(stored, ".VnTimeH"), (written("à", "tcvn3"), ".VnTime")]]), "xlsx")
    assert grid.rows == [[f"NG{letter.upper()}N", "à"]]


@pytest.mark.parametrize("encoding", PHRASES)
def test_phrases_are_read_as_they_stood_on_paper(encoding):
    assert {text: decoded(text, encoding) for text in PHRASES[encoding]} == PHRASES[encoding]
    assert all(kind(text, encoding) == "old" for text in PHRASES[encoding] if "HOÀ" not in text)


@pytest.mark.parametrize(
    ("name", "means"),
    [
        (".VnTime", ("tcvn3", False)),
        (".VnArial Narrow", ("tcvn3", False)),
        (".VnTimeH", ("tcvn3", True)),
        (".vnarial narrowh", ("tcvn3", True)),
        ("VNI-Times", ("vni", False)),
        ("VNI-Helve-Condense", ("vni", False)),
        ("Times New Roman", None),
        ("Vni", None),
        ("", None),
    ],
)
def test_a_font_says_by_its_name_what_it_shows(name, means):
    assert font_of(name) == means


def xlsx(folder: Path, rows: Sequence[Sequence[object]], name: str = "Sheet1") -> Path:
    """A workbook whose cells are (text, font), a list of such runs (set in the font of the first), or a bare value."""
    path = folder / "file.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(name)
        formats = {}
        for row, values in enumerate(rows):
            for at, value in enumerate(values):
                runs = value if isinstance(value, list) else [value]
                for _, font in (run for run in runs if isinstance(run, tuple)):
                    formats.setdefault(font, book.add_format({"font_name": font}))
                if isinstance(value, list):
                    parts = [part for text, font in value for part in (formats[font], text)]
                    page.write_rich_string(row, at, *parts, formats[value[0][1]])
                elif isinstance(value, tuple):
                    page.write_string(row, at, value[0], formats[value[1]])
                else:
                    page.write(row, at, value)
    return path


def refused(path: Path, file_format: str = "xlsx") -> str:
    with pytest.raises(FileFault) as raised:
        read_grids(path, file_format)
    assert raised.value.reason_code == "unreadable_file"
    return raised.value.reason_en


def test_texts_of_a_workbook_are_read_by_the_font_of_their_own_cell(tmp_path):
    rows = [
        [("Hµ néi", ".VnTime"), ("Hµ néi", ".VnArialH"), ("Haø Noäi", "VNI-Times"), ("Hà Nội", "Arial")],
        [("h\xadng yªn", ".VnTimeH"), ("kon tum", ".VnTimeH"), 2.5, ("µ", "Arial")],
    ]
    (grid,) = read_grids(xlsx(tmp_path, rows), "xlsx")
    assert grid.rows == [["Hà nội", "HÀ NỘI", "Hà Nội", "Hà Nội"], ["HƯNG YÊN", "KON TUM", 2.5, "µ"]]


def test_unicode_typed_into_a_cell_of_an_old_font_is_not_damaged(tmp_path):
    rows = [[("Hµ néi", ".VnTime")], [("Hà Nam", ".VnTime")], [("Đà Nẵng, Bình Ðịnh", ".VnTimeH")], [("Huế", "VNI-T")]]
    (grid,) = read_grids(xlsx(tmp_path, rows), "xlsx")
    assert [row[0] for row in grid.rows] == ["Hà nội", "Hà Nam", "Đà Nẵng, Bình Ðịnh", "Huế"]


def test_a_text_that_could_be_either_is_what_all_others_of_its_sheet_are(tmp_path):
    either = ("Phú Yên, Sè", ".VnTime")
    (old,) = read_grids(xlsx(tmp_path, [[either], [("Hµ néi", ".VnArial")]]), "xlsx")
    assert old.rows[0] == ["Phỳ Yờn, Số"]
    (modern,) = read_grids(xlsx(tmp_path, [[either], [("Hà Nội", ".VnArial")]]), "xlsx")
    assert modern.rows[0] == ["Phú Yên, Sè"]


@pytest.mark.parametrize("others", [[], [("Hµ néi", ".VnTime"), ("Hà Nội", ".VnTime")], [("Haø Noäi", "VNI-Times")]])
def test_a_text_that_could_be_either_on_a_sheet_that_does_not_tell_is_refused_with_its_cell(tmp_path, others):
    said = refused(xlsx(tmp_path, [[None, ("Sè", ".VnTime")], others]))
    assert "B1 “Sè”" in said
    assert "declare encoding" in said


def test_a_text_that_is_half_unicode_and_half_old_is_refused(tmp_path):
    assert "A1 “Hµ Nội”" in refused(xlsx(tmp_path, [[("Hµ Nội", ".VnTime")]]))


def test_the_runs_of_a_rich_text_are_read_each_by_its_font(tmp_path):
    rows = [
        [[("Hµ ", ".VnTime"), ("néi", ".VnTimeH"), (" (Hà Nội)", "Arial")]],
        [[("Hà ", "Arial"), ("t©y", ".VnTime")]],
        [("C¸c tØnh", ".VnTime")],
    ]
    (grid,) = read_grids(xlsx(tmp_path, rows), "xlsx")
    assert [row[0] for row in grid.rows] == ["Hà NỘI (Hà Nội)", "Hà tây", "Các tỉnh"]


def test_a_run_in_an_old_font_is_read_by_it_where_no_cell_style_has_that_font(tmp_path):
    rows = [[[("Hà ", "Arial"), ("t©y", ".VnTime")], "H©n"], [[("Sè ", "Arial"), ("1", "Arial")]]]
    path = xlsx(tmp_path, rows)
    with zipfile.ZipFile(path) as archive:
        assert b".VnTime" not in archive.read("xl/styles.xml")
    (grid,) = read_grids(path, "xlsx")
    assert grid.rows == [["Hà tây", "H©n"], ["Sè 1", None]]


def font(name: str) -> bytes:
    return record(0x0031, struct.pack("<HHHHHBBBBBB", 200, 0, 0, 400, 0, 0, 0, 0, 0, len(name), 0) + name.encode())


def style(number: int) -> bytes:
    return record(0x00E0, struct.pack("<HH16x", number, 0))


# Font 4 is never given a number in cells: the fifth font is number 5.
FONTS = b"".join(map(font, ["Arial", ".VnTime", ".VnTimeH", "Arial", "VNI-Times"]))
STYLES = b"".join(map(style, [0, 1, 2, 5]))


def xls(folder: Path, cells: bytes, others: bytes = b"") -> Path:
    path = folder / "file.xls"
    path.write_bytes(compound(biff({"Sheet1": cells}, FONTS + others + STYLES)))
    return path


def test_texts_of_an_old_workbook_are_read_by_the_font_of_their_own_cell(tmp_path):
    cells = cell(0, 0, "Hµ néi", 1) + cell(0, 1, "Hµ néi", 2) + cell(0, 2, "Haø Noäi", 3) + cell(0, 3, "Hµ", 0)
    (grid,) = read_grids(xls(tmp_path, cells), "xls")
    assert grid.rows == [["Hà nội", "HÀ NỘI", "Hà Nội", "Hµ"]]
    assert "A1 “Sè”" in refused(xls(tmp_path, cell(0, 0, "Sè", 1)), "xls")


@pytest.mark.parametrize("cut", [None, 2, 5, 8])
def test_rich_texts_of_an_old_workbook_are_found_wherever_their_table_is_cut(tmp_path, cut):
    """A table of texts goes on in the next record at any character, with a byte that says how wide the rest is."""
    first = struct.pack("<HBH", 5, 0x08, 1) + b"th\xb5nh"[:5] + struct.pack("<HH", 2, 0)
    plain = struct.pack("<HB", 4, 0) + b"Arai"
    text = "Hµ néi Hà Nội".encode("utf-16-le")
    head = struct.pack("<HBHI", 13, 0x0D, 2, 3)
    tail = struct.pack("<HHHH", 3, 2, 6, 0) + b"abc"
    start = struct.pack("<II", 3, 3) + first + plain + head
    if cut is None:
        table = record(0x00FC, start + text + tail)
    else:
        table = record(0x00FC, start + text[: 2 * cut]) + record(0x003C, b"\1" + text[2 * cut :] + tail)
    index = b"".join(record(0x00FD, struct.pack("<HHHI", 0, number, 1, number)) for number in range(3))
    (grid,) = read_grids(xls(tmp_path, index, table), "xls")
    assert grid.rows == [["thµnh", "Arai", "Hà NỘI Hà Nội"]]


@settings(max_examples=200, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(500, 1400), st.binary(min_size=1, max_size=4)), min_size=1, max_size=3))
def test_an_old_workbook_with_fonts_and_any_bytes_changed_is_read_or_refused(changes):
    text = struct.pack("<HBH", 5, 0x08, 1) + "thµnh".encode("latin-1") + struct.pack("<HH", 2, 0)
    table = record(0x00FC, struct.pack("<II", 1, 1) + text[:6]) + record(0x003C, b"\0" + text[6:])
    with TemporaryDirectory() as folder:
        path = xls(Path(folder), record(0x00FD, struct.pack("<HHHI", 0, 0, 1, 0)) + cell(1, 0, "Hµ", 1), table)
        data = bytearray(path.read_bytes())
        for at, content in changes:
            data[at : at + len(content)] = content
        path.write_bytes(data)
        try:
            grids = read_grids(path, "xls")
        except FileFault as fault:
            assert fault.reason_code in ("unreadable_file", "too_large", "empty_file")
        else:
            assert all(len(grid.rows) <= 65_536 for grid in grids)


def ods(folder: Path, rows: str, name: str = ".VnTime") -> Path:
    """A spreadsheet with the cell style `old` in this font, `heir` of it, and the style `plain` of text in Arial."""
    spaces = " ".join(f'xmlns:{each}="urn:{each}"' for each in ("office", "table", "text", "style", "svg", "fo"))
    content = (
        f"<office:document-content {spaces}><office:font-face-decls>"
        f"<style:font-face style:name='F1' svg:font-family=\"'{name}'\"/>"
        '<style:font-face style:name="F2" svg:font-family="Arial"/></office:font-face-decls>'
        '<office:automatic-styles><style:style style:name="old" style:family="table-cell">'
        '<style:text-properties style:font-name="F1"/></style:style>'
        '<style:style style:name="heir" style:family="table-cell" style:parent-style-name="old"/>'
        '<style:style style:name="plain" style:family="text"><style:text-properties style:font-name="F2"/>'
        "</style:style>"
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="Sheet1">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    return ods_file(folder, content)


def ods_cell(text: str, style: str = "", more: str = "") -> str:
    said = f' table:style-name="{style}"' if style else ""
    return f'<table:table-cell{said}{more} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def test_texts_of_an_open_document_are_read_by_the_font_they_inherit(tmp_path):
    columns = (
        '<table:table-column table:number-columns-repeated="3"/>'
        '<table:table-column table:default-cell-style-name="old"/>'
    )
    cells = ods_cell("Hµ néi", "old") + ods_cell("Hµ néi", "heir") + ods_cell("Hµ néi") + ods_cell("Hµ néi")
    repeated = ods_cell("§µ", "old", ' table:number-columns-repeated="2"')
    rows = f"{columns}<table:table-row>{cells}</table:table-row><table:table-row>{repeated}</table:table-row>"
    (grid,) = read_grids(ods(tmp_path, rows), "ods")
    assert grid.rows == [["Hà nội", "Hà nội", "Hµ néi", "Hà nội"], ["Đà", "Đà", None, None]]
    (other,) = read_grids(ods(tmp_path, rows, "Arial"), "ods")
    assert other.rows[0] == ["Hµ néi"] * 4


def test_an_open_document_cell_in_fonts_of_two_encodings_is_refused(tmp_path):
    text = 'Hµ <text:span text:style-name="plain">Nội</text:span>'
    rows = f"<table:table-row>{ods_cell(text, 'old')}</table:table-row>"
    assert "different encodings" in refused(ods(tmp_path, rows), "ods")


FACT = "{place},tel_mobile_sub,operator:itel,1000,thuê bao,2022-09,observation"


@pytest.mark.parametrize(
    ("encoding", "bytes_of"),
    [
        ("tcvn3", lambda text: written(text, "tcvn3").encode("cp1252")),
        ("vni", lambda text: written(text, "vni").encode("cp1252")),
        ("cp1258", lambda text: as_windows_1258(text)),
        ("utf-16", lambda text: text.encode("utf-16")),
        ("utf-16-le", lambda text: ("\ufeff" + text).encode("utf-16-le")),
        ("utf-8", lambda text: text.encode("utf-8-sig")),
        ("utf-8", lambda text: unicodedata.normalize("NFD", text).encode()),
    ],
    ids=["tcvn3", "vni", "windows-1258", "utf-16", "utf-16-le with mark", "utf-8 with mark", "utf-8 decomposed"],
)
def test_a_text_file_gives_the_same_rows_in_every_declared_encoding(tmp_path, reference, encoding, bytes_of):
    lines = [LONG_HEADER, *(FACT.format(place=place) for place in ("Đồng Tháp", "Bà Rịa - Vũng Tàu", "Hưng Yên")), ""]
    path = tmp_path / "file.csv"
    path.write_bytes(bytes_of("\r\n".join(lines)))
    found = read_file(path, "file.csv", source(tmp_path, LONG, encoding=encoding), reference)
    assert column(found.rows, "place_text", "province_id", "unit_text") == [
        ("Đồng Tháp", "P63-87", "thuê bao"),
        ("Bà Rịa - Vũng Tàu", "P63-77", "thuê bao"),
        ("Hưng Yên", "P63-33", "thuê bao"),
    ]
    assert all(unicodedata.is_normalized("NFC", text) for text in column(found.rows, "place_text"))


def as_windows_1258(text: str) -> bytes:
    """Base letters with their hat or horn, the tone as a mark of its own: what Windows typed."""
    found = b""
    for letter in text:
        for form in (letter, *(parts := [_without_tone(letter)])):
            try:
                found += form.encode("cp1258")
                break
            except UnicodeEncodeError:
                assert form != parts[-1], letter
    return found


def _without_tone(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    tones = [part for part in parts if part in TONES[1:]]
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones)) + "".join(tones)


def test_one_column_of_a_text_file_may_be_in_tcvn3(tmp_path, reference):
    lines = [f"{FACT.format(place=written('Đồng Tháp', 'tcvn3'))}"]
    path = text_file(tmp_path, LONG_HEADER, *lines)
    encoded = {"encoded_columns": [{"column": "place", "encoding": "tcvn3"}]}
    found = read_file(path, "file.csv", source(tmp_path, LONG, encoded), reference)
    assert column(found.rows, "place_text", "province_id", "unit_text") == [("Đồng Tháp", "P63-87", "thuê bao")]
    plain = read_file(path, "file.csv", source(tmp_path, LONG), reference)
    assert column(plain.rejected, "reason_code") == ["unknown_area"]


def test_a_text_that_contradicts_the_declared_encoding_refuses_the_file_with_its_cell(tmp_path, reference):
    path = text_file(tmp_path, LONG_HEADER, FACT.format(place="Hà Nội"))
    encoded = {"encoded_columns": [{"column": "place", "encoding": "tcvn3"}]}
    with pytest.raises(FileFault, match="A2 “Hà Nội”"):
        read_file(path, "file.csv", source(tmp_path, LONG, encoded), reference)


def test_a_workbook_that_lost_its_fonts_is_read_by_the_encoding_its_source_declares(tmp_path, reference):
    rows = [["Th¸ng 9 n¨m 2022"], [None, None, "§VT: thuª bao"], ["TØnh/TP", "Di ®éng", "Tr¹m 4G"], ["Hµ néi", 5, 6]]
    path = xlsx(tmp_path, rows)
    declared = source(tmp_path, WIDE, {"ignore_columns": None}, encoding="tcvn3")
    found = read_file(path, "file.xlsx", declared, reference)
    assert column(found.rows, "place_text", "province_id", "label_text", "unit_text") == [
        ("Hà nội", "P63-01", "Di động", "thuê bao"),
        ("Hà nội", "P63-01", "Trạm 4G", "trạm"),
    ]
    with pytest.raises(FileFault) as raised:
        read_file(path, "file.xlsx", source(tmp_path, WIDE, {"ignore_columns": None}), reference)
    assert raised.value.reason_code == "header_not_found"


def test_no_place_read_in_the_wrong_encoding_is_another_place(reference):
    """What a text that could be either would be, were the sheet to mislead: no place at all, never a wrong one."""
    wrong = {}
    for row in aliases():
        for encoding in PHRASES:
            stored = written(row["alias"], encoding)
            misread = {decoded(row["alias"], encoding), stored} - {None, row["alias"]}
            for text in misread:
                area = resolve(reference, "name", str(text), IN_63, "by_period")
                if not isinstance(area, Unresolved) and area.province_id != f"P63-{row['code_63']}":
                    wrong[row["alias"], encoding] = area.name_vi
    assert wrong == {}


def test_an_old_font_costs_nothing_where_there_is_none(tmp_path, monkeypatch):
    """Without an old font in its styles no text of a workbook is looked at twice."""
    path = xlsx(tmp_path, [[("Hà Nội", "Arial"), 1.5]])
    monkeypatch.setattr("ingestion.readers.xlsx_marks.rich_texts", None)
    monkeypatch.setattr("ingestion.readers.xlsx_marks._cells", None)
    assert read_grids(path, "xlsx", limits=LIMITS)[0].rows == [["Hà Nội", 1.5]]
