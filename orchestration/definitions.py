"""The one Definitions object: sources and dbt models become assets, the night becomes a job on a schedule."""

import dagster as dg

from orchestration.assets import dbt_models, inbox, inputs_assets, release_asset, source_asset
from orchestration.dbt_build import parse
from orchestration.drill_job import drill_job, drill_schedule
from orchestration.home import open_home
from orchestration.resources import HomeResource, run_log
from orchestration.schedules import inbox_sensor, nightly_job, nightly_schedule, rebuild_job, remote_inboxes_sensor

_home = open_home()
_sources = [_home.sources[source_id] for source_id in sorted(_home.sources)]
_project = parse(_home)
_models = dbt_models(_project)

defs = dg.Definitions(
    assets=[inbox, *map(source_asset, _sources), inputs_assets(_sources, _project), _models, release_asset(_models)],
    jobs=[nightly_job, rebuild_job, drill_job],
    schedules=[nightly_schedule, drill_schedule],
    sensors=[inbox_sensor, remote_inboxes_sensor],
    resources={"store": HomeResource()},
    loggers={"sotinh": run_log},
    executor=dg.in_process_executor,  # a third of the CPU time of one process per step
)
