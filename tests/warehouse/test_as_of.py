"""What was known when: the moment a date means, the release users read then, and a proven copy of it."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from tests.warehouse.store import SETTINGS, accept, at_night, load_of, new_store, publish, rows
from warehouse.as_of import copy_kept, moment_of, release_as_of
from warehouse.content import content_hash
from warehouse.errors import StoreError
from warehouse.files import make_read_only
from warehouse.ledger import entries
from warehouse.release_pointer import keep_newest, rollback

NOW = datetime(2026, 12, 24, 6, 0, tzinfo=UTC)
ONE_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def three_nights(tmp_path_factory):
    """Releases of three nights, 01:30 in Viet Nam on 22, 23 and 24 November, each with one more province."""
    store = new_store(tmp_path_factory.mktemp("three") / "home")
    for night in range(3):
        province = f"P63-0{night + 1}"
        accept(store, load_of(f"l{night}", 1, sha256=f"s{night}", night=night), rows((1, province, "2022-09", "10")))
        publish(store, night)
    return store.paths.home


@pytest.fixture
def store(three_nights, tmp_path):
    return new_store(shutil.copytree(three_nights, tmp_path / "home", symlinks=True))


def released(store):
    return [entry.subject_id for entry in entries(store.ledger, "release")]


def known(store, text):
    return release_as_of(store.paths, store.ledger, moment_of(text, NOW)).release_id


def test_a_date_is_the_end_of_that_day_in_viet_nam():
    assert moment_of("2026-11-22", NOW) == datetime(2026, 11, 22, 16, 59, 59, 999999, tzinfo=UTC)


def test_a_time_without_zone_is_one_in_viet_nam():
    assert moment_of("2026-11-22T01:30", NOW) == datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    assert moment_of("2026-11-22T01:30:00Z", NOW) == datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    assert moment_of("2026-11-22 01:30:00.5+09:00", NOW) == datetime(2026, 11, 21, 16, 30, 0, 500000, tzinfo=UTC)


def test_the_day_under_way_means_until_now_and_a_later_one_is_refused():
    assert moment_of("2026-12-24", NOW) == NOW
    for later in ("2026-12-25", "2026-12-24T13:01"):
        with pytest.raises(ValueError, match="has not come yet"):
            moment_of(later, NOW)


@pytest.mark.parametrize("text", ["", "22/11/2026", "2026-11", "2026-02-30", "hôm qua", "9999-12-31T23:59-23:59"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="write a day as"):
        moment_of(text, NOW)


def test_a_release_is_known_from_the_moment_its_night_began(store):
    first, second, third = released(store)
    assert known(store, "2026-11-22T01:30") == first
    assert known(store, "2026-11-22") == first
    assert known(store, "2026-11-23T01:29:59.999999") == first
    assert known(store, "2026-11-23") == second
    assert known(store, "2026-12-24") == third


def test_before_the_first_release_nothing_is_known_and_the_first_is_named(store):
    with pytest.raises(StoreError) as told:
        known(store, "2026-11-22T01:29:59.999999")
    assert "2026-11-21T18:29:59.999999Z" in told.value.en
    assert released(store)[0] in told.value.en
    assert released(store)[0] in told.value.vi


def test_without_any_release_nothing_is_known(tmp_path):
    with pytest.raises(StoreError, match="there is none yet"):
        known(new_store(tmp_path / "empty"), "2026-11-22")


def test_what_was_rolled_back_was_not_known_until_something_newer_was_published(store):
    first, _, third = released(store)
    rollback(store.paths, store.ledger, first, by="An", reason="sai", at=at_night(2) + ONE_DAY / 2)
    accept(store, load_of("l3", 1, sha256="s3", night=4), rows((1, "P63-04", "2022-09", "10")))
    fourth = publish(store, 4).release_id
    assert known(store, "2026-11-24T12:00") == third
    assert known(store, "2026-11-24") == first
    assert known(store, "2026-11-25") == first
    assert known(store, "2026-11-26") == fourth


def test_a_night_that_said_the_same_changes_no_answer(store):
    assert not publish(store, 5).is_new
    assert known(store, "2026-11-28") == released(store)[-1]


def test_a_copy_is_every_file_as_published(store, tmp_path):
    release = release_as_of(store.paths, store.ledger, moment_of("2026-11-23", NOW))
    assert copy_kept(store.paths, release, tmp_path / "copy") is None
    kept = store.paths.releases / release.release_id
    names = {path.relative_to(kept): path.read_bytes() for path in kept.rglob("*") if path.is_file()}
    assert {
        p.relative_to(tmp_path / "copy"): p.read_bytes() for p in (tmp_path / "copy").rglob("*") if p.is_file()
    } == (names)
    assert content_hash(tmp_path / "copy" / "sotinh.duckdb").content_hash == release.content_hash


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("manifest.json", "manifest.json cannot be read"),
        ("sotinh.duckdb", "sotinh.duckdb differs from the manifest"),
        ("parquet/fct_observations.parquet", "parquet/fct_observations.parquet differs from the manifest"),
    ],
)
def test_a_damaged_release_is_not_taken_for_what_was_published(store, tmp_path, name, told):
    release = release_as_of(store.paths, store.ledger, NOW)
    damaged = store.paths.releases / release.release_id / name
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-100] + b"x" * 99)
    assert copy_kept(store.paths, release, tmp_path / "copy") == told


def test_a_release_put_in_the_place_of_another_is_seen_by_its_content(store, tmp_path):
    first, second, _ = released(store)
    folder = store.paths.releases
    (folder / second).chmod(0o755)
    (folder / second).rename(folder / "aside")
    (folder / first).chmod(0o755)
    (folder / first).rename(folder / second)
    make_read_only(folder / second)
    release = release_as_of(store.paths, store.ledger, moment_of("2026-11-23", NOW))
    assert copy_kept(store.paths, release, tmp_path / "copy") == (
        "sotinh.duckdb holds another content than the ledger tells"
    )


def test_a_release_beyond_retention_is_still_known_but_not_kept(store):
    keep_newest(store.paths, store.ledger, type(SETTINGS)(keep_releases=1))
    release = release_as_of(store.paths, store.ledger, moment_of("2026-11-22", NOW))
    assert (release.release_id, release.is_available) == (released(store)[0], False)
