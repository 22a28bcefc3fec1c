"""What a home forgets at the end of a run: Dagster's old runs, and merged seeds that no code reads any more.

Ledger, landing and lake are never touched here; what an auditor needs is there and in the releases.
"""

import logging
import shutil
from datetime import UTC, datetime, timedelta

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from orchestration.home import Home

log = logging.getLogger("sotinh.retention")

ENDED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
RUNS_AT_ONCE = 20  # 0.1 s each: a backlog of years goes over some nights instead of making one of them long
SEEDS_STAY = timedelta(days=2)  # Dagster's pages may still be reading the seeds of the code before


def clear_out(home: Home, instance: DagsterInstance, now: datetime) -> None:
    """Forget what the settings keep no longer, and say so in one line of the log; call it under the home's lock.

    A fault here is told and costs no night: the next one tries again.
    """
    try:
        runs = _drop_old_runs(home, instance, now.astimezone(UTC) - timedelta(days=home.settings.keep_runs_days))
        seeds = _drop_old_seeds(home, now - SEEDS_STAY)
    except Exception as error:  # whatever Dagster's storage raises: the release is out
        log.warning("nothing more was cleared out: %s", error, exc_info=error)
        return
    if runs or seeds:
        log.info("cleared out: %d old runs of Dagster, %d old merged seeds", runs, seeds)


def _drop_old_runs(home: Home, instance: DagsterInstance, before: datetime) -> int:
    """Delete ended runs from Dagster's history, oldest first; the newest run and the newest success always stay.

    Dagster empties a run's own event file and leaves it: 2 MB of a small night.
    """
    newest_of = (RunsFilter(), RunsFilter(statuses=[DagsterRunStatus.SUCCESS]))
    kept = {record.dagster_run.run_id for each in newest_of for record in instance.get_run_records(each, limit=1)}
    old = RunsFilter(statuses=ENDED, created_before=before)
    records = instance.get_run_records(old, limit=RUNS_AT_ONCE + len(kept), order_by="id", ascending=True)
    ids = [record.dagster_run.run_id for record in records if record.dagster_run.run_id not in kept][:RUNS_AT_ONCE]
    for run_id in ids:
        instance.delete_run(run_id)
        for leftover in (home.paths.dagster / "history" / "runs").glob(f"{run_id}.db*"):
            leftover.unlink(missing_ok=True)
        shutil.rmtree(home.paths.dagster / "storage" / run_id, ignore_errors=True)
    return len(ids)


def _drop_old_seeds(home: Home, before: datetime) -> int:
    folder = home.paths.merged_seeds
    states = folder.iterdir() if folder.is_dir() else ()
    old = [each for each in states if each.name != home.code_version and each.stat().st_mtime < before.timestamp()]
    for state in old:
        shutil.rmtree(state)
    return len(old)
