"""One dbt build per session on the fixture inputs, in a folder of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.fixture_inputs import write_inputs

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
PARSED: list[Any] = []  # the manifest, once there is one: it does not depend on the folder


@dataclass(frozen=True)
class Build:
    """What the build left: its results by node, the manifest and the database."""

    results: dict[str, Any]
    manifest: Any
    warehouse: duckdb.DuckDBPyConnection


def run_dbt(home: Path, *command: str) -> tuple[Any, Any]:
    """Run one dbt command in this process, on `inputs.duckdb` into `warehouse.duckdb` of a folder.

    Returns:
        The manifest and dbt's result.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    manifest = parsed_project(home)
    with _environment(home):
        # A failing node is told by the test that asks for it, with its own message.
        outcome = dbtRunner(manifest=manifest).invoke([*_flags(home), *command, *_folders(home)])
    assert outcome.exception is None, outcome.exception
    DuckDBConnectionManager.close_all_connections()  # dbt keeps the file open for writing in this process
    return manifest, outcome.result


def parsed_project(home: Path) -> Any:
    """The manifest, parsed once per process."""
    from dbt.cli.main import dbtRunner

    if not PARSED:
        with _environment(home):
            PARSED.append(dbtRunner().invoke([*_flags(home), "parse", *_folders(home)]).result)
    return PARSED[0]


@contextmanager
def _environment(home: Path) -> Iterator[None]:
    environment = {"SOTINH_WAREHOUSE": str(home / "warehouse.duckdb"), "SOTINH_INPUTS": str(home / "inputs.duckdb")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.delenv("SOTINH_SEEDS", raising=False)
        yield


def _flags(home: Path) -> list[str]:
    return ["--quiet", "--log-level-file", "none", "--log-path", str(home / "logs")]


def _folders(home: Path) -> list[str]:
    project = str(DBT_PROJECT)
    return ["--project-dir", project, "--profiles-dir", project, "--target-path", str(home / "dbt")]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Every seed, model, data test and unit test of the project, run once on `fixture_inputs`."""
    home = tmp_path_factory.mktemp("bản dựng")
    write_inputs(home / "inputs.duckdb")
    manifest, result = run_dbt(home, "build")
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as warehouse:
        yield Build({one.node.unique_id: one for one in result.results}, manifest, warehouse)
