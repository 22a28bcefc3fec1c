"""Nights after the first: quiet, repeated elsewhere, with faults, killed, and with additions by data alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from ingestion.sample import FAULTS
from tests.conftest import PROJECT_DIR
from warehouse.ledger import last_entry, open_ledger

pytestmark = pytest.mark.slow


def content_hash(home: Path) -> str:
    return json.loads((home / "current" / "manifest.json").read_text(encoding="utf-8"))["content_hash"]


def query(home: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(home / "current" / "sotinh.duckdb"), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def copy_of(home: Path, target: Path) -> Path:
    shutil.copytree(home, target, symlinks=True)
    return target


def test_the_same_inbox_in_another_home_gives_the_same_content(first_night, sotinh, tmp_path):
    home = tmp_path / "nhà khác, có dấu"
    sotinh(home, "sample")
    assert sotinh(home, "nightly").returncode == 0
    assert content_hash(home) == content_hash(first_night)


def test_a_night_with_nothing_new_publishes_nothing_and_never_imports_dagster(first_night, tmp_path):
    home = copy_of(first_night, tmp_path / "home")
    before = sorted(path.name for path in (home / "releases").iterdir())
    script = (
        "import sys; from orchestration.cli import main\n"
        f"try: main(['--home', {str(home)!r}, 'nightly', '--json'])\n"
        "except SystemExit as end: print(end.code, [m for m in sys.modules if m.split('.')[0] in "
        "('dagster', 'dbt', 'great_expectations', 'duckdb', 'pyarrow', 'yaml', 'paramiko', 's3fs', 'fsspec', "
        "'tenacity')], file=sys.stderr)"
    )
    night = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=PROJECT_DIR)
    assert night.stderr.strip() == "0 []"
    assert json.loads(night.stdout)["outcome"] == "quiet"
    assert sorted(path.name for path in (home / "releases").iterdir()) == before


def test_a_file_that_is_still_being_written_waits_and_the_night_says_so(first_night, sotinh, tmp_path):
    home = copy_of(first_night, tmp_path / "home")
    (home / "inbox" / "viettel" / "viettel_2022-10.xlsx").write_bytes(b"half of")
    night = json.loads(sotinh(home, "nightly", "--json").stdout)
    assert (night["exit_code"], night["outcome"]) == (0, "quiet")
    assert "1 file(s) written less than 60 seconds ago" in night["message_en"]
    assert (home / "inbox" / "viettel" / "viettel_2022-10.xlsx").exists()


def test_faults_are_refused_with_reason_and_cell_and_everything_else_is_published(first_night, faulty_night):
    home, night = faulty_night
    assert night["exit_code"] == 3, night
    verdicts = {
        (source, name): (verdict, reason)
        for source, name, verdict, reason in query(
            home, "select source_id, file_name, verdict, reason_en from audit_loads"
        )
    }
    rejected = query(
        home, "select source_id, cell, reason_code, raw_value, reason_vi, reason_en from audit_rejected_rows"
    )
    for fault in FAULTS:
        if fault.outcome == "rejected" and fault.scope == "cell":
            found = [row for row in rejected if row[:3] == (fault.source_id, fault.cell, fault.reason_code)]
            assert len(found) == 1, fault
            assert all(found[0][3:])
        elif fault.outcome == "failed":
            verdict, reason = verdicts[(fault.source_id, fault.file_name)]
            assert verdict == "failed", fault
            assert reason
    unknown = [row for row in rejected if row[2] == "unknown_area"]
    assert len(unknown) == 11
    assert {row[3] for row in unknown} == {"Tỉnh Không Có"}
    assert [verdict for (source, _), (verdict, _) in verdicts.items() if source == "_unknown"] == ["failed"]
    good = "select count(*) from fct_observations where source_id <> 'viettel' and period_id <> '2022-10'"
    assert query(home, good) == query(first_night, good)
    assert query(home, "select count(*) > 600 from fct_observations where period_id = '2022-10'") == [(True,)]
    assert query(
        home, "select count(*) from audit_loads where rows_read <> rows_accepted + rows_rejected + rows_superseded"
    ) == [(0,)]


def test_a_folder_without_a_source_is_reported_once_and_its_file_stays(faulty_night, sotinh, tmp_path):
    home = copy_of(faulty_night[0], tmp_path / "home")
    assert (home / "inbox" / "nha_mang_la" / "x.xlsx").exists()
    again = sotinh(home, "nightly", "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout)["outcome"] == "quiet"


def kill_night_when(home: Path, condition) -> None:
    """Start a night and kill it with SIGKILL at the first moment the condition holds."""
    command = [sys.executable, "-m", "orchestration", "--home", str(home), "nightly"]
    process = subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not condition() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    assert process.poll() is None, "the night ended before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_night_killed_in_the_build_and_again_in_the_publish_ends_as_if_undisturbed(first_night, sotinh, tmp_path):
    home = tmp_path / "killed"
    sotinh(home, "sample")
    kill_night_when(home, lambda: (home / "build" / "warehouse.duckdb").exists())
    assert not (home / "current").exists()
    kill_night_when(home, lambda: any((home / "releases").glob(".*")))
    assert sotinh(home, "nightly").returncode == 0
    assert content_hash(home) == content_hash(first_night)
    assert not list((home / "releases").glob(".*"))
    assert unfinished_runs(home) == []
    assert json.loads(sotinh(home, "nightly", "--json").stdout)["outcome"] == "quiet"


def unfinished_runs(home: Path) -> list[str]:
    from dagster import DagsterInstance, DagsterRunStatus

    with DagsterInstance.from_config(str(home / "dagster")) as instance:
        done = {DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE}
        return [run.run_id for run in instance.get_runs() if run.status not in done]


def test_a_second_run_is_refused_while_the_lock_is_held(first_night, sotinh, tmp_path):
    from warehouse.lock import home_lock
    from warehouse.paths import HomePaths

    home = copy_of(first_night, tmp_path / "home")
    with home_lock(HomePaths(home)):
        night = sotinh(home, "nightly", "--json")
    assert night.returncode == 5
    assert str(os.getpid()) in json.loads(night.stdout)["message_en"]


def test_a_fourth_operator_is_one_yaml_and_a_new_indicator_one_seed_row(first_night, sotinh, tmp_path):
    home = copy_of(first_night, tmp_path / "home")
    viettel = (PROJECT_DIR / "ingestion" / "sources" / "viettel.yml").read_text(encoding="utf-8")
    fourth = viettel.replace("source_id: viettel", "source_id: vietnamobile")
    (home / "sources" / "vietnamobile.yml").write_text(
        fourth.replace("operator: viettel", "operator: vietnamobile"), encoding="utf-8"
    )
    seed = (PROJECT_DIR / "dbt_project" / "seeds" / "indicators.csv").read_text(encoding="utf-8")
    new = "tel_bts_eco,,Trạm BTS tiết kiệm điện,Power-saving stations,station,up,stock,,sum,,last,month,sheet,test,"
    (home / "seeds" / "indicators.csv").write_text(f"{seed.splitlines()[0]}\n{new}\n", encoding="utf-8")
    inbox = home / "inbox" / "vietnamobile"
    inbox.mkdir(parents=True)
    from ingestion.sample.workbook import operator_workbook

    (inbox / "vietnamobile_2022-09.xlsx").write_bytes(operator_workbook("viettel", 2022, 9))
    os.utime(inbox / "vietnamobile_2022-09.xlsx", (1_700_000_000, 1_700_000_000))
    night = sotinh(home, "nightly", "--json")
    assert night.returncode == 0, night.stdout[-3000:] + night.stderr[-3000:]
    assert query(home, "select indicator_code from dim_indicators where indicator_code = 'tel_bts_eco'")
    coverage = query(
        home,
        "select coverage_count, coverage_expected from fct_indicator_values where province_id = 'P63-01' "
        "and indicator_code = 'tel_mobile_sub' and period_id = '2022-09'",
    )
    assert coverage == [(4, 4)]


def test_the_same_file_sent_again_is_a_duplicate_and_changes_no_number(first_night, sotinh, tmp_path):
    home = copy_of(first_night, tmp_path / "home")
    sotinh(home, "sample", "--to", str(tmp_path / "again"))
    sent = home / "inbox" / "viettel" / "viettel_2022-09 gửi lại.xlsx"
    shutil.copy(tmp_path / "again" / "viettel" / "viettel_2022-09.xlsx", sent)
    os.utime(sent, (1_700_000_000, 1_700_000_000))
    night = sotinh(home, "nightly", "--json")
    assert night.returncode == 0, night.stdout
    assert [load["verdict"] for load in json.loads(night.stdout)["loads"]] == ["duplicate"]
    values = "select * from fct_indicator_values order by all"
    assert query(home, values.replace("*", "province_id, indicator_code, period_id, value")) == query(
        first_night, values.replace("*", "province_id, indicator_code, period_id, value")
    )


def test_a_new_alias_reads_again_exactly_the_file_it_concerns(faulty_night, sotinh, tmp_path):
    home = copy_of(faulty_night[0], tmp_path / "home")
    (home / "seeds" / "province_aliases.csv").write_text(
        "alias,code_63,kind,source\nTỉnh Không Có,56,observed,test\nTKC,56,code3,test\n", encoding="utf-8"
    )
    night = sotinh(home, "nightly", "--json")
    loads = json.loads(night.stdout)["loads"]
    assert [(load["file_name"], load["verdict"], load["rows_rejected"]) for load in loads] == [
        ("viettel_2022-10.xlsx", "accepted_with_warnings", 2)
    ]
    assert night.returncode == 3
    verdicts = (
        "select verdict, count(*) from audit_loads where file_name = 'viettel_2022-10.xlsx' group by 1 order by 1"
    )
    assert query(home, verdicts) == [("accepted_with_warnings", 1), ("superseded", 1)]
    vintages = """
        select o.vintage_no, o.is_latest, o.known_to is null, count(*), count(*) filter (o.province_id = 'P63-56')
        from fct_observations as o join audit_loads as l using (load_id)
        where l.file_name = 'viettel_2022-10.xlsx' group by all order by o.is_latest, o.vintage_no
    """
    first_reading, second_reading = query(faulty_night[0], vintages)[0][3], loads[0]["rows_accepted"]
    earlier, new, again = query(home, vintages)
    assert earlier == (1, False, False, first_reading, 0)  # as it was known from one night to the other
    assert new == (1, True, True, second_reading - first_reading, second_reading - first_reading)
    assert again == (2, True, True, first_reading, 0)


def test_a_failing_build_leaves_the_release_and_tells_why_in_pure_json(first_night, sotinh, tmp_path):
    home = copy_of(first_night, tmp_path / "home")
    before = content_hash(home)
    (home / "seeds" / "indicator_parts.csv").write_text(
        "indicator_code,role,part_code,max_age_years\nno_such_ratio,numerator,no_such_part,\n", encoding="utf-8"
    )
    night = sotinh(home, "nightly", "--json")
    told = json.loads(night.stdout)
    assert (night.returncode, told["outcome"]) == (1, "failed")
    assert "bridge_indicator_parts" in told["message_en"]
    assert content_hash(home) == before
    failed = last_entry(open_ledger(home / "ledger.db"))
    assert (failed.kind, failed.subject_id) == ("checked", failed.payload["run_id"])  # no release: known by its run
    results = {
        key: dict(zip(failed.payload["columns"], row, strict=True)) for key, row in failed.payload["results"].items()
    }
    broken = results["model bridge_indicator_parts references(indicator_code, part_code)"]
    assert (broken["success"], broken["errored"], broken["unexpected_count"]) == (False, False, 2)
    assert results["model bridge_indicator_parts primary_key(indicator_code, role, part_code)"]["success"]
