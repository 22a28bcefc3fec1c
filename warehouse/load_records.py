"""Loads as the ledger tells them. One `load` entry per load and verdict; the last entry of a load id counts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import datetime
from typing import Any

from warehouse.canonical import day_in_viet_nam, utc_text, utc_time
from warehouse.inboxes import Sight
from warehouse.ledger import Entry, Ledger, entries, subjects
from warehouse.live_spans import Span, note_span

ACCEPTED = ("accepted", "accepted_with_warnings")
VERDICTS = (*ACCEPTED, "quarantined", "duplicate", "failed")
UNKNOWN_SOURCE = "_unknown"
LANDED_BYTES_CHANGED = "landed_bytes_changed"  # a load that failed so is to be read once its bytes are there again

ROWS_LOST = "rows_lost"  # a load that failed so was read in a way that today's code does not know any more


@dataclass(frozen=True)
class Load:
    """One file read one way, before a verdict.

    Attributes:
        load_id: hash of source, bytes and fingerprint.
        received_at: when the bytes arrived, with zone.
        rows_read: shape rows in the file, readable or not; 0 when it could not be read.
        sheets: how many of them each sheet has, as counted on it; empty for files without sheets.
        lookups: the reference questions the reader asked, as plain JSON values; kept to see whether answers change.
        layout: the layout record of the file, as plain JSON values; later files are compared with it.
        layout_fingerprint: its fingerprint.
        reading_sha256: hash of what the source YAML says of reading, for files are compared under one reading.
        decision_no: the decision of a person that it is settled under.
    """

    load_id: str
    source_id: str
    shape: str | None
    file_name: str
    file_sha256: str | None
    file_bytes: int
    received_at: datetime
    fingerprint: str | None = None
    yaml_sha256: str | None = None
    lookups: Sequence[Any] = ()
    rows_read: int = 0
    sheets: Mapping[str, int] = field(default_factory=dict)
    layout: Sequence[Any] = ()
    layout_fingerprint: str | None = None
    reading_sha256: str | None = None
    decision_no: int | None = None


@dataclass(frozen=True)
class LoadRecord:
    """What counts about one load id: its last entry, and when it was first and last written.

    Attributes:
        payload: the last entry's payload.
        entry_no: number of the last entry.
        first_entry_no: number of its first entry.
        superseded_by: load id of a newer load of the same source and bytes that replaces it.
        checks: the check results of all its entries.
        live_spans: first entry from which its rows counted, and the entry that ended it (None: they count now); several
            where a load came back, as when a source YAML is changed and changed back.
        lake_files: files of the rows that count, or counted once; those of a load whose rows are lost are left out.
    """

    load_id: str
    entry_no: int
    first_entry_no: int
    payload: Mapping[str, Any]
    superseded_by: str | None
    checks: Sequence[Mapping[str, Any]]
    live_spans: Sequence[Span] = ()
    lake_files: Sequence[str] = ()

    @property
    def is_accepted(self) -> bool:
        """Its rows are in the lake and in the inputs, superseded or not."""
        return self.payload["verdict"] in ACCEPTED

    @property
    def verdict(self) -> str:
        """The verdict as the audit shows it."""
        return "superseded" if self.superseded_by else str(self.payload["verdict"])


@dataclass(frozen=True)
class ReceivedFile:
    """One `received` entry: bytes of one source in landing."""

    entry_no: int
    source_id: str
    file_name: str
    sha256: str
    bytes: int
    received_at: datetime


@dataclass(frozen=True)
class LandedFile(ReceivedFile):
    """A received file and the payload of the newest load made of it; None when it has not been read yet.

    A `last_load` whose `reason_code` is LANDED_BYTES_CHANGED settles nothing once the landed bytes are intact.
    """

    last_load: Mapping[str, Any] | None = None


def load_payload(load: Load, verdict: str, reason_vi: str | None, reason_en: str | None, **more: Any) -> dict[str, Any]:
    """The payload of a `load` entry, complete; what `more` does not give is zero or empty.

    Args:
        load: the load.
        verdict: one of VERDICTS.
        reason_vi: why, in Vietnamese; None when there is nothing to say.
        reason_en: the same in English.
        **more: further keys, see the defaults below.
    """
    if verdict not in VERDICTS:
        raise ValueError(f"unknown verdict: {verdict}")
    payload: dict[str, Any] = {
        "load_id": load.load_id,
        "source_id": load.source_id,
        "shape": load.shape,
        "file_name": load.file_name,
        "file_sha256": load.file_sha256,
        "file_bytes": load.file_bytes,
        "received_at": utc_text(load.received_at),
        "verdict": verdict,
        "reason_vi": reason_vi,
        "reason_en": reason_en,
        "reason_code": None,
        "rows_read": 0,
        "rows_accepted": 0,
        "rows_rejected": 0,
        "rows_superseded": 0,
        "sheets": [],
        "first_period_id": None,
        "last_period_id": None,
        "supersedes": None,
        "fingerprint": load.fingerprint,
        "yaml_sha256": load.yaml_sha256,
        "lookups": _plain(load.lookups),
        "layout": _plain(load.layout),
        "layout_fingerprint": load.layout_fingerprint,
        "reading_sha256": load.reading_sha256,
        "decision_no": load.decision_no,
        "drift": None,
        "lake_files": [],
        "rejected_file": None,
        "file_hashes": {},
        "checks": [],
    }
    return {**payload, **more}


def check_records(checks: Sequence[Any], checked_at: datetime, run_id: str) -> list[dict[str, Any]]:
    """Check results (dataclasses or mappings) as plain records with the time and the run they belong to."""
    stamp = {"checked_at": utc_text(checked_at), "run_id": run_id}
    return [{**_plain(check), **stamp} for check in checks]


def load_subject(load: Load) -> str:
    """Subject of a load's entry; its beginning is the subject of the `received` entry, where there is one."""
    return f"{load.source_id}/{load.file_sha256}/{load.load_id}"


