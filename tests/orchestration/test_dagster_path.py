"""What Dagster starts by itself behaves as what the command line starts."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import InProcessTestWorkspaceLoadTarget, load_remote_repo
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._scheduler.scheduler import launch_scheduled_runs

from orchestration.home import open_home
from orchestration.run import open_instance
from tests.conftest import PROJECT_DIR
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
        (schedule,) = load_remote_repo(workspace, SINGLETON_REPOSITORY_NAME).get_schedules()
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


def test_the_pages_answer_on_this_machine_only(home):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "orchestration", "dev", "--port", str(port)]
    pages = subprocess.Popen(
        command, cwd=PROJECT_DIR, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        assert b"dagster_webserver_version" in answer_of(f"http://127.0.0.1:{port}/server_info")
        assert listening_addresses(port) == {"127.0.0.1"}
    finally:
        os.killpg(pages.pid, signal.SIGKILL)  # the pages, their daemon and the code server are one group
        pages.wait(timeout=60)


def listening_addresses(port: int) -> set[str]:
    """IPv4 and IPv6 addresses of this machine that accept connections on a port, as the kernel lists them."""
    found = set()
    for table, family in (("/proc/net/tcp", socket.AF_INET), ("/proc/net/tcp6", socket.AF_INET6)):
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            number, listened_port = address.split(":")
            if state == "0A" and int(listened_port, 16) == port:
                words = [bytes.fromhex(number[at : at + 8])[::-1] for at in range(0, len(number), 8)]
                found.add(socket.inet_ntop(family, b"".join(words)))
    return found


def answer_of(url: str) -> bytes:
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return response.read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
