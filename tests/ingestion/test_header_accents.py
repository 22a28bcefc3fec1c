"""Accents of header labels: `Nam` (south) is not `Năm` (year), unless nothing in the file tells them apart."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import FileFault, SourceError
from ingestion.read import read_file
from ingestion.text import fold_exact
from tests.ingestion.sheets import WIDE, column, source, text_file

PLACES = [{"column": "Tỉnh/TP", "scheme": "name"}]


def measure(label: Any, **changes: Any) -> dict[str, Any]:
    return {"column": label, "indicator_code": "tel_mobile_sub", **changes}


def read(folder: Path, reference, header: Sequence[str], measures: list[dict], **layout: Any):
    """One row, whose figures are 1, 2, 3 from left to right."""
    row = ",".join(["Hà Nội", *map(str, range(1, len(header) + 1))])
    file = text_file(folder, ",".join(["Tỉnh/TP", *header]), row)
    layout = {
        "period": {"from": "constant", "value": "2022-09"},
        "unit": {"from": "constant", "value": "thuê bao"},
        "places": PLACES,
        "ignore_columns": [],
        "measures": measures,
        **layout,
    }
    declared = source(folder, WIDE, layout, format="csv")
    return read_file(file, "a.csv", declared, reference)


def figures(result) -> list[tuple[str, str]]:
    return column(result.rows, "label_text", "value_text")


def refused(folder: Path, reference, header: Sequence[str], *labels: Any) -> FileFault:
    with pytest.raises(FileFault) as raised:
        read(folder, reference, header, [measure(label) for label in labels])
    return raised.value


@pytest.mark.parametrize("header", [["Nam 2020", "Năm 2020"], ["Năm 2020", "Nam 2020"]])
def test_of_two_labels_that_differ_in_accents_each_is_the_one_with_its_own(tmp_path, reference, header):
    south = measure("Nam 2020", breakdown={"contract": "prepaid"})
    found = read(tmp_path, reference, header, [measure("Năm 2020"), south])
    breakdowns = dict(column(found.rows, "label_text", "breakdown"))
    assert breakdowns == {"Năm 2020": "operator:itel", "Nam 2020": "contract:prepaid;operator:itel"}
    assert sorted(figures(found)) == sorted(zip(header, ["1", "2"], strict=True))


def test_a_label_that_merely_lacks_accents_is_no_second_column_of_that_name(tmp_path, reference):
    fault = refused(tmp_path, reference, ["Nam 2020", "Năm 2020"], "Năm 2020")
    assert fault.reason_code == "unexpected_column"
    assert "“Nam 2020” is not declared" in fault.reason_en


def test_a_column_left_out_is_not_taken_for_the_one_that_is_read(tmp_path, reference):
    with pytest.raises(FileFault) as raised:
        read(tmp_path, reference, ["Nam 2020"], [measure("Năm 2020")], ignore_columns=["Nam 2020"])
    assert raised.value.reason_code in ("column_not_found", "header_not_found")


@pytest.mark.parametrize("printed", ["NAM 2020", "nam  2020", "NĂM 2020", "Năm 2020"])
def test_a_label_without_accents_is_the_declared_one_where_it_is_the_only_candidate(tmp_path, reference, printed):
    assert figures(read(tmp_path, reference, [printed], [measure("Năm 2020")])) == [(" ".join(printed.split()), "1")]


@pytest.mark.parametrize(("declared", "printed"), [("Năm 2020", "Nấm 2020"), ("Số hộ nghèo", "Số hồ nghèo")])
def test_a_label_with_other_accents_is_another_column(tmp_path, reference, declared, printed):
    assert refused(tmp_path, reference, [printed], declared).reason_code in ("column_not_found", "header_not_found")


@pytest.mark.parametrize("printed", ["Thuê bao hoà mạng", "Thuê bao hòa mạng", "THUÊ BAO HÒA MẠNG"])
def test_where_a_tone_stands_in_its_word_does_not_matter(tmp_path, reference, printed):
    assert figures(read(tmp_path, reference, [printed], [measure("Thuê bao hòa mạng")])) == [(printed, "1")]


def test_a_label_without_accents_that_may_be_either_of_two_is_refused(tmp_path, reference):
    fault = refused(tmp_path, reference, ["Nam 2020", "x"], "Năm 2020", "Nấm 2020", "x")
    assert fault.reason_code == "unexpected_column"
    assert "“Nam 2020” is declared twice over" in fault.reason_en


def test_two_labels_without_their_accents_are_not_one_declared_column(tmp_path, reference):
    fault = refused(tmp_path, reference, ["Năm 2020", "Nấm 2020"], "Nam 2020")
    assert "“Năm 2020” occurs twice" in fault.reason_en


def test_accents_tell_the_columns_of_a_pattern_too(tmp_path, reference):
    years = [measure("Năm {year}")]
    layout = {"period": {"from": "header"}, "basis": "period"}
    found = read(tmp_path, reference, ["Năm 2020", "Năm 2021"], years, **layout)
    assert column(found.rows, "period_id", "value_text") == [("2020", "1"), ("2021", "2")]
    assert column(read(tmp_path, reference, ["NAM 2020"], years, **layout).rows, "period_id") == ["2020"]
    with pytest.raises(FileFault) as raised:
        read(tmp_path, reference, ["Năm 2020", "Nam 2021"], years, **layout)
    assert "“Nam 2021” is not declared" in raised.value.reason_en


def test_names_of_indicators_that_differ_in_accents_alone_cannot_be_declared(tmp_path):
    layout = {
        "indicators": {"column": "Chỉ tiêu", "labels": {"Năm": "tel_mobile_sub", "Nam": "tel_fixed_sub"}},
        "measures": [{"column": "Giá trị"}],
    }
    with pytest.raises(SourceError, match="one name for two indicators: nam"):
        source(tmp_path, WIDE, layout)


@pytest.mark.parametrize(
    ("text", "exact"),
    [("Năm", "naUm"), ("Nam", "nam"), ("Hoà", "hoaF"), ("Hòa", "hoaF"), ("Đường", "dDuOoOngF"), ("15%", "15 %")],
)
def test_accents_are_told_as_capitals(text, exact):
    assert fold_exact(text) == exact
