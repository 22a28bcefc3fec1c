"""The weekly drill as a job of Dagster: it reads the home beside the nights and writes down how its checks did."""

from datetime import UTC, datetime

import dagster as dg

from ingestion.drill.kinds import KINDS
from orchestration.drill import run_drill, share_handled
from orchestration.home import open_home
from orchestration.logs import log_of_run
from orchestration.resources import run_log

FAULTS_A_WEEK = 10
WAIT_SECONDS = 3600


@dg.op(description="Seeded faults of every kind into a copy of the history; see `sotinh drill --help`.")
def seed_faults(context: dg.OpExecutionContext) -> None:
    """One drill, seeded by the week; the share of faults seen is the step's metadata, by kind."""
    now = datetime.now(UTC)
    home = open_home()
    with log_of_run(home.paths.logs, "drill", now, home.settings):
        result = run_drill(home, faults=FAULTS_A_WEEK, kinds=list(KINDS), now=now, wait_seconds=WAIT_SECONDS)
    shares = {score["kind"]: share_handled(score) for score in result["kinds"]}
    context.add_output_metadata({kind: share for kind, share in shares.items() if share is not None})


@dg.job(
    name="drill",
    description="Check the checks; see `sotinh drill`.",
    config={"loggers": {"sotinh": {}}},
    logger_defs={"sotinh": run_log},
    executor_def=dg.in_process_executor,
)
def drill_job() -> None:
    """The drill as a job of one step."""
    seed_faults()


drill_schedule = dg.ScheduleDefinition(
    name="drill",
    job=drill_job,
    cron_schedule="0 4 * * 0",
    execution_timezone="Asia/Ho_Chi_Minh",
    description="Every Sunday at 04:00 in Việt Nam, when the night is over. Switch it on once.",
)
