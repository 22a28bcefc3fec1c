"""The night: take the lock, mend what a crash left, decide whether there is work, run the job, judge the outcome.

Nothing here imports Dagster before the decision that there is work to do: a quiet night must stay cheap.
"""

import logging
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestration.failures import DONE, FAILED, HELD, PARTLY_REFUSED
from orchestration.home import Home
from orchestration.logs import drop_old_logs
from orchestration.rebuilding import Rebuild
from warehouse.columns import ROW_COUNTS
from warehouse.holding import open_hold
from warehouse.inbox import is_settled
from warehouse.inboxes import Sight, look_into
from warehouse.landing import waiting
from warehouse.ledger import Entry, last_entry
from warehouse.load_records import loads_since, unfinished
from warehouse.lock import home_lock
from warehouse.release_files import SITE
from warehouse.release_pointer import current_is_available, current_release_id, recover
from warehouse.releases import LastBuild, last_build

if TYPE_CHECKING:
    from orchestration.run import Ran

log = logging.getLogger("sotinh.night")

REFUSED_VERDICTS = ("quarantined", "failed")
WITHOUT_PAGES = (
    "Bản phát hành không có báo cáo chất lượng (site/), vì không lập được trang: xem nhật ký, rồi chạy sotinh site.",
    "The release lacks its quality report (site/): its pages could not be made. See the log, then run sotinh site.",
)
NOTHING_NEW = ("Không có gì mới từ lần dựng trước.", "Nothing new since the last build.")
LOAD_FIELDS = ("load_id", "source_id", "file_name", "verdict", *ROW_COUNTS, "reason_vi", "reason_en")


@dataclass(frozen=True)
class Night:
    """What a night came to.

    Attributes:
        exit_code: 0 all accepted or nothing new, 1 failed, 3 published but something was refused or out of reach, 4 a
            release is held for approval.
        outcome: `quiet` (nothing new), `unchanged` (ran, same content), `published`, `held` or `failed`.
        release_id: the release that `current` points to when the night ends; None before the first.
        message_vi: one sentence: what happened and, where something failed, what to do.
        message_en: the same in English.
        loads: the loads settled since the release before, each with verdict, counts and reason.
        out_of_reach: inboxes, folders and files in them that could not be read, each with its reason.
        held: the release that waits for approval, and the reasons; None where none does.
    """

    exit_code: int
    outcome: str
    release_id: str | None
    message_vi: str
    message_en: str
    loads: list[dict[str, Any]] = field(default_factory=list)
    out_of_reach: list[dict[str, str]] = field(default_factory=list)
    held: dict[str, Any] | None = None

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
        with look_into(home.inboxes, home.source_ids, home.settings) as sight:
            is_idle = (before is None and sight.is_blind) or not has_work(home, sight, now)
        young = sum(not is_settled(file, home.settings, now) for file in sight.files)
        if is_idle:
            return _with_young(_quiet(home, sight), young, home.settings.settle_seconds)
        from orchestration.run import run_job  # Dagster from here on

        return _with_young(_judge(home, before, run_job(home, now)), young, home.settings.settle_seconds)


def run_rebuild(home: Home, asked: Rebuild, now: datetime, wait_seconds: float = 0) -> Night:
    """Run a night that does again what is asked for, whether anything is new or not.

    Args:
        home: the open home.
        asked: what to do again.
        now: the moment of the night, timezone-aware.
        wait_seconds: how long to wait for another run to give the lock back.

    Raises:
        warehouse.lock.LockHeld: another run holds the lock.
    """
    with home_lock(home.paths, wait_seconds):
        mend(home)
        before = last_build(home.ledger)
        from orchestration.run import run_job

        months = "..".join(asked.months or ())
        store = {"sources": list(asked.sources), "months": months, "everything": asked.everything}
        return _judge(home, before, run_job(home, now, "rebuild", store))


def mend(home: Home) -> None:
    """Bring releases and pointer to what the ledger says, whatever a killed run left; call it under the home's lock.

    Old logs go here and not with the rest of what is old: runs that find nothing new, or the lock held, write them too.
    """
    drop_old_logs(home.paths.logs, home.settings)
    for what in recover(home.paths, home.ledger, home.settings):
        log.warning("after a killed run: %s", what)


def has_work(home: Home, sight: Sight, now: datetime) -> bool:
    """Tell whether anything differs from what the last build was made of.

    A release that was rolled back is still the last build: the rollback holds until something new arrives.

    Args:
        home: the open home.
        sight: what lies in its inboxes.
        now: the present moment, with zone.
    """
    before = last_build(home.ledger)
    if before is None:
        return True
    newest = last_entry(home.ledger, ("load", "decision"))
    return (
        not current_is_available(home.paths, home.ledger)
        or open_hold(home.ledger) is not None  # it may not be what would be built now
        or before.code_version != home.code_version
        or (newest is not None and newest.entry_no > before.ledger_entry)
        or any(file.source_id in home.source_ids for file in unfinished(home.ledger))
        or bool(waiting(sight.files, home.paths, home.ledger, home.settings, home.source_ids, now))
    )


def _quiet(home: Home, sight: Sight) -> Night:
    """The night without a run: it failed where no inbox could be read, and refused where one could not."""
    rows = [fault.as_row() for fault in sight.faults]
    current = current_release_id(home.ledger)
    if sight.is_blind:
        told = _with_faults(("Không đọc được hộp thư đến nào.", "No inbox could be read."), rows)
        return Night(FAILED, "failed", current, *told, out_of_reach=rows)
    return Night(
        PARTLY_REFUSED if rows else DONE, "quiet", current, *_with_faults(NOTHING_NEW, rows), out_of_reach=rows
    )


def _with_young(night: Night, young: int, seconds: int) -> Night:
    """The night, which also says that files were left for the next one since somebody may still be writing them."""
    if not young:
        return night
    vi = f"{young} tệp mới ghi chưa đến {seconds} giây (settle_seconds), để lần chạy sau."
    en = f"{young} file(s) written less than {seconds} seconds ago (settle_seconds) wait for the next run."
    return replace(night, message_vi=f"{night.message_vi} {vi}", message_en=f"{night.message_en} {en}")


def _with_faults(told: tuple[str, str], rows: list[dict[str, str]]) -> tuple[str, str]:
    """Both sentences, and behind them what of the inboxes could not be read."""
    for row in rows:
        log.warning("out of reach: %s: %s", row["inbox"], row["reason_en"])
    vi = [told[0], *(f"Chưa đọc được {row['inbox']}: {row['reason_vi']}" for row in rows)]
    en = [told[1], *(f"Not read: {row['inbox']}: {row['reason_en']}" for row in rows)]
    return " ".join(vi), " ".join(en)


def _held(
    entry: Entry, current: str | None, settled: list[dict[str, Any]], out_of_reach: list[dict[str, str]]
) -> Night:
    """The night whose build waits for a person; what to do is said with the reasons."""
    reasons = entry.payload["diff"]["held_for"]
    vi, en = (" ".join(reason[f"reason_{language}"] for reason in reasons) for language in ("vi", "en"))
    told = (
        f"Giữ lại bản {entry.subject_id}: {vi} Bản hiện hành vẫn nguyên. Xem `sotinh releases diff`; nếu đúng, "
        "`sotinh releases approve --by … --reason …`; nếu sai, hãy sửa hoặc rút tệp nguồn rồi chạy lại.",
        f"Release {entry.subject_id} is held: {en} The current release is untouched. See `sotinh releases diff`; if it "
        "is right, `sotinh releases approve --by … --reason …`; if not, correct or withdraw the source's file and run "
        "again.",
    )
    held = {"release_id": entry.subject_id, "held_for": reasons, "causes": entry.payload["diff"]["causes"]}
    return Night(HELD, "held", current, *_with_faults(told, out_of_reach), settled, out_of_reach, held)


def _judge(home: Home, before: LastBuild | None, ran: "Ran") -> Night:
    """Read the outcome from ledger and pointer, never from the run's status alone."""
    settled = [
        {**{name: load.payload[name] for name in LOAD_FIELDS}, "verdict": load.verdict}
        for load in loads_since(home.ledger, before.ledger_entry if before else 0)
    ]
    after = last_build(home.ledger)
    current = current_release_id(home.ledger)
    if ran.error is None and (held := open_hold(home.ledger)):
        return _held(held, current, settled, ran.out_of_reach)
    if ran.error is not None or after is None:
        cause = ran.error or "the run ended without publishing"
        told = (
            f"Đêm nay hỏng: {cause}. Bản hiện hành vẫn nguyên; hãy sửa nguyên nhân rồi chạy lại.",
            f"The night failed: {cause}. The current release is untouched; correct the cause and run again.",
        )
        return Night(FAILED, "failed", current, *_with_faults(told, ran.out_of_reach), settled, ran.out_of_reach)
    refused = [load for load in settled if load["verdict"] in REFUSED_VERDICTS or load["rows_rejected"]]
    outcome = "unchanged" if before and before.release_id == after.release_id else "published"
    told = (
        f"Đã xử lý {len(settled)} lượt nạp, {len(refused)} lượt bị từ chối một phần hoặc toàn bộ.",
        f"{len(settled)} loads settled, {len(refused)} of them refused in whole or in part.",
    )
    has_pages = outcome == "unchanged" or (home.paths.current / SITE).is_dir()
    if not has_pages:
        told = (f"{told[0]} {WITHOUT_PAGES[0]}", f"{told[1]} {WITHOUT_PAGES[1]}")
    exit_code = PARTLY_REFUSED if refused or ran.out_of_reach or not has_pages else DONE
    return Night(exit_code, outcome, current, *_with_faults(told, ran.out_of_reach), settled, ran.out_of_reach)
