"""Logs as publishers send them, against a count in plain Python, by the command and in any order of loading.

`make prove-dossiers` does the same with 100,000 states and twenty orders.
"""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from ingestion.generate import generate
from orchestration.home import Home
from tests.conftest import Sotinh
from tests.dbt_project.conftest import parsed_project
from tests.dbt_project.dossier_oracle import Dossier, latest_states
from tests.orchestration.dossier_nights import (
    FIRST_NIGHT,
    build_night,
    counted,
    differences,
    found_cells,
    found_values,
    load_night,
    new_home,
    nights_in_random_order,
    receive_all,
    run_nights,
)
from tests.orchestration.raw_logs import NATIONAL, PROVINCIAL, RANKS, Sent, counted_states, packed
from tests.orchestration.resent_logs import changed_in_place, contested, late_state, with_resent
from warehouse.content import content_hash
from warehouse.load_records import load_records

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dossier_proof")]

ROWS, MONTHS, FIRST_MONTH = 2500, 2, date(2025, 6, 1)  # in July 2025 the provinces became others
ORDERS = 3
WHAT_IS_COMPARED = ("--select", "+fct_dossiers", "+int_dossier_indicators", "--exclude", "resource_type:test")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[Sent]:
    written = generate(tmp_path_factory.mktemp("logs"), ROWS, MONTHS, seed=7, first_month=FIRST_MONTH)
    return [Sent(path.parent.name, path.name, path.read_bytes()) for path in written]


@pytest.fixture(scope="module")
def sent(logs: list[Sent]) -> list[Sent]:
    return with_resent(logs, seed=3)


@pytest.fixture(scope="module")
def homes(sent: list[Sent], tmp_path_factory: pytest.TempPathFactory) -> list[Home]:
    """The same files loaded in several orders, over several nights."""
    opened = [new_home(tmp_path_factory.mktemp("orders") / str(seed)) for seed in range(ORDERS)]
    for seed, home in enumerate(opened):
        run_nights(home, nights_in_random_order(sent, seed, most_nights=2), *WHAT_IS_COMPARED)
    return opened


def test_the_files_mislead_in_every_way_a_publisher_does(logs: list[Sent], sent: list[Sent]):
    states, accepted = counted_states(sent)
    originals, first = counted_states(logs)
    assert len(originals) == ROWS
    assert len(sent) - len(accepted) == 2  # the same bytes under other names
    assert max(Counter((file.source_id, file.file_name) for file in sent).values()) > 2  # a name sent again and again
    lines = sum(len(file.records) for file in {file.sha256: file for file in sent}.values())
    assert len(states) == lines - 8  # lines that cannot be true
    assert contested(states) == 0  # else the file received later would be right, and the order would matter
    assert contested(counted_states([*sent, *changed_in_place(logs, seed=3)])[0]) > 10
    before = {state["dossier_key"]: Dossier(state) for state in latest_states(originals, RANKS, first)}
    after = {state["dossier_key"]: Dossier(state) for state in latest_states(states, RANKS, accepted)}
    moved = [(one.received, after[key].received) for key, one in before.items() if one.received and after[key].received]
    assert sum(f"{new:%Y-%m}" < f"{old:%Y-%m}" for old, new in moved) > 10
    assert sum(f"{new:%Y-%m}" > f"{old:%Y-%m}" for old, new in moved) > 10
    assert sum(one.left is not None and after[key].left is None for key, one in before.items()) > 10
    assert sum(one.group != after[key].group for key, one in before.items()) > 10
    assert len({key for key in after if key not in before}) > 10
    assert {one.source_id for one in after.values()} == {PROVINCIAL, NATIONAL}


