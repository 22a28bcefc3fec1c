"""Results of builds: every one is kept with the words of then, and none of them is content."""

import shutil

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.store import SETTINGS, accept, at_night, build, load_of, new_store, publish, rows
from warehouse.build_checks import CHECKED, BuildChecks, build_check_rows, keep_checks, own_check_rows
from warehouse.canonical import naive_utc
from warehouse.content import content_hash
from warehouse.errors import GateRefused
from warehouse.ledger import append, entries, last_entry_no
from warehouse.releases import duckdb_limits, release_facts, write_release

KEY_IS_WHOLE, PLACES_ARE_KNOWN = "primary_key(province_id)", "references(province_id)"


def result(check_name=KEY_IS_WHOLE, failures=0, rule_vi="Khóa không trống."):
    """A test of a table that only warns, with this many rows that break it."""
    return {
        "subject_type": "model",
        "subject_id": "fct_observations",
        "check_name": check_name,
        "rule_vi": rule_vi,
        "rule_en": "The key is whole.",
        "severity": "warning",
        "on_fail": "warn",
        "success": failures == 0,
        "errored": False,
        "observed": str(failures),
        "unexpected_count": failures,
        "element_count": None,
    }


def gate(success):
    """The verdict of the gate on a build."""
    told = {"subject_type": "release", "subject_id": None, "check_name": "every_change_is_explained"}
    return {**result(), **told, "on_fail": "hold_release", "success": success}


def run(number, *results):
    return BuildChecks(f"run-{number}", results)


@pytest.fixture
def store(tmp_path):
    store = new_store(tmp_path / "home")
    accept(store, load_of("aaaa", 1), rows((1, "P63-26", "2022-07", "5")))
    return store


def night(store, number, *results):
    """A night with a file of its own, whose build gives these results."""
    load_id = f"bb{number:02}"
    new = load_of(load_id, 1, sha256=load_id, night=number)
    accept(store, new, rows((1, f"P63-{number:02}", "2022-07", "5")))
    return publish(store, number, checks=run(number, *results)).release_id


def told(store, columns="subject_id, run_id, success", where="true"):
    return store.query(f"select {columns} from audit_checks where subject_type <> 'load' and {where} order by all")


def test_each_release_holds_the_results_of_its_own_build_and_of_all_before_it_passes_included(store):
    first = night(store, 1, result(), result(PLACES_ARE_KNOWN, failures=3))
    assert told(store, "check_name, success, unexpected_count, observed", "subject_type = 'model'") == [
        (KEY_IS_WHOLE, True, 0, "0"),
        (PLACES_ARE_KNOWN, False, 3, "3"),
    ]
    second = night(store, 2, result(), result(PLACES_ARE_KNOWN))
    assert told(store, where="check_name = 'references(province_id)'") == [
        ("fct_observations", "run-1", False),
        ("fct_observations", "run-2", True),
    ]
    balance = told(store, "subject_id, success, observed, checked_at", "subject_type = 'release'")
    assert [row[:3] for row in balance] == [(first, True, "2"), (second, True, "3")]  # rows read by then
    assert [row[3] for row in balance] == [naive_utc(at_night(number)) for number in (1, 2)]


def test_other_results_of_the_same_content_are_no_new_release_and_the_hash_does_not_tell_them_apart(store):
    first = publish(store, checks=run(1, result()))
    entry_no = last_entry_no(store.ledger)
    again = publish(store, 1, checks=run(2, result(failures=7)))
    assert (again.is_new, again.release_id) == (False, first.release_id)
    assert [entry.kind for entry in entries(store.ledger, since=entry_no)] == ["unchanged"]
    assert content_hash(store.paths.current / "sotinh.duckdb").content_hash == first.content_hash
    without = new_store(store.paths.home.parent / "other")
    accept(without, load_of("aaaa", 1), rows((1, "P63-26", "2022-07", "5")))
    assert publish(without).content_hash == first.content_hash


def test_a_result_of_a_load_is_content_and_one_of_a_build_is_not(store):
    publish(store, checks=run(1, result()))
    database = store.paths.home / "copy.duckdb"
    shutil.copyfile(store.paths.current / "sotinh.duckdb", database)
    whole = content_hash(database)
    for subject_type, is_content in (("model", False), ("release", False), ("load", True)):
        with duckdb.connect(database) as connection:
            connection.execute("update audit_checks set observed = '9' where subject_type = ?", [subject_type])
        assert (content_hash(database).content_hash != whole.content_hash) is is_content
    assert whole.row_counts["audit_checks"] == 3


