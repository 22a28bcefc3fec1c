"""Prove that 50 random moments in a history of loads and re-loads each give the content of the release of then.

`make prove-asof`; about three minutes of CPU time. The history is in `tests/orchestration/as_of_history.py`.
"""

import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from orchestration.as_of import star_as_of
from orchestration.home import open_home
from tests.orchestration.as_of_history import (
    LONG,
    VIET_NAM,
    drawn,
    forget_folders,
    known_at,
    live_through,
    published_until,
    read_at,
)
from warehouse.as_of import moment_of
from warehouse.content import content_hash
from warehouse.errors import StoreError

MOMENTS, SEED = 50, 20221110
LATER = datetime(2023, 1, 1, tzinfo=VIET_NAM)


def main() -> None:
    with TemporaryDirectory() as folder:
        started = perf_counter()
        home_folder = Path(folder) / "home"
        seen = live_through(home_folder, LONG)
        print(f"{len(seen)} states of `current` in {len(LONG)} nights, {perf_counter() - started:.0f} s", flush=True)
        gone = list(forget_folders(home_folder, every=2))
        home = open_home(home_folder)
        newest = home.paths.current / "sotinh.duckdb"
        outcomes: Counter[str] = Counter()
        written: dict[str, Path] = {}
        wrong = []
        for number, text in enumerate(drawn(seen, MOMENTS, SEED)):
            moment = moment_of(text, LATER)
            expected = read_at(seen, moment)
            try:
                star = star_as_of(home, moment)
                if star.release_id not in written:
                    star = star_as_of(home, moment, Path(folder) / f"star-{number}")
                    written[star.release_id] = Path(str(star.folder))
                    outcomes[str(star.made)] += 1
                found = content_hash(written[star.release_id] / "sotinh.duckdb").content_hash
            except StoreError as error:
                found = None if "Nothing had been published" in error.en else error.en
            published = published_until(seen, moment, LONG)
            told = known_at(newest, moment)
            is_right = found == (expected.content_hash if expected else None)
            is_known = told == (published.figures if published else [])
            outcomes["right" if is_right else "wrong"] += 1
            outcomes["vintages right" if is_known else "vintages wrong"] += 1
            print(f"{text:32} {str(found)[:8]:8} {'right' if is_right and is_known else 'WRONG'}", flush=True)
            if not (is_right and is_known):
                wrong.append(text)
        print(f"{len(gone)} releases without files; {dict(outcomes)}; {perf_counter() - started:.0f} s")
        sys.exit(f"wrong: {wrong}" if wrong else None)


if __name__ == "__main__":
    main()
