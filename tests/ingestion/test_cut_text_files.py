"""A text file that was cut: what can be known of it, and what only the files before tell."""

from pathlib import Path

import pytest

from ingestion.drift import Baseline, DriftFault, read_like_before
from ingestion.errors import FileFault
from ingestion.read import ReadResult, read_file
from tests.ingestion.sheets import LONG, LONG_HEADER, column, source

LINES = [LONG_HEADER, "Hà Nội,tel_mobile_sub,,120000,thuê bao,2022,observation", "Huế,tel_mobile_sub,,98000"]
# The value comes last, so that a cut within it leaves all fields.
HEADER = "place,indicator,breakdown,unit,period,kind,value"
WHOLE = f"{HEADER}\r\nHà Nội,tel_mobile_sub,,thuê bao,2022,observation,120000\r\n"
SECOND = "Huế,tel_mobile_sub,,thuê bao,2022,observation,98000"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "file.csv"
    path.write_bytes(text.encode(encoding))
    return path


def after(folder: Path, reference, before: str, now: str, encoding: str = "utf-8") -> ReadResult:
    """Read a file of a source whose file before is given."""
    declared = source(folder, LONG, encoding=encoding)
    first = read_file(written(folder, before, encoding), "a.csv", declared, reference)
    baseline = Baseline("a.csv", first.layout)
    return read_like_before(written(folder, now, encoding), "b.csv", declared, reference, baseline)


def test_a_last_line_with_fewer_fields_refuses_the_file(tmp_path, reference):
    with pytest.raises(FileFault, match="Line 3 has 4 fields, the header has 7: the file is cut short"):
        read_file(written(tmp_path, "\r\n".join(LINES)), "a.csv", source(tmp_path, LONG), reference)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("cut", [0, 1, 3])
def test_a_last_figure_without_a_line_break_is_refused_where_the_file_before_had_one(
    tmp_path, reference, cut, encoding
):
    with pytest.raises(DriftFault) as raised:
        after(tmp_path, reference, f"{WHOLE}{SECOND}\r\n", WHOLE + SECOND[: len(SECOND) - cut], encoding)
    assert "The data ends otherwise: “sheet” before, “line without a break” now." in raised.value.reason_en
    assert "nay là" in raised.value.reason_vi or "có thể bị cắt cụt" in raised.value.reason_vi


def test_a_source_whose_files_never_end_with_a_line_break_is_read(tmp_path, reference):
    assert column(after(tmp_path, reference, WHOLE + SECOND, WHOLE + SECOND).rows, "value_text") == ["120000", "98000"]


def test_a_line_break_where_the_file_before_had_none_is_no_drift(tmp_path, reference):
    assert after(tmp_path, reference, WHOLE + SECOND, f"{WHOLE}{SECOND}\r\n").rows.num_rows == 2


def test_a_file_cut_between_the_two_characters_of_a_line_break_is_whole(tmp_path, reference):
    assert after(tmp_path, reference, f"{WHOLE}{SECOND}\r\n", f"{WHOLE}{SECOND}\r").rows.num_rows == 2


def test_a_missing_line_break_below_the_end_of_the_data_cuts_no_figure(tmp_path, reference):
    declared = source(tmp_path, LONG, {"end_labels": ["Nguồn"]})
    first = read_file(written(tmp_path, f"{WHOLE}Nguồn: Cục,,,,,,\r\n"), "a.csv", declared, reference)
    now = written(tmp_path, f"{WHOLE}Nguồn: Cục,,,,,,")
    found = read_like_before(now, "b.csv", declared, reference, Baseline("a.csv", first.layout))
    assert found.rows.num_rows == 1
