"""`python -m tests.bench [nights|sheets|dossiers|days|engine] ...`: all that is timed, one after the other."""

import argparse
import tempfile
from pathlib import Path

from tests.bench import dossier_days, dossiers, engine, nights, sheets


def main() -> None:
    """Measure what is named, all by default, in a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", default=["nights", "sheets", "dossiers", "days", "engine"])
    parser.add_argument("--rows", type=int, default=1_000_000, help="states of dossiers of the large night")
    parser.add_argument("--months", type=int, default=12, help="months they are of, one file of each portal a month")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, alternating")
    parser.add_argument("--rows-per-month", type=int, default=28_000, help="states a month, for the new days")
    parser.add_argument("--work", type=Path, help="where the data goes meanwhile")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sotinh-bench-", dir=given.work) as folder:
        if "nights" in given.parts:
            nights.measure(Path(folder), given.rounds)
        if "sheets" in given.parts:
            sheets.measure(Path(folder), given.rounds)
        if "dossiers" in given.parts:
            dossiers.measure(Path(folder), given.rows, given.months, given.rounds)
        if "days" in given.parts:
            dossier_days.measure(Path(folder), given.rows_per_month, 2 * given.rounds)
        if "engine" in given.parts:
            engine.measure(Path(folder))


if __name__ == "__main__":
    main()
