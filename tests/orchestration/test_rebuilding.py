"""A rebuild says first what it would do; what it reads or sums again comes out as before unless something changed."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.home import Home, look_at_home
from orchestration.rebuilding import Rebuild, make_plan, months_between
from orchestration.restoring import restore_lake
from tests.orchestration.test_nights import copy_of
from warehouse.errors import StoreError
from warehouse.ledger import last_entry_no
from warehouse.load_records import load_records

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)


def table_hashes(home: Path) -> dict[str, str]:
    return json.loads((home / "current" / "manifest.json").read_text(encoding="utf-8"))["table_hashes"]


def test_months_are_written_as_a_span_or_one():
    assert months_between("") is None
    assert months_between("2022-07") == ("2022-07", "2022-07")
    assert months_between("2022-07..2022-09") == ("2022-07", "2022-09")
    for wrong in ("2022-13", "2022", "2022-09..2022-07", "2022-7"):
        with pytest.raises(ValueError, match="2022-07..2022-09"):
            months_between(wrong)


@pytest.mark.slow
def test_the_plan_names_the_files_asked_for_of_the_months_asked_for(first_night):
    home = look_at_home(first_night)
    assert make_plan(home, Rebuild(), NOW).files == []
    plan = make_plan(home, Rebuild(sources=("viettel", "bo_tttt_dti"), months=("2022-08", "2022-09")), NOW)
    assert [(row["file_name"], row["why"]) for row in plan.files] == [
        ("dti_2022.csv", "asked for"),
        ("viettel_2022-08.xlsx", "asked for"),
        ("viettel_2022-09.xlsx", "asked for"),
    ]
    assert len(make_plan(home, Rebuild(everything=True), NOW).files) == 21


@pytest.mark.slow
def test_the_plan_says_that_a_yaml_or_a_reference_row_changed(first_night, tmp_path):
    folder = copy_of(first_night, tmp_path / "home")
    shutil.copy(look_at_home().source_dirs[0] / "vnpt.yml", folder / "sources")
    own = folder / "sources" / "vnpt.yml"
    own.write_text(own.read_text(encoding="utf-8").replace("due_day: 15", "due_day: 20"), encoding="utf-8")
    told = {(row["source_id"], row["why"]) for row in make_plan(look_at_home(folder), Rebuild(), NOW).files}
    assert told == {("vnpt", "the source YAML changed")}


@pytest.mark.slow
def test_everything_done_again_says_the_same_and_without_yes_nothing_is_done(first_night, sotinh, tmp_path):
    home = copy_of(first_night, tmp_path / "home")
    ledger = (home / "ledger.db").read_bytes()
    plan = sotinh(home, "rebuild", "--all", "--json")
    assert (plan.returncode, len(json.loads(plan.stdout)["files"])) == (0, 21)
    assert (home / "ledger.db").read_bytes() == ledger
    done = sotinh(home, "rebuild", "--all", "--yes", "--json")
    night = json.loads(done.stdout)
    assert (night["exit_code"], len(night["loads"])) == (0, 21)
    before, after = (table_hashes(each) for each in (first_night, home))
    assert {name for name in before if before[name] != after[name]} == {"audit_checks"}  # judged twice
    with duckdb.connect(home / "current" / "sotinh.duckdb", read_only=True) as connection:
        of_builds = "select count(*), sum(success::int) from audit_checks where subject_type = 'model' group by run_id"
        first_build, second_build = connection.sql(of_builds).fetchall()
    assert first_build == second_build and first_build[0] > 200  # the results of the release before are kept


def lake_files(home: Path) -> dict[Path, int]:
    """Every file of the lake and how many rows it holds."""
    return {path.relative_to(home): pq.read_metadata(path).num_rows for path in (home / "lake").rglob("*.parquet")}


@pytest.mark.slow
def test_a_lost_lake_is_made_again_from_landing_and_the_content_is_the_same(first_night, sotinh, tmp_path):
    home = copy_of(first_night, tmp_path / "home")
    shutil.rmtree(home / "lake")
    shutil.rmtree(home / "build")
    plan = json.loads(sotinh(home, "rebuild", "--all", "--json").stdout)
    assert {row["why"] for row in plan["files"]} == {"its rows are missing in the lake"}
    night = json.loads(sotinh(home, "rebuild", "--all", "--yes", "--json").stdout)
    assert (night["exit_code"], night["outcome"], night["loads"]) == (0, "unchanged", [])
    assert table_hashes(home) == table_hashes(first_night)
    assert lake_files(home) == lake_files(first_night)
    assert any("dossier_index" in path.parts for path in lake_files(home))


def without_files_of(folder: Path, *sources: str) -> Home:
    """The home, whose lake lacks every file of the accepted loads of some sources."""
    home = look_at_home(folder)
    for record in load_records(home.ledger):
        if record.payload["source_id"] in sources:
            for name in [*record.payload["lake_files"], *record.payload.get("index_files", ())]:
                (folder / name).unlink()
    return home


@pytest.mark.slow
def test_dossiers_of_a_lost_index_get_the_months_they_had(first_night, tmp_path):
    folder = copy_of(first_night, tmp_path / "home")
    home = without_files_of(folder, "dvc_tinh_mo_phong")
    entries_before = last_entry_no(home.ledger)
    restored = restore_lake(home, NOW)
    assert len(restored) == 3
    assert lake_files(folder) == lake_files(first_night)
    index = "select * from read_parquet('{}/lake/dossier_index/*.parquet') order by all"
    assert duckdb.sql(index.format(folder)).fetchall() == duckdb.sql(index.format(first_night)).fetchall()
    assert last_entry_no(home.ledger) == entries_before


@pytest.mark.slow
def test_rows_read_by_a_declaration_of_then_are_lost_and_the_ledger_says_so(first_night, tmp_path):
    folder = copy_of(first_night, tmp_path / "home")
    shutil.copy(look_at_home().source_dirs[0] / "vnpt.yml", folder / "sources")
    own = folder / "sources" / "vnpt.yml"
    own.write_text(own.read_text(encoding="utf-8").replace("due_day: 15", "due_day: 20"), encoding="utf-8")
    home = without_files_of(folder, "vnpt", "bo_tttt_dti")
    (dti,) = restore_lake(home, NOW)
    lost = [record for record in load_records(home.ledger) if record.payload["source_id"] == "vnpt"]
    told = {(r.verdict, r.payload["reason_code"], r.payload["rows_read"], r.payload["sheets"] == []) for r in lost}
    assert (len(lost), told) == (3, {("failed", "rows_lost", 0, True)})
    assert next(r for r in load_records(home.ledger) if r.load_id == dti).is_accepted
    again = make_plan(home, Rebuild(), NOW).files
    assert {(row["source_id"], row["why"]) for row in again} == {("vnpt", "its rows were lost")}


@pytest.mark.slow
def test_without_the_landed_bytes_nothing_is_made_again_and_nothing_is_given_up(first_night, tmp_path):
    folder = copy_of(first_night, tmp_path / "home")
    shutil.rmtree(folder / "landing" / "viettel")
    home = without_files_of(folder, "viettel", "vnpt")
    before = last_entry_no(home.ledger)
    with pytest.raises(StoreError, match=r"viettel/viettel_2022-07\.xlsx"):
        restore_lake(home, NOW)
    assert last_entry_no(home.ledger) == before
    assert not [path for path in lake_files(folder) if "subscribers" in path.parts and path.stem in vnpt_loads(home)]


def vnpt_loads(home: Home) -> set[str]:
    return {record.load_id for record in load_records(home.ledger) if record.payload["source_id"] == "vnpt"}
