"""The dry run says what the night says, and leaves no trace."""

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from ingestion.sample import write_sample
from ingestion.sample.workbook import operator_workbook
from orchestration.checking import check_file
from orchestration.home import look_at_home

pytestmark = pytest.mark.slow
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SUBSCRIPTIONS = dict(enumerate("DEFGHIJ", 3))  # columns of the workbook of Viettel

_ENTRY = """
- id: {id}
  source_id: bo_tttt_dti
  indicator_code: dti_score
  period_id: 2022
  area: {area}
  when_value: {printed}
  action: {action}
  reason_vi: Bản in sau sửa lại.
  reason_en: A later print corrects it.
  who: kiểm thử
  status: open
  since: 2023-08-01
"""
# The ranking prints 0.8002 for Đà Nẵng, 0.7163 for Hồ Chí Minh City and 0.7024 for Quảng Ninh.
REGISTER = (
    _ENTRY.format(id="better_known", area="TP. Đà Nẵng", printed="0.8002", action="override")
    + "  value: 0.8003\n"
    + _ENTRY.format(id="nobody_knows", area="P63-79", printed="0.7163", action="drop")
    + _ENTRY.format(id="fixed_since", area="Quảng Ninh", printed="9,999", action="drop")
)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    written = write_sample(tmp_path_factory.mktemp("sent"), with_faults=True)
    return {path.name: path for path in written}


def traces(home: Path) -> dict[str, tuple[int, int]]:
    return {str(path.relative_to(home)): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in home.rglob("*")}


@pytest.mark.parametrize(
    "name",
    [
        "viettel_2022-10.xlsx",
        "vnpt_2022-10.xlsx",
        "mobifone_2022-10.xlsx",
        "mo_phong_dvc_tinh_2022-10.csv.gz",
        "mo_phong_dvc_quoc_gia_2022-10.ndjson.gz",
        "dti_2022.csv",
    ],
)
def test_a_check_tells_of_each_file_what_the_night_made_of_it(files, faulty_night, name, tmp_path):
    file = files[name]
    home = look_at_home(tmp_path / "never made")
    checked = check_file(home, home.sources[file.parent.name], file, NOW)
    with duckdb.connect(str(faulty_night[0] / "current" / "sotinh.duckdb"), read_only=True) as star:
        counts = "rows_read, rows_accepted, rows_rejected, rows_superseded"
        (told,) = star.execute(f"select {counts} from audit_loads where file_name = ?", [name]).fetchall()
        rejected = star.execute(
            "select cell, field, raw_value, reason_code from audit_rejected_rows "
            "join audit_loads using (load_id) where file_name = ? order by row_no",
            [name],
        ).fetchall()
    assert (checked.rows_read, checked.rows_accepted, checked.rows_rejected, checked.rows_superseded) == told
    assert [tuple(row[name] for name in ("cell", "field", "raw_value", "reason_code")) for row in checked.rejected] == (
        rejected
    )
    assert sum(row["rows"] for row in checked.found) == checked.rows_accepted
    assert not (tmp_path / "never made").exists()


def test_a_check_in_a_home_knows_its_earlier_loads_and_changes_nothing_there(first_night, sotinh, files, tmp_path):
    lines = files["dti_2022.csv"].read_text(encoding="utf-8").splitlines(keepends=True)
    short = tmp_path / "dti_2022.csv"
    short.write_text("".join(lines[:20]), encoding="utf-8")
    before = traces(first_night)
    told = sotinh(first_night, "check", str(short), "--source", "bo_tttt_dti", "--json")
    assert told.returncode == 3
    checked = json.loads(told.stdout)
    assert checked["verdict"] == "quarantined"
    assert "row_count_has_not_dropped" in {rule["check_name"] for rule in checked["failed_rules"]}
    assert traces(first_night) == before


