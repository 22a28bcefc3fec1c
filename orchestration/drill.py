"""The drill: seeded faults put into the real files of a home, each settled as a night would, and what noticed them.

A fault counts as `detected` only where it made a difference to the checks of ours: the file was refused or held, the
wrong figures were rejected, or a check failed that holds for the sound file, or found something else in it. A fault
after which every figure reads as before is `read_rightly`. Everything else is `missed`, and its file is kept.

The result (`<home>/drills/<run_id>.json`, without floating-point numbers; the ledger's `drill` entry is the same
without `trials`):

- `run_id`, `drilled_at` (UTC), `code_version`, `seed`, `faults` (asked for of each kind);
- `kinds`, one per kind asked for: `kind`, `name_vi`, `name_en`, `injected` = `detected` + `read_rightly` + `missed`,
  `by_outcome` (see OUTCOMES: counts), `caught_by` (check or reason of the reader: how many it named), `sources` (how
  many by source), `not_tried_vi`, `not_tried_en` (why nothing or less than asked was injected; else null);
- `clean`: the same history without faults: `loads`, `loads_alarmed`, `checks` (that had something to look at),
  `alarms`, `by_check` (check: `judged`, `alarms`), `by_source` (source: `loads`, `alarmed`), `alarmed` (each load with
  an alarm: `source_id`, `file_name`, `verdict`, `checks`);
- `trials`, one per fault: `kind`, `number`, `source_id`, `file_name` (of the sound file), `what` was done, `outcome`,
  `caught_by`, `wrong` (figures that would have been published wrong), `lost` (that would be missing), `kept` (name of
  the file in `<home>/drills/<run_id>/`; null unless missed).

A share of detected faults is (`detected` + `read_rightly`) / `injected`; of false alarms `alarms` / `checks`, and by
load `loads_alarmed` / `loads`. In a real home the latter is the most they can be: some of those warnings are right.
"""

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ingestion.drill.kinds import KINDS
from orchestration.drill_history import Lived, copy_history, live_through
from orchestration.drill_trials import Bases, Trial, trials_of
from orchestration.home import Home
from orchestration.trial_home import trial_home
from warehouse.canonical import utc_text
from warehouse.errors import clear_errors
from warehouse.files import make_folder, put_in_place, temporary
from warehouse.ledger import append
from warehouse.lock import home_lock

log = logging.getLogger("sotinh.drill")

OUTCOMES = ("refused", "quarantined", "rejected", "warned", "late", "read_rightly", "missed")
NOT_DETECTED = ("read_rightly", "missed")

# A night that began meanwhile ends before the result is written.
_WAIT_TO_WRITE = 6 * 3600


def run_drill(
    home: Home,
    *,
    faults: int,
    kinds: Sequence[str],
    now: datetime,
    seed: int | None = None,
    wait_seconds: float = 0,
) -> dict[str, Any]:
    """Drill the checks on a copy of the home's history, and write the result down.

    The home's lock is held while the history is copied and while the result is written, not in between.

    Args:
        home: the home; it gets `drills/<run_id>.json`, the files of missed faults and one ledger entry, nothing else.
        faults: how many of each kind.
        kinds: keys of KINDS.
        now: the present moment.
        seed: every choice is drawn from it: the same for the same history and code; by default year and week.
        wait_seconds: how long to wait at the start for another run to give the lock back.

    Returns:
        The result, see the module.

    Raises:
        warehouse.lock.LockHeld: another run holds the lock.
        warehouse.errors.StoreError: disk full or not writable.
    """
    seed = int(f"{now:%G%V}") if seed is None else seed
    run_id = f"{now:%Y%m%dT%H%M%SZ}-{seed}"
    trials: list[Trial] = []
    missed: dict[str, bytes] = {}
    whys: dict[str, tuple[str, str] | None] = {}
    with trial_home(home, "drill") as drill:
        with home_lock(home.paths, wait_seconds):
            history = copy_history(home, drill)
        lived = list(live_through(drill, history))
        bases = Bases(drill, lived)
        for kind in kinds:
            found, whys[kind] = trials_of(kind, bases, drill, seed, faults)
            trials += [trial for trial, _ in found]
            missed |= {trial.kept: content for trial, content in found if trial.kept and content is not None}
    result = {
        "run_id": run_id,
        "drilled_at": utc_text(now),
        "code_version": home.code_version,
        "seed": seed,
        "faults": faults,
        "kinds": [_score(kind, [each for each in trials if each.kind == kind], whys[kind]) for kind in kinds],
        "clean": _clean(lived),
    }
    whole = {**result, "trials": [asdict(trial) for trial in trials]}
    with home_lock(home.paths, _WAIT_TO_WRITE), clear_errors("ghi kết quả diễn tập", "writing the drill's result"):
        _write(home, run_id, whole, missed)
        append(home.ledger, "drill", run_id, result, now)
    return whole


def _write(home: Home, run_id: str, whole: Mapping[str, Any], missed: Mapping[str, bytes]) -> None:
    folder = home.paths.drills
    make_folder(folder)
    if missed:
        make_folder(folder / run_id)
    for name, content in missed.items():
        (folder / run_id / name).write_bytes(content)
    path = folder / f"{run_id}.json"
    temporary(path).write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
    put_in_place(temporary(path), path)


def _score(kind: str, trials: Sequence[Trial], why: tuple[str, str] | None) -> dict[str, Any]:
    outcomes = Counter(trial.outcome for trial in trials)
    return {
        "kind": kind,
        "name_vi": KINDS[kind].name_vi,
        "name_en": KINDS[kind].name_en,
        "injected": len(trials),
        "detected": sum(count for name, count in outcomes.items() if name not in NOT_DETECTED),
        "read_rightly": outcomes["read_rightly"],
        "missed": outcomes["missed"],
        "by_outcome": {name: outcomes[name] for name in OUTCOMES if outcomes[name]},
        "caught_by": dict(Counter(name for trial in trials for name in trial.caught_by).most_common()),
        "sources": dict(Counter(trial.source_id for trial in trials).most_common()),
        "not_tried_vi": why[0] if why else None,
        "not_tried_en": why[1] if why else None,
    }


def _clean(lived: Sequence[Lived]) -> dict[str, Any]:
    judged = Counter(name for each in lived for name in each.outcome.judged)
    alarms = Counter(name for each in lived for name in _alarms(each))
    alarmed = [each for each in lived if _alarms(each)]
    of_source = Counter(each.source.source_id for each in lived)
    alarmed_of_source = Counter(each.source.source_id for each in alarmed)
    return {
        "loads": len(lived),
        "loads_alarmed": len(alarmed),
        "checks": judged.total(),
        "alarms": alarms.total(),
        "by_check": {name: {"judged": judged[name], "alarms": alarms[name]} for name in sorted({*judged, *alarms})},
        "by_source": {name: {"loads": of_source[name], "alarmed": alarmed_of_source[name]} for name in of_source},
        "alarmed": [
            {
                "source_id": each.source.source_id,
                "file_name": each.file.file_name,
                "verdict": each.outcome.verdict,
                "checks": _alarms(each),
            }
            for each in alarmed
        ],
    }


def _alarms(lived: Lived) -> list[str]:
    failed = sorted(lived.outcome.failed)
    return failed or ([str(lived.outcome.reason_code)] if lived.outcome.verdict == "failed" else [])


def share_handled(score: Mapping[str, Any]) -> float | None:
    """Share of the faults of a kind that were detected or read rightly; None where none could be tried."""
    handled = int(score["detected"]) + int(score["read_rightly"])
    return handled / int(score["injected"]) if score["injected"] else None
