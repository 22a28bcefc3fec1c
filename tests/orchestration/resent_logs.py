"""What publishers send besides each month's log: copies, corrections, halves, late states. The same for one seed."""

import gzip
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from tests.orchestration.raw_logs import (
    EVENT_AT,
    NATIONAL,
    PROVINCIAL,
    Record,
    Sent,
    moment,
    packed,
    printed,
    state_of,
)

FILED, RECEIVED, DUE, FINISHED, RETURNED = "NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra"


def with_resent(logs: Sequence[Sent], seed: int, late_files: int = 2) -> list[Sent]:
    """The logs of all months as they arrive: some in halves, copied, packed again, corrected, then late states.

    No two states of one dossier have the same time and sequence and say different things, but for lines of one file:
    between files the one received later would win, and only there (see `changed_in_place`).

    Args:
        logs: one of each month and portal.
        seed: another one changes other lines.
        late_files: of each portal.
    """
    random = Random(seed)
    sent: list[Sent] = []
    for number, log in enumerate(logs):
        name = log.file_name.split(".")[0]
        ending = log.file_name.removeprefix(name)
        if number % 5 == 1:
            middle = len(log.records) // 2
            for part, records in enumerate((log.records[:middle], log.records[middle:]), start=1):
                sent.append(Sent(log.source_id, f"{name}_phan_{part}{ending}", packed(log.source_id, records)))
        else:
            sent.append(log)
        if number % 3 == 0:
            sent.append(Sent(log.source_id, f"{name}_ban_sao{ending}", log.data))
        if number % 5 == 2:
            sent.append(Sent(log.source_id, log.file_name, gzip.compress(gzip.decompress(log.data), 6, mtime=0)))
        if number % 3 != 1:
            sent.append(_corrected_log(log, random))
    ends = max(_event_at(log.source_id, record) for log in logs for record in log.records)
    for source_id in (PROVINCIAL, NATIONAL):
        latest = _latest_records([log for log in logs if log.source_id == source_id])
        for part in range(1, late_files + 1):
            records = [
                late_state(source_id, record, ends, random)
                for record in random.sample(list(latest.values()), max(len(latest) // 12, 1))
            ]
            few = len(records) // 40 or 1  # more, and the file would be taken for a broken export
            records += [_undated(source_id, record, random) for record in records[:few]]
            records += [_finished_too_early(source_id, record, random) for record in records[few : 2 * few]]
            records += records[3:6]  # the same line twice in one file
            # and a line that mends one before it without touching its time
            records += [_moved(source_id, record, _event_at(source_id, record), random) for record in records[6:9]]
            name = f"bo_sung_dot_{part}.{'csv' if source_id == PROVINCIAL else 'ndjson'}.gz"
            sent.append(Sent(source_id, name, packed(source_id, records)))
    return sent


def changed_in_place(logs: Sequence[Sent], seed: int) -> list[Sent]:
    """One log of each portal sent again, some lines with other days and the very same time and sequence.

    A publisher who mends a line without touching its time is believed: what is received later counts.
    """
    random = Random(seed)
    sent = []
    for log in (logs[len(logs) // 2], logs[len(logs) // 2 + 1]):
        records = []
        for record in log.records:
            if record[RECEIVED] and random.random() < 0.1:
                record = _moved(log.source_id, record, _event_at(log.source_id, record), random)
            records.append(record)
        sent.append(Sent(log.source_id, log.file_name, packed(log.source_id, records)))
    return sent


def contested(states: Sequence[dict]) -> int:
    """Dossiers of a portal whose last time and sequence stand in several files that say different things of it.

    Of the lines of one file the later one counts.
    """
    last: dict[tuple, tuple] = {}
    told: dict[tuple, dict[str, tuple]] = {}
    for state in states:
        dossier, moment_of = (state["source_id"], state["dossier_key"]), (state["event_at"], state["sequence"] or 0)
        if dossier not in last or moment_of > last[dossier]:
            last[dossier], told[dossier] = moment_of, {}
        if moment_of == last[dossier]:
            facts = tuple(value for name, value in state.items() if name not in {"load_id", "row_no"})
            told[dossier][state["load_id"]] = facts
    return sum(len(set(by_file.values())) > 1 for by_file in told.values())


def _corrected_log(log: Sent, random: Random) -> Sent:
    """The log of a month under its old name: some lines corrected, some new dossiers, the rest as it was."""
    records = []
    for record in log.records:
        event_at = _event_at(log.source_id, record)
        if random.random() < 0.04:
            record = _later(log.source_id, record, event_at + timedelta(seconds=random.randint(60, 5 * 86400)), random)
            record = _changed(log.source_id, record, random)
        elif random.random() < 0.02:
            records.append({**record, "MaHoSo": f"{record['MaHoSo']}9"})
        elif random.random() < 0.05:
            record = {**record, "MaHoSo": f" {record['MaHoSo'].lower()} "}  # the same number, typed by somebody else
        records.append(record)
    return Sent(log.source_id, log.file_name, packed(log.source_id, records))


def late_state(source_id: str, record: Record, ends: datetime, random: Random) -> Record:
    """A state of an old dossier that is told months later and says that things happened in other months."""
    event_at = _event_at(source_id, record)
    later = min(event_at + timedelta(days=random.randint(40, 300)), ends + timedelta(days=random.randint(0, 20)))
    later = max(later, event_at) + timedelta(seconds=random.randint(1, 3600))
    return _changed(source_id, _later(source_id, record, later, random), random)


def _changed(source_id: str, record: Record, random: Random) -> Record:
    """The record with something else in it, by its own (new) time."""
    event_at = _event_at(source_id, record)
    change: Callable[[str, Record, datetime, Random], Record] = random.choice(
        [_moved, _moved, _moved, _reopened, _reopened, _withdrawn, _refused, _resolved, _regrouped, _without_due]
    )
    return change(source_id, record, event_at, random)


def _moved(source_id: str, record: Record, event_at: datetime, random: Random) -> Record:
    """Everything happened up to four months earlier or later than was told, never after the state itself."""
    told = {name: moment(source_id, record[name]) for name in (FILED, RECEIVED, DUE, FINISHED, RETURNED)}
    happened = [at for name, at in told.items() if at is not None and name != DUE]
    days = min(random.randint(-120, 120), (event_at - max(happened, default=event_at)).days)
    return {**record, **{name: printed(source_id, at + timedelta(days=days)) for name, at in told.items() if at}}


def _reopened(source_id: str, record: Record, event_at: datetime, random: Random) -> Record:
    """Back to being worked on; now and then the day of the old result is left standing."""
    nothing = printed(source_id, None)
    ended = {} if random.random() < 0.3 else {FINISHED: nothing, RETURNED: nothing}
    received = record[RECEIVED] or (record[FILED] if random.random() < 0.5 else nothing)
    return {**record, "TrangThaiHoSo": "4", RECEIVED: received, **ended}


def _withdrawn(source_id: str, record: Record, event_at: datetime, random: Random) -> Record:
    returned = printed(source_id, random.choice([None, event_at]))
    return {
        **record,
        "TrangThaiHoSo": random.choice(["7", "8"]),
        FINISHED: printed(source_id, None),
        RETURNED: returned,
    }


def _refused(source_id: str, record: Record, event_at: datetime, random: Random) -> Record:
    """Refused, with or without having been received before."""
    nothing = printed(source_id, None)
    received = random.choice([record[RECEIVED], nothing])
    returned = printed(source_id, random.choice([None, event_at]))
    return {**record, "TrangThaiHoSo": "3", RECEIVED: received, FINISHED: nothing, RETURNED: returned}


def _resolved(source_id: str, record: Record, event_at: datetime, random: Random) -> Record:
    received = moment(source_id, record[RECEIVED]) or moment(source_id, record[FILED]) or event_at
    finished = received + (event_at - received) * random.random()
    return {**record, "TrangThaiHoSo": "10", FINISHED: printed(source_id, finished)}


def _regrouped(source_id: str, record: Record, event_at: datetime, random: Random) -> Record:
    """Another procedure, channel, level and payment: the dossier leaves its row of the star."""
    changed = {
        "MaTTHC": record["MaTTHC"].replace(record["MaTTHC"][:8], f"1.90{random.randint(0, 40):04}"),
        "KenhThucHien": random.choice("123"),
        "MucDo": random.choice(["3", "4"]),
    }
    if source_id == PROVINCIAL:
        changed |= {"LePhi": "1.250.000", "ThanhToanTrucTuyen": random.choice(["Đã thanh toán", "Đã hoàn phí", ""])}
    else:
        changed |= {"DuocThanhToanTrucTuyen": random.choice(["1", "0", None])}
    return {**record, **changed}


def _without_due(source_id: str, record: Record, event_at: datetime, random: Random) -> Record:
    return {**record, DUE: printed(source_id, None)}


def _undated(source_id: str, record: Record, random: Random) -> Record:
    """A later state of a time that nobody can read."""
    later = _later(source_id, record, _event_at(source_id, record), random)
    return {**later, EVENT_AT[source_id]: "hôm qua"}


def _finished_too_early(source_id: str, record: Record, random: Random) -> Record:
    """A later state with a result from before the dossier was filed."""
    later = _later(source_id, record, _event_at(source_id, record) + timedelta(hours=1), random)
    filed = moment(source_id, record[FILED])
    assert filed is not None
    return {**later, "TrangThaiHoSo": "9", FINISHED: printed(source_id, filed - timedelta(days=9))}


def _later(source_id: str, record: Record, event_at: datetime, random: Random) -> Record:
    told = {EVENT_AT[source_id]: printed(source_id, event_at)}
    if source_id == PROVINCIAL:
        told["LanCapNhat"] = str(int(record["LanCapNhat"]) + random.randint(1, 9))
    return {**record, **told}


def _latest_records(logs: Sequence[Sent]) -> dict[str, Record]:
    """By number of the dossier, the last its portal said of it."""
    latest: dict[str, Record] = {}
    for log in logs:
        for record in log.records:
            before = latest.get(record["MaHoSo"])
            if before is None or _order(log.source_id, before) <= _order(log.source_id, record):
                latest[record["MaHoSo"]] = record
    return latest


def _order(source_id: str, record: Record) -> tuple:
    state = state_of(source_id, record)
    return state["event_at"], state["sequence"] or 0


def _event_at(source_id: str, record: Record) -> datetime:
    at = moment(source_id, record[EVENT_AT[source_id]])
    assert at is not None
    return at
