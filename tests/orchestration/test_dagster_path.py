"""What Dagster starts by itself behaves as what the command line starts."""

import os
from pathlib import Path

import dagster as dg
import pytest

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
