"""Nights on dossier logs of any size, beside a hand-written script that reads the same files."""

import shutil
import sys
from pathlib import Path

import duckdb

from ingestion.generate import generate
from tests.bench.measure import Cost, cost, median, print_costs, print_ratios, sotinh

_TINY, _SEED = 2_000, 7
_GOAL_RATIO, _GOAL_MEMORY = "≤ 1.5", "≤ 3072"


def measure(folder: Path, rows: int, months: int, rounds: int) -> None:
    """Print what a first night on so many states costs beyond its fixed cost, and the script's cost.

    The fixed cost is the same night on 2 000 states in as many files.

    Raises:
        AssertionError: `fct_dossiers` of the two differ.
    """
    inboxes = {count: folder / f"inbox-{count}" for count in (_TINY, rows)}
    for count, inbox in inboxes.items():
        generate(inbox, count, months, _SEED)
    nights: dict[int, list[Cost]] = {count: [] for count in inboxes}
    plain: list[Cost] = []
    for _ in range(rounds):
        for count, inbox in inboxes.items():
            home = fresh_home(folder / f"home-{count}", inbox)
            nights[count].append(cost(*sotinh(home, "nightly")))
        out = folder / "plain"
        shutil.rmtree(out, ignore_errors=True)
        plain.append(cost(sys.executable, "-m", "tests.bench.plain_dossiers", str(inboxes[rows]), str(out)))
        cells = assert_same_facts(home / "current" / "sotinh.duckdb", out / "plain.duckdb")
    print_costs(
        [
            (f"night on {rows:,} states, {2 * months} files", nights[rows]),
            (f"night on {_TINY:,} states, {2 * months} files", nights[_TINY]),
            ("hand-written DuckDB script", plain),
        ]
    )
    night, fixed, script = median(nights[rows]), median(nights[_TINY]), median(plain)
    ratio = (night.wall - fixed.wall) / script.wall, (night.cpu - fixed.cpu) / script.cpu
    print_ratios([("night beyond its fixed cost ÷ script", *ratio, _GOAL_RATIO)])
    print(f"peak memory of the night: {night.memory / 2**20:.0f} MiB (goal {_GOAL_MEMORY})")
    print(f"fct_dossiers of both: the same {cells:,} cells\n")


def fresh_home(home: Path, inbox: Path) -> Path:
    """A new home with a copy of the files in its inbox: a night moves them away."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(inbox, home / "inbox")
    return home


def assert_same_facts(ours: Path, theirs: Path) -> int:
    """Compare every cell of `fct_dossiers`; how many there are."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{ours}' as ours (read_only); attach '{theirs}' as theirs (read_only)")
        columns = [row[0] for row in connection.execute("describe ours.fct_dossiers").fetchall()]
        tables = [f"select {', '.join(columns)} from {name}.fct_dossiers" for name in ("ours", "theirs")]
        for one, other in (tables, tables[::-1]):
            difference = connection.execute(f"({one}) except all ({other}) limit 3").fetchall()
            assert not difference, f"fct_dossiers differs from the script's: {difference}"
        ((rows,),) = connection.execute("select count(*) from ours.fct_dossiers").fetchall()
    return int(rows) * len(columns)
