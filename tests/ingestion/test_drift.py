"""Two files of one source, the later laid out otherwise: refused with the cause, read right once a person accepts it."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.drift import Baseline, DriftFault, read_like_before
from ingestion.read import ReadResult
from ingestion.source import Source, load_source
from tests.ingestion import drifting
from tests.ingestion.drifting import COLUMNS, PLACES, SOURCE, VNPT_CODES, Sheet, inserted, relabelled, truth, without, write
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
        replace(OCTOBER, columns=drifting.reordered("tt", "place", "bts", "mobile", "prepaid", "postpaid", "fixed", "smart", "note")),
        "column_moved", (),
    ),
    "two columns swapped": (replace(OCTOBER, columns=drifting.reordered(*SWAPPED)), "columns_swapped", ()),
    "a column renamed": (
        replace(OCTOBER, columns=relabelled(fixed=("Thuê bao băng rộng cố định",))), "column_renamed", (),
    ),
    "a column added at the end": (
        replace(OCTOBER, columns={**COLUMNS, "new": ("Thuê bao M2M",)}, cells={"new": SMALL}), "column_added", (),
    ),
    "a column added in the middle": (
        replace(OCTOBER, columns=inserted("fixed", "new", "Doanh thu"), cells={"new": SMALL}), "column_added", (),
    ),
    "a column removed": (replace(OCTOBER, columns=without("smart")), "column_removed", ("smart",)),
    "a column removed and an unlike one added": (
        replace(OCTOBER, columns={**without("smart"), "new": ("Thuê bao M2M",)}, cells={"new": SMALL}), "column_removed", ("smart",),
    ),
    "a column split in two": (
        replace(
            OCTOBER,
            columns={
                **{key: COLUMNS[key] for key in ("tt", "place", "mobile", "prepaid", "postpaid")},
                "ftth": ("Thuê bao BRCĐ", "FTTH"), "else": ("Thuê bao BRCĐ", "Khác"),
                **{key: COLUMNS[key] for key in ("smart", "bts", "note")},
            },
            cells={"ftth": SMALL, "else": SMALL},
        ), "column_split", ("fixed",),
    ),
    "another unit in the title": (
        replace(OCTOBER, titles=titled(2, *[None] * 5, "ĐVT: nghìn thuê bao"),
                thousands=("mobile", "prepaid", "postpaid", "fixed", "smart")), "unit", (),
    ),
    "another unit in a header": (
        replace(OCTOBER, columns=relabelled(smart=("Thuê bao smartphone (nghìn thuê bao)",)), thousands=("smart",)), "unit", (),
    ),
    "one more header row below": (
        replace(OCTOBER, header_rows=3, columns={
            **{key: (*labels[:-1], labels[-1]) for key, labels in COLUMNS.items()},
            **{key: (*COLUMNS[key], *([""] if len(COLUMNS[key]) == 1 else []), "thuê bao") for key in ("mobile", "prepaid", "postpaid")},
            "fixed": ("Thuê bao BRCĐ", "FTTx", "thuê bao"), "bts": ("Trạm BTS 4G", "Trạm", "trạm"),
        }), "header_rows", (),
    ),
    "one more header row above": (
        replace(OCTOBER, header_rows=3, columns={**COLUMNS, **DEEPER}), "header_rows", (),
    ),
    "one fewer header row": (replace(OCTOBER, header_rows=1, columns=FLAT), "header_rows", ()),
    "a group over a column": (
        replace(OCTOBER, columns=relabelled(bts=("Hạ tầng", "Trạm BTS 4G"))), "column_renamed", (),
    ),
    "labels in another language": (replace(OCTOBER, columns=ENGLISH), "column_renamed", ()),
    "the sheet renamed": (replace(OCTOBER, name="TB 2022"), "sheet_renamed", ()),
    "a sheet added": (replace(OCTOBER, others={"Hướng dẫn": [["Cách điền"], ["Điền đủ các cột"]]}), "sheet_added", ()),
    "one more title with another unit": (
        replace(OCTOBER, titles=[*TITLES, [None] * 4 + ["(nghìn thuê bao)"]]), "unit", (),
    ),
    "the period in another form": (replace(OCTOBER, titles=titled(1, "Kỳ báo cáo: 10/2022")), "period", ()),
    "a quarter in place of a month": (replace(OCTOBER, titles=titled(1, "Quý III/2022")), "period", ()),
    "codes in place of names": (replace(OCTOBER, places=VNPT_CODES), "place_written", ()),
    "texts in place of numbers, in the other locale": (
        replace(OCTOBER, cells=drifting.numbers("en")), "cell_type", (),
    ),
    "the total above the provinces": (replace(OCTOBER, total_first=True), "total_moved", ()),
    "a blank column between": (
        replace(OCTOBER, columns=inserted("postpaid", "blank")), "blank_column", (),
    ),
    "a footnote at a label": (replace(OCTOBER, columns=relabelled(fixed=("Thuê bao BRCĐ (1)",))), "column_renamed", ()),
}  # fmt: skip
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
    target.parent.mkdir()
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
