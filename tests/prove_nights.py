"""Prove that thirty nights with all that goes wrong in a month end as one night on all their files would.

`make prove-nights`; about four minutes of CPU time. What is sent, and what each morning must tell, is in
`tests/orchestration/thirty_nights.py`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import PROJECT_DIR
from tests.orchestration.content_differences import differing_columns, examples
from tests.orchestration.thirty_nights import MISSED, all_sent, days, expected_morning
from warehouse.content import TABLE_KEYS, UNHASHED_TABLES

# A copy that comes before its original was read is told "still to be read" instead of "was accepted".
MAY_DIFFER = {"audit_loads": {"reason_vi", "reason_en"}}


def nights(way: str, home: Path) -> Iterator[str]:
    """The lines another process prints, which lives through the nights of a home."""
    command = [sys.executable, "-m", "tests.orchestration.thirty_nights", way, str(home)]
    environment = {**os.environ, "SOTINH_HOME": str(home)}
    with subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield from process.stdout or ()
    if process.returncode:
        sys.exit(f"{way}: ended with {process.returncode}")


def wrong_words(told: dict, expected: dict) -> dict:
    """What a morning told otherwise than it should."""
    return {key: (told.get(key), value) for key, value in expected.items() if told.get(key) != value}


def main() -> None:
    with TemporaryDirectory() as folder:
        each, once = Path(folder) / "each", Path(folder) / "once"
        sent = all_sent(Path(folder) / "logs")
        awake = [day for day in days() if day not in MISSED]
        mornings = 0
        for day, line in zip(awake, nights("each", each), strict=True):
            wrong = wrong_words(json.loads(line), expected_morning(sent, day))
            mornings += 1
            print(f"{day}  {wrong or 'right'}", flush=True)
            if wrong:
                sys.exit(1)
        list(nights("at_once", once))
        databases = [home / "current" / "sotinh.duckdb" for home in (each, once)]
        tables = [table for table in TABLE_KEYS if table not in UNHASHED_TABLES]
        found = {table: differing_columns(*databases, table) - MAY_DIFFER.get(table, set()) for table in tables}
        unequal = {table: columns for table, columns in found.items() if columns}
        print(f"{mornings} mornings right; {len(sent)} files; {len(tables)} tables compared")
        for table, columns in unequal.items():
            print(table, *examples(*databases, table, columns, 200), sep="\n  ")
        sys.exit(f"unequal: {unequal}" if unequal else None)


if __name__ == "__main__":
    main()
