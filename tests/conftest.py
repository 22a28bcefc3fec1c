"""Fixtures shared by all tests: one published home per session, made by the command itself."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[1]

Sotinh = Callable[..., subprocess.CompletedProcess[str]]


def run_sotinh(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestration", "--home", str(home), *arguments]
    clean = {
        name: value for name, value in os.environ.items() if name.split("_")[0] not in ("SOTINH", "DAGSTER", "DBT")
    }
    return subprocess.run(command, capture_output=True, text=True, cwd=PROJECT_DIR, env=clean, timeout=240)


@pytest.fixture(scope="session")
def sotinh() -> Sotinh:
    return run_sotinh


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home after its first night on the sample inbox."""
    home = tmp_path_factory.mktemp("first_night")
    assert run_sotinh(home, "sample").returncode == 0
    night = run_sotinh(home, "nightly", "--json")
    assert night.returncode == 0, night.stdout[-3000:] + night.stderr[-3000:]
    return home


@pytest.fixture(scope="session")
def faulty_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Home after a first night on the sample inbox with faults, and how that night ended."""
    home = tmp_path_factory.mktemp("faulty_night")
    assert run_sotinh(home, "sample", "--with-faults").returncode == 0
    return home, run_sotinh(home, "nightly", "--json")


@pytest.fixture(scope="session")
def real_dir() -> Path:
    """Folder of the real public files, which are no part of the product."""
    folder = Path(os.environ.get("SOTINH_REAL_DIR") or PROJECT_DIR.parent / "shared" / "real")
    if not (folder / "MANIFEST.md").is_file():
        missing = f"the real files are not in {folder}; set SOTINH_REAL_DIR"
        if os.environ.get("SOTINH_REQUIRE_ALL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return folder
