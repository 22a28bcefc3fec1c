"""Read many drawn workbooks and print, for each layout feature and each trap, what share was read right or refused.

`python -m tests.prove_sheets --workbooks 20000 --seed 0`; ends with 1 and the plans if anything wrong was read.
"""

import argparse
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from ingestion.reference import load_reference
from tests.ingestion.conftest import SEEDS
from tests.ingestion.generated.judge import Tally
from tests.ingestion.generated.plan import AXES, repaired
from tests.ingestion.generated.run import read_drawn
from tests.ingestion.generated.traps import TRAPS, fitted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workbooks", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    reference = load_reference([SEEDS])
    good, trapped, silent = Tally(), Tally(), []
    with TemporaryDirectory() as folder:
        for seed in range(options.seed, options.seed + options.workbooks):
            random = Random(seed)
            options_drawn = {axis: random.choice(each) for axis, each in AXES.items()}
            trap = random.choice(sorted(TRAPS)) if seed % 2 else ""
            plan = fitted(options_drawn, trap) if trap else repaired(options_drawn)
            verdict = read_drawn(plan, seed, Path(folder), reference, trap)
            if verdict is None:
                continue
            (trapped if trap else good).add({"trap": trap} if trap else plan, verdict)
            silent += [f"seed {seed}, trap {trap or 'none'}: {said}" for said in verdict.silent[:3]]
    print(f"Good workbooks\n{good.table()}\n\nWorkbooks with a trap\n{trapped.table()}\n")
    print("\n".join([f"{len(silent)} silent errors", *silent[:20]]))
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
