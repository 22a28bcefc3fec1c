"""A home made by older code: refused by every command, copied, changed, and then it goes on as before."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dagster import DagsterRun, DagsterRunStatus

from orchestration import migrating
from orchestration.home import look_at_home
from orchestration.migrating import INSTANCE_YAML_0, migrate
from orchestration.run import open_instance
from tests.conftest import PROJECT_DIR, Sotinh
from tests.orchestration.test_nights import content_hash, copy_of
from warehouse.errors import StoreError
from warehouse.home_version import HOME_VERSION
from warehouse.ledger import open_ledger, verify_chain
from warehouse.lock import home_lock
from warehouse.paths import HomePaths
from warehouse.settings import Settings, load_settings, settings_template

pytestmark = pytest.mark.slow

FAILURE = DagsterRunStatus.FAILURE
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
NEW_SETTINGS = ("keep_logs", "log_megabytes", "keep_runs_days")


def settings_of_version_0() -> str:
    """`sotinh.toml` as it was written before homes had a version, with one value of the user's own."""
    text = settings_template()
    for name in NEW_SETTINGS:
        text = re.sub(rf"\n# .*\n# {name} = .*\n", "", text)
    return text.replace("# settle_seconds = 60", "settle_seconds = 7  # ours are quick")


@pytest.fixture
def old_home(first_night, tmp_path) -> Path:
    """The home of the first night as the code before versions left it."""
    home = copy_of(first_night, tmp_path / "home")
    (home / "version").unlink()
    (home / "sotinh.toml").write_text(settings_of_version_0(), encoding="utf-8")
    (home / "dagster" / "dagster.yaml").write_text(INSTANCE_YAML_0, encoding="utf-8")
    return home


def state(home: Path) -> dict[str, bytes]:
    files = [path for path in home.rglob("*") if path.is_file() and path.name != "lock"]
    return {str(path.relative_to(home)): path.read_bytes() for path in files}


def add_old_failure(home: Path) -> None:
    """A run that failed long ago, with its events; the run of the first night becomes as old."""
    with open_instance(look_at_home(home)) as instance:
        instance.report_engine_event("it failed", instance.add_run(DagsterRun("nightly", status=FAILURE)))
    with closing(sqlite3.connect(home / "dagster" / "history" / "runs.db")) as runs, runs:
        assert runs.execute("update runs set create_timestamp = '2020-01-01 18:30:00'").rowcount == 2


def test_an_old_home_is_refused_migrated_and_goes_on_with_the_same_content(old_home, sotinh: Sotinh):
    night = sotinh(old_home, "nightly", "--json")
    assert (night.returncode, json.loads(night.stdout)["outcome"]) == (1, "failed")
    assert "sotinh migrate --yes" in json.loads(night.stdout)["message_en"]

    done = json.loads(sotinh(old_home, "migrate", "--yes", "--json").stdout)
    assert (done["from_version"], done["to_version"], done["is_done"]) == (0, HOME_VERSION, True)
    assert len(done["steps"]) == 3

    add_old_failure(old_home)
    units = (PROJECT_DIR / "dbt_project" / "seeds" / "units.csv").read_text(encoding="utf-8")
    (old_home / "seeds" / "units.csv").write_text(units.splitlines()[0], encoding="utf-8")  # new, and says nothing
    before = content_hash(old_home)
    night = sotinh(old_home, "nightly", "--json")
    assert (night.returncode, json.loads(night.stdout)["outcome"]) == (0, "unchanged"), night.stdout[-2000:]
    assert content_hash(old_home) == before
    assert verify_chain(open_ledger(old_home / "ledger.db")) == []
    assert runs_kept(old_home) == ["SUCCESS", "SUCCESS"]  # the first is as old, but was the newest success until now
    newest_log = max((old_home / "logs").glob("*.jsonl"))
    told = [line["message"] for line in map(json.loads, newest_log.read_text(encoding="utf-8").splitlines())]
    assert "cleared out: 1 old runs of Dagster, 0 old merged seeds" in told


def runs_kept(home: Path) -> list[str]:
    """How the runs in Dagster's history ended; each has its events in a file of its own, and no other has one."""
    with closing(sqlite3.connect(home / "dagster" / "history" / "runs.db")) as runs:
        kept = runs.execute("select run_id, status from runs").fetchall()
    ids = {run_id for run_id, _ in kept}
    assert {path.stem for path in (home / "dagster" / "history" / "runs").glob("*.db")} == ids | {"index"}
    assert {path.name for path in (home / "dagster" / "storage").iterdir()} <= ids
    return [status for _, status in kept]


