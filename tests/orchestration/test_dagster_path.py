"""What Dagster starts by itself behaves as what the command line starts."""

import logging
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
import pytest
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import InProcessTestWorkspaceLoadTarget, load_remote_repo
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._scheduler.scheduler import launch_scheduled_runs

from orchestration.home import open_home
from orchestration.run import open_instance
from tests.orchestration.test_nights import copy_of

pytestmark = pytest.mark.slow


@pytest.fixture
def home(first_night, tmp_path, monkeypatch) -> Path:
    copied = copy_of(first_night, tmp_path / "home")
    monkeypatch.setenv("SOTINH_HOME", str(copied))
    return copied


def test_the_schedule_skips_a_night_with_nothing_new_and_runs_one_with_a_new_file(home):
    from orchestration.schedules import nightly_schedule

    context = dg.build_schedule_context()
    assert isinstance(nightly_schedule(context), dg.SkipReason)
    sent = home / "inbox" / "viettel" / "viettel_2022-11.xlsx"
    sent.write_bytes(b"anything new")
    os.utime(sent, (1_700_000_000, 1_700_000_000))
    assert isinstance(nightly_schedule(context), dg.RunRequest)


def test_the_newest_night_missed_while_the_daemon_was_down_is_caught_up_with(home):
    """Dagster's own scheduler, on our schedule: only the moment at which it looks is passed in."""
    origin = InProcessCodeLocationOrigin(
        LoadableTargetOrigin(executable_path=sys.executable, module_name="orchestration.definitions")
    )
    with (
        open_instance(open_home(home)) as instance,
        WorkspaceProcessContext(instance, InProcessTestWorkspaceLoadTarget(origin)) as workspace,
    ):
        schedules = load_remote_repo(workspace, SINGLETON_REPOSITORY_NAME).get_schedules()
        (schedule,) = [each for each in schedules if each.name == "nightly"]
        instance.start_schedule(schedule)
        back_after_three_days = datetime.now(UTC) + timedelta(days=3)
        list(launch_scheduled_runs(workspace, logging.getLogger("test"), back_after_three_days, {}))
        (tick,) = instance.get_ticks(schedule.get_remote_origin_id(), schedule.selector_id)
    missed = datetime.fromtimestamp(tick.timestamp, ZoneInfo("Asia/Ho_Chi_Minh"))
    assert (missed.hour, missed.minute) == (1, 30)
    assert timedelta(0) < back_after_three_days - missed <= timedelta(days=1)
    assert tick.skip_reason == "nothing new"


def test_the_sensor_waits_until_nobody_writes_and_asks_once_for_the_same_files(home):
    from orchestration.schedules import inbox_sensor

    context = dg.build_sensor_context()
    assert isinstance(inbox_sensor(context), dg.SkipReason)
    sent = home / "inbox" / "viettel" / "viettel_2022-11.xlsx"
    sent.write_bytes(b"still being wri")
    assert isinstance(inbox_sensor(context), dg.SkipReason)
    os.utime(sent, (1_700_000_000, 1_700_000_000))
    first, second = inbox_sensor(context), inbox_sensor(context)
    assert first.run_key == second.run_key
    sent.write_bytes(b"sent anew")
    os.utime(sent, (1_700_000_100, 1_700_000_100))
    assert inbox_sensor(context).run_key != first.run_key


def test_a_run_of_dagster_first_points_current_where_the_ledger_says(home):
    from orchestration.resources import HomeResource

    right = os.readlink(home / "current")
    (home / "current").unlink()  # as after a kill between the ledger entry and the switch
    with dg.build_resources({"store": HomeResource(folder=str(home))}):
        assert os.readlink(home / "current") == right


def test_the_job_takes_every_declared_source_to_the_release(home):
    from orchestration.definitions import defs
    from orchestration.home import open_home

    assets = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    sources = {f"{source.shape}/{source.source_id}" for source in open_home(home).sources.values()}
    assert sources <= assets
    assert {"inbox", "inputs/loads", "main/fct_indicator_values", "release"} <= assets
    release = defs.resolve_asset_graph().get(dg.AssetKey("release"))
    assert dg.AssetKey(["main", "fct_indicator_values"]) in release.parent_keys


def test_every_asset_and_check_says_what_it_is_and_every_asset_who_answers_for_it_and_where_it_is_declared(home):
    from orchestration.catalogue import FLOW, group
    from orchestration.definitions import defs

    assets = [defs.resolve_asset_graph().get(key) for key in defs.resolve_asset_graph().get_all_asset_keys()]
    bare = [
        asset.key.to_user_string()
        for asset in assets
        if not (asset.description and asset.owners and asset.kinds and "dagster/code_references" in asset.metadata)
    ]
    assert len(assets) > 80
    assert bare == []
    assert {asset.group_name for asset in assets} == {group(layer) for layer in FLOW}
    checks = [spec for each in defs.assets for spec in getattr(each, "check_specs", ())]
    assert len(checks) > 100
    assert [spec.name for spec in checks if not spec.description] == []


def test_what_a_night_made_of_every_asset_can_be_plotted(home):
    from orchestration.definitions import defs

    keys = defs.resolve_asset_graph().get_all_asset_keys()
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        made = {key: instance.get_latest_materialization_event(key).asset_materialization.metadata for key in keys}
    assert [key for key, metadata in made.items() if metadata["seconds"].value < 0] == []
    uncounted = {key.path[-1] for key, metadata in made.items() if "dagster/row_count" not in metadata}
    with duckdb.connect(home / "build" / "warehouse.duckdb", read_only=True) as warehouse:
        views = {
            name for (name,) in warehouse.sql("select view_name from duckdb_views() where not internal").fetchall()
        }
    assert uncounted == {"inbox", *views}
    rows = made[dg.AssetKey(["main", "dim_provinces"])]["dagster/row_count"].value
    assert rows == duckdb.sql(f"select count(*) from '{home}/current/parquet/dim_provinces.parquet'").fetchone()[0]
    assert made[dg.AssetKey(["main", "dim_provinces"])]["release_path"].value.endswith(
        "current/parquet/dim_provinces.parquet"
    )
    columns = {
        each.name: each for each in made[dg.AssetKey(["staging", "stg_loads"])]["dagster/column_schema"].value.columns
    }
    assert columns["load_id"].type == "VARCHAR"
    assert columns["load_id"].description
