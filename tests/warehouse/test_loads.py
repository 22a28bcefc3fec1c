"""From staged rows to the lake: every row counted, one entry makes them count."""

import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.store import accept, at_night, check, load_of, new_store, reject, rows, unreadable
from warehouse import loads
from warehouse.errors import BalanceError, StoreError
from warehouse.inbox import scan
from warehouse.inboxes import Sight
from warehouse.ledger import entries, last_entry_no
from warehouse.load_records import (
    landed_files,
    last_loads,
    live_loads,
    load_records,
    loads_since,
    open_refusals,
    previous_row_count,
)
from warehouse.partitions import partition_of, period_range
from warehouse.sweep import sweep

TWO_MONTHS = rows((1, "P63-01", "2022-09", "10"), (2, "P63-26", "2022-10", "-5"), (4, "P63-26", "2022-10", "7"))


@pytest.fixture
def store(tmp_path):
    return new_store(tmp_path / "home")


def lake_bytes(store):
    return {p.relative_to(store.paths.lake): p.read_bytes() for p in store.paths.lake.rglob("*.parquet")}


def hold(store, load, table, rejected=None, rejected_rows=()):
    loads.stage(store.paths, load, table, unreadable() if rejected is None else rejected)
    return loads.quarantine(
        store.paths,
        store.ledger,
        load,
        rejected_rows=rejected_rows,
        checks=[check(success=False)],
        at=at_night(0),
        run_id="run-1",
        reason_vi="Thiếu 5 tỉnh.",
        reason_en="Five provinces are missing.",
    )


def test_accepted_rows_lie_by_month_and_rejected_ones_carry_every_reason(store):
    payload = accept(
        store,
        load_of("l1", 4),
        TWO_MONTHS,
        unreadable(3),
        [reject(2, "negative_count", "share_over_100", field="place", raw_value="Hà Nội")],
    )
    assert payload == entries(store.ledger, "load")[0].payload
    assert payload["lake_files"] == [
        "lake/subscribers/month=2022-09/l1.parquet",
        "lake/subscribers/month=2022-10/l1.parquet",
    ]
    counts = [payload[name] for name in ("rows_read", "rows_accepted", "rows_rejected", "rows_superseded")]
    assert counts == [4, 2, 2, 0]
    assert (payload["first_period_id"], payload["last_period_id"]) == ("2022-09", "2022-10")
    assert payload["checks"][0]["run_id"] == "run-1"
    october = pq.read_table(store.paths.home / payload["lake_files"][1])
    assert october["row_no"].to_pylist() == [4]
    assert set(october["load_id"].to_pylist() + october["source_id"].to_pylist()) == {"l1", "viettel"}
    rejected = pq.read_table(store.paths.home / payload["rejected_file"]).to_pylist()
    assert [(row["row_no"], row["cell"], row["raw_value"], row["reason_code"]) for row in rejected] == [
        (2, "D2", "Hà Nội", "negative_count"),
        (3, "D3", "abc", "unreadable_number"),
    ]
    assert rejected[0]["field"] == "place"
    assert json.loads(rejected[0]["reasons"]) == ["negative_count", "share_over_100"]
    assert rejected[0]["reason_vi"] == "Vi phạm negative_count. Vi phạm share_over_100."
    assert not (store.paths.staged / "l1").exists()


def test_the_same_rows_in_another_order_give_the_same_bytes(tmp_path):
    first, second = new_store(tmp_path / "1"), new_store(tmp_path / "2")
    accept(first, load_of("l1", 3), TWO_MONTHS)
    accept(second, load_of("l1", 3), TWO_MONTHS.take(pa.array([2, 0, 1])))
    assert lake_bytes(first) == lake_bytes(second)


@pytest.mark.parametrize(
    ("rows_read", "rejected"),
    [(4, unreadable()), (2, unreadable()), (4, unreadable(1)), (5, unreadable(4, 5))],
    ids=["a row lost", "a row too many", "a row twice", "a row read and rejected"],
)
def test_a_load_that_does_not_balance_is_refused_and_nothing_counts(store, rows_read, rejected):
    with pytest.raises(BalanceError, match="does not balance") as caught:
        accept(store, load_of("l1", rows_read), TWO_MONTHS, rejected)
    assert "không cân đối" in caught.value.vi
    assert last_entry_no(store.ledger) == 0
    assert lake_bytes(store) == {}