def test_the_plan_is_shown_and_changes_nothing(old_home):
    before = state(old_home)
    plan = migrate(old_home, NOW, yes=False)
    assert (plan.from_version, plan.is_done, plan.backup) == (0, False, None)
    assert "keep_logs, log_megabytes, keep_runs_days" in plan.steps[0]["en"]
    assert all(step["vi"] for step in plan.steps)
    assert state(old_home) == before


def test_what_is_changed_is_copied_first_and_what_the_user_wrote_stays(old_home):
    before = state(old_home)
    backup = Path(migrate(old_home, NOW, yes=True).backup)
    assert backup == old_home / "backups" / "20261122T063000Z-v0"
    assert (backup / "sotinh.toml").read_bytes() == before["sotinh.toml"]
    assert (backup / "dagster" / "history" / "runs.db").read_bytes() == before["dagster/history/runs.db"]
    assert verify_chain(open_ledger(backup / "ledger.db")) == []
    text = (old_home / "sotinh.toml").read_text(encoding="utf-8")
    assert text.startswith(settings_of_version_0())
    assert all(f"\n# {name} = " in text for name in NEW_SETTINGS)
    assert load_settings(old_home, {}) == Settings(settle_seconds=7)
    assert state(old_home)["ledger.db"] == before["ledger.db"]
    again = migrate(old_home, NOW, yes=True)
    assert (again.steps, again.is_done) == ([], False)


def test_new_settings_go_before_the_first_table_of_the_file_and_an_edited_dagster_yaml_stays(old_home):
    (old_home / "sotinh.toml").write_text("keep_logs = 5\n\n[inboxes]\n", encoding="utf-8")
    (old_home / "dagster" / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    told = migrating._told_settings(HomePaths(old_home))
    migrating._add_settings(HomePaths(old_home))
    text = (old_home / "sotinh.toml").read_text(encoding="utf-8")
    assert "keep_logs" not in told[1]
    assert text.count("keep_logs") == 1
    assert text.index("# keep_runs_days = 90") < text.index("[inboxes]")
    assert migrating._told_dagster_yaml(HomePaths(old_home)) is None


@pytest.mark.parametrize("step", range(len(migrating.STEPS)))
def test_a_migration_that_dies_at_any_step_is_run_again(old_home, monkeypatch, step):
    def die(_paths):
        raise KeyboardInterrupt

    steps = list(migrating.STEPS)
    steps[step] = steps[step]._replace(run=die)
    monkeypatch.setattr(migrating, "STEPS", tuple(steps))
    with pytest.raises(KeyboardInterrupt):
        migrate(old_home, NOW, yes=True)
    assert not (old_home / "version").exists()
    monkeypatch.undo()
    done = migrate(old_home, datetime(2026, 11, 22, 6, 31, tzinfo=UTC), yes=True)
    assert (done.from_version, done.is_done) == (0, True)
    assert (old_home / "sotinh.toml").read_text(encoding="utf-8").count("# keep_logs = ") == 1
    assert migrate(old_home, NOW, yes=False).from_version == HOME_VERSION


def test_a_copy_that_cannot_be_made_changes_nothing(old_home, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", str(old_home))

    monkeypatch.setattr(shutil, "copytree", full)
    before = state(old_home)
    with pytest.raises(StoreError, match="disk is full"):
        migrate(old_home, NOW, yes=True)
    after = state(old_home)
    assert {name: after[name] for name in before} == before
    assert "version" not in after


def test_a_home_of_newer_code_and_one_that_is_none_are_not_migrated(old_home, sotinh: Sotinh, tmp_path):
    (old_home / "version").write_text(f"{HOME_VERSION + 1}\n")
    before = state(old_home)
    refused = sotinh(old_home, "migrate", "--yes", "--json")
    assert refused.returncode == 1
    assert "newer" in json.loads(refused.stdout)["message_en"]
    assert state(old_home) == before
    assert sotinh(tmp_path / "none", "migrate", "--yes").returncode == 2
    assert not (tmp_path / "none").exists()


def test_a_migration_waits_for_no_run_unless_told(old_home, sotinh: Sotinh):
    with home_lock(HomePaths(old_home)):
        assert sotinh(old_home, "migrate", "--yes").returncode == 5
        assert sotinh(old_home, "migrate").returncode == 0
