"""Fixtures shared by all tests: one published home per session, made by the command itself."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.required import missing
from tests.servers import S3Server, SftpServer, running_s3, running_sshd

PROJECT_DIR = Path(__file__).resolve().parents[1]

Sotinh = Callable[..., subprocess.CompletedProcess[str]]


def run_sotinh(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestration", "--home", str(home), *arguments]
    clean = {
        name: value for name, value in os.environ.items() if name.split("_")[0] not in ("SOTINH", "DAGSTER", "DBT")
    }
    return subprocess.run(command, capture_output=True, text=True, cwd=PROJECT_DIR, env=clean | variables, timeout=240)


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that one of the test processes makes and all of them read."""
    root = tmp_path_factory.getbasetemp()
    folder = (root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root) / name
    is_made = folder.with_suffix(".made")
    with FileLock(folder.with_suffix(".lock")):
        if not is_made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            is_made.touch()
    return folder


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home after its first night on the sample inbox."""

    def make(home: Path) -> None:
        assert run_sotinh(home, "sample").returncode == 0
        night = run_sotinh(home, "nightly", "--json")
        assert night.returncode == 0, night.stdout[-3000:] + night.stderr[-3000:]

    return made_once(tmp_path_factory, "first_night", make)


@pytest.fixture(scope="session")
def faulty_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Home after a first night on the sample inbox with faults, and how that night ended."""

    def make(home: Path) -> None:
        assert run_sotinh(home, "sample", "--with-faults").returncode == 0
        night = run_sotinh(home, "nightly", "--json")
        home.with_suffix(".json").write_text(night.stdout, encoding="utf-8")

    home = made_once(tmp_path_factory, "faulty_night", make)
    return home, json.loads(home.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def sotinh(first_night: Path) -> Sotinh:
    """The command; a new home gets the parsed dbt project of the first night, which would be the same."""

    def run(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        parsed = Path("build", "dbt", "parse")
        if "nightly" in arguments and not (home / parsed).exists():
            shutil.copytree(first_night / parsed, home / parsed)
        return run_sotinh(home, *arguments, **variables)

    return run


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    """OpenSSH's server on loopback."""
    with running_sshd(tmp_path_factory.mktemp("sftp") / "server") as server:
        yield server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A server that speaks S3 over HTTP, on loopback."""
    with running_s3() as server:
        yield server


@pytest.fixture(scope="session")
def real_dir() -> Path:
    """Folder of the real public files, which are no part of the product."""
    folder = Path(os.environ.get("SOTINH_REAL_DIR") or PROJECT_DIR.parent / "shared" / "real")
    if not (folder / "MANIFEST.md").is_file():
        missing(f"the real files are not in {folder}; set SOTINH_REAL_DIR")
    return folder
