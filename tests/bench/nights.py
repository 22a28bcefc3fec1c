"""Nights on the sample inbox: the first, and those with nothing new."""

import sys
from pathlib import Path

from tests.bench.measure import cost, median, print_costs, print_ratios, sotinh


def measure(folder: Path, rounds: int) -> None:
    """Print what nights on the sample cost."""
    home = folder / "sample"
    cost(*sotinh(home, "sample"))
    first = [cost(*sotinh(home, "nightly"))]
    quiet, bare_import = [], []
    for _ in range(rounds):
        quiet.append(cost(*sotinh(home, "nightly")))
        bare_import.append(cost(sys.executable, "-c", "import dagster"))
    print_costs(
        [("first night on the sample", first), ("night with nothing new", quiet), ("import dagster", bare_import)]
    )
    night, nothing, bare = median(first), median(quiet), median(bare_import)
    print_ratios(
        [
            ("night with nothing new ÷ import dagster", nothing.wall / bare.wall, nothing.cpu / bare.cpu, "≤ 1"),
            ("night with nothing new ÷ first night", nothing.wall / night.wall, nothing.cpu / night.cpu, "≤ 0.33"),
        ]
    )
