"""`make prove-dossiers`: `fct_dossiers` against plain Python on 100,000 states, and in twenty orders of loading.

The first part is what a user does: `sotinh generate`, `sotinh nightly`, and more nights with all that is sent again.
The second loads the same files in random orders without Dagster and compares the content hash of every table.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from orchestration.home import Home
from orchestration.releasing import publish_build
from tests.conftest import run_sotinh
from tests.dbt_project.dossier_oracle import COUNTS
from tests.orchestration.content_differences import differing_columns
from tests.orchestration.dossier_nights import (
    FIRST_NIGHT,
    KEY,
    build_night,
    counted,
    differences,
    found_cells,
    found_values,
    load_night,
    new_home,
    nights_in_random_order,
)
from tests.orchestration.raw_logs import Sent, counted_states
from tests.orchestration.resent_logs import changed_in_place, contested, with_resent
from warehouse.content import content_hash

# All that may depend on the order. Bytes that came twice bear the name they had first. How many lines the log before
# had is what the two rules on volume compare with: they may warn or not, and say so in the verdict of the load.
VOLUME_RULES = "check_name in ('row_count_has_not_dropped', 'row_count_has_not_jumped')"
MAY_DIFFER = {
    "audit_loads": {"file_name", "verdict", "reason_vi", "reason_en"},
    "audit_checks": {f"{name} where {VOLUME_RULES}" for name in ("success", "observed", "element_count")},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--first-month", default="2025-01", help="from July 2025 on the provinces are others")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sotinh-proof-") as folder:
        logs, faults = by_the_command(Path(folder) / "home", wanted)
        faults += in_any_order(Path(folder) / "orders", with_resent(logs, wanted.seed), wanted.orders)
    print("\n".join(faults) or "\nAll equal.")
    sys.exit(bool(faults))


def by_the_command(home: Path, wanted: argparse.Namespace) -> tuple[list[Sent], list[str]]:
    """Nights by the command; the logs as generated, and what differs from the count."""
    new_home(home)
    size = ("--rows", str(wanted.rows), "--months", str(wanted.months), "--seed", str(wanted.seed))
    told = run_sotinh(home, "generate", *size, "--first-month", wanted.first_month)
    assert told.returncode == 0, told.stderr
    logs = [Sent(path.parent.name, path.name, path.read_bytes()) for path in sorted((home / "inbox").glob("*/*"))]
    logs.sort(key=lambda log: (log.file_name.split("_")[-1], log.source_id))  # by month, as they were written
    again = [*with_resent(logs, wanted.seed), *changed_in_place(logs, wanted.seed)]
    received = list(logs)
    for number, files in enumerate([[], *in_rounds(again)], start=1):
        started = time.perf_counter()
        for place, file in enumerate(files):
            path = home / "inbox" / file.source_id / file.file_name
            path.write_bytes(file.data)
            touch(path, number * 1000 + place)
        night = run_sotinh(home, "nightly", "--json")
        assert night.returncode in (0, 3), night.stdout[-3000:] + night.stderr[-3000:]
        received += files
        print(f"night {number} by the command: {len(files or logs)} files, {time.perf_counter() - started:.0f} s")
    return logs, compared(home / "current" / "sotinh.duckdb", received, "by the command")


def compared(database: Path, received: Sequence[Sent], what: str) -> list[str]:
    """Compare two tables with the count, in every cell; what differs."""
    started = time.perf_counter()
    states, accepted = counted_states(received)
    cells, values = counted(received)
    found, in_the_centre = found_cells(database), found_values(database)
    columns = len(COUNTS) + 1
    print(
        f"{what}: {len(received)} files, {len(accepted)} of different bytes, {len(states)} states that may be true of "
        f"{len({state['dossier_key'] for state in states})} dossiers, {contested(states)} of them contested by files; "
        f"fct_dossiers: {len(found)} rows x {columns} columns = {len(found) * columns} cells and "
        f"{len(found) * len(KEY)} parts of keys; fct_indicator_values: {len(in_the_centre)} values of "
        f"{len({key[1] for key in in_the_centre})} indicators; counted in {time.perf_counter() - started:.0f} s"
    )
    faults = [f"{what}, fct_dossiers: {one}" for one in differences(found, cells)]
    return faults + [f"{what}, fct_indicator_values: {one}" for one in differences(in_the_centre, values)]


def in_any_order(folder: Path, sent: list[Sent], orders: int) -> list[str]:
    """Load the files in so many orders; what differs from the count or between orders, beyond what may."""
    faults: list[str] = []
    first: tuple[Path, dict[str, str]] | None = None
    differing: Counter[str] = Counter()
    columns: dict[str, set[str]] = {}
    if contested(counted_states(sent)[0]):
        return ["the files contradict each other within one moment: their order must matter"]
    for seed in range(orders):
        started = time.perf_counter()
        nights = nights_in_random_order(sent, seed)
        home = new_home(folder / str(seed))
        for number, files in enumerate(nights):
            one_night(home, files, number)
        database = folder / f"order_{seed}.duckdb"
        shutil.copy(home.paths.home / "current" / "sotinh.duckdb", database)
        hashes = content_hash(database).table_hashes
        shutil.rmtree(home.paths.home)
        if first is None:
            first = (database, hashes)
            faults += compared(database, sent, "in the first order")
        unequal = sorted(table for table in first[1] | hashes if first[1].get(table) != hashes.get(table))
        differing.update(unequal)
        for table in unequal:
            columns.setdefault(table, set()).update(told_apart(first[0], database, table))
        lengths = "+".join(str(len(files)) for files in nights)
        print(f"order {seed}: nights of {lengths} files, {time.perf_counter() - started:.0f} s; differs in: {unequal}")
        if database != first[0]:
            database.unlink()
    print(f"{len(first[1]) if first else 0} tables, {orders} orders; tables that differ from the first order:")
    for table, count in sorted(differing.items()):
        print(f"  {table}: in {count} orders, columns {sorted(columns[table])}")
        if not columns[table] <= MAY_DIFFER.get(table, set()):
            faults.append(f"{table} depends on the order of loading: {sorted(columns[table])}")
    return faults


def told_apart(one: Path, other: Path, table: str) -> set[str]:
    """Names of the columns in which a table differs, those of the rules on volume apart."""
    if table != "audit_checks":
        return differing_columns(one, other, table)
    by_volume = differing_columns(one, other, table, VOLUME_RULES)
    return {f"{name} where {VOLUME_RULES}" for name in by_volume} | differing_columns(
        one, other, table, f"not {VOLUME_RULES}"
    )


def one_night(home: Home, files: Sequence[Sent], number: int) -> None:
    load_night(home, files, FIRST_NIGHT + timedelta(days=number))
    build_night(home)
    publish_build(home)


def in_rounds(files: Sequence[Sent]) -> list[list[Sent]]:
    """Files in nights: the inbox holds one file of a name at a time."""
    rounds: list[list[Sent]] = []
    times: Counter[tuple[str, str]] = Counter()
    for file in files:
        nth = times[file.source_id, file.file_name]
        times[file.source_id, file.file_name] += 1
        rounds += [[]] if nth == len(rounds) else []
        rounds[nth].append(file)
    return rounds


def touch(path: Path, second: int) -> None:
    """Files are taken in the order of their times, all of them long ago."""
    os.utime(path, (1_600_000_000 + second, 1_600_000_000 + second))


if __name__ == "__main__":
    main()
