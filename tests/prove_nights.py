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

import duckdb

from tests.conftest import PROJECT_DIR
from tests.orchestration.content_differences import differing_columns, examples
from tests.orchestration.thirty_nights import MISSED, all_sent, days, expected_morning
from warehouse.content import TABLE_KEYS, UNHASHED_TABLES

# A copy that comes before its original was read is told "still to be read" instead of "was accepted".
MAY_DIFFER = {"audit_loads": {"reason_vi", "reason_en"}}
# Two sources of one thing are compared by the one that is loaded second: what is compared is the same, not by whom.
OF_TWO_SOURCES = "check_name = 'sources_tell_one_thing'"
COMPARED_IN_ALL = f"select sum(element_count), sum(unexpected_count) from audit_checks where {OF_TWO_SOURCES}"
ROWS_COMPARED = {"audit_checks": f"not {OF_TWO_SOURCES}"}


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


def compared_in_all(database: Path) -> tuple[int, int]:
    """How many figures of two sources were compared in a release, and how many differ."""
    with duckdb.connect(database, read_only=True) as connection:
        ((compared, differing),) = connection.execute(COMPARED_IN_ALL).fetchall()
    return compared, differing


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
        found = {
            table: differing_columns(*databases, table, ROWS_COMPARED.get(table, "true")) - MAY_DIFFER.get(table, set())
            for table in tables
        }
        unequal = {table: columns for table, columns in found.items() if columns}
        in_all = [compared_in_all(database) for database in databases]
        print(f"{mornings} mornings right; {len(sent)} files; {len(tables)} tables compared; between sources {in_all}")
        for table, columns in unequal.items():
            print(table, *examples(*databases, table, columns, 200), sep="\n  ")
        is_equal = not unequal and in_all[0] == in_all[1]
        sys.exit(None if is_equal else f"unequal: {unequal}")


if __name__ == "__main__":
    main()
