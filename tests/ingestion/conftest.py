"""The shipped reference tables, read once."""

from pathlib import Path

import pytest

from ingestion.reference import Reference, load_reference

SOURCES_DIR = Path(__file__).parents[2] / "ingestion" / "sources"
SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"


@pytest.fixture(scope="session")
def reference() -> Reference:
    return load_reference([SEEDS])
