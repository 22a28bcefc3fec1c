"""The nightly job, its schedule, and the sensor that starts it when a publisher has sent something."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from orchestration.home import Home, open_home
from orchestration.nightly import has_work
from warehouse.inboxes import Inbox, look_into
from warehouse.landing import waiting
from warehouse.settings import Settings

nightly_job = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="Receive, validate, accept, build and publish.",
    config={"loggers": {"sotinh": {}}},
)

rebuild_job = dg.define_asset_job(
    "rebuild",
    selection=dg.AssetSelection.all(),
    description="The night, which reads sources again from landing or sums months again: see the config of `store`.",
    config={"loggers": {"sotinh": {}}, "resources": {"store": {"config": {"sources": [], "months": ""}}}},
)


@dg.schedule(
    job=nightly_job,
    cron_schedule="30 1 * * *",
    execution_timezone="Asia/Ho_Chi_Minh",
    name="nightly",
    description="Every night at 01:30 in Việt Nam; a night with nothing new is skipped. Switch it on once.",
)
def nightly_schedule(_context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Every night at 01:30 in Việt Nam, after the publishers' evening uploads; a night with nothing new is skipped.

    An inbox out of reach is a reason to run: the run asks again, patiently, and its check `in_reach` says what failed.
    """
    home = open_home()
    now = datetime.now(UTC)
    with look_into(home.inboxes, home.source_ids, _once(home)) as sight:
        has_reason = bool(sight.faults) or has_work(home, sight, now)
    return dg.RunRequest() if has_reason else dg.SkipReason("nothing new")


@dg.sensor(
    job=nightly_job,
    minimum_interval_seconds=60,
    name="inbox",
    description="Starts a night as soon as a settled file lies in the inbox. Switch it on once.",
)
def inbox_sensor(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Start a night as soon as a settled file lies in an inbox of this machine: nobody writes to it any more."""
    home = open_home()
    return _night_for(home, [inbox for inbox in home.inboxes if isinstance(inbox, Path)])


@dg.sensor(job=nightly_job, minimum_interval_seconds=900, name="remote_inboxes")
def remote_inboxes_sensor(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Start a night when a new file lies on a server: each is asked once in a quarter of an hour, not every minute."""
    home = open_home()
    return _night_for(home, [inbox for inbox in home.inboxes if not isinstance(inbox, Path)])


def _night_for(home: Home, inboxes: Sequence[Inbox]) -> dg.RunRequest | dg.SkipReason:
    """Ask for a night where files wait.

    The key of the request names the files, so that files a failed night left behind do not start one every minute; the
    schedule takes them up.
    """
    with look_into(inboxes, home.source_ids, _once(home)) as sight:
        files = waiting(sight.files, home.paths, home.ledger, home.settings, home.source_ids, datetime.now(UTC))
    if not files:
        return dg.SkipReason("; ".join(f"{fault.place}: {fault.en}" for fault in sight.faults) or "nothing settled")
    key = hashlib.sha256("\n".join(file.identity for file in files).encode()).hexdigest()
    return dg.RunRequest(run_key=key[:16], tags={"sotinh/files": str(len(files))})


def _once(home: Home) -> Settings:
    """The home's settings without repetition: Dagster gives a sensor a minute, and asks it again by itself."""
    return replace(home.settings, remote_attempts=1)
