"""How well the checks see faults: a hundred of every kind into a generated history, and a clean history judged.

`make prove-drill` prints the figures per kind and ends with 1 where less than 95 % of a kind were seen, or more than
1 % of the clean loads or checks alarm. SEED changes history and faults.
"""

import argparse
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from ingestion.drill.kinds import KINDS
from orchestration.console import print_table
from orchestration.drill import run_drill, share_handled
from tests.drill_world import make_history

NOW = datetime(2026, 1, 4, tzinfo=UTC)
COLUMNS = ("kind", "injected", "detected", "read_rightly", "missed", "share", "outcomes", "caught_by")


def main() -> int:
    """Drill, print, judge."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--faults", type=int, default=100)
    asked.add_argument("--months", type=int, default=18)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--kinds", default="")
    given = asked.parse_args()
    kinds = given.kinds.split(",") if given.kinds else list(KINDS)
    with tempfile.TemporaryDirectory(prefix="sotinh-prove-drill-") as folder:
        home = make_history(Path(folder) / "home", months=given.months, seed=given.seed)
        result = run_drill(home, seed=given.seed, faults=given.faults, kinds=kinds, now=NOW)
    shares = {score["kind"]: share_handled(score) or 0.0 for score in result["kinds"]}
    rows = [{**score, "share": f"{100 * shares[score['kind']]:.1f} %"} for score in result["kinds"]]
    for row in rows:
        row |= {"outcomes": _few(row["by_outcome"]), "caught_by": _few(row["caught_by"])}
    print_table("Faults", COLUMNS, rows)
    for trial in result["trials"]:
        if trial["outcome"] == "missed":
            print("missed:", trial["kind"], trial["file_name"], trial["what"])
    clean = result["clean"]
    print(f"clean history: {clean['loads_alarmed']} of {clean['loads']} loads, {clean['alarms']} of {clean['checks']}")
    for name, counts in clean["by_check"].items():
        if counts["alarms"]:
            print(f"  {name}: {counts['alarms']} of {counts['judged']}")
    is_seen = all(share >= 0.95 for share in shares.values())
    is_quiet = clean["loads_alarmed"] <= 0.01 * clean["loads"] and clean["alarms"] <= 0.01 * clean["checks"]
    return 0 if is_seen and is_quiet else 1


def _few(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in Counter(counts).most_common(5))


if __name__ == "__main__":
    sys.exit(main())
