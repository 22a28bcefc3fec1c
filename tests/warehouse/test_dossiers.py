"""Dossier logs: latest state, one month for ever, every row counted, one entry makes them count."""

import hashlib
import json
import stat

import duckdb
import pytest

from tests.warehouse.logs import judged, key, lake, log_load, report, settle, stage
from tests.warehouse.store import NO_PROMISES, at_night, new_store
from warehouse import dossiers, sql
from warehouse.columns import ADDED_STATE_COLUMNS, SHAPE_COLUMNS
from warehouse.dossier_index import index_files
from warehouse.dossier_key import dossier_key, key_id
from warehouse.errors import BalanceError, StoreError
from warehouse.export import export_inputs
from warehouse.ledger import entries, last_entry_no
from warehouse.load_records import load_records, previous_row_count
from warehouse.partitions import month_of
from warehouse.sweep import sweep

NEW, DONE = "1", "9"
TWO_DOSSIERS = [
    ("an", "2022-08-30 10:00", NEW),
    ("binh", "2022-09-01 10:00", NEW),
    ("an", "2022-09-02 10:00", DONE),
]


@pytest.fixture
def store(tmp_path):
    return new_store(tmp_path / "kho [1] 'số' tỉnh")


def ask(store, question):
    with duckdb.connect(store.paths.inputs_db, read_only=True) as connection:
        return connection.execute(question).fetchall()


def export(store):
    return export_inputs(store.paths, store.ledger, last_entry_no(store.ledger), {}, NO_PROMISES, at_night(0))


def parquet(store, name):
    return duckdb.sql(f"from {sql.parquet(store.paths.home / name)}")


def counts(payload):
    return [payload[name] for name in ("rows_read", "rows_accepted", "rows_rejected", "rows_superseded")]


