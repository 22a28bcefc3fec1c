"""A first source YAML for files that no source is declared for: what must be found, and that it reads once answered."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.errors import FileFault
from ingestion.propose import propose, source_id_of
from ingestion.read import ReadResult, read_file
from ingestion.sample import write_sample
from ingestion.source import Source, load_source
from tests.ingestion.conftest import SOURCES_DIR
from tests.ingestion.sheets import text_file

# What a person answers about the operators' sheets, by the last label of a column; the rest was found.
CODES = {
    "Thuê bao ĐTCĐ": "tel_fixed_sub",
    "Tổng số": "tel_mobile_sub",
    "Trả trước": "tel_mobile_sub",
    "Trả sau": "tel_mobile_sub",
    "Thuê bao smartphone": "tel_mobile_smart_sub",
    "Thuê bao BRCĐ": "tel_bb_fixed_sub",
    "Thuê bao BRDĐ": "tel_bb_mobile_sub",
    **dict.fromkeys(("2G", "3G", "4G", "5G"), "tel_bts_station"),
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> dict[str, Path]:
    return {path.name: path for path in write_sample(tmp_path_factory.mktemp("sample"))}


TEXTS: dict[Path, str] = {}  # of files that several tests look at


def proposed(folder: Path, file: Path, reference, source_id: str = "moi") -> tuple[Source, str]:
    if file not in TEXTS:
        TEXTS[file] = propose(file, source_id, reference).text
    text = TEXTS[file]
    path = folder / f"{source_id}.yml"
    path.write_text(text, encoding="utf-8")
    return load_source(path), text


def answered(folder: Path, declared: Source, operator: str) -> Source:
    raw: dict[str, Any] = yaml.safe_load(declared.path.read_text(encoding="utf-8"))
    layout = raw["layout"]
    raw |= {"publisher": operator, "shape": "subscribers"}
    layout["constants"] = {"operator": operator}
    layout["places"] = [
        {**place, "scheme": {"name": "name"}.get(place["scheme"], "vnpt_code3")} for place in layout["places"]
    ]
    for measure in layout["measures"]:
        last = measure["column"] if isinstance(measure["column"], str) else measure["column"][-1]
        measure["indicator_code"] = CODES[last]
        measure.pop("unit", None)
        measure |= {"unit": "trạm"} if CODES[last] == "tel_bts_station" else {}
    path = folder / f"{declared.source_id}.yml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return load_source(path)


def facts(result: ReadResult) -> list[tuple[Any, ...]]:
    names = ("cell", "province_id", "indicator_code", "breakdown", "period_id", "basis", "value", "unit", "status")
    return [tuple(row[name] for name in names) for row in result.rows.to_pylist()]


@pytest.mark.parametrize("operator", ["viettel", "vnpt", "mobifone"])
def test_the_proposal_for_an_operators_workbook_reads_the_rows_of_the_shipped_source_once_answered(
    tmp_path, sample, reference, operator
):
    file = sample[f"{operator}_2022-07.xlsx"]
    declared = answered(tmp_path, proposed(tmp_path, file, reference)[0], operator)
    shipped = read_file(file, file.name, load_source(SOURCES_DIR / f"{operator}.yml"), reference)
    found = read_file(file, file.name, declared, reference)
    assert found.rejected.num_rows == shipped.rejected.num_rows == 0
    assert facts(found) == facts(shipped)


def test_what_is_not_sure_is_refused_until_it_is_answered(tmp_path, sample, reference):
    file = sample["viettel_2022-07.xlsx"]
    declared, text = proposed(tmp_path, file, reference)
    sure = {"tel_fixed_sub", "tel_bb_fixed_sub", "tel_bb_mobile_sub"}
    assert {measure["indicator_code"] for measure in declared.layout["measures"]} == {"unknown", *sure}
    result = read_file(file, file.name, declared, reference)
    known = {row["indicator_code"] for row in result.rows.to_pylist() if row["catalogue_unit"]}
    assert known == sure
    assert "tel_bts_station" in text
    assert {row["reason_code"] for row in result.rejected.to_pylist()} == {"unknown_unit"}


PAPI = [("tinhid", "gso"), ("tentinh_eng", "name"), ("tentinh_vie", "name")]
# file -> sheet, header rows, place columns, from where the period comes, boundary set
REAL = {
    "PAPI_2011-2016.xlsx": (
        "2011_PAPI",
        2,
        [("tinhid", "gso"), ("tentinh_eng", "name"), ("tentinh_vie", "name")],
        "sheet_name",
    ),
    "PCI_2010.xls": ("Co so ha tang", 2, [("Mã PCI", "pci_id"), ("Tỉnh", "name")], "file_name"),
    "PCI_2016.xlsx": ("Tính minh bạch", 3, None, None),
    "gso_average_population_by_province_1995_2016.csv": (None, 1, [("Cities, provincies", "name")], "header"),
    "gso_area_population_density.csv": (None, 1, [("Cities, provincies", "name")], "header"),
    "papi_panel_2022.csv": (None, 1, [("Province", "papi_panel_id")], "file_name"),
    "sapnhap_bando_34_provinces_2025-07-17.csv": (None, 1, [("tentinh", "name")], "file_name"),
}


@pytest.mark.parametrize("name", REAL)
def test_header_places_and_period_of_real_files_are_found(tmp_path, real_dir, reference, name):
    sheet, header_rows, places, period_from = REAL[name]
    declared, text = proposed(tmp_path, real_dir / name, reference)
    tables = declared.layout.get("tables", [declared.layout])
    table = next(each for each in tables if sheet is None or sheet in (each.get("sheet"), *(each.get("sheet") or ())))
    assert table["header_rows"] == header_rows
    assert "# ?" in text
    if places is not None:
        assert sorted((each["column"], each["scheme"]) for each in table["places"]) == sorted(places)
    if period_from is not None:
        assert table["period"]["from"] == period_from


def test_pairs_sorted_on_their_own_are_seen(tmp_path, real_dir, reference):
    declared, _ = proposed(tmp_path, real_dir / "PCI_2010.xls", reference)
    (table,) = [each for each in declared.layout["tables"] if each["sheet"] == "Tong hop"]
    assert table["places"] == [{"offset": -1, "scheme": "name"}]


def test_the_34_provinces_and_a_semicolon_are_told_from_the_file(tmp_path, real_dir, reference):
    new, _ = proposed(tmp_path, real_dir / "sapnhap_bando_34_provinces_2025-07-17.csv", reference)
    assert (new.boundary_set, new.number_locale, new.delimiter) == ("by_period", "vi", ",")
    old, text = proposed(tmp_path, real_dir / "gso_average_population_by_province_1995_2016.csv", reference)
    assert (old.number_locale, old.delimiter) == ("en", ";")
    assert old.layout["missing_tokens"] == {"..": "L"}
    assert {"Total {period}", "Male {period}"} <= {each["column"] for each in old.layout["measures"]}
    assert "64" in text


def test_a_file_without_provinces_is_refused_in_both_languages(tmp_path, reference):
    with pytest.raises(FileFault) as raised:
        propose(text_file(tmp_path, "a;b", "1;2"), "x", reference)
    assert "tên hoặc mã tỉnh" in raised.value.reason_vi
    with pytest.raises(FileFault):
        propose(tmp_path / "a.pdf", "x", reference)


def test_an_id_is_the_files_words_without_its_period():
    assert source_id_of("viettel_2022-10") == "viettel"
    assert source_id_of("Báo cáo tháng 9 (số liệu)") == "bao_cao_thang_so_lieu"
    assert source_id_of("2022") == "nguon"


def test_the_header_above_a_blank_row_and_a_row_of_column_numbers_is_found(tmp_path, real_dir, reference):
    for name, labels, first in (
        ("Plan_2008.xls", ["Tỉnh, thành phố", "Name of provinces and cities"], 576),
        ("Plan_2003.xls", ["TỈNH, THÀNH PHỐ"], 0),
    ):
        declared, text = proposed(tmp_path, real_dir / name, reference)
        table = declared.layout.get("tables", [declared.layout])[0]
        (place,) = table["places"]
        assert place["scheme"] == "name"
        assert ([place["column"]] if isinstance(place["column"], str) else place["column"]) == labels
        assert not any("STT" in str(measure["column"]) for measure in table["measures"])
        if first:
            found = read_file(real_dir / name, name, declared, reference)
            assert (found.rows.num_rows, found.rejected.num_rows) == (first, 0)
            assert f"{first} of {first} rows are of an indicator that is not named yet" in text


def test_a_file_that_its_own_proposal_would_not_read_says_so_in_a_question(tmp_path, real_dir, reference):
    declared, text = proposed(tmp_path, real_dir / "Plan_2003.xls", reference)
    with pytest.raises(FileFault):
        read_file(real_dir / "Plan_2003.xls", "Plan_2003.xls", declared, reference)
    assert "# ? as it stands the file is refused: Exactly one text should give the period" in text
