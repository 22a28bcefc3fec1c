"""The log file of a run: one JSON object per line, whatever was hung on the record."""

import json
import logging
from datetime import UTC, datetime

import pytest

from orchestration.logs import start_log


@pytest.fixture
def clean_logger():
    logger = logging.getLogger("sotinh")
    before = list(logger.handlers)
    yield logger
    logger.handlers = before


def test_each_line_is_one_json_object_and_objects_of_others_stay_out(tmp_path, clean_logger):
    path = start_log(tmp_path, "nightly", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    logging.getLogger("sotinh.load").info("đã nhận %s", "tệp.xlsx", extra={"source_id": "viettel", "event": object()})
    (line,) = path.read_text(encoding="utf-8").splitlines()
    record = json.loads(line)
    assert path.name == "20260102T030405Z-nightly.jsonl"
    assert (record["message"], record["level"], record["source_id"]) == ("đã nhận tệp.xlsx", "info", "viettel")
    assert "event" not in record


def test_only_the_newest_log_files_are_kept(tmp_path, clean_logger):
    for day in range(1, 29):
        for month in range(1, 5):
            (tmp_path / f"2025{month:02}{day:02}T000000Z-nightly.jsonl").touch()
    start_log(tmp_path, "nightly", datetime(2026, 1, 1, tzinfo=UTC))
    kept = sorted(path.name for path in tmp_path.glob("*.jsonl"))
    assert len(kept) == 59
    assert kept[-1].startswith("20250428")