def test_rejecting_a_row_that_was_never_read_is_an_error(store):
    with pytest.raises(ValueError, match=r"not staged: \[9\]"):
        accept(store, load_of("l1", 3), TWO_MONTHS, None, [reject(9)])


def test_a_quarantined_load_keeps_its_rows_staged_and_records_each_as_rejected(store):
    payload = hold(store, load_of("l1", 4), TWO_MONTHS, unreadable(3), [reject(2)])
    assert [payload[name] for name in ("rows_read", "rows_accepted", "rows_rejected")] == [4, 0, 4]
    rejected = pq.read_table(store.paths.home / payload["rejected_file"]).to_pylist()
    assert [row["reason_code"] for row in rejected] == [
        "load_quarantined",
        "negative_count",
        "unreadable_number",
        "load_quarantined",
    ]
    assert rejected[0]["reason_en"] == "Five provinces are missing."
    assert all(row["field"] is not None and row["raw_value"] is not None for row in rejected)
    assert pq.read_table(store.paths.staged_rows("l1")).num_rows == 3
    sweep(store.paths, store.ledger)
    assert store.paths.staged_rows("l1").exists()
    assert [record.load_id for record in open_refusals(store.ledger, Sight(scan(store.paths.inbox)))] == ["l1"]


def test_a_quarantined_load_can_be_accepted_later_and_its_last_verdict_counts(store):
    hold(store, load_of("l1", 3), TWO_MONTHS)
    accept(store, load_of("l1", 3), TWO_MONTHS)
    (record,) = load_records(store.ledger)
    assert (record.verdict, record.first_entry_no, record.entry_no) == ("accepted", 1, 2)
    assert len(record.checks) == 2
    assert open_refusals(store.ledger, Sight(scan(store.paths.inbox))) == []


def test_a_refused_file_is_no_longer_open_once_one_of_its_name_is_accepted(store):
    broken = replace(load_of("l1", 0, sha256="aa"), file_name="2022-10.xlsx")
    held = replace(load_of("l2", 3, sha256="bb"), file_name="2022-10.xlsx")
    loads.fail(store.paths, store.ledger, broken, "x", "Hỏng.", "Broken.", at_night(1))
    hold(store, held, TWO_MONTHS)
    assert [load.load_id for load in open_refusals(store.ledger, Sight(scan(store.paths.inbox)))] == ["l1", "l2"]
    accept(store, load_of("l3", 3, sha256="cc"), TWO_MONTHS)
    assert [load.load_id for load in open_refusals(store.ledger, Sight(scan(store.paths.inbox)))] == ["l1", "l2"]
    accept(store, replace(load_of("l4", 3, sha256="dd"), file_name="2022-10.xlsx"), TWO_MONTHS)
    assert open_refusals(store.ledger, Sight(scan(store.paths.inbox))) == []


def test_the_same_file_read_another_way_supersedes_the_old_load(store):
    accept(store, load_of("l1", 3), TWO_MONTHS)
    accept(store, load_of("other", 3, sha256="bb"), TWO_MONTHS)
    payload = accept(store, load_of("l2", 3, fingerprint="f2"), TWO_MONTHS)
    assert payload["supersedes"] == "l1"
    assert [(r.load_id, r.verdict, r.superseded_by) for r in load_records(store.ledger)] == [
        ("l1", "superseded", "l2"),
        ("other", "accepted", None),
        ("l2", "accepted", None),
    ]
    assert [record.load_id for record in live_loads(store.ledger)] == ["other", "l2"]
    accept(store, load_of("l1", 3), TWO_MONTHS)  # the change is taken back
    assert [(r.load_id, r.superseded_by) for r in load_records(store.ledger)] == [
        ("other", None),
        ("l2", "l1"),
        ("l1", None),
    ]


def test_a_re_reading_that_fails_or_is_held_does_not_take_away_what_was_accepted(store):
    accept(store, load_of("l1", 3), TWO_MONTHS)
    loads.fail(store.paths, store.ledger, load_of("l2", 0, fingerprint="f2"), "x", "Hỏng.", "Broken.", at_night(1))
    hold(store, load_of("l3", 3, fingerprint="f3"), TWO_MONTHS)
    assert [(r.load_id, r.verdict) for r in load_records(store.ledger)] == [
        ("l1", "accepted"),
        ("l2", "superseded"),
        ("l3", "quarantined"),
    ]


