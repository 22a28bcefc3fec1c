"""Two files of one source, the later laid out otherwise: refused with its cause, read right once accepted."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.drift import Baseline, DriftFault, read_like_before
from ingestion.read import ReadResult
from ingestion.sample import write_sample
from ingestion.source import Source, load_source, load_sources
from tests.ingestion import drifting
from tests.ingestion.conftest import SOURCES_DIR
from tests.ingestion.drifting import (
    COLUMNS,
    GSO_CODES,
    PLACES,
    SOURCE,
    VNPT_CODES,
    Sheet,
    inserted,
    relabelled,
    truth,
    value,
    without,
    write,
)
from tests.ingestion.sheets import source

OCTOBER = Sheet(month=10)
TITLES = [["TẬP ĐOÀN THỬ NGHIỆM"], ["Tháng 10 năm 2022"], [None] * 5 + ["ĐVT: thuê bao"]]
BLANK = [None] * len(PLACES)
SMALL = list(range(5, 5 + len(PLACES)))
ENGLISH = {
    "tt": ("No.",), "place": ("Province",), "mobile": ("Mobile", "All"), "prepaid": ("Mobile", "Prepaid"),
    "postpaid": ("Mobile", "Postpaid"), "fixed": ("Fixed broadband",), "smart": ("Smartphones (thuê bao)",),
    "bts": ("4G base stations",), "note": ("Remarks",),
}  # fmt: skip
FLAT = {key: (" ".join(labels),) for key, labels in COLUMNS.items()}
DEEPER = {key: ("Báo cáo tháng", *labels) for key, labels in COLUMNS.items() if key not in ("tt", "place", "note")}
SWAPPED = ("tt", "place", "mobile", "prepaid", "postpaid", "bts", "smart", "fixed", "note")


def titled(number: int, *row: Any) -> list[list[Any]]:
    return [list(row) if at == number else list(each) for at, each in enumerate(TITLES)]


# name -> (the sheet, the kind of difference that must be named, columns whose figures the patched source gives up)
KINDS: dict[str, tuple[Sheet, str, tuple[str, ...]]] = {
    "a column moved": (
        replace(
            OCTOBER,
            columns=drifting.reordered("tt", "place", "bts", "mobile", "prepaid", "postpaid", "fixed", "smart", "note"),
        ),
        "column_moved",
        (),
    ),
    "two columns swapped": (replace(OCTOBER, columns=drifting.reordered(*SWAPPED)), "columns_swapped", ()),
    "a column renamed": (
        replace(OCTOBER, columns=relabelled(fixed=("Thuê bao băng rộng cố định",))),
        "column_renamed",
        (),
    ),
    "a column added at the end": (
        replace(OCTOBER, columns={**COLUMNS, "new": ("Thuê bao M2M",)}, cells={"new": SMALL}),
        "column_added",
        (),
    ),
    "a column added in the middle": (
        replace(OCTOBER, columns=inserted("fixed", "new", "Doanh thu"), cells={"new": SMALL}),
        "column_added",
        (),
    ),
    "a column removed": (replace(OCTOBER, columns=without("smart")), "column_removed", ("smart",)),
    "a column removed and an unlike one added": (
        replace(OCTOBER, columns={**without("smart"), "new": ("Thuê bao M2M",)}, cells={"new": SMALL}),
        "column_removed",
        ("smart",),
    ),
    "a column split in two": (
        replace(
            OCTOBER,
            columns={
                **{key: COLUMNS[key] for key in ("tt", "place", "mobile", "prepaid", "postpaid")},
                "ftth": ("Thuê bao BRCĐ", "FTTH"),
                "else": ("Thuê bao BRCĐ", "Khác"),
                **{key: COLUMNS[key] for key in ("smart", "bts", "note")},
            },
            cells={"ftth": SMALL, "else": SMALL},
        ),
        "column_split",
        ("fixed",),
    ),
    "another unit in the title": (
        replace(
            OCTOBER,
            titles=titled(2, *[None] * 5, "ĐVT: nghìn thuê bao"),
            thousands=("mobile", "prepaid", "postpaid", "fixed", "smart"),
        ),
        "unit",
        (),
    ),
    "another unit in a header": (
        replace(OCTOBER, columns=relabelled(smart=("Thuê bao smartphone (nghìn thuê bao)",)), thousands=("smart",)),
        "unit",
        (),
    ),
    "one more header row below": (
        replace(
            OCTOBER,
            header_rows=3,
            columns={
                **{key: (*labels[:-1], labels[-1]) for key, labels in COLUMNS.items()},
                **{
                    key: (*COLUMNS[key], *([""] if len(COLUMNS[key]) == 1 else []), "thuê bao")
                    for key in ("mobile", "prepaid", "postpaid")
                },
                "fixed": ("Thuê bao BRCĐ", "FTTx", "thuê bao"),
                "bts": ("Trạm BTS 4G", "Trạm", "trạm"),
            },
        ),
        "header_rows",
        (),
    ),
    "one more header row above": (
        replace(OCTOBER, header_rows=3, columns={**COLUMNS, **DEEPER}),
        "header_rows",
        (),
    ),
    "one fewer header row": (replace(OCTOBER, header_rows=1, columns=FLAT), "header_rows", ()),
    "a group over a column": (
        replace(OCTOBER, columns=relabelled(bts=("Hạ tầng", "Trạm BTS 4G"))),
        "column_renamed",
        (),
    ),
    "labels in another language": (replace(OCTOBER, columns=ENGLISH), "column_renamed", ()),
    "the sheet renamed": (replace(OCTOBER, name="TB 2022"), "sheet_renamed", ()),
    "a sheet added": (replace(OCTOBER, others={"Hướng dẫn": [["Cách điền"], ["Điền đủ các cột"]]}), "sheet_added", ()),
    "the period in another form": (replace(OCTOBER, titles=titled(1, "Kỳ báo cáo: 10/2022")), "period", ()),
    "a quarter in place of a month": (replace(OCTOBER, titles=titled(1, "Quý III/2022")), "period", ()),
    "codes in place of names": (replace(OCTOBER, places=GSO_CODES), "place_written", ()),
    "texts in place of numbers, in the other locale": (
        replace(OCTOBER, cells=drifting.numbers("en")),
        "cell_type",
        (),
    ),
    "the total above the provinces": (replace(OCTOBER, total_first=True), "total_moved", ()),
    "a blank column between": (
        replace(OCTOBER, columns=inserted("postpaid", "blank")),
        "blank_column",
        (),
    ),
    "a footnote at a label": (replace(OCTOBER, columns=relabelled(fixed=("Thuê bao BRCĐ (1)",))), "column_renamed", ()),
}
# What no patch may be proposed for: the file itself leaves open what is meant.
OPEN = {
    "one more title with another unit": (replace(OCTOBER, titles=[*TITLES, [None] * 4 + ["(nghìn thuê bao)"]]), "unit"),
    "codes that several schemes know": (replace(OCTOBER, places=VNPT_CODES), "place_written"),
    "an unknown unit in a header": (
        replace(OCTOBER, columns=relabelled(smart=("Thuê bao smartphone (vạn)",))),
        "unit",
    ),
    "no unit in a header any more": (replace(OCTOBER, columns=relabelled(smart=("Thuê bao smartphone",))), "unit"),
    "the column of places is gone": (replace(OCTOBER, columns=without("place")), "column_removed"),
}
ALIKE = {
    "another month": OCTOBER,
    "provinces in another order": replace(OCTOBER, order=tuple(reversed(range(len(PLACES))))),
    "fewer provinces": replace(OCTOBER, order=(3, 1, 2)),
    "accents and blanks of labels": replace(OCTOBER, columns=relabelled(fixed=("THUÊ BAO  brcđ",))),
    "one text among the numbers": replace(
        OCTOBER, cells={"fixed": ["1.234", *[value("fixed", row, 10) for row in range(1, len(PLACES))]]}
    ),
    "a blank column of figures": replace(OCTOBER, cells={"fixed": BLANK}),
}
QUARTER = "a quarter in place of a month"


def values(result: ReadResult) -> dict[tuple[str, ...], Any]:
    rows = result.rows.to_pylist()
    names = ("province_id", "indicator_code", "breakdown", "period_id")
    assert result.rejected.num_rows == 0, result.rejected.to_pylist()[:3]
    return {tuple(row[name] for name in names): row["value"] for row in rows}


@pytest.fixture
def declared(tmp_path) -> Source:
    return source(tmp_path, SOURCE)


@pytest.fixture
def september(tmp_path, declared, reference) -> Baseline:
    path = write(tmp_path, Sheet(month=9), "itel_2022-09.xlsx")
    result = read_like_before(path, path.name, declared, reference, None)
    assert values(result) == truth(9)
    return Baseline(path.name, result.layout)


def refused(path: Path, declared: Source, reference, baseline: Baseline) -> DriftFault:
    with pytest.raises(DriftFault) as raised:
        read_like_before(path, path.name, declared, reference, baseline)
    return raised.value


def patched(fault: DriftFault, declared: Source, folder: Path) -> Source:
    """The source with the proposed patch applied by the patch program."""
    target = folder / "sources" / declared.path.name
    target.parent.mkdir(parents=True)
    shutil.copyfile(declared.path, target)
    subprocess.run(["patch", "-p1", "-s"], input=fault.drift["patch"], text=True, cwd=folder, check=True)
    return load_source(target)


@pytest.mark.parametrize("name", KINDS)
def test_a_drifted_file_is_refused_with_its_cause_and_read_right_by_the_proposed_patch(
    tmp_path, declared, september, reference, name
):
    sheet, kind, given_up = KINDS[name]
    path = write(tmp_path, sheet, "itel_2022-10.xlsx")
    fault = refused(path, declared, reference, september)
    kinds = {each["kind"] for each in fault.drift["differences"]}
    assert kind in kinds, fault.drift["differences"]
    assert all(each["vi"] and each["en"] for each in fault.drift["differences"])
    assert fault.drift["patch"], fault.reason_en
    accepted = patched(fault, declared, tmp_path)
    result = read_like_before(path, path.name, accepted, reference, september)
    period = "2022-Q3" if name == QUARTER else ""
    assert values(result) == truth(10, without=given_up, period=period)
    again = read_like_before(tmp_path / "itel_2022-09.xlsx", "itel_2022-09.xlsx", accepted, reference, None)
    assert values(again) == truth(9)
    assert yaml.safe_load(accepted.path.read_text()).items() >= yaml.safe_load(declared.path.read_text()).items()


@pytest.mark.parametrize("name", OPEN)
def test_what_the_file_leaves_open_is_refused_with_its_cause_and_without_a_patch(
    tmp_path, declared, september, reference, name
):
    sheet, kind = OPEN[name]
    path = write(tmp_path, sheet, "itel_2022-10.xlsx")
    fault = refused(path, declared, reference, september)
    assert kind in {each["kind"] for each in fault.drift["differences"]}, fault.drift["differences"]
    assert fault.drift["patch"] == ""
    assert "Không tìm được bản vá" in fault.reason_vi


@pytest.mark.parametrize("name", ALIKE)
def test_what_changes_by_nature_is_no_drift(tmp_path, declared, september, reference, name):
    path = write(tmp_path, ALIKE[name], "itel_2022-10.xlsx")
    assert read_like_before(path, path.name, declared, reference, september).rows_read


def test_an_accepted_layout_holds_for_files_of_exactly_this_layout(tmp_path, declared, september, reference):
    sheet, _, _ = KINDS["a column renamed"]
    path = write(tmp_path, sheet, "itel_2022-10.xlsx")
    accepted = patched(refused(path, declared, reference, september), declared, tmp_path)
    october = Baseline(path.name, read_like_before(path, path.name, accepted, reference, september).layout)
    november = write(tmp_path, replace(sheet, month=11), "itel_2022-11.xlsx")
    assert values(read_like_before(november, november.name, accepted, reference, october)) == truth(11)
    moved = replace(sheet, month=12, columns={key: sheet.columns[key] for key in SWAPPED})
    december = write(tmp_path, moved, "itel_2022-12.xlsx")
    fault = refused(december, accepted, reference, october)
    assert {each["kind"] for each in fault.drift["differences"]} == {"columns_swapped"}
    again = patched(fault, accepted, tmp_path / "again")
    assert values(read_like_before(december, december.name, again, reference, october)) == truth(12)


def test_a_second_later_layout_is_added_below_the_first_and_comments_stay(tmp_path, declared, september, reference):
    text = "# của ai, vì sao\n" + declared.path.read_text() + "# hết\n"
    declared.path.write_text(text)
    first = write(tmp_path, KINDS["two columns swapped"][0], "a.xlsx")
    one = patched(refused(first, declared, reference, september), declared, tmp_path / "one")
    second = write(tmp_path, KINDS["a column renamed"][0], "b.xlsx")
    two = patched(refused(second, one, reference, september), one, tmp_path / "two")
    assert [line for line in text.splitlines() if line not in two.path.read_text().splitlines()] == []
    for path in (first, second):
        assert values(read_like_before(path, path.name, two, reference, september)) == truth(10)


CSV = {
    **SOURCE,
    "format": "csv",
    "layout": {
        **{
            key: each
            for key, each in drifting.LAYOUT.items()
            if key not in ("sheet", "unit", "measures", "ignore_columns")
        },
        "header_rows": 1,
        "period": {"from": "file_name", "patterns": ["itel_{year}_{month}"]},
        "unit": {"from": "constant", "value": "nghìn thuê bao"},
        "measures": [{"column": "Thuê bao di động", "indicator_code": "tel_mobile_sub"}],
        "end_labels": None,
    },
}
CSV["layout"] = {key: each for key, each in CSV["layout"].items() if each is not None}
LINES = [("Hà Nội", "8.123,456"), ("Thanh Hóa", "1.234,5"), ("Đắk Lắk", "987,25"), ("Cần Thơ", "1.000")]
THOUSANDS = {"P63-01": 8123456, "P63-38": 1234500, "P63-66": 987250, "P63-92": 1000000}


def text_of(folder: Path, name: str, *, comma: str = ";", encoding: str = "utf-8", english: bool = False) -> Path:
    def figure(text: str) -> str:
        return text.translate(str.maketrans(".,", ",.")) if english else text

    lines = [("Tỉnh/TP", "Thuê bao di động"), *((place, figure(text)) for place, text in LINES)]
    path = folder / name
    path.write_bytes("\n".join([comma.join(line) for line in lines] + [""]).encode(encoding))
    return path


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ({"comma": "\t"}, "delimiter"),
        ({"encoding": "utf-16"}, "encoding"),
        ({"comma": "|", "encoding": "utf-16"}, "encoding"),
        ({"english": True}, "number_locale"),
    ],
)
def test_a_text_file_in_another_form_is_refused_and_read_right_by_the_patch(tmp_path, reference, form, kind):
    declared = source(tmp_path, CSV, delimiter=";")
    before = text_of(tmp_path, "itel_2022_09.csv")
    baseline = Baseline(before.name, read_like_before(before, before.name, declared, reference, None).layout)
    path = text_of(tmp_path, "itel_2022_10.csv", **form)
    fault = refused(path, declared, reference, baseline)
    assert kind in {each["kind"] for each in fault.drift["differences"]}
    result = read_like_before(path, path.name, patched(fault, declared, tmp_path), reference, baseline)
    assert {row["province_id"]: row["value"] for row in result.rows.to_pylist()} == THOUSANDS


def test_months_of_the_sample_and_the_sheets_of_a_real_workbook_are_no_drift(tmp_path, reference):
    by_source: dict[str, list[ReadResult]] = {}
    sources = load_sources([SOURCES_DIR])
    for path in write_sample(tmp_path):
        declared = sources[path.parent.name]
        if declared.shape != "transactions":
            known = by_source.setdefault(declared.source_id, [])
            baseline = Baseline("before", known[-1].layout) if known else None
            known.append(read_like_before(path, path.name, declared, reference, baseline))
    assert {name: len(results) for name, results in by_source.items() if len(results) > 1} == {
        "viettel": 3, "vnpt": 3, "mobifone": 3,
    }  # fmt: skip