def test_the_words_of_a_rule_are_written_down_when_they_change_and_old_results_keep_theirs(store):
    night(store, 1, result(), result(PLACES_ARE_KNOWN))
    night(store, 2, result(), result(PLACES_ARE_KNOWN))
    night(store, 3, result(rule_vi="Khóa đủ và không lặp."), result(PLACES_ARE_KNOWN))
    rules = [sorted(rule["check_name"] for rule in e.payload["rules"].values()) for e in entries(store.ledger, CHECKED)]
    assert rules == [["every_row_is_accounted_for", KEY_IS_WHOLE, PLACES_ARE_KNOWN], [], [KEY_IS_WHOLE]]
    assert told(store, "run_id, rule_vi", f"check_name = '{KEY_IS_WHOLE}'") == [
        ("run-1", "Khóa không trống."),
        ("run-2", "Khóa không trống."),
        ("run-3", "Khóa đủ và không lặp."),
    ]


def test_a_release_that_is_built_again_gets_the_results_it_was_published_with(store):
    first = night(store, 1, result(), result(PLACES_ARE_KNOWN, failures=3))
    held = told(store, "*")
    night(store, 2, result(failures=1))
    facts = release_facts(store.ledger, first)
    again = new_store(store.paths.home.parent / "again")
    for entry in entries(store.ledger, up_to=facts["ledger_entry"]):
        append(again.ledger, entry.kind, entry.subject_id, entry.payload, entry.at)
    shutil.copytree(store.paths.lake, again.paths.lake, dirs_exist_ok=True)
    build(again, 1)
    content = content_hash(again.paths.warehouse_db)
    limits = duckdb_limits(again.paths, SETTINGS)
    folder = again.paths.home / "release"
    written = write_release(store.ledger, again.paths.warehouse_db, folder, content, facts, limits)
    assert written.row_counts == facts["row_counts"]
    with duckdb.connect(folder / "sotinh.duckdb", read_only=True) as connection:
        assert connection.sql("from audit_checks where subject_type <> 'load' order by all").fetchall() == held


def test_a_failed_build_is_known_by_its_run_and_one_killed_before_it_published_counts_once(store):
    keep_checks(store.ledger, "run-1", run(1, result(failures=2)), at_night(1))
    for _ in range(2):
        keep_checks(store.ledger, "r2", run(2, result(), gate(True)), at_night(2))
    found = build_check_rows(store.ledger, last_entry_no(store.ledger))
    assert sorted((row["subject_id"], row["run_id"], row["success"]) for row in found) == [
        ("fct_observations", "run-1", False),
        ("fct_observations", "run-2", True),
        ("r2", "run-2", True),
    ]
    assert [row["subject_id"] for row in own_check_rows(store.ledger, {"release_id": "r2"})] == [
        "fct_observations",
        "r2",
    ]
    assert own_check_rows(store.ledger, {"release_id": "made by older code"}) == []


def test_a_refused_build_leaves_the_refusal_and_the_next_release_tells_it(store):
    (lake_file,) = store.paths.lake.rglob("aaaa.parquet")
    whole = lake_file.read_bytes()
    pq.write_table(pa.table({"row_no": [1, 2]}), lake_file)
    with pytest.raises(GateRefused) as refused:
        publish(store, checks=run(1))
    lake_file.write_bytes(whole)
    release_id = publish(store, 1, checks=run(2)).release_id
    assert told(store, "subject_id, success, observed") == [
        (release_id, True, "1"),
        ("run-1", False, f"{refused.value.vi} / {refused.value.en}"),
    ]


def test_what_held_a_release_stays_told_and_names_who_approved_it(store):
    keep_checks(store.ledger, "r1", run(1, result(failures=2), gate(False)), at_night(1))
    approval = append(store.ledger, "decision", "release/r1", {"by": "Lan", "reason": "đã hỏi lại"}, at_night(1))
    facts = {"release_id": "r1", "approved_by_entry": approval}
    own = own_check_rows(store.ledger, facts)
    assert [(row["subject_type"], row["success"], row["waiver"]) for row in own] == [
        ("model", False, None),
        ("release", False, "Lan: đã hỏi lại"),
    ]
    before = build_check_rows(store.ledger, approval)
    assert [row["waiver"] for row in before] == [None, None]
    append(store.ledger, "release", "r1", facts, at_night(1))
    assert build_check_rows(store.ledger, last_entry_no(store.ledger)) == own
