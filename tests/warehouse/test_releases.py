"""Publishing: what users read is whole, traceable and switched at once."""

import json
import os
import stat

import duckdb
import pytest

from tests.warehouse.store import SETTINGS, accept, at_night, load_of, new_store, publish, reject, rows
from warehouse import releases
from warehouse.errors import GateRefused, StoreError
from warehouse.ledger import verify_chain
from warehouse.release_pointer import ledger_anchors, pointed_release_id, recover, rollback


@pytest.fixture
def store(tmp_path):
    store = new_store(tmp_path / "kho số O'Brien")
    accept(store, load_of("l1", 2), rows((1, "P63-01", "2022-09", "10"), (2, "P63-26", "2022-09", "5")))
    return store


def second_load(store, night=1):
    accept(store, load_of("l2", 1, sha256="bb", night=night), rows((1, "P63-01", "2022-10", "12")))


def test_a_release_holds_tables_only_with_constraints_comments_and_its_own_row(store):
    published = publish(store)
    assert pointed_release_id(store.paths) == published.release_id
    assert published.release_id == f"20261121T183000Z-{published.content_hash[:8]}"
    assert os.readlink(store.paths.current) == f"releases/{published.release_id}"
    assert store.query("select count(*) from duckdb_views() where not internal") == [(0,)]
    assert store.query("select distinct schema_name from duckdb_tables()") == [("main",)]
    assert store.query("select comment from duckdb_tables() where table_name = 'fct_observations'") == [
        ("One row per province's cell.",)
    ]
    assert store.query(
        "select comment from duckdb_columns() where table_name = 'fct_observations' and column_name = 'value'"
    ) == [("Value, as reported.",)]
    assert store.query(
        "select constraint_type from duckdb_constraints() where table_name = 'fct_observations' and constraint_type = 'CHECK'"
    )
    own = store.query("select release_id, content_hash, ledger_entry, row_counts from audit_releases")
    assert own[0][:3] == (published.release_id, published.content_hash, 1)
    assert json.loads(own[0][3]) == published.row_counts
    assert store.query("select first_release_id from audit_loads") == [(published.release_id,)]
    assert str(store.paths.home).encode() not in (store.paths.current / "sotinh.duckdb").read_bytes()
