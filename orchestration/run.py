"""The nightly job, executed in this process against the home's own Dagster instance."""

import gc
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import dagster as dg
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter
from dagster._core.instance.ref import InstanceRef

from orchestration.home import Home

log = logging.getLogger("sotinh.run")

QUIET = {"telemetry": {"enabled": False}, "nux": {"enabled": False}}
INSTANCE_YAML = """\
# Written by sotinh once; yours to change. Runs and events stay in SQLite files beside this file.
telemetry:
  enabled: false
nux:
  enabled: false
retention:  # of what schedule and sensor were asked and answered; runs: keep_runs_days in sotinh.toml
  schedule:
    purge_after_days: {skipped: 90, failure: 90, success: 90}
  sensor:
    purge_after_days: {skipped: 7, failure: 30, success: 90}
"""


def instance_folder(home: Home) -> str:
    """Make the home's Dagster instance where it is missing and name it to Dagster.

    Returns:
        The folder, which is also set as DAGSTER_HOME for this process and its children.
    """
    folder = home.paths.dagster
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        settings.write_text(INSTANCE_YAML, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = (
        "1"  # Dagster misses dagster.yaml in folders with glob signs in their name
    )
    return str(folder)


@dataclass(frozen=True)
class Ran:
    """How a run ended.

    Attributes:
        error: None when every step succeeded, else one sentence that says which steps failed and why.
        out_of_reach: what could not be read of the inboxes, see `InboxFault.as_row`.
    """

    error: str | None
    out_of_reach: list[dict[str, str]]


def open_instance(home: Home) -> DagsterInstance:
    """Open the home's own Dagster instance; it sends nothing anywhere, whatever its `dagster.yaml` says.

    Its history is written through connections that stay open (see `history`).
    """
    folder = instance_folder(home)
    kept = {"module": "orchestration.history", "class": "HistoryStorage", "config": {"base_dir": folder}}
    return DagsterInstance.from_ref(InstanceRef.from_dir(folder, overrides={**QUIET, "storage": {"custom": kept}}))


def run_job(home: Home, now: datetime, job_name: str = "nightly", store: Mapping[str, Any] | None = None) -> Ran:
    """Run a job to its end.

    Args:
        home: the open home.
        now: the moment of the night, timezone-aware.
        job_name: `nightly` or `rebuild`.
        store: config of the resource `store`, see `resources.HomeResource`.
    """
    os.environ["SOTINH_HOME"], os.environ["SOTINH_INBOX"] = str(home.paths.home), home.only_inbox
    with open_instance(home) as instance:
        settings = {"moment": now.isoformat(), **(store or {})}
        config = {"loggers": {"sotinh": {}}, "resources": {"store": {"config": settings}}}
        job = _load_definitions().resolve_job_def(job_name)
        result = job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)
        return Ran(None if result.success else _failure_sentence(result), _out_of_reach(result))


def _load_definitions() -> dg.Definitions:
    """Import the definitions, and spare Python's collector their objects, which live as long as the process.

    Going through a million of them again and again took a tenth of a small night.
    """
    gc.disable()
    try:
        from orchestration.definitions import defs
    finally:
        gc.freeze()
        gc.enable()
    return defs


def fail_dead_runs(instance: DagsterInstance, live_run_id: str) -> None:
    """Mark runs as failed that a dead process left as started: only the run that holds the home's lock is alive."""
    unfinished = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    for run in instance.get_runs(RunsFilter(statuses=unfinished)):
        if run.run_id == live_run_id:
            continue
        instance.report_run_failed(run, "The process of this run ended without a word; the night after it took over.")


def _out_of_reach(result: dg.ExecuteInProcessResult) -> list[dict[str, str]]:
    """What the asset `inbox` says it could not read; nothing where the run failed before it."""
    from orchestration.assets import OUT_OF_REACH

    events = result.get_asset_materialization_events()
    told = [event.step_materialization_data.materialization.metadata.get(OUT_OF_REACH) for event in events]
    rows: list[dict[str, str]] = []
    for value in told:
        if isinstance(value, dg.JsonMetadataValue):
            rows += value.data or []  # type: ignore[arg-type]
    return rows


def _failure_sentence(result: dg.ExecuteInProcessResult) -> str:
    failures = [event for event in result.all_events if event.is_step_failure]
    causes = [_root_cause(event.step_failure_data.error) for event in failures]
    steps = ", ".join(event.step_key or "?" for event in failures)
    return f"step {steps} failed: {'; '.join(causes)}" if failures else "the run failed before its first step"


def _root_cause(error: object) -> str:
    while getattr(error, "cause", None) is not None:
        error = error.cause  # type: ignore[attr-defined]
    sentence = str(getattr(error, "message", error)).strip().split("\n")[0]
    return re.sub(r"^[\w.]+: ", "", sentence)  # without the class that Dagster puts in front