def test_a_night_by_the_command_holds_in_every_cell_what_plain_python_counts(
    logs: list[Sent], sent: list[Sent], sotinh: Sotinh, tmp_path: Path
):
    everything = [*sent, *changed_in_place(logs, seed=3)]
    home = new_home(tmp_path / "home")
    receive_all(home, everything, FIRST_NIGHT)
    night = sotinh(tmp_path / "home", "nightly", "--json")
    assert night.returncode == 3, night.stdout[-3000:] + night.stderr[-3000:]  # some rows are rejected
    verdicts = Counter(load["verdict"] for load in json.loads(night.stdout)["loads"])
    assert set(verdicts) == {"accepted", "accepted_with_warnings", "duplicate"}, verdicts
    cells, values = counted(everything)
    found = found_cells(tmp_path / "home" / "current" / "sotinh.duckdb")
    assert differences(found, cells) == []
    assert len(found) > 300
    in_the_centre = found_values(tmp_path / "home" / "current" / "sotinh.duckdb")
    assert differences(in_the_centre, values) == []
    assert {code for _, code, _ in in_the_centre} >= {"dvc_days_median", "dvc_days_p90", "dvc_pending_late"}
    with duckdb.connect(tmp_path / "home" / "current" / "sotinh.duckdb", read_only=True) as release:
        after = "from fct_indicator_values where province_id like 'P34%' and indicator_code like 'dvc%' and value > 0"
        assert release.sql(f"select count(*) > 100, bool_or(has_conflict) {after}").fetchall() == [(True, False)]


def test_the_order_of_loading_does_not_matter(homes: list[Home], sent: list[Sent]):
    cells, _ = counted(sent)
    hashes = []
    for home in homes:
        assert differences(found_cells(home.paths.warehouse_db), cells) == []
        with duckdb.connect(home.paths.warehouse_db, read_only=True) as connection:
            days = connection.sql("select * exclude (known_from) from intermediate.int_dossier_indicators order by all")
            hashes.append((content_hash(connection).table_hashes["fct_dossiers"], days.fetchall()))
    assert all(each == hashes[0] for each in hashes)


def test_a_night_reads_only_the_month_it_touches(homes: list[Home], sent: list[Sent]):
    home, log = homes[0], next(file for file in sent if file.source_id == PROVINCIAL)
    one = late_state(PROVINCIAL, log.records[5], datetime.fromisoformat("2025-08-01"), Random(1))
    load_night(home, [Sent(PROVINCIAL, "mot_ho_so.csv.gz", packed(PROVINCIAL, [one]))], FIRST_NIGHT + timedelta(days=9))
    build_night(home, "--select", "+fct_dossiers", "--indirect-selection", "cautious")
    (touched,) = load_records(home.ledger)[-1].payload["lake_files"]
    lake = home.paths.lake / "transactions"
    wanted = f"{len(list((home.paths.home / touched).parent.iterdir()))}/{len(list(lake.glob('*/*.parquet')))}"
    nodes = parsed_project(home.paths.build).nodes.values()
    readers = [node for node in nodes if "model.sotinh.stg_transactions" in getattr(node.depends_on, "nodes", ())]
    assert {node.name for node in readers} == {
        "int_dossiers_changed", "int_dossier_loads", "assert_every_dossier_is_counted_once",
    }  # fmt: skip
    for node in readers:
        (compiled,) = (home.paths.build / "dbt" / "compiled").rglob(f"{node.name}.sql")
        assert scanned(home, compiled.read_text(encoding="utf-8")) == [wanted], node.name


def scanned(home: Home, query: str) -> list[str]:
    """Of each scan of Parquet files in the plan of a query: how many files it opens, of how many."""
    with duckdb.connect(home.paths.warehouse_db, read_only=True) as connection:
        connection.execute(f"attach if not exists '{home.paths.inputs_db}' as inputs (read_only)")
        (plan,) = connection.execute(f"explain (analyze, format json) {query}").fetchall()
    waiting, found = [json.loads(plan[1])], []
    while waiting:
        operator = waiting.pop()
        waiting += operator["children"]
        facts = operator["extra_info"]
        if isinstance(facts, dict) and facts.get("Function") == "READ_PARQUET":
            found.append(facts.get("Scanning Files", "all"))
    return found
