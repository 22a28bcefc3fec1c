"""What a whole process, or a piece of work in this one, costs: wall time, CPU time and memory."""

import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.conftest import PROJECT_DIR

_SAMPLED_EVERY = 0.05  # seconds
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Cost(NamedTuple):
    """Wall and CPU seconds, and the greatest sum of resident memory over the process tree (bytes)."""

    wall: float
    cpu: float
    memory: int


def cost(*command: str, shown: bool = False) -> Cost:
    """Run a command to its end, with what it prints if it is to be shown; what it and its children took.

    Raises:
        subprocess.CalledProcessError: it did not end with 0.
    """
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, cwd=PROJECT_DIR, stdout=None if shown else subprocess.DEVNULL)
    with _Sampler(process.pid) as sampler:
        process.wait()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, sampler.most)


def cost_here(work: Callable[[], object]) -> Cost:
    """What work in this process takes; the memory is that of the whole process while it runs."""
    wall, cpu = time.perf_counter(), time.process_time()
    with _Sampler(os.getpid()) as sampler:
        work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu, sampler.most)


def sotinh(home: Path, *arguments: str) -> tuple[str, ...]:
    """The command line of `sotinh` for a home."""
    return (sys.executable, "-m", "orchestration", "--home", str(home), *arguments)


def median(costs: Sequence[Cost]) -> Cost:
    """The median wall and CPU seconds, and the greatest memory."""
    walls, cpus, memories = zip(*costs, strict=True)
    return Cost(statistics.median(walls), statistics.median(cpus), max(memories))


def print_costs(rows: Sequence[tuple[str, Sequence[Cost]]], title: str = "whole process, median") -> None:
    """Print a table of medians."""
    print(f"{title:<52}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}{'runs':>6}")
    for name, costs in rows:
        middle = median(costs)
        print(f"{name:<52}{middle.wall:>9.2f}{middle.cpu:>9.2f}{middle.memory / 2**20:>10.0f}{len(costs):>6}")


def print_ratios(rows: Sequence[tuple[str, float, float, str]]) -> None:
    """Print (what, ratio of wall, ratio of CPU, goal)."""
    print(f"\n{'ratio':<52}{'wall':>9}{'CPU':>9}{'goal':>10}")
    for name, wall, cpu, goal in rows:
        print(f"{name:<52}{wall:>9.2f}{cpu:>9.2f}{goal:>10}")
    print()


class _Sampler:
    """Looks at the resident memory of a process and its children again and again while a block runs.

    The sum counts pages that processes share once for each: an upper bound of what the tree takes.
    """

    def __init__(self, pid: int) -> None:
        self.pid, self.most, self._ended = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_Sampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLED_EVERY):
            self.most = max(self.most, sum(_resident(pid) for pid in _tree(self.pid)))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:  # grows while it is gone through
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:  # it has ended
            continue
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0
