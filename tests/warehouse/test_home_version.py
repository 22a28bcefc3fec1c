"""The version of a home: a new one has ours, any other is refused before anything is touched."""

import pytest

from orchestration.home import look_at_home, open_home
from warehouse.errors import StoreError
from warehouse.home_version import HOME_VERSION, home_version
from warehouse.paths import HomePaths, ensure_home


def listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_new_home_has_our_version_also_in_a_folder_that_an_administrator_prepared(tmp_path):
    (tmp_path / "inbox" / "viettel").mkdir(parents=True)
    (tmp_path / "sotinh.toml").write_text("settle_seconds = 0\n")
    assert open_home(tmp_path).settings.settle_seconds == 0
    assert (tmp_path / "version").read_text() == f"{HOME_VERSION}\n"
    assert not list(tmp_path.glob(".tmp-*"))


def test_a_home_killed_while_it_was_made_is_still_a_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.settings.settings_template", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        open_home(tmp_path / "home")
    monkeypatch.undo()
    assert open_home(tmp_path / "home").paths.version.read_text() == f"{HOME_VERSION}\n"


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (None, "is of version 0, .* Run: sotinh migrate --yes"),
        (str(HOME_VERSION + 1), "newer than version .* Upgrade sotinh"),
        ("", "must hold a whole number"),
        ("một", "must hold a whole number"),
        ("-1", "must hold a whole number"),
    ],
)
@pytest.mark.parametrize("open_it", [open_home, look_at_home])
def test_a_home_of_another_version_is_refused_and_left_as_it_is(tmp_path, version, said, open_it):
    ensure_home(HomePaths(tmp_path))
    (tmp_path / "version").unlink()
    (tmp_path / "seeds").rmdir()
    (tmp_path / "sotinh.toml").write_text("a_setting_of_the_future = 1\n")
    if version is not None:
        (tmp_path / "version").write_text(version, encoding="utf-8")
    before = listing(tmp_path)
    with pytest.raises(StoreError, match=said):
        open_it(tmp_path)
    assert listing(tmp_path) == before


def test_a_home_that_is_not_there_can_be_looked_at_and_is_not_made(tmp_path):
    look_at_home(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    assert home_version(HomePaths(tmp_path / "none")) == HOME_VERSION
