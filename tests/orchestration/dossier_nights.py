"""Nights of dossier logs in this process: everything a night does but Dagster, on a home of its own."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from orchestration.dbt_build import keep_or_drop
from orchestration.home import Home, open_home
from orchestration.loading import load_source
from orchestration.releasing import freeze_inputs
from tests.dbt_project.centre_oracle import COUNTED_ELSEWHERE, Value, expected_values, with_later_areas
from tests.dbt_project.conftest import parsed_project, run_dbt
from tests.dbt_project.dossier_oracle import COUNTS, Dossier, Key, as_of_dates, expected_cells, latest_states
from tests.orchestration.raw_logs import RANKS, Sent, counted_states
from warehouse.landing import receive

FIRST_NIGHT = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
KEY = ("province_id", "procedure_code", "service_level", "channel", "period_id", "source_id")
CODE = "the code of these nights"
MADE_OF_DOSSIERS = f"""
    select province_id, indicator_code, period_id, value, status from fct_indicator_values
    where method in ('breakdown_sum', 'boundary_sum', 'not_derivable')
        and indicator_code like 'dvc%' and indicator_code not like '%pct' and indicator_code not in {COUNTED_ELSEWHERE}
        and period_id in (select period_id from dim_periods where period_type = 'month')
"""


def new_home(folder: Path) -> Home:
    folder.mkdir(parents=True)
    (folder / "sotinh.toml").write_text("settle_seconds = 0\n", encoding="utf-8")
    return open_home(folder)


def receive_all(home: Home, files: Sequence[Sent], now: datetime) -> None:
    """Files arrive one after another, so that one may have the name of another."""
    for file in files:
        folder = home.paths.inbox / file.source_id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file.file_name).write_bytes(file.data)
        receive(home.paths, home.ledger, home.settings, home.source_ids, now, home.inboxes)


def load_night(home: Home, files: Sequence[Sent], now: datetime) -> None:
    """Receive and settle these files, and freeze what a build of this night may read."""
    receive_all(home, files, now)
    for source_id in dict.fromkeys(file.source_id for file in files):
        load_source(home, home.sources[source_id], now, f"run of {now:%Y-%m-%d}")
    freeze_inputs(home, now)


def build_night(home: Home, *options: str) -> None:
    """Build on what the night before left, as the night does."""
    nodes = parsed_project(home.paths.build).nodes.values()
    kept = {f"{node.schema}.{node.alias}" for node in nodes if node.config.materialized == "incremental"}
    keep_or_drop(home.paths.warehouse_db, CODE, kept)
    _, result = run_dbt(home.paths.build, "build", "--exclude-resource-type", "unit_test", *options)
    failed = [f"{one.node.name}: {one.message}" for one in result.results if str(one.status) in ("error", "fail")]
    assert failed == []


def nights_in_random_order(files: Sequence[Sent], seed: int, most_nights: int = 4) -> list[list[Sent]]:
    """The files in an order of their own, over at least two nights of any length."""
    random = Random(seed)
    order = random.sample(files, len(files))
    cuts = sorted(random.sample(range(1, len(order)), random.randint(1, most_nights - 1)))
    return [order[first:last] for first, last in zip([0, *cuts], [*cuts, len(order)], strict=True)]


def run_nights(home: Home, nights: Sequence[Sequence[Sent]], *options: str) -> None:
    """Load and build one night after another, each on its own day of the week."""
    for number, files in enumerate(nights):
        load_night(home, files, FIRST_NIGHT + timedelta(days=number))
        build_night(home, *options)


def found_cells(database: Path) -> dict[tuple, dict[str, Any]]:
    """Rows of `fct_dossiers` by key, all columns."""
    names = [*KEY, *COUNTS, "as_of_date"]
    with duckdb.connect(database, read_only=True) as connection:
        rows = connection.sql("from fct_dossiers")
        assert sorted(rows.columns) == sorted(names)  # a column that is not compared would prove nothing
        found = rows.select(*names).fetchall()
    return {row[: len(KEY)]: dict(zip(names[len(KEY) :], row[len(KEY) :], strict=True)) for row in found}


def found_values(database: Path) -> dict[tuple, Value]:
    """What the centre holds of dossiers by province, indicator and month, but for ratios."""
    with duckdb.connect(database, read_only=True) as connection:
        return {row[:3]: row[3:] for row in connection.sql(MADE_OF_DOSSIERS).fetchall()}


def counted(sent: Sequence[Sent]) -> tuple[dict[Key, dict[str, Any]], dict[tuple, Value]]:
    """What the two tables must hold of these files, received in this order."""
    states, accepted = counted_states(sent)
    cells = expected_cells(states, RANKS, accepted)
    dossiers = map(Dossier, latest_states(states, RANKS, accepted))
    return cells, with_later_areas(expected_values(cells, dossiers, as_of_dates(states)))


def differences(found: Mapping[tuple, Any], wanted: Mapping[tuple, Any]) -> list[tuple]:
    """What differs, or only one side has: the first few, for reading."""
    keys = [key for key in sorted({*found, *wanted}) if found.get(key) != wanted.get(key)]
    return [(len(keys), key, found.get(key), wanted.get(key)) for key in keys[:5]]
