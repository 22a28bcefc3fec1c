"""What sources owe and what became of it: drawn histories of opening, closing and merging against a plain count."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from tests.dbt_project.conftest import run_dbt
from tests.dbt_project.fixture_inputs import dossier_source, write_tables
from tests.dbt_project.owing_worlds import (
    AREAS,
    FIGURES,
    JUDGED_ON,
    LOADS,
    LOGS,
    SOURCES,
    STATES,
    Outcome,
    counted_by_hand,
    owed_periods,
    periods_held,
)
from tests.dbt_project.test_boundaries import lay_over

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("obligations")]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home: Path = tmp_path_factory.mktemp("nghĩa vụ")
    declared = [
        {**dossier_source(one["source_id"], 50), "frequency": one["declared"],
         **{name: one[name] for name in ("shape", "due_day", "boundary_set")}} for one in SOURCES
    ]  # fmt: skip
    write_tables(
        home / "inputs.duckdb",
        {
            "indicators": FIGURES,
            "transactions": STATES,
            "loads": LOADS,
            "sources": declared,
            "expected_members": [
                {"source_id": one["source_id"], "indicator_code": code, "breakdown": one["breakdown"],
                 "expected_from": one["expected_from"], "expected_to": one["expected_to"]}
                for one in SOURCES for code in one["codes"]
            ],
            "expected_areas": [
                {"source_id": one["source_id"], "province_id": province}
                for one in SOURCES for province in (one["own"] or [None])
            ],
            "exempt_figures": [
                {"source_id": one["source_id"], "reason": "không cung cấp dịch vụ", **each}
                for one in SOURCES for each in one["exempt"]
            ],
        },
    )  # fmt: skip
    run_dbt(home, "seed")
    lay_over(home / "warehouse.duckdb", {"provinces": AREAS})
    chosen = ("--select", "+rpt_completeness", "assert_completeness_lies_between_0_and_1")
    only = ("--indirect-selection", "empty", "--exclude-resource-type", "seed", "unit_test")
    _, result = run_dbt(home, "build", *only, *chosen)
    assert [
        f"{one.node.name}: {one.message}" for one in result.results if str(one.status) not in ("success", "pass")
    ] == []
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def by_hand() -> dict[tuple[str, ...], Outcome]:
    return counted_by_hand()


def test_every_owed_figure_and_its_state_is_the_one_counted_by_hand(warehouse, by_hand):
    told = {
        found[:4]: found[4:]
        for found in warehouse.sql(
            "select source_id, indicator_code, period_id, province_id, state, delivered_on, is_in_time "
            "from rpt_obligations"
        ).fetchall()
    }
    differing = [key for key in sorted({*told, *by_hand}) if told.get(key) != by_hand.get(key)]
    assert [(key, told.get(key), by_hand.get(key)) for key in differing[:5]] == []
    # and the histories hold every state, in time and late, of sheets and of logs
    logs = {one["source_id"] for one in LOGS}
    for owed in ([key for key in by_hand if (key[0] in logs) is is_log] for is_log in (True, False)):
        states = Counter(by_hand[key][0] for key in owed)
        assert len(states) == 6 and min(states.values()) > 5, states
        assert {in_time for _, day, in_time in map(by_hand.__getitem__, owed) if day} == {True, False}


def test_completeness_and_timeliness_are_shares_of_what_was_due(warehouse, by_hand):
    due_on = {
        (one["source_id"], name): last + timedelta(days=one["due_day"])
        for one in SOURCES
        for name, _, last in owed_periods(one)
    }
    due, come, timely, owed = Counter(), Counter(), Counter(), Counter()
    for (source_id, _, period, province), (state, _, in_time) in by_hand.items():
        key = (source_id, period, province)
        owed[key] += 1
        if state in ("delivered", "late", "missing") and due_on[source_id, period] < JUDGED_ON:
            due[key] += 1
            come[key] += state == "delivered"
            timely[key] += bool(in_time)

    def share(part: int, whole: int) -> Decimal | None:
        return (Decimal(part) / whole).quantize(Decimal("1e-10"), ROUND_HALF_UP) if whole else None

    wanted = {key: (owed[key], share(come[key], due[key]), share(timely[key], due[key])) for key in owed}
    told = {
        found[:3]: found[3:]
        for found in warehouse.sql(
            "select source_id, period_id, province_id, owed_count, completeness, timeliness from rpt_completeness"
        ).fetchall()
    }
    assert told == wanted
    shares = [whole for _, whole, _ in wanted.values() if whole is not None]
    assert len(wanted) > 1000 and min(shares) == 0 and max(shares) == 1 and any(0 < one < 1 for one in shares)


def test_a_held_load_of_the_period_stands_beside_what_is_late(warehouse):
    held = periods_held()
    told = warehouse.sql(
        "select distinct source_id, period_id from rpt_obligations where state = 'late' and held_load_id is not null"
    ).fetchall()
    silent = warehouse.sql(
        "select distinct source_id, period_id from rpt_obligations where state = 'late' and held_load_id is null"
    ).fetchall()
    assert told and set(told) <= held and silent and not set(silent) & held
    assert {one["source_id"] for one in LOGS} & {source_id for source_id, _ in told}