def test_a_failed_load_has_no_rows_and_says_why(store):
    loads.stage(store.paths, load_of("l1", 3), TWO_MONTHS, unreadable())
    loads.fail(store.paths, store.ledger, load_of("l1", 3), "empty_file", "Tệp rỗng.", "Empty file.", at_night(0))
    payload = last_loads(store.ledger)["viettel"].payload
    assert (payload["verdict"], payload["reason_vi"], payload["reason_code"]) == ("failed", "Tệp rỗng.", "empty_file")
    assert (payload["rows_read"], payload["checks"]) == (0, [])
    assert not (store.paths.staged / "l1").exists()


def test_the_row_count_to_compare_with_is_that_of_the_newest_other_accepted_file(store):
    assert previous_row_count(store.ledger, "viettel") is None
    accept(store, load_of("l1", 3), TWO_MONTHS)
    accept(store, load_of("l2", 1, sha256="bb"), rows((1, "P63-01", "2022-11", "1")))
    hold(store, load_of("l3", 3, sha256="cc"), TWO_MONTHS)
    assert previous_row_count(store.ledger, "viettel") == 1
    assert previous_row_count(store.ledger, "viettel", "bb") == 3
    assert previous_row_count(store.ledger, "viet") is None
    assert [record.load_id for record in loads_since(store.ledger, 1)] == ["l2", "l3"]


def test_a_landed_file_knows_its_newest_reading(store):
    from tests.warehouse.store import put, receive

    put(store, "viettel/a.csv", b"1")
    (received,) = receive(store).received
    assert [file.last_load for file in landed_files(store.ledger, "viettel")] == [None]
    accept(store, load_of("l1", 3, sha256=received.sha256), TWO_MONTHS)
    put(store, "viettel/a.csv", b"1")
    receive(store, 1)
    (file,) = landed_files(store.ledger, "viettel")
    assert file.last_load["load_id"] == "l1"


def test_the_sweep_removes_what_no_entry_lists_and_keeps_the_rest(store):
    accept(store, load_of("l1", 3), TWO_MONTHS, None, [reject(2)])
    kept = lake_bytes(store)
    orphan = store.paths.lake / "subscribers" / "month=2022-09" / "l9.parquet"
    orphan.write_bytes(b"x")
    loads.stage(store.paths, load_of("l8", 3), TWO_MONTHS, unreadable())
    for name in (".tmp-inputs.duckdb", "warehouse.duckdb", "warehouse.duckdb.wal", "inputs.duckdb"):
        (store.paths.build / name).write_bytes(b"x")
    assert sorted(sweep(store.paths, store.ledger)) == [
        "build/.tmp-inputs.duckdb",
        "build/warehouse.duckdb",
        "build/warehouse.duckdb.wal",
        "lake/subscribers/month=2022-09/l9.parquet",
        "staged/l8",
    ]
    assert lake_bytes(store) == kept


def test_a_full_disk_while_accepting_leaves_nothing_that_counts(store, monkeypatch):
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(loads, "put_in_place", full)
        with pytest.raises(StoreError, match="disk is full while accepting load l1"):
            accept(store, load_of("l1", 3), TWO_MONTHS)
    assert last_entry_no(store.ledger) == 0
    accept(store, load_of("l1", 3), TWO_MONTHS)
    assert last_entry_no(store.ledger) == 1


@pytest.mark.parametrize(
    ("shape", "period_id", "partition"),
    [
        ("subscribers", "2022-09", "month=2022-09"),
        ("subscribers", "2022-09-15", "month=2022-09"),
        ("subscribers", "2022-Q3", "month=2022-09"),
        ("subscribers", "2023-Q1-adm", "month=2023-03"),
        ("subscribers", "undated", "month=undated"),
        ("indicators", "2022-H1", "year=2022"),
        ("indicators", "2022", "year=2022"),
        ("indicators", "../../etc", "year=undated"),
        ("indicators", None, "year=undated"),
    ],
)
def test_a_period_has_one_partition(shape, period_id, partition):
    assert partition_of(shape, period_id) == partition


def test_a_range_runs_from_the_first_beginning_to_the_last_end():
    assert period_range(["2022-09", "2022", "2021-Q4", "undated", "2023-Q1-adm"]) == ("2021-Q4", "2023-Q1-adm")
    assert period_range(["2023-Q1-adm", "2023-01"]) == ("2023-Q1-adm", "2023-Q1-adm")
    assert period_range(["undated"]) == ("undated", "undated")
    assert period_range([]) == (None, None)