def load_records(ledger: Ledger, up_to: int | None = None) -> list[LoadRecord]:
    """One record per load id, in the order of their last entries."""
    return summarise(entries(ledger, "load", up_to=up_to))


def summarise(load_entries: Sequence[Entry]) -> list[LoadRecord]:
    """One record per load id of these entries, in the order of their last entries.

    A load replaces the earlier ones of the same source and bytes when it was accepted, or when they were not:
    a re-reading that fails does not take away rows that were accepted before.
    """
    first: dict[str, int] = {}
    last: dict[str, Entry] = {}
    checks: dict[str, list[Mapping[str, Any]]] = {}
    files: dict[str, Sequence[str]] = {}
    spans: dict[str, list[Span]] = {}
    replaced: dict[str, str] = {}
    live: dict[tuple[str, str], list[str]] = {}
    for entry in load_entries:
        payload = entry.payload
        load_id = payload["load_id"]
        first.setdefault(load_id, entry.entry_no)
        last.pop(load_id, None)
        last[load_id] = entry
        checks.setdefault(load_id, []).extend(payload["checks"])
        files[load_id] = _files_after(files.get(load_id, ()), payload)
        replaced.pop(load_id, None)
        if not _is_reading(payload):
            continue
        rivals = live.setdefault((payload["source_id"], payload["file_sha256"]), [])
        for rival in list(rivals):
            if rival != load_id and (payload["verdict"] in ACCEPTED or last[rival].payload["verdict"] not in ACCEPTED):
                replaced[rival] = load_id
                rivals.remove(rival)
                note_span(spans.setdefault(rival, []), entry.entry_no, is_live=False)
        if load_id not in rivals:
            rivals.append(load_id)
        note_span(spans.setdefault(load_id, []), entry.entry_no, is_live=payload["verdict"] in ACCEPTED)
    return [
        LoadRecord(
            load_id=load_id,
            entry_no=entry.entry_no,
            first_entry_no=first[load_id],
            payload=entry.payload,
            superseded_by=replaced.get(load_id),
            checks=checks[load_id],
            live_spans=spans.get(load_id, ()),
            lake_files=files[load_id],
        )
        for load_id, entry in last.items()
    ]


def _files_after(files: Sequence[str], payload: Mapping[str, Any]) -> Sequence[str]:
    """Files of a load's rows after an entry: those of the last acceptance stay when a later judgement holds it back."""
    is_changed = payload["verdict"] in ACCEPTED or payload["reason_code"] == ROWS_LOST
    return payload["lake_files"] if is_changed else files


def live_loads(ledger: Ledger, source_id: str | None = None) -> list[LoadRecord]:
    """Loads that count now: neither replaced nor duplicates; quarantined and failed ones are among them."""
    found = entries(ledger, "load", subject_prefix=f"{source_id}/" if source_id else None)
    return [r for r in summarise(found) if not r.superseded_by and r.payload["verdict"] != "duplicate"]


def last_loads(ledger: Ledger) -> dict[str, LoadRecord]:
    """The newest reading of each source: duplicates and what was left in the inbox do not count."""
    return {record.payload["source_id"]: record for record in load_records(ledger) if _is_reading(record.payload)}


def open_refusals(ledger: Ledger, sight: Sight) -> list[LoadRecord]:
    """Quarantined and failed loads that still want somebody to act, in order.

    What was reported and left in an inbox counts while it lies there unchanged, and while the inbox is out of reach;
    loads of landed files count until a newer load of the same bytes replaces them, or the publisher sends a file of
    that name that is accepted.

    Args:
        ledger: the ledger; it keeps what is left out here.
        sight: what lies in the inboxes.
    """
    looks = {file.look for file in sight.files}
    hidden = tuple(fault.place for fault in sight.faults)
    loads = live_loads(ledger)
    put_right = {_name(load): load.entry_no for load in loads if load.is_accepted}
    refused = [load for load in loads if not load.is_accepted and load.entry_no > put_right.get(_name(load), 0)]
    told = [(load, load.payload.get("inbox_look")) for load in refused]
    return [load for load, look in told if look is None or look in looks or look.startswith(hidden)]


def _name(load: LoadRecord) -> tuple[str, str]:
    return load.payload["source_id"], load.payload["file_name"]


