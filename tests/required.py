"""What a test needs of the machine: without it the test is skipped, or fails where nothing may be left out."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip, since something is not there; under SOTINH_REQUIRE_ALL=1, as in `.ci/run`, fail."""
    if os.environ.get("SOTINH_REQUIRE_ALL") == "1":
        pytest.fail(what)
    pytest.skip(what)
