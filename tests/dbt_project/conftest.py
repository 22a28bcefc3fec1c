"""One dbt build per session on the fixture inputs, in a folder of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.fixture_inputs import write_inputs

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


@dataclass(frozen=True)
class Build:
    """What the build left: its results by node, the manifest and the database."""

    results: dict[str, Any]
    manifest: Any
    warehouse: duckdb.DuckDBPyConnection


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Every seed, model, data test and unit test of the project, run once on `fixture_inputs`."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    home = tmp_path_factory.mktemp("bản dựng")
    write_inputs(home / "inputs.duckdb")
    environment = {"SOTINH_WAREHOUSE": str(home / "warehouse.duckdb"), "SOTINH_INPUTS": str(home / "inputs.duckdb")}
    folders = [
        "--project-dir",
        str(DBT_PROJECT),
        "--profiles-dir",
        str(DBT_PROJECT),
        "--target-path",
        str(home / "dbt"),
    ]
    quiet = ["--quiet", "--log-level-file", "none", "--log-path", str(home / "logs")]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.delenv("SOTINH_SEEDS", raising=False)
        manifest = dbtRunner().invoke([*quiet, "parse", *folders]).result
        # A failing node is told by the test that asks for it, with its own message.
        outcome = dbtRunner(manifest=manifest).invoke([*quiet, "build", *folders])
    assert outcome.exception is None, outcome.exception
    DuckDBConnectionManager.close_all_connections()  # dbt keeps the file open for writing in this process
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as warehouse:
        yield Build({result.node.unique_id: result for result in outcome.result.results}, manifest, warehouse)
