"""A layout drift from `check` to the accepted patch, on a home with loads, and the first YAML of an unknown file."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingestion.sample.workbook import operator_workbook
from ingestion.source import load_source
from orchestration.checking import check_file
from orchestration.cli import main
from orchestration.home import Home, look_at_home, open_home
from orchestration.loading import load_source as load_landed
from warehouse.landing import receive
from warehouse.load_records import live_loads

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> Path:
    """A home with three months of one operator, loaded without a build."""
    place = tmp_path_factory.mktemp("loaded") / "home"
    home = open_home(place)
    for month in (7, 8, 9):
        send(home, f"viettel_2022-{month:02d}.xlsx", operator_workbook("viettel", 2022, month))
    loads = load_landed(home, home.sources["viettel"], NOW, "run")
    assert [load.payload["verdict"] for load in loads] == ["accepted"] * 3
    return place


def send(home: Home, name: str, content: bytes) -> None:
    path = home.paths.inbox / "viettel" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (NOW.timestamp() - 3600,) * 2)
    receive(home.paths, home.ledger, home.settings, home.source_ids, NOW)


@pytest.fixture
def drifted(tmp_path) -> Path:
    path = tmp_path / "viettel_2022-10.xlsx"
    path.write_bytes(operator_workbook("viettel", 2022, 10, sheet="TB di động"))
    return path


def test_a_check_shows_what_differs_and_the_patch_before_the_file_is_sent(loaded, drifted):
    home = look_at_home(loaded)
    checked = check_file(home, home.sources["viettel"], drifted, NOW)
    assert checked.verdict == "failed"
    assert [each["kind"] for each in checked.drift["differences"]] == ["sheet_renamed"]
    assert "+    - sheet: TB di động" in checked.drift["patch"]
    told = run(loaded, "check", str(drifted), "--source", "viettel")
    assert told.exit_code == 3
    assert "viettel_2022-09.xlsx" in told.output
    assert "+    - sheet: TB di động" in told.output


def test_a_home_without_loads_knows_no_drift(tmp_path, drifted):
    home = look_at_home(tmp_path / "new")
    checked = check_file(home, home.sources["viettel"], drifted, NOW)
    assert (checked.verdict, checked.drift) == ("failed", None)


def test_a_refused_file_counts_once_its_patch_is_accepted_and_the_others_stay(loaded, drifted, tmp_path):
    place = tmp_path / "home"
    shutil.copytree(loaded, place, symlinks=True)
    home = open_home(place)
    send(home, drifted.name, drifted.read_bytes())
    (refused,) = load_landed(home, home.sources["viettel"], NOW, "run")
    assert refused.payload["verdict"] == "failed"
    assert refused.payload["rows_read"] == 0
    shown = run(place, "sources", "patch", "viettel")
    assert "nothing done yet" in shown.output
    assert not (place / "sources" / "viettel.yml").exists()
    written = run(place, "sources", "patch", "viettel", "--yes")
    assert written.exit_code == 0, written.output
    patched = open_home(place)
    loads = load_landed(patched, patched.sources["viettel"], NOW, "run")
    assert {load.payload["verdict"] for load in loads} == {"accepted"}
    assert len(loads) == 4
    live = [load.payload["file_name"] for load in live_loads(home.ledger, "viettel")]
    assert sorted(live) == [f"viettel_2022-{month:02d}.xlsx" for month in (7, 8, 9, 10)]
    assert run(place, "sources", "patch", "viettel").exit_code == 2


def test_a_new_source_is_proposed_and_never_written_over(tmp_path):
    file = tmp_path / "itel_2022-10.xlsx"
    file.write_bytes(operator_workbook("viettel", 2022, 10))
    home = tmp_path / "home"
    told = run(home, "sources", "new", str(file), "--dry-run")
    assert told.output.startswith("# Proposed from itel_2022-10.xlsx")
    assert not home.exists()
    made = json.loads(run(home, "sources", "new", str(file), "--json").output)
    assert load_source(Path(made["path"])).source_id == made["source_id"] == "itel"
    assert made["questions"] > 0
    assert run(home, "sources", "new", str(file)).exit_code == 2
    assert run(home, "sources", "new", str(file), "--overwrite").exit_code == 0
    listed = json.loads(run(home, "sources", "list", "--json").output)
    assert {"itel", "viettel"} <= {row["source_id"] for row in listed}
