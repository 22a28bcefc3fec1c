"""What dbt reads: exactly what the ledger lists up to one entry."""

import duckdb
import pytest

from tests.warehouse.store import (
    PROMISES,
    SOURCES,
    accept,
    at_night,
    load_of,
    new_store,
    publish,
    put,
    receive,
    reject,
    rows,
    unreadable,
)
from warehouse import loads
from warehouse.columns import CHECK_COLUMNS, LOAD_COLUMNS, REJECTED_COLUMNS, SHAPE_COLUMNS
from warehouse.errors import StoreError
from warehouse.export import TABLES, export_inputs
from warehouse.ledger import last_entry_no
from warehouse.sweep import sweep


@pytest.fixture
def store(tmp_path):
    return new_store(tmp_path / "kho 'số' tỉnh")


def export(store, up_to=None, night=0):
    entry = last_entry_no(store.ledger) if up_to is None else up_to
    return export_inputs(store.paths, store.ledger, entry, SOURCES, PROMISES, at_night(night))


def ask(store, sql):
    with duckdb.connect(store.paths.inputs_db, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_an_empty_ledger_gives_every_table_empty_and_typed(store):
    counts = export(store)
    assert counts == {**dict.fromkeys(TABLES, 0), "sources": 1, "expected_members": 1, "expected_areas": 1}
    for table, columns in {**SHAPE_COLUMNS, "loads": LOAD_COLUMNS, "checks": CHECK_COLUMNS}.items():
        described = ask(store, f"select column_name, column_type from (describe {table})")
        assert described == list(columns.items()), table
    assert {path.name for path in store.paths.export.iterdir()} == {
        f"{table}.parquet"
        for table in (
            "loads", "load_spans", "load_sheets", "decisions", "checks", "releases", "sources", "expected_members",
            "expected_areas", "exempt_figures", "lake_files", "dossier_partitions",
        )
    }  # fmt: skip


def test_accepted_rows_superseded_ones_too_and_nothing_after_the_entry_reach_the_build(store):
    accept(store, load_of("l1", 2), rows((1, "P63-01", "2022-09", "10"), (2, "P63-26", "2022-10", "5")))
    accept(store, load_of("l2", 1, fingerprint="f2"), rows((1, "P63-01", "2022-09", "11")))
    accept(store, load_of("l3", 1, sha256="cc"), rows((1, "P63-01", "2022-11", "12")))
    assert export(store, up_to=2)["subscribers"] == 3
    assert ask(store, "select load_id, verdict, superseded_by, accept_no from loads order by accept_no") == [
        ("l1", "superseded", "l2", 1),
        ("l2", "accepted", None, 2),
    ]
    assert ask(
        store, "select load_id, row_no, province_id, period_id, value::varchar from subscribers order by all"
    ) == [
        ("l1", 1, "P63-01", "2022-09", "10.0000000000"),
        ("l1", 2, "P63-26", "2022-10", "5.0000000000"),
        ("l2", 1, "P63-01", "2022-09", "11.0000000000"),
    ]
    columns = ask(store, "select column_name from (describe subscribers)")
    assert [name for (name,) in columns] == list(SHAPE_COLUMNS["subscribers"])  # no `month` from the folder's name


def test_the_order_of_loads_is_that_of_the_receipts_of_their_files_whichever_was_read_first(store):
    for name, number in (("older", 1), ("younger", 2)):
        put(store, f"viettel/{name}.xlsx", name.encode(), number)
    received = {file.file_name: file.sha256 for file in receive(store).received}
    accept(store, load_of("young", 1, sha256=received["younger.xlsx"]), rows((1, "P63-01", "2022-09", "11")))
    accept(store, load_of("old", 1, sha256=received["older.xlsx"]), rows((1, "P63-01", "2022-09", "10")))
    again = load_of("old_again", 1, sha256=received["older.xlsx"], fingerprint="f2")
    accept(store, again, rows((1, "P63-01", "2022-09", "12")))
    export(store)
    order = ask(store, "select load_id from loads where accept_no is not null order by accept_no")
    assert order == [("old",), ("old_again",), ("young",)]


def test_rejected_rows_checks_and_unreadable_inbox_files_are_there_too(store):
    put(store, "la/x.bin", b"?")
    receive(store)
    accept(
        store, load_of("l1", 2), rows((1, "P63-01", "2022-09", "-1"), (2, "P63-26", "2022-09", "5")), None, [reject(1)]
    )
    export(store)
    assert ask(store, "select load_id, row_no, reason_code from rejected_rows") == [("l1", 1, "negative_count")]
    assert [name for (name,) in ask(store, "select column_name from (describe rejected_rows)")] == list(
        REJECTED_COLUMNS
    )
    assert ask(store, "select subject_type, subject_id, check_name, success, errored from checks") == [
        ("load", "l1", "counts_not_negative", True, False)
    ]
    assert ask(store, "select source_id, verdict, shape from loads order by 1") == [
        ("_unknown", "failed", None),
        ("viettel", "accepted", "subscribers"),
    ]


def test_lake_files_of_an_older_version_have_no_value_in_columns_added_since(store):
    accept(store, load_of("l1", 1), rows((1, "P63-01", "2022-09", "10")).drop_columns("correction"))
    export(store)
    assert ask(store, "select province_id, value, correction from subscribers") == [("P63-01", 10, None)]


def test_a_load_is_known_from_the_first_release_that_held_it(store):
    accept(store, load_of("l1", 1), rows((1, "P63-01", "2022-09", "10")))
    first = publish(store, night=1)
    accept(store, load_of("l2", 1, fingerprint="f2"), rows((1, "P63-01", "2022-09", "11")))
    export(store, night=5)
    told = "load_id, first_release_id, known_from::varchar, superseded_from::varchar"
    assert ask(store, f"select {told} from loads order by 1") == [
        ("l1", first.release_id, "2026-11-22 18:30:00", "2026-11-26 18:30:00"),
        ("l2", None, "2026-11-26 18:30:00", None),
    ]
    assert ask(store, "select release_id, ledger_entry from releases") == [(first.release_id, 1)]


SPANS = "select load_id, known_from::varchar, known_to::varchar from load_spans order by 2, 1"


def test_a_reading_that_comes_back_counts_in_two_spans(store):
    """A, then B, then A again: a source YAML that was changed and changed back."""
    for night, load in enumerate([load_of("a", 1), load_of("b", 1, fingerprint="f2"), load_of("a", 1)]):
        accept(store, load, rows((1, "P63-01", "2022-09", str(night))))
        export(store, night=night) if night == 2 else publish(store, night)
    assert ask(store, SPANS) == [
        ("a", "2026-11-21 18:30:00", "2026-11-22 18:30:00"),
        ("b", "2026-11-22 18:30:00", "2026-11-23 18:30:00"),
        ("a", "2026-11-23 18:30:00", None),
    ]


def test_what_no_release_held_was_never_known(store):
    accept(store, load_of("a", 1), rows((1, "P63-01", "2022-09", "10")))
    accept(store, load_of("b", 1, fingerprint="f2"), rows((1, "P63-01", "2022-09", "11")))
    export(store, night=1)
    assert ask(store, SPANS) == [("b", "2026-11-22 18:30:00", None)]
    told = "select load_id, known_from = superseded_from from loads order by 1"
    assert ask(store, told) == [("a", True), ("b", None)]


def test_a_load_held_back_by_a_later_judgement_keeps_its_rows_of_then(store):
    accept(store, load_of("a", 2), rows((1, "P63-01", "2022-09", "10"), (2, "P63-26", "2022-09", "5")))
    publish(store, night=0)
    hold(store, load_of("a", 2), rows((1, "P63-01", "2022-09", "10"), (2, "P63-26", "2022-09", "5")))
    assert export(store, night=1)["subscribers"] == 2
    assert ask(store, SPANS) == [("a", "2026-11-21 18:30:00", "2026-11-22 18:30:00")]
    assert ask(store, "select verdict, rows_accepted, superseded_by from loads") == [("quarantined", 0, None)]
    assert sweep(store.paths, store.ledger) == []
    assert export(store, up_to=1)["subscribers"] == 2


def test_a_load_accepted_after_it_was_held_is_known_from_then_on(store):
    hold(store, load_of("a", 1), rows((1, "P63-01", "2022-09", "10")))
    first = publish(store, night=0)
    accept(store, load_of("a", 1), rows((1, "P63-01", "2022-09", "10")))
    export(store, night=1)
    assert ask(store, SPANS) == [("a", "2026-11-22 18:30:00", None)]
    told = "select first_release_id, known_from::varchar from loads"
    assert ask(store, told) == [(first.release_id, "2026-11-22 18:30:00")]


def hold(store, load, table):
    loads.stage(store.paths, load, table, unreadable())
    told = {"reason_vi": "Ít dòng hơn hẳn.", "reason_en": "Far fewer rows."}
    facts = {"rejected_rows": [], "checks": [], "at": load.received_at, "run_id": "run-2"}
    loads.quarantine(store.paths, store.ledger, load, **facts, **told)


def test_a_missing_lake_file_is_named_before_anything_is_built(store):
    payload = accept(store, load_of("l1", 1), rows((1, "P63-01", "2022-09", "10")))
    (store.paths.home / payload["lake_files"][0]).unlink()
    with pytest.raises(StoreError, match=r"month=2022-09/l1\.parquet"):
        export(store)
    assert not store.paths.inputs_db.exists()
