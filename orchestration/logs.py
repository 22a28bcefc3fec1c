"""Logs: one JSON file per run under `<home>/logs`, and on the console no more than the step in progress."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from warehouse.settings import Settings

PARTS = 4  # of one run's log; the oldest goes when a fifth begins
MEGABYTE = 1_000_000
STANDARD_FIELDS = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def _is_ours(name: str, value: object) -> bool:
    """Tell our own extra fields from logging's, and from the objects that Dagster hangs on its records."""
    return name not in STANDARD_FIELDS and isinstance(value, str | int | float | None)


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time in UTC, level, logger, message, and whatever was passed as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if _is_ours(name, value)},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


_root = logging.getLogger("sotinh")
_root.addHandler(logging.NullHandler())  # without a log file, nothing goes to the console
_root.propagate = False


def start_log(folder: Path, command: str, now: datetime, settings: Settings) -> RotatingFileHandler:
    """Open the log of one run. Its file appears with its first line: a quiet night leaves none.

    Returns:
        The handler of the file, which is named by UTC time, command and process, so that a listing is in order of time
        and two runs that start in the same second do not share a file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{command}-{os.getpid()}.jsonl"
    part_bytes = settings.log_megabytes * MEGABYTE // PARTS
    handler = RotatingFileHandler(path, maxBytes=part_bytes, backupCount=PARTS - 1, encoding="utf-8", delay=True)
    handler.setFormatter(JsonFormatter())
    _root.setLevel(logging.DEBUG)
    _root.addHandler(handler)
    return handler


@contextmanager
def log_of_run(folder: Path, command: str, now: datetime, settings: Settings) -> Iterator[None]:
    """Log a run to a file of its own, unless its process already logs to one."""
    if any(isinstance(handler, RotatingFileHandler) for handler in _root.handlers):
        yield
        return
    handler = start_log(folder, command, now, settings)
    try:
        yield
    finally:
        _root.removeHandler(handler)
        handler.close()


def drop_old_logs(folder: Path, settings: Settings) -> int:
    """Remove the logs of all but the newest runs; call it under the home's lock, when no other run writes for long.

    Returns:
        How many runs lost their log. That of this process stays, however old.
    """
    old = sorted(folder.glob("*.jsonl"))[: -settings.keep_logs]
    dropped = [path for path in old if not path.stem.endswith(f"-{os.getpid()}")]
    for path in dropped:
        for part in folder.glob(f"{path.name}*"):
            part.unlink(missing_ok=True)
    return len(dropped)