def loads_since(ledger: Ledger, entry_no: int) -> list[LoadRecord]:
    """Loads with an entry after `entry_no`: what this night brought, duplicates and unknown files too."""
    return [record for record in load_records(ledger) if record.entry_no > entry_no]


def previous_row_count(
    ledger: Ledger, source_id: str, file_sha256: str | None = None, weekday_of: datetime | None = None
) -> int | None:
    """`rows_read` of the previous load, see `previous_load`; None when there is none."""
    previous = previous_load(ledger, source_id, file_sha256, weekday_of)
    return int(previous.payload["rows_read"]) if previous else None


def previous_load(
    ledger: Ledger, source_id: str, file_sha256: str | None = None, weekday_of: datetime | None = None
) -> LoadRecord | None:
    """The accepted load whose file the source sent last before this one; None when there is none.

    A file that is read again is judged as it was the first time: against what came before it, not against its
    successors.

    Args:
        ledger: the ledger.
        source_id: the source.
        file_sha256: the bytes being read; of bytes never received, or of none, every file came before them.
        weekday_of: only loads received on the same day of the week (in Viet Nam) count.
    """
    before = [
        load
        for load in accepted_before(ledger, source_id, file_sha256)
        if weekday_of is None or _weekday(utc_time(load.payload["received_at"])) == _weekday(weekday_of)
    ]
    return before[-1] if before else None


def layout_before(earlier: Sequence[LoadRecord], reading_sha256: str) -> Mapping[str, Any] | None:
    """Payload of the last of these loads with a layout record that was read the same way; None without.

    Args:
        earlier: the loads of `accepted_before`.
        reading_sha256: only loads read by the same declaration count: another one starts anew.
    """
    before = [
        load.payload
        for load in earlier
        if load.payload.get("layout") and load.payload.get("reading_sha256") == reading_sha256
    ]
    return before[-1] if before else None


def accepted_before(ledger: Ledger, source_id: str, file_sha256: str | None) -> list[LoadRecord]:
    """The accepted loads of a source whose files came before these bytes, in the order their files came.

    Of bytes never received, or of none, every file came before them.
    """
    receipts = first_receipts(received_files(ledger, source_id))
    own = receipts.get((source_id, file_sha256 or ""), math.inf)
    before = {}
    for record in live_loads(ledger, source_id):
        sha256 = record.payload["file_sha256"]
        came = receipts.get((source_id, sha256), record.first_entry_no)
        if record.is_accepted and sha256 != file_sha256 and came < own:
            before[came] = record
    return [before[came] for came in sorted(before)]


def _weekday(moment: datetime) -> int:
    """The day of the week in Viet Nam."""
    return day_in_viet_nam(moment).weekday()


def first_receipts(files: Sequence[ReceivedFile]) -> dict[tuple[str, str], int]:
    """Source and bytes -> the entry of their first receipt: which of two files is the younger."""
    return {(file.source_id, file.sha256): file.entry_no for file in reversed(files)}


def received_files(ledger: Ledger, source_id: str | None = None) -> list[ReceivedFile]:
    """Every receipt, or every one of one source, in order; bytes sent again after they were lost have several."""
    return [_received(e) for e in entries(ledger, "received", subject_prefix=f"{source_id}/" if source_id else None)]


def landed_files(ledger: Ledger, source_id: str) -> list[LandedFile]:
    """The bytes ever received from a source, each once by its newest receipt, with what its last reading came to."""
    newest = {
        record.payload["file_sha256"]: record.payload
        for record in summarise(entries(ledger, "load", subject_prefix=f"{source_id}/"))
        if _is_reading(record.payload)
    }
    last_receipts = {file.sha256: file for file in received_files(ledger, source_id)}
    files = sorted(last_receipts.values(), key=lambda file: file.entry_no)
    return [LandedFile(**vars(file), last_load=newest.get(file.sha256)) for file in files]


def unfinished(ledger: Ledger) -> list[ReceivedFile]:
    """Received files that no load entry speaks of since, in order. Cheap: reads no payload of finished ones."""
    finished = {subject.rpartition("/")[0]: number for number, subject in subjects(ledger, "load")}
    last_receipts = {subject: number for number, subject in subjects(ledger, "received")}
    missing = sorted(number for subject, number in last_receipts.items() if number > finished.get(subject, 0))
    if not missing:
        return []
    wanted = set(missing)
    found = entries(ledger, "received", since=missing[0] - 1)
    return [_received(entry) for entry in found if entry.entry_no in wanted]


def _is_reading(payload: Mapping[str, Any]) -> bool:
    """Made of landed bytes: not a duplicate, and nothing that was reported and left in the inbox."""
    return payload["verdict"] != "duplicate" and "inbox_look" not in payload


def _received(entry: Entry) -> ReceivedFile:
    fields = entry.payload
    return ReceivedFile(
        entry_no=entry.entry_no,
        source_id=fields["source_id"],
        file_name=fields["file_name"],
        sha256=fields["sha256"],
        bytes=fields["bytes"],
        received_at=utc_time(fields["received_at"]),
    )


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, datetime):
        return utc_text(value)
    return value if value is None or isinstance(value, bool | int | str) else str(value)
