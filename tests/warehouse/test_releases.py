"""Publishing: what users read is whole, traceable and switched at once."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from importlib.metadata import version

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.store import SETTINGS, accept, at_night, build, load_of, new_store, publish, reject, rows
from warehouse import releases
from warehouse.errors import GateRefused, StoreError
from warehouse.ledger import append, entries, last_entry_no, open_ledger, verify_chain
from warehouse.release_pointer import (
    current_is_available,
    current_release_id,
    ledger_anchors,
    point_to,
    pointed_release_id,
    recover,
    rollback,
)
from warehouse.sweep import sweep


@pytest.fixture
def store(tmp_path):
    store = new_store(tmp_path / "kho số O'Brien")
    accept(store, load_of("l1", 2), rows((1, "P63-01", "2022-09", "10"), (2, "P63-26", "2022-09", "5")))
    return store


def another_load(store, number, night):
    table = rows((1, "P63-01", f"2023-{number:02d}", "12"))
    accept(store, load_of(f"n{number}", 1, sha256=f"s{number}", night=night), table)


def publish_nights(store, count):
    published = []
    for night in range(count):
        another_load(store, night + 1, night)
        published.append(publish(store, night).release_id)
    return published


def test_a_release_holds_tables_only_with_constraints_comments_and_its_own_row(store):
    published = publish(store)
    assert pointed_release_id(store.paths) == published.release_id
    assert published.release_id == f"20261121T183000Z-{published.content_hash[:8]}"
    assert os.readlink(store.paths.current) == f"releases/{published.release_id}"
    assert store.query("select count(*) from duckdb_views() where not internal") == [(0,)]
    assert store.query("select distinct schema_name from duckdb_tables()") == [("main",)]
    facts = "where table_name = 'fct_observations'"
    assert store.query(f"select comment from duckdb_tables() {facts}") == [("One row per province's cell.",)]
    assert store.query(f"select comment from duckdb_columns() {facts} and column_name = 'value'") == [
        ("Value, as reported.",)
    ]
    constraints = store.query(f"select distinct constraint_type from duckdb_constraints() {facts} order by 1")
    assert constraints == [("CHECK",), ("NOT NULL",)]
    own = store.query("select release_id, content_hash, ledger_entry, row_counts from audit_releases")
    assert own[0][:3] == (published.release_id, published.content_hash, 1)
    assert json.loads(own[0][3]) == published.row_counts
    assert store.query("select first_release_id from audit_loads") == [(published.release_id,)]
    assert str(store.paths.home).encode() not in (store.paths.current / "sotinh.duckdb").read_bytes()


def test_the_manifest_names_inputs_hashes_and_every_file(store):
    published = publish(store)
    manifest = json.loads((store.paths.current / "manifest.json").read_text())
    assert manifest["release_id"] == published.release_id
    assert manifest["sotinh_version"] == version("sotinh")
    assert manifest["row_counts"] == published.row_counts == {
        "audit_checks": 1,
        "audit_decisions": 0,
        "audit_load_sheets": 1,
        "audit_loads": 1,
        "audit_rejected_rows": 0,
        "audit_rejections": 0,
        "audit_releases": 1,
        "fct_observations": 2,
    }  # fmt: skip
    assert "audit_releases" not in manifest["table_hashes"]
    assert manifest["inputs"] == [
        {"source_id": "viettel", "file_name": "l1.xlsx", "file_sha256": "aa", "load_id": "l1"}
    ]
    for name, facts in manifest["files"].items():
        assert hashlib.sha256((store.paths.current / name).read_bytes()).hexdigest() == facts["sha256"]
    assert {f"parquet/{table}.parquet" for table in published.row_counts} <= manifest["files"].keys()
    assert verify_chain(store.ledger, ledger_anchors(store.paths)) == []
    assert ledger_anchors(store.paths) == {1: entries(store.ledger)[0].entry_hash}


def test_release_files_are_read_only(store):
    publish(store)
    folder = store.paths.current.resolve()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
    assert modes == {0o444}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "parquet")} == {0o555}


def test_the_same_content_in_another_home_has_the_same_hash(store, tmp_path):
    other = new_store(tmp_path / "other")
    accept(other, load_of("l1", 2, night=7), rows((2, "P63-26", "2022-09", "5"), (1, "P63-01", "2022-09", "10")))
    assert publish(other, night=7).content_hash == publish(store).content_hash


def test_an_equal_build_makes_no_new_release_but_the_next_night_is_quiet(store):
    first = publish(store)
    again = publish(store, night=1, code_version="c2")
    assert (again.is_new, again.release_id) == (False, first.release_id)
    last = releases.last_build(store.ledger)
    assert (last.release_id, last.code_version, last.ledger_entry) == (first.release_id, "c2", 2)
    assert len(releases.list_releases(store.paths, store.ledger)) == 1


def test_an_unchanged_build_also_mends_a_pointer_that_was_not_switched(store):
    first = publish(store).release_id
    (second,) = publish_nights(store, 1)
    point_to(store.paths, first)  # killed between the ledger entry and the switch
    assert not publish(store, night=2).is_new
    assert pointed_release_id(store.paths) == second


def test_readers_with_the_old_file_open_go_on_reading_it(store):
    publish(store)
    code = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True)\n"
        "ask = lambda: print(c.execute('select count(*) from fct_observations').fetchall()[0][0], flush=True)\n"
        "ask(); sys.stdin.readline(); ask()"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", code, store.paths.current / "sotinh.duckdb"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout.readline() == "2\n"
    publish_nights(store, 4)  # so many that the reader's release is removed
    assert len(list(store.paths.releases.iterdir())) == 3
    assert store.query("select count(*) from fct_observations") == [(6,)]
    assert reader.communicate("go on\n", timeout=20)[0] == "2\n"


def test_the_newest_releases_and_the_current_one_are_kept(store):
    first = publish(store).release_id
    second = publish_nights(store, 1)
    rollback(store.paths, store.ledger, first, by="an", reason="sai số", at=at_night(1))
    assert current_release_id(store.ledger) == first
    later = []
    for night in (2, 3, 4):
        another_load(store, night, night)
        later.append(publish(store, night).release_id)
    listed = releases.list_releases(store.paths, store.ledger)
    assert [release.release_id for release in listed] == [*reversed(later), *second, first]
    assert [release.is_available for release in listed] == [True, True, True, False, False]
    assert [release.is_current for release in listed] == [True, False, False, False, False]
    assert listed[2].previous_release_id == first


def test_a_rollback_points_back_and_is_written_down(store):
    first = publish(store).release_id
    (second,) = publish_nights(store, 1)
    assert rollback(store.paths, store.ledger, None, by="an", reason="sai số", at=at_night(2)) == first
    assert pointed_release_id(store.paths) == first
    payload = entries(store.ledger, "rollback")[0].payload
    assert payload == {"release_id": first, "previous_release_id": second, "by": "an", "reason": "sai số"}
    assert recover(store.paths, store.ledger, SETTINGS) == []
    assert releases.last_build(store.ledger).release_id == second  # nothing new: it stays rolled back
    with pytest.raises(StoreError, match="no release before"):
        rollback(store.paths, store.ledger, None, by="an", reason="", at=at_night(2))
    with pytest.raises(StoreError, match=f"There is no release x. Available: {first}, {second}"):
        rollback(store.paths, store.ledger, "x", by="an", reason="", at=at_night(2))
    with pytest.raises(StoreError, match="is the current release already"):
        rollback(store.paths, store.ledger, first, by="an", reason="", at=at_night(2))
    lose(store.paths.releases / second)
    with pytest.raises(StoreError, match="are gone"):
        rollback(store.paths, store.ledger, second, by="an", reason="", at=at_night(2))


def change_build(store, statement):
    up_to = build(store)
    with duckdb.connect(store.paths.warehouse_db) as connection:
        connection.execute(statement)
    return up_to


def publish_changed(store, statement):
    up_to = change_build(store, statement)
    return releases.publish(
        store.paths,
        store.ledger,
        store.paths.warehouse_db,
        ledger_entry=up_to,
        code_version="c1",
        published_at=at_night(0),
        settings=SETTINGS,
        rules=None,
    )


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("update audit_loads set rows_accepted = 1", "do not balance: l1"),
        ("update audit_loads set rows_accepted = null", "do not balance: l1"),
        ("delete from audit_rejected_rows where row_no = 2", "differ from audit_rejected_rows: l2"),
        ("update audit_loads set verdict = 'superseded' where load_id = 'l1'", "differs from the ledger: l1"),
        ("delete from audit_loads where load_id = 'l1'", "sheets do not add up to their load: l1"),
        ("update audit_load_sheets set rows_accepted = 3 where load_id = 'l1'", "sheets do not balance: l1 / S"),
        ("update audit_load_sheets set rows_read = 1, rows_accepted = 1 where load_id = 'l1'", "their load: l1"),
        (
            "update audit_load_sheets set sheet = 'T' where load_id = 'l1'",
            "audit_load_sheets differs from the ledger: l1",
        ),
        ("update audit_rejected_rows set sheet = 'T'", "rejections by reason differ from audit_rejected_rows: l2 / S"),
        ("update audit_rejections set rejected_count = 2", "rejections by reason differ"),
        ("update audit_rejections set reason_code = 'other'", "rejections by reason differ"),
        ("drop table audit_checks", "tables are missing: audit_checks"),
    ],
)
def test_a_build_that_does_not_add_up_is_not_published(store, statement, message):
    table = rows((1, "P63-01", "2022-10", "10"), (2, "P63-26", "2022-10", "-5"))
    accept(store, load_of("l2", 2, sha256="bb"), table, None, [reject(2)])
    with pytest.raises(GateRefused, match=message) as caught:
        publish_changed(store, statement)
    assert "Không công bố" in caught.value.vi
    assert not store.paths.current.exists()
    assert list(store.paths.releases.iterdir()) == []
    assert last_entry_no(store.ledger) == 2


def test_a_lake_file_with_other_rows_than_were_accepted_is_not_published(store):
    up_to = build(store)
    (lake_file,) = store.paths.lake.rglob("l1.parquet")
    pq.write_table(pa.table({"row_no": [1]}), lake_file)
    with pytest.raises(GateRefused, match="do not hold the accepted rows: l1"):
        releases.publish(
            store.paths,
            store.ledger,
            store.paths.warehouse_db,
            ledger_entry=up_to,
            code_version="c1",
            published_at=at_night(0),
            settings=SETTINGS,
            rules=None,
        )


def test_a_release_that_does_not_read_back_the_same_is_not_published(store, monkeypatch):
    write = releases.copy_tables

    def lose_a_row(build_db, folder, *others):
        write(build_db, folder, *others)
        with duckdb.connect(folder / "sotinh.duckdb") as connection:
            connection.execute("delete from fct_observations where province_id = 'P63-26'")

    monkeypatch.setattr(releases, "copy_tables", lose_a_row)
    with pytest.raises(StoreError, match=r"does not read back the same \(fct_observations\)"):
        publish(store)
    assert not store.paths.current.exists()
    recover(store.paths, store.ledger, SETTINGS)
    assert list(store.paths.releases.iterdir()) == []


def test_a_full_disk_while_publishing_leaves_the_current_release(store, monkeypatch):
    first = publish(store).release_id
    another_load(store, 1, 1)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(releases, "write_manifest", full)
        with pytest.raises(StoreError, match="disk is full while publishing"):
            publish(store, night=1)
    assert pointed_release_id(store.paths) == first
    assert recover(store.paths, store.ledger, SETTINGS)
    assert [path.name for path in store.paths.releases.iterdir()] == [first]
    assert publish(store, night=1).is_new


def test_a_lost_pointer_is_set_again(store):
    first = publish(store).release_id
    store.paths.current.unlink()
    assert recover(store.paths, store.ledger, SETTINGS) == [f"pointed current to {first}"]
    assert pointed_release_id(store.paths) == first


def lose(path):
    for folder in [path, *path.rglob("*/")]:
        folder.chmod(0o755)
    shutil.rmtree(path)


def test_a_lost_releases_folder_is_reported_and_the_next_build_is_published_anew(store):
    assert current_is_available(store.paths, store.ledger)  # nothing published, nothing missing
    first = publish(store)
    assert current_is_available(store.paths, store.ledger)
    lose(store.paths.releases)
    told = [f"the files of the current release {first.release_id} are gone; it has to be built again"]
    assert recover(store.paths, store.ledger, SETTINGS) == told
    assert not current_is_available(store.paths, store.ledger)
    again = publish(store, night=1)
    assert (again.is_new, again.content_hash) == (True, first.content_hash)
    assert again.release_id != first.release_id
    assert store.query("select count(*) from fct_observations") == [(2,)]
    assert current_is_available(store.paths, store.ledger)
    assert recover(store.paths, store.ledger, SETTINGS) == []
    assert [release.is_available for release in releases.list_releases(store.paths, store.ledger)] == [True, False]
    with pytest.raises(StoreError, match="are gone"):
        rollback(store.paths, store.ledger, first.release_id, by="an", reason="", at=at_night(2))


def test_a_current_release_without_its_database_counts_as_gone(store):
    first = publish(store).release_id
    folder = store.paths.releases / first
    folder.chmod(0o755)
    (folder / "sotinh.duckdb").unlink()
    assert not current_is_available(store.paths, store.ledger)
    assert publish(store, night=1).is_new


def test_a_pointer_left_at_an_older_release_stays_while_the_current_one_is_gone(store):
    first = publish(store).release_id
    (second,) = publish_nights(store, 1)
    point_to(store.paths, first)
    lose(store.paths.releases / second)
    assert len(recover(store.paths, store.ledger, SETTINGS)) == 1
    assert pointed_release_id(store.paths) == first


def test_a_home_with_another_ledger_is_left_alone(store):
    first = publish(store).release_id
    kept = sorted(path for path in store.paths.home.rglob("*") if path.is_file())
    for other in (open_ledger(store.paths.home / "empty.db"), open_ledger(store.paths.home / "other.db")):
        if other.location.name == "other.db":
            append(other, "load", "x", {}, at_night(0))
            append(other, "release", first, {}, at_night(0))
        for tidy in (recover, sweep):
            with pytest.raises(StoreError, match=f"does not know the current release {first}") as caught:
                tidy(store.paths, other)
            assert "Sổ cái không biết" in caught.value.vi
    assert [path for path in kept if not path.exists()] == []


def test_what_others_put_beside_the_releases_is_left_alone(store):
    publish(store)
    (store.paths.releases / "lost+found").mkdir()
    unpublished = store.paths.releases / "20260101T000000Z-0123abcd"
    unpublished.mkdir()
    assert recover(store.paths, store.ledger) == ["removed unpublished 20260101T000000Z-0123abcd"]
    assert (store.paths.releases / "lost+found").exists()


def test_publishing_without_a_build_says_so(store):
    store.paths.warehouse_db.unlink(missing_ok=True)
    with pytest.raises(StoreError, match="build it first"):
        releases.publish(
            store.paths,
            store.ledger,
            store.paths.warehouse_db,
            ledger_entry=1,
            code_version="c1",
            published_at=at_night(0),
            settings=SETTINGS,
            rules=None,
        )