def lake_bytes(store):
    files = sorted(store.paths.lake.rglob("*.parquet"))
    return {str(p.relative_to(store.paths.lake)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_latest_state_of_a_dossier_lies_in_the_month_of_its_first(store):
    payload = settle(store, log_load("l1", 3), TWO_DOSSIERS)
    assert lake(store) == [
        ("2022-08", key("an"), "2022-09-02 10:00:00", DONE),
        ("2022-09", key("binh"), "2022-09-01 10:00:00", NEW),
    ]
    assert counts(payload) == [3, 2, 0, 1]
    assert payload["lake_files"] == [f"lake/transactions/month=2022-0{n}/l1.parquet" for n in (8, 9)]
    assert payload["index_files"] == ["lake/dossier_index/l1.parquet"]
    assert (payload["first_period_id"], payload["last_period_id"]) == ("2022-09", "2022-09")
    assert payload == entries(store.ledger, "load")[0].payload
    assert not (store.paths.staged / "l1").exists()
    stored = parquet(store, payload["lake_files"][0])
    assert stored.columns == list(SHAPE_COLUMNS["transactions"])
    assert set(stored.project("load_id, source_id").fetchall()) == {("l1", "dvc_tinh")}


@pytest.mark.parametrize(
    ("states", "more", "winner"),
    [
        ([("an", "2022-09-02", NEW), ("an", "2022-09-01", DONE)], {}, 1),
        ([("an", "2022-09-01", NEW), ("an", "2022-09-01", DONE)], {1: {"sequence": 2}, 2: {"sequence": 1}}, 1),
        ([("an", "2022-09-01", NEW), ("an", "2022-09-01", DONE)], {1: {"sequence": -5}}, 1),
        ([("an", "2022-09-01", NEW), ("an", "2022-09-01", DONE)], {}, 2),
        (
            [("an", "2022-09-01", NEW), ("an", "2022-09-01", DONE)],
            {1: {"sequence": 2**62}, 2: {"sequence": -(2**62)}},
            1,
        ),
        ([("an", "2022-09-01", NEW), ("an", "2022-09-01", DONE)], {1: {"sequence": 2**62}, 2: {"sequence": 2**62}}, 2),
        ([("an", "2022-09-02", NEW), ("an", "2022-09-01", DONE)], {2: {"sequence": 2**62}}, 1),
        (
            [("an", "2022-09-02", NEW), ("an", "2022-09-01", DONE)],
            {1: {"sequence": -(2**62)}, 2: {"sequence": 2**62}},
            1,
        ),
    ],
    ids=["time", "sequence", "a sequence beats none", "line", "far sequences", "far alike", "far time", "far apart"],
)
def test_the_latest_state_is_that_of_the_last_time_then_sequence_then_line(store, states, more, winner):
    settle(store, log_load("l1", 2), states, more=more)
    assert lake(store, "row_no") == [(winner,)]


def test_a_dossier_known_before_keeps_its_month_and_the_index_lists_only_new_ones(store):
    settle(store, log_load("l1", 1), [("an", "2022-08-30", NEW)])
    later = settle(
        store, log_load("l2", 3), [("an", "2022-10-05", DONE), ("cuc", "2022-10-06", NEW), ("an", "2022-07-01", NEW)]
    )
    assert later["lake_files"] == [
        "lake/transactions/month=2022-08/l2.parquet",
        "lake/transactions/month=2022-10/l2.parquet",
    ]
    assert parquet(store, later["index_files"][0]).fetchall() == [(key("cuc"), "2022-10")]
    third = settle(store, log_load("l3", 1, source_id="dvc_quoc_gia"), [("an", "2022-11-01", DONE)])
    assert (third["lake_files"], third["index_files"]) == (["lake/transactions/month=2022-08/l3.parquet"], [])


def test_a_file_read_again_keeps_the_months_of_its_dossiers(store):
    settle(store, log_load("l1", 2, "aa"), [("an", "2022-08-30", NEW), ("binh", "2022-09-01", NEW)])
    # the corrected reading finds other times, which would place both elsewhere
    again = settle(store, log_load("l2", 2, "aa", "f2"), [("an", "2022-06-30", NEW), ("binh", "2022-07-01", NEW)])
    assert (again["supersedes"], again["index_files"]) == ("l1", [])
    assert [month_of(name) for name in again["lake_files"]] == ["2022-08", "2022-09"]


def test_a_reading_taken_back_lists_its_dossiers_again_byte_for_byte(store):
    first = settle(store, log_load("l1", 3, "aa"), TWO_DOSSIERS)
    before = lake_bytes(store)
    settle(store, log_load("l2", 3, "aa", "f2"), TWO_DOSSIERS)
    settle(store, log_load("l3", 1), [("an", "2022-12-01", NEW)])
    back = settle(store, log_load("l1", 3, "aa"), TWO_DOSSIERS)
    assert (back["lake_files"], back["index_files"]) == (first["lake_files"], first["index_files"])
    assert before.items() <= lake_bytes(store).items()
    sweep(store.paths, store.ledger)
    assert before.items() <= lake_bytes(store).items()


def test_a_reading_taken_back_that_rejects_more_keeps_the_dossiers_it_had_placed(store, tmp_path):
    settle(store, log_load("l1", 3, "aa"), TWO_DOSSIERS)
    settle(store, log_load("l2", 3, "aa", "f2"), TWO_DOSSIERS)
    settle(store, log_load("l1", 3, "aa"), TWO_DOSSIERS, report(judged(tmp_path / "j.parquet", (2, "state", "1"))))
    sweep(store.paths, store.ledger)
    later = settle(store, log_load("l4", 1), [("binh", "2022-12-01", DONE)])
    assert [month_of(name) for name in later["lake_files"]] == ["2022-09"]


def test_rows_of_reader_and_validation_are_recorded_with_place_and_masked_text(store, tmp_path):
    rejected_file = judged(
        tmp_path / "j.parquet",
        (1, "state", "77"),
        (3, "state", "Nguyễn Văn An"),
        (4, "finished_at", "2031-01-01 00:00:00"),
        (5, "channel", "0912345678"),
        (6, "finished_at", None),
    )
    states = [("an", "2022-09-01", NEW)] * 7
    states[1] = None
    payload = settle(store, log_load("l1", 7), states, report(rejected_file, "accepted_with_warnings"))
    assert (counts(payload), payload["verdict"]) == ([7, 1, 6, 0], "accepted_with_warnings")
    rejected = parquet(store, payload["rejected_file"])
    assert rejected.project("row_no, sheet, cell, field, raw_value, reason_code").fetchall() == [
        (1, "Hồ sơ 2022-09", "L2", "state", "77", "bad_state"),
        (2, "Hồ sơ 2022-09", "L3", "state", "***", "unknown_state"),
        (3, "Hồ sơ 2022-09", "L4", "state", "***", "bad_state"),
        (4, "Hồ sơ 2022-09", "L5", "finished_at", "2031-01-01 00:00:00", "bad_finished_at"),
        (5, "Hồ sơ 2022-09", "L6", "channel", "***", "bad_channel"),
        (6, "Hồ sơ 2022-09", "L7", "finished_at", "", "bad_finished_at"),
    ]
    assert json.loads(rejected.project("reasons").fetchall()[0][0]) == ["bad_state"]
    assert set(rejected.project("load_id, source_id").fetchall()) == {("l1", "dvc_tinh")}


def test_a_dossier_whose_first_state_is_rejected_lies_where_its_accepted_ones_begin(store, tmp_path):
    settle(store, log_load("l1", 3), TWO_DOSSIERS, report(judged(tmp_path / "j.parquet", (1, "event_at", None))))
    assert [row[0] for row in lake(store)] == ["2022-09", "2022-09"]


def test_a_quarantined_log_records_every_row_and_stays_releasable(store, tmp_path):
    rejected_file = judged(tmp_path / "j.parquet", (1, "state", "77"))
    held = settle(store, log_load("l1", 4), [*TWO_DOSSIERS, None], report(rejected_file, "quarantined"))
    assert (counts(held), held["lake_files"], index_files(store.ledger)) == ([4, 0, 4, 0], [], [])
    rejected = parquet(store, held["rejected_file"]).project("row_no, reason_code, reason_en").fetchall()
    assert rejected == [
        (1, "bad_state", "Wrong."),
        (2, "load_quarantined", "A reason."),
        (3, "load_quarantined", "A reason."),
        (4, "unknown_state", "Unknown state."),
    ]
    sweep(store.paths, store.ledger)
    assert store.paths.staged_rows("l1").exists()
    released = dossiers.settle_log(store.paths, store.ledger, log_load("l1", 4), report(), at_night(1), "run-2")
    assert counts(released) == [4, 2, 1, 1]
    assert [record.verdict for record in load_records(store.ledger)] == ["accepted"]


@pytest.mark.parametrize("rows_read", [2, 4], ids=["a row too many", "a row lost"])
def test_a_log_that_does_not_balance_is_refused_and_nothing_counts(store, rows_read):
    with pytest.raises(BalanceError, match=rf"{rows_read} != 2 \+ 0 \+ 1; 0 row"):
        settle(store, log_load("l1", rows_read), TWO_DOSSIERS)
    assert last_entry_no(store.ledger) == 0
    sweep(store.paths, store.ledger)
    assert lake_bytes(store) == {}


def test_a_number_used_twice_is_no_balance(store):
    with pytest.raises(BalanceError):
        settle(store, log_load("l1", 3), TWO_DOSSIERS, more={2: {"row_no": 3}})


def test_rejecting_a_row_that_was_never_read_or_handing_rows_as_objects_is_an_error(store, tmp_path):
    with pytest.raises(ValueError, match=r"not staged: \[9\]"):
        settle(store, log_load("l1", 3), TWO_DOSSIERS, report(judged(tmp_path / "j.parquet", (9, "state", None))))
    as_objects = report()
    as_objects.rejected = [object()]
    with pytest.raises(ValueError, match="rejected_path"):
        settle(store, log_load("l1", 3), TWO_DOSSIERS, as_objects)
    assert last_entry_no(store.ledger) == 0


def test_threads_and_memory_do_not_change_a_byte(tmp_path):
    states = [(f"d{n * 7919 % 500}", f"2022-0{1 + n % 9}-01 00:{n % 60:02}", NEW) for n in range(1500)]
    found = []
    for threads, memory in ((1, "2GB"), (2, "150MB")):
        store = new_store(tmp_path / str(threads))
        load = log_load("l1", len(states))
        stage(store, load, states)
        limits = {"threads": threads, "memory_limit": memory, "temp_directory": str(store.paths.build / "tmp")}
        dossiers.settle_log(store.paths, store.ledger, load, report(), at_night(0), "r", limits)
        found.append(lake_bytes(store))
    assert found[0] == found[1]
    assert len(found[0]) > 3


def test_a_missing_index_file_stops_the_load_with_its_name(store):
    payload = settle(store, log_load("l1", 3), TWO_DOSSIERS)
    (store.paths.home / payload["index_files"][0]).unlink()
    with pytest.raises(StoreError, match=r"lake/dossier_index/l1\.parquet.*is missing"):
        settle(store, log_load("l2", 1), [("an", "2022-12-01", DONE)])
    assert last_entry_no(store.ledger) == 1


def test_the_sweep_keeps_index_files_and_removes_what_no_entry_lists(store):
    settle(store, log_load("l1", 3), TWO_DOSSIERS)
    before = lake_bytes(store)
    (store.paths.lake / "dossier_index" / "l9.parquet").write_bytes(b"x")
    folder = dossiers.reading_folder(store.paths, "dvc_tinh", "aa")
    (folder / "rows.parquet").write_bytes(b"x")
    spilled = store.paths.build / "tmp"
    spilled.mkdir()
    (spilled / "duckdb_temp_storage-0.tmp").write_bytes(b"x")
    assert sorted(sweep(store.paths, store.ledger)) == [
        "build/tmp",
        "lake/dossier_index/l9.parquet",
        "staged/.tmp-dvc_tinh-aa",
    ]
    assert lake_bytes(store) == before


def test_the_export_shows_live_logs_and_what_each_month_is_made_of(store):
    export(store)
    assert ask(store, "select count(*) from transactions") + ask(store, "from dossier_partitions") == [(0,)]
    settle(store, log_load("l1", 3, "aa"), TWO_DOSSIERS)
    settle(store, log_load("l2", 1), [("cuc", "2022-08-01", NEW)])
    assert export(store)["transactions"] == 3
    first = dict(ask(store, "from dossier_partitions order by 1"))
    settle(store, log_load("l3", 2, "aa", "f2"), TWO_DOSSIERS[:2])
    assert export(store)["dossier_partitions"] == 2
    assert ask(store, "select dossier_month, load_id, dossier_key from transactions order by all") == [
        ("2022-08", "l2", key("cuc")),
        ("2022-08", "l3", key("an")),
        ("2022-09", "l3", key("binh")),
    ]
    assert ask(store, "select load_id from lake_files where table_name = 'transactions' order by all") == [
        ("l2",), ("l3",), ("l3",),
    ]  # fmt: skip
    settle(store, log_load("l4", 1), [("dung", "2022-09-09", NEW)])
    second = dict(ask(store, "from dossier_partitions order by 1"))
    export(store)
    third = dict(ask(store, "from dossier_partitions order by 1"))
    assert list(first) == list(second) == list(third) == ["2022-08", "2022-09"]
    assert first["2022-08"] != second["2022-08"] == third["2022-08"]
    assert second["2022-09"] != third["2022-09"]


def test_a_query_for_some_months_opens_only_their_files(store):
    states = [(f"d{month}", f"2022-{month:02}-05", NEW) for month in range(1, 13)]
    settle(store, log_load("l1", 12), states)
    export(store)
    question = "select count(dossier_key) from transactions where dossier_month in ('2022-03', '2022-11')"
    assert ask(store, question) == [(2,)]
    assert "Scanning Files: 2/12" in ask(store, f"explain {question}")[0][1]


def test_lake_files_of_before_a_column_was_added_are_read_beside_later_ones(store, monkeypatch):
    told = {1: {"digitised": True, "field_code": "LV03"}}
    with monkeypatch.context() as before:
        columns = SHAPE_COLUMNS["transactions"]
        before.setitem(SHAPE_COLUMNS, "transactions", {n: columns[n] for n in columns if n not in ADDED_STATE_COLUMNS})
        before.setattr(dossiers, "ADDED_STATE_COLUMNS", ())
        settle(store, log_load("l1", 2), [("an", "2022-08-01", NEW), ("binh", "2022-09-01", NEW)], more=told)
    question = "select dossier_month, digitised, field_code from transactions order by load_id, dossier_month"
    export(store)
    older = [("2022-08", None, None), ("2022-09", None, None)]
    assert ask(store, question) == older
    settle(store, log_load("l2", 1), [("cuc", "2022-09-02", NEW)], more=told)
    export(store)
    assert ask(store, question) == [*older, ("2022-09", True, "LV03")]
    plan = ask(store, "explain select count(dossier_key) from transactions where dossier_month = '2022-08'")[0][1]
    assert "Scanning Files: 1/2" in plan
    assert "Scanning Files: 0/1" in plan or "EMPTY" in plan


def test_the_export_opens_no_file_of_a_log_but_the_one_that_tells_the_columns(store):
    settle(
        store, log_load("l1", 3), [("an", "2022-08-30", NEW), ("binh", "2022-09-01", NEW), ("cuc", "2022-10-01", NEW)]
    )
    for month in ("2022-09", "2022-10"):
        (path,) = (store.paths.lake / "transactions" / f"month={month}").iterdir()
        path.chmod(0o600)
        path.write_bytes(b"no parquet")
    assert export(store)["transactions"] == 3


def test_the_key_is_made_once_and_kept_private(store):
    key_bytes = dossier_key(store.paths, store.ledger, lambda: b"k" * 32)
    assert dossier_key(store.paths, store.ledger, lambda: b"x" * 32) == key_bytes == b"k" * 32
    assert stat.S_IMODE(store.paths.dossier_key.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"z" * 32)])
