"""Logs: one JSON file per run under `<home>/logs`, and on the console no more than the step in progress."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

KEPT_FILES = 60
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


logging.getLogger("sotinh").addHandler(logging.NullHandler())  # without a log file, nothing goes to the console
logging.getLogger("sotinh").propagate = False


def start_log(folder: Path, command: str, now: datetime) -> Path:
    """Open the log file of one run and drop the oldest ones.

    Returns:
        The file, named by UTC time and command, so that a listing is in order of time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("*.jsonl"))[: -KEPT_FILES + 1]:
        old.unlink(missing_ok=True)
    path = folder / f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{command}.jsonl"
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("sotinh")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    return path
