"""The nightly job, its schedule, and the sensor that starts it when a publisher has sent something."""

import hashlib
from datetime import UTC, datetime

import dagster as dg

from orchestration.home import open_home
from orchestration.nightly import has_work
from warehouse.inbox import waiting

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
    """Every night at 01:30 in Việt Nam, after the publishers' evening uploads; a night with nothing new is skipped."""
    return dg.RunRequest() if has_work(open_home(), datetime.now(UTC)) else dg.SkipReason("nothing new")


@dg.sensor(
    job=nightly_job,
    minimum_interval_seconds=60,
    name="inbox",
    description="Starts a night as soon as a settled file lies in the inbox. Switch it on once.",
)
def inbox_sensor(_context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Start a night as soon as a settled file lies in the inbox: nobody writes to it any more.

    The key of the request names the files, so that files a failed night left behind do not start one every minute; the
    schedule takes them up.
    """
    home = open_home()
    files = waiting(home.inbox, home.ledger, home.settings, home.source_ids, datetime.now(UTC))
    if not files:
        return dg.SkipReason("nothing settled in the inbox")
    key = hashlib.sha256("\n".join(file.identity for file in files).encode()).hexdigest()
    return dg.RunRequest(run_key=key[:16], tags={"sotinh/files": str(len(files))})
