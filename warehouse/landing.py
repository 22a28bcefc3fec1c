"""From the inbox into landing: bytes are hashed, written down in the ledger, then moved in one step.

The order of steps is what makes `kill -9` harmless: the ledger speaks first, the move follows. A file that the ledger
knows but landing lacks is moved on the next run; a file that both know is another copy. Landing knows a file only while
its bytes are those that were hashed: a copy of lost or damaged ones takes their place.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from warehouse.canonical import utc_text
from warehouse.errors import clear_errors
from warehouse.files import TEMPORARY, make_folder, put_in_place, remove_leftovers, sha256_of, sync_file, sync_folder
from warehouse.inbox import InboxFile, is_settled, scan
from warehouse.inbox_reasons import why_duplicate, why_left
from warehouse.ledger import Entry, Ledger, append, entries
from warehouse.load_records import LANDED_BYTES_CHANGED, UNKNOWN_SOURCE, Load, ReceivedFile, load_payload
from warehouse.paths import HomePaths
from warehouse.settings import Settings


@dataclass(frozen=True)
class Reported:
    """One file of the inbox that did not become a new load, and why."""

    source_id: str
    file_name: str
    reason_vi: str
    reason_en: str


@dataclass
class ReceiveReport:
    """What one `receive` did.

    Attributes:
        received: bytes now in landing that are still to be read: new ones, or sent again after they were lost unread.
        duplicates: files whose bytes were there already; removed from the inbox.
        unknown: files in folders without a source, seen for the first time; untouched.
        refused: symlinks, special and unreadable files, folders in folders, seen for the first time; untouched.
        waiting: how many files are too young.
    """

    received: list[ReceivedFile] = field(default_factory=list)
    duplicates: list[Reported] = field(default_factory=list)
    unknown: list[Reported] = field(default_factory=list)
    refused: list[Reported] = field(default_factory=list)
    waiting: int = 0


@dataclass(frozen=True)
class _Receipt:
    """A `received` entry: when bytes were last taken, under which name, and which file of the inbox they were."""

    entry_no: int
    file_name: str
    inbox_body: str


@dataclass
class _Memory:
    """What the ledger knows about files seen before; `received` holds the newest receipt of each source's bytes."""

    received: dict[str, _Receipt]
    handled: set[str]
    looks: set[str]
    load_ids: set[str]


def landed_path(paths: HomePaths, source_id: str, sha256: str) -> Path:
    """Where bytes of a source lie."""
    return paths.landing / source_id / sha256


def is_intact(paths: HomePaths, source_id: str, sha256: str) -> bool:
    """Whether the landed bytes are there and are those that were hashed on arrival.

    A publisher who goes on writing into a file after it was taken, or a failing disk, shows here: ask before reading.
    """
    try:
        return sha256_of(landed_path(paths, source_id, sha256)) == sha256
    except FileNotFoundError:
        return False


def receive(
    paths: HomePaths,
    ledger: Ledger,
    settings: Settings,
    source_ids: Collection[str],
    now: datetime,
    inbox: Path | None = None,
) -> ReceiveReport:
    """Takes every settled file of the inbox; call it under the home's lock.

    Args:
        paths: the home.
        ledger: gets `received` entries, and `load` entries for duplicates and for files that cannot be taken.
        settings: how long a file must have been left alone.
        source_ids: the sources that have a YAML.
        now: the present moment, with zone; becomes `received_at`.
        inbox: another folder than `<home>/inbox`.

    Raises:
        StoreError: disk full, landing not writable, ledger out of reach. Running again continues.
    """
    report = ReceiveReport()
    with clear_errors("nhận tệp từ hộp thư đến", "receiving files from the inbox"):
        for folder in sorted(paths.landing.iterdir()) if paths.landing.is_dir() else []:
            remove_leftovers(folder)
        files = scan(inbox or paths.inbox)
        ready = [file for file in files if is_settled(file, settings, now)]
        report.waiting = len(files) - len(ready)
        if ready:
            memory = _remember(ledger)
            # a file whose move was cut short goes first, so that a copy of it is still the copy
            begun = {receipt.inbox_body for receipt in memory.received.values()}
            for file in sorted(ready, key=lambda f: (f.body not in begun, f.mtime_ns, f.label)):
                _take(file, paths, ledger, memory, source_ids, now, report)
    return report


def _take(
    file: InboxFile,
    paths: HomePaths,
    ledger: Ledger,
    memory: _Memory,
    source_ids: Collection[str],
    now: datetime,
    report: ReceiveReport,
) -> None:
    if file.odd or file.folder not in source_ids:
        if file.look not in memory.looks:
            _report(file, ledger, memory, source_ids, now, report)
        return
    if file.identity in memory.handled:  # a duplicate written down before a crash: only its removal is missing
        file.path.unlink(missing_ok=True)
        return
    sha256 = _hash_if_still(file)
    if sha256 is None:
        report.waiting += 1
        return
    subject = f"{file.folder}/{sha256}"
    landed = landed_path(paths, file.folder, sha256)
    receipt = memory.received.get(subject)
    reading = _newest_reading(ledger, subject) if receipt else None
    is_begun = _is_begun(file, receipt, reading)
    is_there = receipt is not None and is_intact(paths, file.folder, sha256)
    if receipt and not is_begun and (is_there or not _is_to_be_read(reading)):
        if not is_there:  # lost after it was read: put back for a replay, nothing to read now
            make_folder(landed.parent)
            _copy(file.path, landed, sha256)
        _duplicate(file, sha256, receipt, reading, ledger, memory, now, report)
        return
    if is_there:  # copied from another file system, not yet removed there
        file.path.unlink(missing_ok=True)
        return
    if not is_begun:
        payload = {
            "source_id": file.folder,
            "file_name": file.name,
            "sha256": sha256,
            "bytes": file.bytes,
            "mtime_ns": file.mtime_ns,
            "received_at": utc_text(now),
            "inbox_body": file.body,
        }
        number = append(ledger, "received", subject, payload, now)
        memory.received[subject] = _Receipt(number, file.name, file.body)
        report.received.append(ReceivedFile(number, file.folder, file.name, sha256, file.bytes, now))
    _move(file, landed, sha256)


def _newest_reading(ledger: Ledger, subject: str) -> Entry | None:
    """The last `load` entry of these bytes of a source; duplicates have other subjects."""
    readings = entries(ledger, "load", subject_prefix=f"{subject}/")
    return readings[-1] if readings else None


def _is_begun(file: InboxFile, receipt: _Receipt | None, reading: Entry | None) -> bool:
    """Whether the receipt is of this very file, its move cut short; one read since is of an older file."""
    if receipt is None or receipt.inbox_body != file.body:
        return False
    return reading is None or reading.entry_no < receipt.entry_no


def _is_to_be_read(reading: Entry | None) -> bool:
    return reading is None or reading.payload.get("reason_code") == LANDED_BYTES_CHANGED


def _hash_if_still(file: InboxFile) -> str | None:
    """SHA-256 of a file that nobody wrote, replaced or took away meanwhile; else None, and the next night looks."""
    try:
        sha256 = sha256_of(file.path)
        facts = file.path.lstat()
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ELOOP}:
            return None
        raise
    is_same = (facts.st_size, facts.st_mtime_ns, facts.st_ino) == (file.bytes, file.mtime_ns, file.inode)
    return sha256 if is_same else None


def _move(file: InboxFile, landed: Path, sha256: str) -> None:
    make_folder(landed.parent)
    try:
        if file.links > 1:
            raise OSError("a hard link: somebody else could go on writing into it")
        sync_file(file.path)
        os.chmod(file.path, 0o400)
        os.rename(file.path, landed)
    except OSError:  # another file system, another owner, or a hard link: copy, and remove the original last
        _copy(file.path, landed, sha256)
        file.path.unlink()
    sync_folder(landed.parent)
    sync_folder(file.path.parent)


def _copy(path: Path, landed: Path, sha256: str) -> None:
    part = landed.with_name(f"{TEMPORARY}{landed.name}")
    with open(path, "rb") as source, open(part, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    if sha256_of(part) != sha256:
        raise OSError(f"the file changed while it was copied: {path}")
    os.chmod(part, 0o400)
    put_in_place(part, landed)


def _duplicate(
    file: InboxFile,
    sha256: str,
    receipt: _Receipt,
    reading: Entry | None,
    ledger: Ledger,
    memory: _Memory,
    now: datetime,
    report: ReceiveReport,
) -> None:
    load_id = _next_id(memory, "duplicate", file.folder, sha256)
    told = reading.payload if reading and not _is_to_be_read(reading) else None
    reason_vi, reason_en = why_duplicate(receipt.file_name, sha256, told)
    load = Load(load_id, file.folder, None, file.name, sha256, file.bytes, now)
    payload = load_payload(load, "duplicate", reason_vi, reason_en, inbox_identity=file.identity)
    # not the subject of its bytes: the first file may not have been read yet, and must not look finished
    append(ledger, "load", f"{file.folder}/-/{load_id}", payload, now)
    file.path.unlink(missing_ok=True)
    report.duplicates.append(Reported(file.folder, file.name, reason_vi, reason_en))


def _report(
    file: InboxFile,
    ledger: Ledger,
    memory: _Memory,
    source_ids: Collection[str],
    now: datetime,
    report: ReceiveReport,
) -> None:
    is_known = file.folder in source_ids
    source_id = file.folder if is_known else UNKNOWN_SOURCE
    reason_vi, reason_en = why_left(file)
    sha256 = None if file.odd else _hash_if_still(file)
    if sha256 is None and not file.odd:
        report.waiting += 1
        return
    load_id = _next_id(memory, "left", file.label, sha256 or str(file.odd))
    name = file.name if is_known else file.label
    size = 0 if file.odd else file.bytes
    load = Load(load_id, source_id, None, name, sha256, size, now)
    payload = load_payload(load, "failed", reason_vi, reason_en, inbox_look=file.look)
    append(ledger, "load", f"{source_id}/-/{load_id}", payload, now)
    memory.looks.add(file.look)
    (report.refused if file.odd else report.unknown).append(Reported(source_id, name, reason_vi, reason_en))


def _next_id(memory: _Memory, *parts: str) -> str:
    """An id that depends on what was seen and how often, never on a clock: two homes agree on it."""
    count = 1
    while True:
        load_id = hashlib.sha256("\0".join([*parts, str(count)]).encode()).hexdigest()[:16]
        if load_id not in memory.load_ids:
            memory.load_ids.add(load_id)
            return load_id
        count += 1


def _remember(ledger: Ledger) -> _Memory:
    left = [entry.payload for entry in entries(ledger, "load", containing='"inbox_look":"')]
    copies = [entry.payload for entry in entries(ledger, "load", containing='"inbox_identity":"')]
    return _Memory(
        received={
            entry.subject_id: _Receipt(entry.entry_no, entry.payload["file_name"], entry.payload["inbox_body"])
            for entry in entries(ledger, "received")
        },
        handled={payload["inbox_identity"] for payload in copies},
        looks={payload["inbox_look"] for payload in left},
        load_ids={payload["load_id"] for payload in [*left, *copies]},
    )
