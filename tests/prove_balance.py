"""Let a thousand faulty loads come, with kills, re-runs, replays and decisions, and see that no row is ever lost.

`python -m tests.prove_balance --loads 1000 --seed 0`; ends with 1 and what differs if anything does not balance.
"""

import argparse
import shutil
import sys
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from ingestion.reference import load_reference
from tests.ingestion.conftest import SEEDS
from tests.orchestration.balance_faults import KINDS, ROW_KINDS
from tests.orchestration.balance_world import Sabotage, live_through, new_world

FILES_OF_A_WORLD = 8


def prove(folder: Path, loads: int, seed: int, sabotage: Sabotage | None = None) -> tuple[Counter[str], list[str]]:
    """Live through homes until so many loads were settled and every kind of fault came; the tally and what differs."""
    reference = load_reference([SEEDS])
    tally: Counter[str] = Counter()
    found: list[str] = []
    waiting: list[str] = []
    while tally["loads"] < loads or any(not tally[f"kind {kind}"] for kind in KINDS):
        number = tally["homes"]
        waiting = waiting or Random(seed + number).sample(KINDS, len(KINDS))
        kinds, waiting = waiting[:FILES_OF_A_WORLD], waiting[FILES_OF_A_WORLD:]
        world = new_world(folder / f"home {number}", 1_000_000 * seed + number, reference)
        found += [f"home {number}, {said}" for said in live_through(world, kinds, sabotage)]
        tally += world.tally + Counter(homes=1)
        shutil.rmtree(world.home.paths.home)
        # told as it goes: a run that is cut short has still seen something
        print(f"{tally['homes']} homes, {tally['loads']} loads, {len(found)} differences", file=sys.stderr, flush=True)
        if sabotage and found:
            break
    return tally, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        tally, found = prove(Path(folder), options.loads, options.seed)
    kinds = [f"{tally[f'kind {kind}']:5} {kind}" for kind in KINDS]
    rules = [f"{tally[f'rule {rule}']:7} {rule}" for rule in ROW_KINDS]
    totals = [f"{count:7} {name}" for name, count in sorted(tally.items()) if not name.startswith(("kind ", "rule "))]
    print(
        "\n".join(
            ["Files by fault", *kinds, "", "Rows that break a rule, as found and as rejected", *rules, "", *totals]
        )
    )
    print("\n".join([f"{len(found)} differences", *found[:20]]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
