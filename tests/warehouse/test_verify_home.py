"""Whether a home holds what its ledger tells: each thing that was changed, lost or added is named, and nothing else."""

import json
import shutil
import sqlite3

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.warehouse.store import NIGHT, accept, load_of, new_store, publish, put, receive, reject, rows
from tests.warehouse.test_ledger import tamper
from warehouse import verify_home as checks
from warehouse.files import remove_tree
from warehouse.ledger import append, entries
from warehouse.releases import list_releases
from warehouse.verify_home import FAULT, NOT_CHECKABLE, OK, check_balances, check_chain, check_lake, check_landing


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A home with one landed and accepted file of three rows, one of them refused, and one release."""
    store = new_store(tmp_path_factory.mktemp("verified") / "kho")
    put(store, "viettel/thuê bao 09.xlsx", b"a workbook")
    (file,) = receive(store).received
    figures = rows((1, "P63-01", "2022-09", "10"), (2, "P63-26", "2021-09", "5"), (3, "P63-02", "2022-09", "-5"))
    accept(store, load_of("l1", 3, sha256=file.sha256), figures, rejected_rows=[reject(3)])
    publish(store)
    return store.paths.home


@pytest.fixture
def store(published, tmp_path):
    shutil.copytree(published, tmp_path / "kho số", symlinks=True)
    return new_store(tmp_path / "kho số")


def check_releases(store, quick=False):
    return checks.check_releases(store.paths, store.ledger, list_releases(store.paths, store.ledger), quick=quick)


def statuses(check):
    return {finding.item: finding.status for finding in check.findings}


def landed(store):
    return next(path for path in store.paths.landing.rglob("*") if path.is_file())


def lake_file(store, month="2022-09"):
    return store.paths.lake / "subscribers" / f"month={month}" / "l1.parquet"


def rewrite(path, content):
    path.chmod(0o644)
    path.write_bytes(content)


def own_release(store):
    (folder,) = store.paths.releases.iterdir()
    folder.chmod(0o755)
    return folder


def test_an_orderly_home_has_nothing_wrong_and_says_what_was_looked_at(store):
    found = [check_chain(store.paths, store.ledger), check_balances(store.ledger)]
    found += [check_landing(store.paths, store.ledger), check_lake(store.paths, store.ledger), check_releases(store)]
    assert [(check.check, check.status, check.findings) for check in found] == [
        (name, OK, []) for name in ("chain", "balances", "landing", "lake", "releases")
    ]
    assert [check.told_en.split(",")[0] for check in found] == [
        "3 entries of the ledger",
        "1 loads",
        "1 received files",
        "3 files of the lake: 3 by hash",
        "1 releases",
    ]


def test_a_changed_entry_is_named(store):
    tamper(store.ledger, "update entries set payload = replace(payload, 'viettel', 'vnpt') where entry_no = 2")
    check = check_chain(store.paths, store.ledger)
    assert statuses(check) == {"entry 2": FAULT}
    assert "sao lưu" in check.findings[0].reason_vi


def test_a_ledger_rewritten_as_a_whole_is_found_by_what_a_release_wrote_down(store):
    first, *others = entries(store.ledger)
    with sqlite3.connect(store.ledger.location) as connection:
        for name in ("update", "delete"):
            connection.execute(f"drop trigger entries_no_{name}")
        connection.execute("delete from entries where entry_no > 1")
    for entry in others:
        append(store.ledger, entry.kind, entry.subject_id, {**entry.payload, "by": "somebody"}, entry.at)
    assert statuses(check_chain(store.paths, store.ledger)) == {"entry 2": FAULT}


def test_landed_bytes_that_changed_are_a_fault_and_purged_ones_are_not(store):
    path = landed(store)
    rewrite(path, b"another workbook")
    (item,) = statuses(check_landing(store.paths, store.ledger))
    assert item.startswith("viettel/thuê bao 09.xlsx (")
    assert check_landing(store.paths, store.ledger).status == FAULT
    path.unlink()
    assert statuses(check_landing(store.paths, store.ledger)) == {item: NOT_CHECKABLE}


def test_a_landed_file_that_is_gone_before_it_was_read_is_a_fault(store):
    put(store, "viettel/chưa đọc.xlsx", b"unread")
    (file,) = receive(store, night=1).received
    (store.paths.landing / "viettel" / file.sha256).unlink()
    assert list(statuses(check_landing(store.paths, store.ledger)).values()) == [FAULT]


@pytest.mark.parametrize("month", ["2021-09", "2022-09"])
def test_a_lake_file_with_other_bytes_or_none_is_named(store, month):
    path = lake_file(store, month)
    pq.write_table(pq.read_table(path), path, compression="none")  # the same rows
    name = path.relative_to(store.paths.home).as_posix()
    assert statuses(check_lake(store.paths, store.ledger)) == {name: FAULT}
    path.unlink()
    check = check_lake(store.paths, store.ledger)
    assert statuses(check) == {name: FAULT}
    assert "rebuild --all" in check.findings[0].reason_en


def test_the_lake_of_a_load_that_told_no_hashes_is_checked_by_its_rows(store):
    (load,) = entries(store.ledger, "load")
    told = {name: value for name, value in load.payload.items() if name != "file_hashes"}
    old = new_store(store.paths.home.parent / "old")
    append(old.ledger, "load", load.subject_id, told, NIGHT)
    remove_tree(old.paths.lake)
    store.paths.lake.rename(old.paths.lake)
    check = check_lake(old.paths, old.ledger)
    assert (check.status, check.told_en[:31]) == (OK, "3 files of the lake: 0 by hash,")
    path = lake_file(old)
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    assert statuses(check_lake(old.paths, old.ledger)) == {"load l1": FAULT}
    path.write_bytes(b"no Parquet")
    assert statuses(check_lake(old.paths, old.ledger)) == {"load l1": FAULT}


def test_a_load_that_does_not_balance_is_named(store):
    (load,) = entries(store.ledger, "load")
    append(store.ledger, "load", load.subject_id, {**load.payload, "rows_read": 4}, NIGHT)
    assert statuses(check_balances(store.ledger)) == {f"entry 4 {load.subject_id}": FAULT}


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("name", ["parquet/fct_observations.parquet", "manifest.json", "sotinh.duckdb", "thêm.txt"])
def test_a_file_of_a_release_that_was_changed_lost_or_added_is_named(store, quick, name):
    folder = own_release(store)
    path = folder / name
    if path.exists():
        rewrite(path, path.read_bytes() + b" ")
    else:
        path.write_text("x", encoding="utf-8")
    assert statuses(check_releases(store, quick)) == {f"{folder.name}/{name}": FAULT}
    path.unlink()
    expected = {} if name == "thêm.txt" else {FAULT}
    assert {*statuses(check_releases(store, quick)).values()} == {*expected}


def test_a_database_changed_together_with_its_manifest_is_found_by_the_ledger(store):
    folder = own_release(store)
    database = folder / "sotinh.duckdb"
    database.chmod(0o644)
    with duckdb.connect(database) as connection:
        connection.execute("update fct_observations set value = value + 1 where province_id = 'P63-01'")
    manifest = folder / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    facts = {"bytes": database.stat().st_size, "sha256": checks.sha256_of(database)}
    told["files"]["sotinh.duckdb"] = facts
    rewrite(manifest, json.dumps(told).encode())
    assert [*statuses(check_releases(store))] == [f"{folder.name}/manifest.json", f"{folder.name}/sotinh.duckdb"]
    assert [*statuses(check_releases(store, quick=True))] == [f"{folder.name}/manifest.json"]


def test_old_releases_without_files_are_no_fault_and_the_current_one_is(store):
    accept(store, load_of("l2", 1, sha256="bb", night=1), rows((1, "P63-01", "2022-10", "12")))
    publish(store, night=1)
    newest, oldest = list_releases(store.paths, store.ledger)
    remove_tree(store.paths.releases / oldest.release_id)
    assert statuses(check_releases(store)) == {oldest.release_id: NOT_CHECKABLE}
    store.paths.current.unlink()
    assert statuses(check_releases(store))[newest.release_id] == FAULT
    remove_tree(store.paths.releases / newest.release_id)
    assert statuses(check_releases(store))[newest.release_id] == FAULT
