"""Killed before any step and run again, the store ends as if nothing had happened."""

import json
import subprocess
import sys

import pytest

from tests.conftest import PROJECT_DIR


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
    lab = subprocess.run(
        [sys.executable, "-m", "tests.warehouse.kill_lab", scenario], capture_output=True, text=True, cwd=PROJECT_DIR
    )
    assert lab.returncode == 0, lab.stderr[-3000:]
    (result,) = json.loads(lab.stdout)
    assert result["trials"] >= 6
    assert result["differing"] == []
