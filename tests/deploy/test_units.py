"""The units for systemd: what they run exists, what they call success is success, and systemd accepts them."""

import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from orchestration import failures
from orchestration.cli import main
from tests.conftest import PROJECT_DIR
from tests.required import missing

UNITS = PROJECT_DIR / "deploy" / "systemd"
INSTALLED = "/opt/sotinh"
SERVICES = ("sotinh-nightly.service", "sotinh-dagster.service")


def unit(name: str) -> ConfigParser:
    parsed = ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str
    parsed.read(UNITS / name, encoding="utf-8")
    return parsed


@pytest.fixture(scope="module")
def systemd_analyze() -> str:
    found = shutil.which("systemd-analyze")
    if not found:
        missing("systemd-analyze is not installed (Debian: apt-get install systemd)")
    return found


@pytest.fixture
def unit_folder(tmp_path) -> Path:
    """The units as if the project were installed where it lies now."""
    folder = shutil.copytree(UNITS, tmp_path / "units")
    command = tmp_path / "sotinh"  # the project may lie under a name that a unit would have to quote
    command.symlink_to(Path(sys.executable).parent / "sotinh")
    for service in folder.glob("*.service"):
        text = service.read_text(encoding="utf-8").replace(f"{INSTALLED}/.venv/bin/sotinh", str(command))
        service.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", SERVICES)
def test_every_option_of_a_unit_is_one_of_the_command(name):
    executable, command, *arguments = unit(name)["Service"]["ExecStart"].split()
    assert executable == f"{INSTALLED}/.venv/bin/sotinh"
    main.commands[command].make_context(command, arguments, resilient_parsing=False)


def test_only_a_release_that_is_out_or_held_counts_as_a_night_that_went_well():
    as_success = {int(code) for code in unit("sotinh-nightly.service")["Service"]["SuccessExitStatus"].split()}
    held_for_approval = 4  # the next code of `sotinh nightly`, see the table of the README
    assert as_success == {failures.PARTLY_REFUSED, held_for_approval}
    assert as_success.isdisjoint({failures.FAILED, failures.BAD_USAGE, failures.LOCKED})


def test_the_timer_and_dagsters_schedule_are_the_same_moment():
    timer = unit("sotinh-nightly.timer")["Timer"]["OnCalendar"]
    hour, minute, zone = re.fullmatch(r"\*-\*-\* (\d\d):(\d\d):00 (\S+)", timer).groups()
    source = (PROJECT_DIR / "orchestration" / "schedules.py").read_text(encoding="utf-8")
    assert re.findall(r'cron_schedule="([^"]+)"', source) == [f"{int(minute)} {int(hour)} * * *"]
    assert re.findall(r'execution_timezone="([^"]+)"', source) == [zone]


def test_the_pages_listen_on_loopback_alone_and_files_that_name_persons_stay_private():
    assert "--host" not in unit("sotinh-dagster.service")["Service"]["ExecStart"]
    common = unit("sotinh-.service.d/common.conf")["Service"]
    assert (common["UMask"], common["StateDirectoryMode"]) == ("0027", "0750")
    assert common["Environment"] == f"SOTINH_HOME={common['WorkingDirectory']}"


def test_systemd_accepts_every_unit(systemd_analyze, unit_folder):
    names = sorted(path.name for path in unit_folder.iterdir() if path.is_file())
    verified = subprocess.run(
        [systemd_analyze, "verify", "--man=no", *names],
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{unit_folder}:"},
    )
    ours = [line for line in verified.stderr.splitlines() if "sotinh" in line]
    assert (verified.returncode, ours) == (0, [])


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_rates_the_exposure_of_a_service_as_low(systemd_analyze, unit_folder, name):
    rated = subprocess.run(
        [systemd_analyze, "security", "--offline=true", "--no-pager", "--threshold=15", name],
        capture_output=True,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{unit_folder}:"},
    )
    assert rated.returncode == 0, rated.stdout[-300:] + rated.stderr


def test_the_administrators_command_uses_the_user_the_home_and_the_umask_of_the_units():
    script = (PROJECT_DIR / "deploy" / "sotinh").read_text(encoding="utf-8")
    common = unit("sotinh-.service.d/common.conf")["Service"]
    assert f"umask {common['UMask'][1:]}" in script
    assert f"runuser -u {common['User']} -- env {common['Environment']} {INSTALLED}/.venv/bin/sotinh" in script
    assert common["EnvironmentFile"].removeprefix("-") in script
    assert os.access(PROJECT_DIR / "deploy" / "sotinh", os.X_OK)
