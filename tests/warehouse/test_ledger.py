"""The ledger: append-only, chained, the same text everywhere."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal

import pytest

from tests.warehouse.store import NIGHT
from warehouse.canonical import canonical_json
from warehouse.errors import StoreError
from warehouse.ledger import append, entries, last_entry, last_entry_no, open_ledger, subjects, verify_chain


@pytest.fixture
def ledger(tmp_path):
    ledger = open_ledger(tmp_path / "sổ cái ?.db")
    for number, kind in enumerate(["received", "load", "load", "release"]):
        append(ledger, kind, f"s_{number}/x", {"number": number, "name": "Hà Nội"}, NIGHT)
    return ledger


def tamper(ledger, *statements):
    with sqlite3.connect(ledger.location) as connection:
        for name in ("update", "delete"):
            connection.execute(f"drop trigger entries_no_{name}")
        for statement in statements:
            connection.execute(statement)


def test_entries_are_numbered_from_one_and_found_by_kind_number_subject_and_content(ledger):
    assert [entry.entry_no for entry in entries(ledger)] == [1, 2, 3, 4]
    assert [entry.entry_no for entry in entries(ledger, "load", since=2)] == [3]
    assert [entry.entry_no for entry in entries(ledger, ["load", "release"], up_to=3)] == [2, 3]
    assert [entry.entry_no for entry in entries(ledger, subject_prefix="s_1/")] == [2]
    assert entries(ledger, subject_prefix="sx1/") == []  # the underscore is no wildcard
    assert [entry.entry_no for entry in entries(ledger, containing='"number":2')] == [3]
    assert subjects(ledger, "load") == [(2, "s_1/x"), (3, "s_2/x")]
    assert last_entry_no(ledger) == 4
    assert last_entry(ledger, "load").payload == {"number": 2, "name": "Hà Nội"}
    assert entries(ledger)[0].at == NIGHT


def test_an_orderly_chain_has_no_fault_and_opening_again_changes_nothing(ledger):
    assert verify_chain(open_ledger(ledger.location)) == []
    assert ledger.location.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in ledger.location.parent.iterdir()] == ["sổ cái ?.db"]


@pytest.mark.parametrize("statement", ["update entries set payload = '{}'", "delete from entries"])
def test_the_database_itself_refuses_to_change_or_delete_entries(ledger, statement):
    with sqlite3.connect(ledger.location) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "entry_no", "reason"),
    [
        ("update entries set payload = replace(payload, 'Hà', 'Ha') where entry_no = 2", 2, "content has been changed"),
        ("update entries set at = 'yesterday' where entry_no = 3", 3, "content has been changed"),
        ("delete from entries where entry_no = 2", 2, "missing"),
        ("update entries set previous_hash = 'x' where entry_no = 4", 4, "does not follow"),
    ],
)
def test_a_change_behind_the_databases_back_is_found_at_its_first_entry(ledger, statement, entry_no, reason):
    tamper(ledger, statement)
    (fault,) = verify_chain(ledger)
    assert fault.entry_no == entry_no
    assert reason in fault.reason_en
    assert fault.reason_vi


def test_a_cut_end_or_a_rewritten_chain_is_found_against_what_a_release_wrote_down(ledger):
    anchors = {4: entries(ledger)[3].entry_hash}
    assert verify_chain(ledger, anchors) == []
    assert verify_chain(ledger, {4: "another"})[0].entry_no == 4
    tamper(ledger, "delete from entries where entry_no = 4")
    assert verify_chain(ledger) == []
    assert "cut off" in verify_chain(ledger, anchors)[0].reason_en


def test_equal_payloads_have_one_text_and_floats_are_refused():
    assert canonical_json({"b": [1, None, True], "a": "ế"}) == '{"a":"ế","b":[1,null,true]}'
    with pytest.raises(ValueError, match=r"payload\.rows\[1\]: float"):
        canonical_json({"rows": [1, 0.5]})
    with pytest.raises(ValueError, match="Decimal"):
        canonical_json({"value": Decimal("1.5")})


def test_unknown_kinds_and_times_without_zone_are_refused(ledger):
    with pytest.raises(ValueError, match="unknown kind"):
        append(ledger, "note", "x", {}, NIGHT)
    with pytest.raises(ValueError, match="without zone"):
        append(ledger, "load", "x", {}, datetime(2026, 1, 1))  # noqa: DTZ001
    assert last_entry_no(ledger) == 4


def test_writers_at_the_same_time_take_turns_and_the_chain_holds(ledger):
    def write(number):
        return append(open_ledger(ledger.location), "decision", f"d{number}", {}, NIGHT)

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(write, range(12)))
    assert sorted(numbers) == list(range(5, 17))
    assert verify_chain(ledger) == []


def test_a_file_that_is_no_ledger_is_an_error_in_one_sentence(tmp_path):
    (tmp_path / "ledger.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="opening the ledger") as caught:
        open_ledger(tmp_path / "ledger.db")
    assert "sổ cái" in caught.value.vi


def test_reading_a_ledger_does_not_import_sqlalchemy(ledger):
    code = (
        "import sys; from pathlib import Path\n"
        "from warehouse import inbox, landing, load_records, loads, lock, releases, release_pointer, export, sweep\n"
        "from warehouse.ledger import open_ledger, entries\n"
        "assert len(entries(open_ledger(Path(sys.argv[1])))) == 4\n"
        "print([name for name in ('sqlalchemy', 'duckdb', 'pyarrow', 'dagster') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code, ledger.location], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr
