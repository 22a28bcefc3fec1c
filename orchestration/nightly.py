"""The night: take the lock, mend what a crash left, decide whether there is work, run the job, judge the outcome.

Nothing here imports Dagster before the decision that there is work to do: a quiet night must stay cheap.
"""

import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from warehouse import landing, loads, releases
from warehouse.lock import home_lock

from orchestration.home import Home

log = logging.getLogger("sotinh.night")

DONE, FAILED, PARTLY_REFUSED, LOCKED = 0, 1, 3, 5
REFUSED_VERDICTS = ("quarantined", "failed")
LOAD_FIELDS = (
    "load_id source_id file_name verdict rows_read rows_accepted rows_rejected rows_superseded reason_vi reason_en"
).split()


@dataclass(frozen=True)
class Night:
    """What a night came to.

    Attributes:
        exit_code: 0 all accepted or nothing new, 1 failed, 3 published but something was refused.
        outcome: `quiet` (nothing new), `unchanged` (ran, same content), `published` or `failed`.
        release_id: the release that `current` points to when the night ends; None before the first.
        message: one sentence: what happened and, where something failed, what to do.
        loads: the loads settled since the release before, each with verdict, counts and reason.
    """

    exit_code: int
    outcome: str
    release_id: str | None
    message: str
    loads: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the night as plain values."""
        return asdict(self)


def run_night(home: Home, now: datetime, wait_seconds: float = 0) -> Night:
    """Run the night's job under the lock of the home.

    Args:
        home: the open home.
        now: the moment of the night, timezone-aware.
        wait_seconds: how long to wait for another run to give the lock back.

    Raises:
        warehouse.lock.LockHeld: another run holds the lock.
    """
    with home_lock(home.paths, wait_seconds):
        releases.recover(home.paths, home.engine)
        before = releases.newest(home.engine)
        if before is not None and not has_work(home, before, now):
            return Night(DONE, "quiet", releases.current_id(home.paths), "nothing new since the current release")
        from orchestration.run import run_job  # Dagster from here on

        error = run_job(home)
        return _judge(home, before, error)


def has_work(home: Home, newest: dict[str, Any], now: datetime) -> bool:
    """Tell whether anything differs from what the newest release was built from.

    A release that was rolled back stays the newest: the rollback holds until something new arrives.
    """
    return (
        newest["code_version"] != home.code_version
        or loads.last_load_entry(home.engine) > newest["ledger_entry"]
        or bool(loads.unfinished(home.engine))
        or bool(landing.waiting(home.paths, home.engine, home.settings, home.source_ids, home.inbox, now))
    )


def _judge(home: Home, before: dict[str, Any] | None, error: str | None) -> Night:
    """Read the outcome from ledger and pointer, never from the run's status alone."""
    newest = releases.newest(home.engine)
    since = before["ledger_entry"] if before else 0
    settled = [{name: load[name] for name in LOAD_FIELDS} for load in loads.load_entries(home.engine, since)]
    current = releases.current_id(home.paths)
    if error is not None:
        return Night(FAILED, "failed", current, error, settled)
    refused = [load for load in settled if load["verdict"] in REFUSED_VERDICTS or load["rows_rejected"]]
    outcome = "unchanged" if before and newest and before["release_id"] == newest["release_id"] else "published"
    message = f"{len(settled)} loads settled, {len(refused)} of them refused in whole or in part"
    return Night(PARTLY_REFUSED if refused else DONE, outcome, current, message, settled)
