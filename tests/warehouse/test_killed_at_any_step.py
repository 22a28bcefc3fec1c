"""Killed before any step and run again, the store ends as if nothing had happened."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import PROJECT_DIR
from tests.warehouse.kill_lab import SERVER_INBOX


@pytest.mark.slow
@pytest.mark.parametrize(
    "scenario",
    [
        "receive",
        "receive_across_file_systems",
        "receive_again",
        "receive_again_across_file_systems",
        "accept",
        "quarantine",
        "logs",
        "held_log",
        "publish",
        "rollback",
    ],
)
def test_killed_before_any_step_and_run_again_it_ends_as_undisturbed(scenario):
    try_to_kill(scenario)


@pytest.mark.slow
@pytest.mark.xdist_group("servers")
def test_killed_before_any_step_of_taking_files_from_a_server_it_ends_as_undisturbed(sftp_server, tmp_path):
    files = {"viettel/a.csv": b"september", "viettel/b.csv": b"september", "vnpt/c.csv": b"other", "la/x.csv": b"?"}
    for place, content in files.items():
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_bytes(content)
    try_to_kill("receive_from_server", **sftp_server.variables, **{SERVER_INBOX: sftp_server.url(tmp_path)})
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*")} == set(files)


def try_to_kill(scenario, **variables):
    command = [sys.executable, "-m", "tests.warehouse.kill_lab", scenario]
    environment = os.environ | variables
    lab = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT_DIR, env=environment)
    assert lab.returncode == 0, lab.stderr[-3000:]
    (result,) = json.loads(lab.stdout)
    assert result["trials"] >= 6
    assert result["differing"] == []
