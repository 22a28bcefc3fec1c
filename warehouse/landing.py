"""From the inbox into landing: bytes are hashed, written down in the ledger, then moved in one step.

The order of steps is what makes `kill -9` harmless: the ledger speaks first, the move follows. A file that the ledger
knows but landing lacks is moved on the next run; a file that both know is another copy. Landing knows a file only while
its bytes are those that were hashed: a copy of lost or damaged ones takes their place.

A file on another machine is first fetched into a temporary file of landing, and from then on goes the same way. It
stays where it is, so it is remembered: what the ledger has seen is not fetched again, unless its bytes were lost
unread.
"""

import errno
import os
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from warehouse.canonical import utc_text
from warehouse.errors import InboxFault, clear_errors
from warehouse.files import TEMPORARY, make_folder, put_in_place, remove_leftovers, sha256_of, sync_file, sync_folder
from warehouse.inbox import InboxFile, is_settled
from warehouse.inbox_memory import Memory, Receipt, remember
from warehouse.inbox_reasons import why_duplicate, why_left
from warehouse.inboxes import Inbox, look_into
from warehouse.ledger import Entry, Ledger, append, entries
from warehouse.load_records import (
    LANDED_BYTES_CHANGED,
    UNKNOWN_SOURCE,
    Load,
    ReceivedFile,
    load_payload,
    unfinished,
)
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
        faults: inboxes, folders and files that could not be read tonight.
    """

    received: list[ReceivedFile] = field(default_factory=list)
    duplicates: list[Reported] = field(default_factory=list)
    unknown: list[Reported] = field(default_factory=list)
    refused: list[Reported] = field(default_factory=list)
    waiting: int = 0
    faults: list[InboxFault] = field(default_factory=list)


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


def waiting(
    files: Sequence[InboxFile],
    paths: HomePaths,
    ledger: Ledger,
    settings: Settings,
    source_ids: Collection[str],
    now: datetime,
) -> list[InboxFile]:
    """Settled files that the next night would do something about; those it has seen or reported do not count.

    The ledger is only asked when there is a file that it could know, so an empty inbox costs next to nothing.
    """
    ready = [file for file in files if is_settled(file, settings, now)]
    if not any(file.origin or _is_strange(file, source_ids) for file in ready):
        return ready
    memory = remember(ledger)
    new = memory.new_of(ready, _lost(paths, ledger))
    return [file for file in new if not _is_strange(file, source_ids) or file.look not in memory.looks]


def receive(
    paths: HomePaths,
    ledger: Ledger,
    settings: Settings,
    source_ids: Collection[str],
    now: datetime,
    inboxes: Sequence[Inbox] | None = None,
) -> ReceiveReport:
    """Takes every settled file of the inboxes; call it under the home's lock.

    Args:
        paths: the home.
        ledger: gets `received` entries, and `load` entries for duplicates and for files that cannot be taken.
        settings: how long a file must have been left alone.
        source_ids: the sources that have a YAML.
        now: the present moment, with zone; becomes `received_at`.
        inboxes: others than `<home>/inbox`. One that is out of reach does not stop the others.

    Raises:
        StoreError: disk full, landing not writable, ledger out of reach. Running again continues.
    """
    report = ReceiveReport()
    with clear_errors("nhận tệp từ hộp thư đến", "receiving files from the inbox"):
        for folder in sorted(paths.landing.iterdir()) if paths.landing.is_dir() else []:
            remove_leftovers(folder)
        with look_into([paths.inbox] if inboxes is None else inboxes, source_ids, settings) as sight:
            report.faults += sight.faults
            settled = [file for file in sight.files if is_settled(file, settings, now)]
            report.waiting = len(sight.files) - len(settled)
            if settled:
                _take_all(settled, paths, ledger, source_ids, now, report)
    return report


def _take_all(
    files: list[InboxFile],
    paths: HomePaths,
    ledger: Ledger,
    source_ids: Collection[str],
    now: datetime,
    report: ReceiveReport,
) -> None:
    memory = remember(ledger)
    new = memory.new_of(files, _lost(paths, ledger))
    unreachable = set()
    # a file whose move was cut short goes first, so that a copy of it is still the copy
    begun = {receipt.inbox_body for receipt in memory.received.values()}
    for file in sorted(new, key=lambda f: (f.body not in begun, f.mtime_ns, f.place)):
        if file.origin in unreachable:
            continue
        try:
            _take(file, paths, ledger, memory, source_ids, now, report)
        except InboxFault as fault:
            report.faults.append(fault)
            if fault.is_whole:
                unreachable.add(file.origin)


def _take(
    file: InboxFile,
    paths: HomePaths,
    ledger: Ledger,
    memory: Memory,
    source_ids: Collection[str],
    now: datetime,
    report: ReceiveReport,
) -> None:
    if _is_strange(file, source_ids):
        if file.look not in memory.looks:
            _report(file, ledger, memory, source_ids, now, report)
        return
    if file.identity in memory.handled:  # a duplicate written down before a crash: only its removal is missing
        file.path.unlink(missing_ok=True)
        return
    file, sha256 = _here(file, paths)
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
        memory.received[subject] = Receipt(number, file.name, file.body)
        report.received.append(ReceivedFile(number, file.folder, file.name, sha256, file.bytes, now))
    _move(file, landed, sha256)


def _here(file: InboxFile, paths: HomePaths) -> tuple[InboxFile, str | None]:
    """The file as it lies here, fetched where it did not, and its SHA-256; None when it changed meanwhile."""
    if not file.fetch:
        return file, _hash_if_still(file)
    part = paths.landing / file.folder / f"{TEMPORARY}fetched"
    make_folder(part.parent)
    sha256 = None
    try:
        sha256 = file.fetch(part)
    finally:
        if sha256 is None:
            part.unlink(missing_ok=True)
    return replace(file, path=part), sha256


def _is_strange(file: InboxFile, source_ids: Collection[str]) -> bool:
    return bool(file.odd) or file.folder not in source_ids


def _lost(paths: HomePaths, ledger: Ledger) -> set[str]:
    """Subjects of received bytes that were never read and are not in landing, or were not when they should be read."""
    absent = {
        f"{f.source_id}/{f.sha256}"
        for f in unfinished(ledger)
        if not landed_path(paths, f.source_id, f.sha256).exists()
    }
    spoiled = entries(ledger, "load", containing=f'"reason_code":"{LANDED_BYTES_CHANGED}"')
    subjects = {entry.subject_id.rpartition("/")[0] for entry in spoiled}
    return absent | {subject for subject in subjects if _is_to_be_read(_newest_reading(ledger, subject))}


def _newest_reading(ledger: Ledger, subject: str) -> Entry | None:
    """The last `load` entry of these bytes of a source; duplicates have other subjects."""
    readings = entries(ledger, "load", subject_prefix=f"{subject}/")
    return readings[-1] if readings else None


def _is_begun(file: InboxFile, receipt: Receipt | None, reading: Entry | None) -> bool:
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
    receipt: Receipt,
    reading: Entry | None,
    ledger: Ledger,
    memory: Memory,
    now: datetime,
    report: ReceiveReport,
) -> None:
    load_id = memory.next_id("duplicate", file.folder, sha256)
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
    memory: Memory,
    source_ids: Collection[str],
    now: datetime,
    report: ReceiveReport,
) -> None:
    is_known = file.folder in source_ids
    source_id = file.folder if is_known else UNKNOWN_SOURCE
    reason_vi, reason_en = why_left(file)
    is_untouched = file.odd or file.origin  # what nobody declared is not fetched from another machine
    sha256 = None if is_untouched else _hash_if_still(file)
    if sha256 is None and not is_untouched:
        report.waiting += 1
        return
    load_id = memory.next_id("left", file.label, sha256 or str(file.odd))
    name = file.name if is_known else file.label
    size = 0 if file.odd else file.bytes
    load = Load(load_id, source_id, None, name, sha256, size, now)
    payload = load_payload(load, "failed", reason_vi, reason_en, inbox_look=file.look)
    append(ledger, "load", f"{source_id}/-/{load_id}", payload, now)
    memory.looks.add(file.look)
    (report.refused if file.odd else report.unknown).append(Reported(source_id, name, reason_vi, reason_en))
