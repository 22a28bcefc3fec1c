"""What was known then: copied, or built again with the content of then, or refused; and what later releases tell."""

import json
import shutil
from datetime import datetime, timedelta

import duckdb
import pytest

from orchestration.as_of import BUILT_AGAIN, COPIED, star_as_of
from orchestration.home import open_home
from tests.conftest import run_sotinh
from tests.orchestration.as_of_history import (
    SHORT,
    VIET_NAM,
    declared,
    drawn,
    forget_folders,
    known_at,
    live_through,
    published_until,
    read_at,
)
from warehouse.as_of import moment_of
from warehouse.content import content_hash
from warehouse.errors import StoreError
from warehouse.ledger import last_entry_no

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("as_of")]

LATER = datetime(2023, 1, 1, tzinfo=VIET_NAM)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A home after three nights and a rollback, some of whose releases have no files any more, and what was seen."""
    folder = tmp_path_factory.mktemp("as_of") / "home"
    seen = live_through(folder, SHORT)
    return folder, seen, list(forget_folders(folder, every=2))


def test_copies_and_rebuilt_releases_hold_what_users_read_then(history, tmp_path):
    folder, seen, gone = history
    home, made = open_home(folder), {}
    for text in drawn(seen, 50, seed=7):
        moment = moment_of(text, LATER)
        expected = read_at(seen, moment)
        if expected is None:
            with pytest.raises(StoreError, match="Nothing had been published"):
                star_as_of(home, moment)
            continue
        star = star_as_of(home, moment)
        assert star.content_hash == expected.content_hash
        assert star.is_kept == (star.release_id not in gone)
        if star.release_id not in made:
            made[star.release_id] = star_as_of(home, moment, tmp_path / star.release_id)
            database = tmp_path / star.release_id / "sotinh.duckdb"
            assert content_hash(database).content_hash == expected.content_hash
    assert {star.made for star in made.values()} == {COPIED, BUILT_AGAIN}


def test_the_newest_release_tells_what_was_known_at_any_moment_before(history):
    folder, seen, _ = history
    database = folder / "current" / "sotinh.duckdb"
    for each in seen:
        for moment in (each.moment, each.moment + timedelta(hours=30), each.moment - timedelta(microseconds=1)):
            published = published_until(seen, moment, SHORT)
            assert known_at(database, moment) == (published.figures if published else []), moment
    with duckdb.connect(database, read_only=True) as connection:
        (displaced,) = connection.execute("select count(*) from fct_observation_gaps").fetchone()
    assert displaced > 600  # every figure of the file whose reading was changed and changed back


def test_what_other_sources_make_of_the_ledger_is_refused_and_nothing_is_written(history, tmp_path):
    folder, seen, gone = history
    home = shutil.copytree(folder, tmp_path / "home", symlinks=True)
    declared("vnpt", "title: ", "title: Bản sửa. ")(home)
    opened = open_home(home)
    entries_before = last_entry_no(opened.ledger)
    with pytest.raises(StoreError) as told:
        star_as_of(opened, seen[0].moment, tmp_path / "star")
    assert "(dim_sources)" in told.value.en
    assert gone[0] in told.value.vi
    assert opened.code_version in told.value.en
    assert not [path for path in tmp_path.iterdir() if path != home]
    assert last_entry_no(opened.ledger) == entries_before
    assert star_as_of(opened, seen[1].moment, tmp_path / "star").made == COPIED


def test_a_folder_with_something_in_it_is_left_alone(history, tmp_path):
    folder, seen, _ = history
    (tmp_path / "mine.txt").write_text("của tôi", encoding="utf-8")
    with pytest.raises(StoreError, match="There is something in"):
        star_as_of(open_home(folder), seen[-1].moment, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_says_which_release_and_where_it_is(history, tmp_path):
    folder, seen, gone = history
    told = json.loads(run_sotinh(folder, "releases", "asof", "2022-10-10", "--json").stdout)
    assert (told["release_id"], told["is_kept"], told["folder"], told["made"]) == (gone[0], False, None, None)
    assert told["moment"] == "2022-10-10T16:59:59.999999+00:00"
    written = run_sotinh(folder, "releases", "asof", "2022-10-16", "--to", str(tmp_path / "star"), "--json")
    assert json.loads(written.stdout)["content_hash"] == seen[1].content_hash
    star = {path.name for path in (tmp_path / "star").iterdir()}
    assert star == {"sotinh.duckdb", "parquet", "manifest.json", "diff.json", "changes.parquet", "seeds", "site"}
    early = run_sotinh(folder, "releases", "asof", "2022-10-09")
    assert (early.returncode, "chưa công bố bản phát hành nào" in early.stderr) == (1, True)
    assert run_sotinh(folder, "releases", "asof", "10/10/2022").returncode == 2
    listed = json.loads(run_sotinh(folder, "releases", "list", "--json").stdout)
    assert [each["release_id"] for each in listed if not each["is_available"]] == gone[::-1]