def test_a_month_a_thousand_times_larger_than_the_one_before_is_quarantined_and_says_by_how_much(
    first_night, sotinh, tmp_path
):
    good = CalamineWorkbook.from_filelike(BytesIO(operator_workbook("viettel", 2022, 10))).get_sheet_by_index(0)
    figures = enumerate(good.to_python(skip_empty_area=False)[6:69], 7)
    slipped = {
        f"{letter}{row}": 1000 * int(cells[at]) for row, cells in figures for at, letter in SUBSCRIPTIONS.items()
    }
    file = tmp_path / "viettel" / "viettel_2022-10.xlsx"  # as in an inbox: the folder names the source
    file.parent.mkdir()
    file.write_bytes(operator_workbook("viettel", 2022, 10, changes=slipped))
    told = json.loads(sotinh(first_night, "check", str(file), "--json").stdout)
    (broken,) = [each for each in told["failed_rules"] if each["check_name"].endswith("_keep_their_magnitude")]
    assert (told["verdict"], broken["check_name"]) == ("quarantined", "columns_keep_their_magnitude")
    # Seven columns of subscriptions; the four of stations stand still.
    assert (broken["unexpected_count"], broken["element_count"]) == (7, 11)
    assert "tel_bb_fixed_sub 2022-10 operator:viettel Thuê bao" in broken["observed"]


def test_a_month_under_another_unit_than_the_one_before_is_refused_and_says_so(first_night, sotinh, files, tmp_path):
    file = in_thousands(files["viettel_2022-10.xlsx"], tmp_path / "viettel_2022-10.xlsx")
    told = json.loads(sotinh(first_night, "check", str(file), "--source", "viettel", "--json").stdout)
    assert told["verdict"] == "failed"
    assert "unit" in {each["kind"] for each in told["drift"]["differences"]}


def in_thousands(file: Path, target: Path) -> Path:
    """The same workbook under the title `ĐVT: nghìn thuê bao`."""
    with ZipFile(file) as given, ZipFile(target, "w") as made:
        for part in given.namelist():
            made.writestr(part, given.read(part).replace("ĐVT: thuê bao".encode(), "ĐVT: nghìn thuê bao".encode()))
    return target


def test_a_check_as_a_source_nobody_declared_names_the_nearest(sotinh, files, tmp_path):
    told = sotinh(tmp_path / "home", "check", str(files["dti_2022.csv"]), "--source", "bo_tttt_dt")
    assert told.returncode == 2
    assert "bo_tttt_dti" in told.stderr


def test_a_known_error_in_the_homes_register_is_put_right_and_told(files, tmp_path):
    (tmp_path / "corrections.yml").write_text(REGISTER, encoding="utf-8")
    home = look_at_home(tmp_path)
    file = files["dti_2022.csv"]
    checked = check_file(home, home.sources["bo_tttt_dti"], file, NOW)
    assert checked.verdict == "accepted_with_warnings"
    assert (checked.rows_accepted, checked.rows_rejected) == (checked.rows_read - 1, 1)
    assert [row["reason_code"] for row in checked.rejected] == ["corrected_drop"]
    told = {rule["check_name"]: rule["observed"] for rule in checked.failed_rules}
    assert told.keys() == {"figures_are_as_printed", "known_errors_are_unchanged"}
    assert "better_known (override): Bản in sau sửa lại." in told["figures_are_as_printed"]
    assert "fixed_since: “9,999”" in told["known_errors_are_unchanged"]


def test_a_province_that_slipped_out_of_its_total_is_told_with_both_numbers(real_dir, tmp_path):
    name = "gso_average_population_by_province_1995_2016.csv"
    text = (real_dir / name).read_text(encoding="utf-8-sig")
    header, vinh_phuc = text.splitlines()[2], next(line for line in text.splitlines() if "Vinh Phuc" in line)
    figures = vinh_phuc.split(";")
    at = next(number for number, label in enumerate(header.split(";")) if "Total Prel. 2016" in label)
    assert figures[at] == "1066.0"
    figures[at] = "1006.0"
    (tmp_path / name).write_text(text.replace(vinh_phuc, ";".join(figures)), encoding="utf-8")
    home = look_at_home(tmp_path / "never made")
    checked = check_file(home, home.sources["gso_population"], tmp_path / name, NOW)
    assert checked.verdict == "accepted_with_warnings"
    (failed,) = checked.failed_rules
    assert (failed["check_name"], failed["unexpected_count"], failed["element_count"]) == ("provinces_add_up", 2, 455)
    assert "WHOLE COUNTRY" in failed["observed"]
    assert "ctx_pop_avg 2016 total 92695100 ≠ 92635100" in failed["observed"]
    assert "ctx_pop_avg 2016 total 21133800 ≠ 21073800" in failed["observed"]
