"""The search for cycles is paused while a file is read, and goes on whatever became of the file."""

import gc

import pytest

from ingestion.collector import collector_paused


def test_the_collector_rests_inside_and_goes_on_even_after_an_error():
    with pytest.raises(ValueError, match="broken"), collector_paused():
        assert not gc.isenabled()
        raise ValueError("broken")
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
