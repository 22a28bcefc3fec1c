"""Every row of every load is accounted for, whatever happens; and a row that is not would be seen."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations import verdict
from ingestion.reference import load_reference
from orchestration import loading
from tests.ingestion.conftest import SEEDS
from tests.orchestration.balance_faults import KINDS, ROW_KINDS
from tests.orchestration.balance_world import World, live_through, new_world
from tests.prove_balance import prove

pytestmark = pytest.mark.slow

LOADS = 60


@pytest.mark.timeout(900)  # about 90 CPU seconds: a busy machine makes minutes of it
def test_sixty_loads_with_faults_of_every_kind_balance_after_kills_replays_and_decisions(tmp_path: Path) -> None:
    tally, found = prove(tmp_path, LOADS, seed=0)
    assert found == []
    assert tally["loads"] >= LOADS
    assert len(KINDS) >= 20
    assert [kind for kind in KINDS if not tally[f"kind {kind}"]] == []
    assert [rule for rule in ROW_KINDS if not tally[f"rule {rule}"]] == []
    assert min(tally[each] for each in ("kills", "gates", "decision release", "decision discard")) >= 1


def _rewrite(path: Path, rows: pa.Table) -> None:
    path.chmod(0o644)
    pq.write_table(rows, path, store_schema=False)


def lose_a_row_in_the_lake(world: World) -> None:
    path = min((world.home.paths.lake / "subscribers").rglob("*.parquet"))
    _rewrite(path, pq.read_table(path)[1:])


def lose_a_rejected_row(world: World) -> None:
    path = min((world.home.paths.lake / "rejected").rglob("*.parquet"))
    _rewrite(path, pq.read_table(path)[1:])


def reject_a_row_twice(world: World) -> None:
    path = min((world.home.paths.lake / "rejected").rglob("*.parquet"))
    rows = pq.read_table(path)
    _rewrite(path, pa.concat_tables([rows, rows[:1]]))


def move_a_rejected_row_to_another_sheet(world: World) -> None:
    path = min((world.home.paths.lake / "rejected").rglob("*.parquet"))
    rows = pq.read_table(path)
    sheets = ["Trang khác", *rows["sheet"].to_pylist()[1:]]
    _rewrite(path, rows.set_column(rows.column_names.index("sheet"), "sheet", pa.array(sheets, pa.string())))


@pytest.mark.parametrize(
    ("sabotage", "said"),
    [
        (lose_a_row_in_the_lake, "lake files do not hold the accepted rows"),
        (lose_a_rejected_row, "rejected rows differ from audit_rejected_rows"),
        (reject_a_row_twice, "rejected rows differ from audit_rejected_rows"),
        (move_a_rejected_row_to_another_sheet, "rejected rows of sheets differ from their reasons"),
    ],
)
def test_the_proof_sees_a_file_that_holds_other_rows(tmp_path: Path, sabotage: Any, said: str) -> None:
    world = new_world(tmp_path / "home", 1, load_reference([SEEDS]))
    found = live_through(world, ["negative count"], sabotage)
    assert any(said in each for each in found), found


def test_the_proof_sees_a_row_that_is_dropped_before_settling(tmp_path: Path, monkeypatch: Any) -> None:
    stage = loading.loads.stage

    def stage_one_less(paths: Any, load: Any, rows: pa.Table, *more: Any) -> Path:
        return stage(paths, load, rows[:-1], *more)

    monkeypatch.setattr(loading.loads, "stage", stage_one_less)
    world = new_world(tmp_path / "home", 1, load_reference([SEEDS]))
    found = live_through(world, ["good workbook"])
    assert "does not balance: rows read must equal accepted + rejected + superseded" in found[0]


def test_the_proof_sees_a_rule_that_rejects_fewer_rows_than_it_found(tmp_path: Path, monkeypatch: Any) -> None:
    rejected_rows = verdict.rejected_rows
    monkeypatch.setattr(verdict, "rejected_rows", lambda *args: rejected_rows(*args)[1:])
    world = new_world(tmp_path / "home", 1, load_reference([SEEDS]))
    found = live_through(world, ["negative count"])
    assert any("value_not_below_minimum: 1 rows name it, 2 were found" in each for each in found), found
