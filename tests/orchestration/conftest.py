"""Histories that more than one test module looks at."""

import pytest

from tests.orchestration.changing_nights import live_through


@pytest.fixture(scope="session")
def lived(tmp_path_factory):
    """A home after a first night and six nights, on each of which one thing happened; and their releases.

    Modules that ask for it are of one group, so that one process lives through the nights.
    """
    folder = tmp_path_factory.mktemp("gate") / "home"
    published = live_through(folder)
    assert all(each.is_new for each in published)
    return folder, [each.release_id for each in published]
