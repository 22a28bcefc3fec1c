"""The log of a run: one JSON object per line, of bounded size, and only so many runs of them."""

import json
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from orchestration.logs import drop_old_logs, log_of_run, start_log
from tests.conftest import PROJECT_DIR
from warehouse.settings import Settings

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clean_logger():
    logger = logging.getLogger("sotinh")
    before = list(logger.handlers)
    yield
    logger.handlers = before


def test_each_line_is_one_json_object_and_objects_of_others_stay_out(tmp_path):
    start_log(tmp_path, "nightly", NOW, Settings())
    logging.getLogger("sotinh.load").info("đã nhận %s", "tệp.xlsx", extra={"source_id": "viettel", "event": object()})
    (path,) = tmp_path.iterdir()
    (line,) = path.read_text(encoding="utf-8").splitlines()
    record = json.loads(line)
    assert path.name == f"20260102T030405Z-nightly-{os.getpid()}.jsonl"
    assert (record["message"], record["level"], record["source_id"]) == ("đã nhận tệp.xlsx", "info", "viettel")
    assert "event" not in record


def test_a_run_that_says_nothing_leaves_no_file(tmp_path):
    start_log(tmp_path, "nightly", NOW, Settings())
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_talks_without_end_keeps_its_newest_lines_within_the_size(tmp_path):
    start_log(tmp_path, "nightly", NOW, Settings(log_megabytes=1))
    for number in range(4_000):
        logging.getLogger("sotinh").debug("x" * 1_000, extra={"number": number})
    parts = sorted(tmp_path.iterdir())
    assert sum(part.stat().st_size for part in parts) <= 1_000_000
    lines = [json.loads(line) for part in reversed(parts) for line in part.read_text().splitlines()]
    kept = sorted(line["number"] for line in lines)
    assert kept == list(range(kept[0], 4_000))
    assert len(kept) > 600


def test_two_runs_that_start_in_the_same_second_write_to_files_of_their_own(tmp_path):
    script = (
        "import sys, logging; from pathlib import Path; from datetime import UTC, datetime\n"
        "from orchestration.logs import start_log; from warehouse.settings import Settings\n"
        "start_log(Path(sys.argv[1]), 'nightly', datetime(2026, 1, 2, tzinfo=UTC), Settings())\n"
        "for _ in range(500): logging.getLogger('sotinh').info('a line')"
    )
    runs = [subprocess.Popen([sys.executable, "-c", script, tmp_path], cwd=PROJECT_DIR) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    assert [len(path.read_text().splitlines()) for path in tmp_path.iterdir()] == [500, 500]


def test_a_process_that_logs_already_opens_no_second_log(tmp_path):
    start_log(tmp_path, "nightly", NOW, Settings())
    with log_of_run(tmp_path, "inside", NOW, Settings()):
        logging.getLogger("sotinh").info("a line")
    assert [path.name.split("-")[1] for path in tmp_path.iterdir()] == ["nightly"]


def test_a_run_of_dagsters_own_gets_a_log_and_leaves_nothing_open(tmp_path):
    handlers = list(logging.getLogger("sotinh").handlers)
    with log_of_run(tmp_path, "rebuild", NOW, Settings()):
        logging.getLogger("sotinh").info("a line")
    assert [path.name.split("-")[1] for path in tmp_path.iterdir()] == ["rebuild"]
    assert logging.getLogger("sotinh").handlers == handlers


def test_only_the_logs_of_the_newest_runs_are_kept_and_that_of_this_run_always(tmp_path):
    own = f"20240101T000000Z-nightly-{os.getpid()}.jsonl"
    old = [f"202501{day:02}T000000Z-nightly-1.jsonl" for day in range(1, 9)]
    for name in (own, *old, f"{old[0]}.1", f"{old[-1]}.1", "cron.log"):
        (tmp_path / name).touch()
    assert drop_old_logs(tmp_path, Settings(keep_logs=3)) == 5
    assert {path.name for path in tmp_path.iterdir()} == {own, *old[-3:], f"{old[-1]}.1", "cron.log"}
