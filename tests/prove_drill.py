"""How well the checks see faults: a hundred of every kind into a generated history, and a clean history judged.

`make prove-drill` prints the figures per kind and ends with 1 where less than 95 % of a kind were seen, or more than
1 % of the clean loads or checks alarm. `--seed` changes history and faults. `--real DIR` judges the published files of
DIR instead, and prints how many of what each rule over history looked at alarm.
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ingestion.drill.kinds import KINDS
from orchestration.console import print_table
from orchestration.drill import run_drill, share_handled
from orchestration.home import open_home
from orchestration.loading import load_source
from tests.drill_world import make_history
from tests.expectations.test_every_rule import RULES_OF_HISTORY, RULES_OF_OTHERS
from tests.ingestion.real_files import FILES
from warehouse.landing import receive
from warehouse.load_records import live_loads

NOW = datetime(2026, 1, 4, tzinfo=UTC)
RULES = sorted({*RULES_OF_HISTORY, *RULES_OF_OTHERS})
COLUMNS = ("kind", "injected", "detected", "read_rightly", "missed", "share", "outcomes", "caught_by")


def main() -> int:
    """Drill, print, judge."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--faults", type=int, default=100)
    asked.add_argument("--months", type=int, default=18)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--kinds", default="")
    asked.add_argument("--real", type=Path)
    given = asked.parse_args()
    if given.real:
        return judge_real_files(given.real)
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


def judge_real_files(folder: Path) -> int:
    """Settle published files in a home of their own; tables of many years are judged against their own past."""
    with tempfile.TemporaryDirectory(prefix="sotinh-prove-real-") as home_folder:
        home = open_home(home_folder)
        for source_id, name in FILES.items():
            (home.paths.inbox / source_id).mkdir()
            shutil.copy2(folder / name, home.paths.inbox / source_id / name)
        settings = replace(home.settings, settle_seconds=0)
        receive(home.paths, home.ledger, settings, home.source_ids, NOW)
        checks = []
        for source_id in FILES:
            load_source(home, home.sources[source_id], NOW, "prove")
            checks += [check for load in live_loads(home.ledger, source_id) for check in load.checks]
    for rule in RULES:
        looked_at = [check for check in checks if check["check_name"] == rule and check["element_count"]]
        alarms, judged = (sum(check[name] for check in looked_at) for name in ("unexpected_count", "element_count"))
        print(f"{rule}: {alarms} of {judged}; loads {sum(not c['success'] for c in looked_at)} of {len(looked_at)}")
        for check in looked_at:
            if not check["success"]:
                print("  ", check["observed"])
    return 0


def _few(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in Counter(counts).most_common(5))


if __name__ == "__main__":
    sys.exit(main())