def test_a_key_that_is_lost_or_replaced_after_logs_were_accepted_stops_the_night(store, damage):
    used = dossier_key(store.paths, store.ledger, lambda: b"k" * 32)
    stage(store, log_load("l1", 3), TWO_DOSSIERS)
    dossiers.settle_log(
        store.paths, store.ledger, log_load("l1", 3), report(), at_night(0), "r", dossier_key_id=key_id(used)
    )
    damage(store.paths.dossier_key)
    with pytest.raises(StoreError, match="lost or not the key"):
        dossier_key(store.paths, store.ledger, lambda: b"x" * 32)


def test_a_key_cut_short_is_refused(store):
    store.paths.dossier_key.write_bytes(b"k" * 31)
    with pytest.raises(StoreError, match="lost or not the key"):
        dossier_key(store.paths, store.ledger, lambda: b"x" * 32)


def test_logs_are_compared_with_the_log_before_on_the_same_day_of_the_week(store):
    settle(store, log_load("monday", 2, night=0), TWO_DOSSIERS[:2])
    settle(store, log_load("sunday", 1, night=6), TWO_DOSSIERS[:1])
    settle(store, log_load("next monday", 3, night=7), TWO_DOSSIERS)
    assert previous_row_count(store.ledger, "dvc_tinh", weekday_of=at_night(13)) == 1
    assert previous_row_count(store.ledger, "dvc_tinh", weekday_of=at_night(14)) == 3
    assert previous_row_count(store.ledger, "dvc_tinh", weekday_of=at_night(1)) is None
    assert previous_row_count(store.ledger, "dvc_tinh") == 3
