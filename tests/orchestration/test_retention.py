"""What a home forgets: old runs of Dagster and old merged seeds, and nothing that is under way or the newest."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from dagster import DagsterRun, DagsterRunStatus

from orchestration.home import open_home
from orchestration.retention import clear_out
from orchestration.run import open_instance

pytestmark = pytest.mark.slow

# Dagster stamps each run with the true time: the moment of clearing out is passed in instead
LATER = datetime.now(UTC) + timedelta(days=91)
DONE, FAILED, STARTED = DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.STARTED
STARTING, NOT_STARTED = DagsterRunStatus.STARTING, DagsterRunStatus.NOT_STARTED


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home")


@pytest.fixture
def instance(home):
    with open_instance(home) as opened:
        yield opened


def add_runs(instance, *statuses):
    runs = [instance.add_run(DagsterRun(job_name="nightly", status=status)) for status in statuses]
    return [run.run_id for run in runs]


def kept(instance):
    return {run.run_id for run in instance.get_runs()}


def test_ended_runs_beyond_the_setting_go_and_the_newest_and_those_under_way_stay(home, instance):
    ids = add_runs(instance, DONE, FAILED, STARTED, STARTING, NOT_STARTED, DONE, FAILED, FAILED)
    clear_out(home, instance, LATER)
    assert kept(instance) == {*ids[2:5], ids[5], ids[7]}  # under way; the newest success; the newest


def test_runs_within_the_setting_stay(home, instance):
    ids = add_runs(instance, DONE, DONE, DONE)
    clear_out(home, instance, LATER - timedelta(days=2))
    assert kept(instance) == set(ids)


def test_a_long_backlog_goes_over_some_nights_oldest_first(home, instance, monkeypatch):
    monkeypatch.setattr("orchestration.retention.RUNS_AT_ONCE", 2)
    ids = add_runs(instance, *[DONE] * 4)
    clear_out(home, instance, LATER)
    assert kept(instance) == set(ids[2:])
    clear_out(home, instance, LATER)
    assert kept(instance) == {ids[-1]}


def test_merged_seeds_that_no_code_reads_any_more_go_and_fresh_and_current_ones_stay(home, instance):
    now = datetime.now(UTC)
    long_ago = (now - timedelta(days=3)).timestamp()
    for name, when in (("old", long_ago), ("fresh", now.timestamp()), (home.code_version, long_ago)):
        folder = home.paths.merged_seeds / name
        folder.mkdir(parents=True)
        os.utime(folder, (when, when))
    clear_out(home, instance, now)
    assert {path.name for path in home.paths.merged_seeds.iterdir()} == {"fresh", home.code_version}


def test_a_fault_while_clearing_out_is_told_and_costs_no_night(home, instance, caplog, monkeypatch):
    def fail(_run_id):
        raise OSError("the storage of runs is broken")

    ids = add_runs(instance, DONE, DONE)
    monkeypatch.setattr(instance, "delete_run", fail)
    monkeypatch.setattr("orchestration.retention.log.parent.propagate", True)
    clear_out(home, instance, LATER)
    assert "the storage of runs is broken" in caplog.text
    assert kept(instance) == set(ids)
