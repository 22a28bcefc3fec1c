"""The nightly job and its schedule."""

from datetime import UTC, datetime

import dagster as dg

from orchestration.home import open_home
from orchestration.nightly import has_work

nightly_job = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="Receive, validate, accept, build and publish.",
    config={"loggers": {"sotinh": {}}},
)


@dg.schedule(job=nightly_job, cron_schedule="30 1 * * *", execution_timezone="Asia/Ho_Chi_Minh", name="nightly")
def nightly_schedule(_context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Every night at 01:30 in Việt Nam, after the publishers' evening uploads; a night with nothing new is skipped."""
    return dg.RunRequest() if has_work(open_home(), datetime.now(UTC)) else dg.SkipReason("nothing new")
