"""Whole-process timings, side by side in one run: `make bench`. Ratios count, not seconds: machines are noisy."""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import PROJECT_DIR

ROUNDS = 5


def cost(*command: str) -> tuple[float, float]:
    """Run a command to its end; wall seconds and CPU seconds of it and its children."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=PROJECT_DIR, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def sotinh(home: Path, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "orchestration", "--home", str(home), *arguments)


def median(costs: list[tuple[float, float]], part: int) -> float:
    return statistics.median(each[part] for each in costs)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sotinh-bench-") as folder:
        home = Path(folder) / "home"
        cost(*sotinh(home, "sample"))
        first = [cost(*sotinh(home, "nightly"))]
        quiet, bare_import = [], []
        for _ in range(ROUNDS):
            quiet.append(cost(*sotinh(home, "nightly")))
            bare_import.append(cost(sys.executable, "-c", "import dagster"))
    rows = [("first night on the sample", first), ("night with nothing new", quiet), ("import dagster", bare_import)]
    print(f"{'whole process, median':<40}{'wall s':>9}{'CPU s':>9}{'runs':>6}")
    for name, costs in rows:
        print(f"{name:<40}{median(costs, 0):>9.2f}{median(costs, 1):>9.2f}{len(costs):>6}")
    print(f"\n{'ratio':<40}{'wall':>9}{'CPU':>9}{'goal':>9}")
    for name, numerator, denominator, goal in [
        ("quiet night ÷ import dagster", quiet, bare_import, "<= 1"),
        ("quiet night ÷ first night", quiet, first, "<= 0.33"),
    ]:
        ratios = [median(numerator, part) / median(denominator, part) for part in (0, 1)]
        print(f"{name:<40}{ratios[0]:>9.2f}{ratios[1]:>9.2f}{goal:>9}")


if __name__ == "__main__":
    main()
