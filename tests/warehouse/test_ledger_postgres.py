"""A ledger in PostgreSQL is the same ledger: entries, chain and guards, and what a night makes of it."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tests.postgres import running_postgres
from tests.warehouse.store import NIGHT
from warehouse.ledger import append, copy_entries, entries, last_entry, open_ledger, subjects, verify_chain

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture(scope="module")
def server():
    with running_postgres() as url:
        yield url


@pytest.fixture
def ledger(server):
    """An empty ledger in a schema of its own."""
    admin = open_ledger(server)
    with admin.engine.begin() as connection:
        connection.execute(text("drop schema if exists own cascade"))
        connection.execute(text("create schema own"))
    return open_ledger(f"{server}&options=-csearch_path%3Down")


def filled(ledger):
    for number, kind in enumerate(["received", "load", "load", "release"]):
        append(ledger, kind, f"s_{number}/x", {"number": number, "name": "Hà Nội"}, NIGHT)
    return ledger


def test_entries_are_those_of_a_sqlite_file_hash_by_hash(ledger, tmp_path):
    filled(ledger)
    file = filled(open_ledger(tmp_path / "ledger.db"))
    assert entries(ledger) == entries(file)
    assert [entry.entry_no for entry in entries(ledger, ["load", "release"], since=2)] == [3, 4]
    assert [entry.entry_no for entry in entries(ledger, subject_prefix="s_1/")] == [2]
    assert entries(ledger, subject_prefix="sx1/") == []
    assert [entry.entry_no for entry in entries(ledger, containing='"number":2')] == [3]
    assert subjects(ledger, "load") == subjects(file, "load")
    assert last_entry(ledger, "load").payload == {"number": 2, "name": "Hà Nội"}
    assert verify_chain(ledger) == []


def test_a_copy_into_a_file_is_the_same_chain(ledger, tmp_path):
    filled(ledger)
    file = open_ledger(tmp_path / "copy.db")
    copy_entries(ledger, file, up_to=2)
    copy_entries(ledger, file, since=2)
    assert entries(file) == entries(ledger)
    assert verify_chain(file) == []


@pytest.mark.parametrize("statement", ["update entries set payload = '{}'", "delete from entries", "truncate entries"])
def test_the_database_itself_refuses_to_change_or_delete_entries(ledger, statement):
    filled(ledger)
    with pytest.raises(SQLAlchemyError, match="append-only"), ledger.engine.begin() as connection:
        connection.execute(text(statement))
    assert len(entries(ledger)) == 4


def test_writers_at_the_same_time_take_turns_and_the_chain_holds(ledger):
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda number: append(ledger, "decision", f"d{number}", {}, NIGHT), range(12)))
    assert sorted(numbers) == list(range(1, 13))
    assert verify_chain(ledger) == []


@pytest.mark.slow
def test_a_night_with_its_ledger_there_publishes_the_same_content(first_night, sotinh, ledger, tmp_path):
    home = tmp_path / "home"
    sotinh(home, "sample", SOTINH_LEDGER_URL=str(ledger.location))
    night = sotinh(home, "nightly", "--json", SOTINH_LEDGER_URL=str(ledger.location))
    assert night.returncode == 0, night.stdout[-3000:] + night.stderr[-3000:]
    assert not (home / "ledger.db").exists()
    hashes = [
        json.loads((each / "current" / "manifest.json").read_text())["content_hash"] for each in (first_night, home)
    ]
    assert hashes[0] == hashes[1]
    assert verify_chain(ledger) == []
    again = sotinh(home, "nightly", "--json", SOTINH_LEDGER_URL=str(ledger.location))
    assert json.loads(again.stdout)["outcome"] == "quiet"
