"""The night: take the lock, mend what a crash left, decide whether there is work, run the job, judge the outcome.

Nothing here imports Dagster before the decision that there is work to do: a quiet night must stay cheap.
"""

import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from orchestration.failures import DONE, FAILED, PARTLY_REFUSED
from orchestration.home import Home
from orchestration.logs import drop_old_logs
from orchestration.rebuilding import Rebuild
from warehouse.inbox import waiting
from warehouse.ledger import last_entry
from warehouse.load_records import loads_since, unfinished
from warehouse.lock import home_lock
from warehouse.release_pointer import current_is_available, current_release_id, recover
from warehouse.releases import LastBuild, last_build

log = logging.getLogger("sotinh.night")

REFUSED_VERDICTS = ("quarantined", "failed")
ROW_COUNTS = ("rows_read", "rows_accepted", "rows_rejected", "rows_superseded")
NOTHING_NEW = ("Không có gì mới từ lần dựng trước.", "Nothing new since the last build.")
LOAD_FIELDS = ("load_id", "source_id", "file_name", "verdict", *ROW_COUNTS, "reason_vi", "reason_en")


@dataclass(frozen=True)
class Night:
    """What a night came to.

    Attributes:
        exit_code: 0 all accepted or nothing new, 1 failed, 3 published but something was refused.
        outcome: `quiet` (nothing new), `unchanged` (ran, same content), `published` or `failed`.
        release_id: the release that `current` points to when the night ends; None before the first.
        message_vi: one sentence: what happened and, where something failed, what to do.
        message_en: the same in English.
        loads: the loads settled since the release before, each with verdict, counts and reason.
    """

    exit_code: int
    outcome: str
    release_id: str | None
    message_vi: str
    message_en: str
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
        mend(home)
        before = last_build(home.ledger)
        if not has_work(home, now):
            return Night(DONE, "quiet", current_release_id(home.ledger), *NOTHING_NEW)
        from orchestration.run import run_job  # Dagster from here on

        error = run_job(home)
        return _judge(home, before, error)


def run_rebuild(home: Home, asked: Rebuild, wait_seconds: float = 0) -> Night:
    """Run a night that does again what is asked for, whether anything is new or not.

    Raises:
        warehouse.lock.LockHeld: another run holds the lock.
    """
    with home_lock(home.paths, wait_seconds):
        mend(home)
        before = last_build(home.ledger)
        from orchestration.run import run_job

        months = "..".join(asked.months or ())
        store = {"sources": list(asked.sources), "months": months, "everything": asked.everything}
        return _judge(home, before, run_job(home, "rebuild", store))


def mend(home: Home) -> None:
    """Bring releases and pointer to what the ledger says, whatever a killed run left; call it under the home's lock.

    Old logs go here and not with the rest of what is old: runs that find nothing new, or the lock held, write them too.
    """
    drop_old_logs(home.paths.logs, home.settings)
    for what in recover(home.paths, home.ledger, home.settings):
        log.warning("after a killed run: %s", what)


def has_work(home: Home, now: datetime) -> bool:
    """Tell whether anything differs from what the last build was made of.

    A release that was rolled back is still the last build: the rollback holds until something new arrives.
    """
    before = last_build(home.ledger)
    if before is None:
        return True
    newest = last_entry(home.ledger, ("load", "decision"))
    return (
        not current_is_available(home.paths, home.ledger)
        or before.code_version != home.code_version
        or (newest is not None and newest.entry_no > before.ledger_entry)
        or any(file.source_id in home.source_ids for file in unfinished(home.ledger))
        or bool(waiting(home.inbox, home.ledger, home.settings, home.source_ids, now))
    )


def _judge(home: Home, before: LastBuild | None, error: str | None) -> Night:
    """Read the outcome from ledger and pointer, never from the run's status alone."""
    settled = [
        {**{name: load.payload[name] for name in LOAD_FIELDS}, "verdict": load.verdict}
        for load in loads_since(home.ledger, before.ledger_entry if before else 0)
    ]
    after = last_build(home.ledger)
    current = current_release_id(home.ledger)
    if error is not None or after is None:
        cause = error or "the run ended without publishing"
        told = (
            f"Đêm nay hỏng: {cause}. Bản hiện hành vẫn nguyên; hãy sửa nguyên nhân rồi chạy lại.",
            f"The night failed: {cause}. The current release is untouched; correct the cause and run again.",
        )
        return Night(FAILED, "failed", current, *told, settled)
    refused = [load for load in settled if load["verdict"] in REFUSED_VERDICTS or load["rows_rejected"]]
    outcome = "unchanged" if before and before.release_id == after.release_id else "published"
    told = (
        f"Đã xử lý {len(settled)} lượt nạp, {len(refused)} lượt bị từ chối một phần hoặc toàn bộ.",
        f"{len(settled)} loads settled, {len(refused)} of them refused in whole or in part.",
    )
    return Night(PARTLY_REFUSED if refused else DONE, outcome, current, *told, settled)
