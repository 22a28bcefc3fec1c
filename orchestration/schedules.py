"""The nightly job and its schedule."""

import dagster as dg

nightly_job = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="Receive, validate, accept, build and publish.",
    config={"loggers": {"sotinh": {}}},
)

nightly_schedule = dg.ScheduleDefinition(
    name="nightly",
    job=nightly_job,
    cron_schedule="30 1 * * *",  # 01:30, after the publishers' evening uploads
    execution_timezone="Asia/Ho_Chi_Minh",
    description="Every night at 01:30 in Việt Nam.",
)
