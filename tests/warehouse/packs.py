"""Audit packs to be broken: one of a real night with decisions in its ledger, and every way to change a pack.

A change comes with how far its author goes to hide it: what is recomputed after it, up to a whole pack made up anew.
"""

import hashlib
import json
import random
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.home import PROJECT_DIR
from warehouse import verify_pack as form
from warehouse.audit_pack import pack_members, write_pack
from warehouse.canonical import canonical_json
from warehouse.code_version import code_files
from warehouse.files import sha256_of
from warehouse.ledger import append, copy_entries, entries, last_entry, open_ledger
from warehouse.verify_pack import Report, verify

LATER = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
WAIVED, APPROVED, DISCARDED = (
    "waiver/viettel/rows_not_fewer",
    "release/20261130T183000Z-0a1b2c3d",
    "load/0123456789abcdef",
)
Members = dict[str, bytes]


@dataclass(frozen=True)
class Case:
    """A pack that was written, and the root that its author printed."""

    path: Path
    root: str


def audited(home: Path, folder: Path, *, outputs: bool = True) -> Case:
    """The pack of a home's release, in whose ledger somebody waived a check, discarded a load and approved the release.

    The waiver and the discarded load stand before the entry up to which the release was made, the approval behind it.
    """
    live = open_ledger(home / "ledger.db")
    release = last_entry(live, "release")
    assert release
    ledger = open_ledger(folder / "ledger.db")
    copy_entries(live, ledger, up_to=release.entry_no - 1)
    for number, (decision, subject) in enumerate((("waive", WAIVED), ("discard", DISCARDED))):
        decided = {"decision": decision, "by": "Lan", "reason": "đã đối chiếu với bản giấy", "until": "2026-12-31"}
        until = append(ledger, "decision", subject, decided, LATER + timedelta(minutes=number))
    anchor = entries(ledger, since=until - 1)[0].entry_hash
    append(ledger, "decision", APPROVED, {"decision": "approve", "by": "Minh", "reason": "số điều chỉnh"}, LATER)
    own = folder / "release"
    shutil.copytree(home / "releases" / release.subject_id, own, ignore=shutil.ignore_patterns("parquet"))
    own.chmod(0o755)
    (own / "manifest.json").chmod(0o644)
    manifest = json.loads((own / "manifest.json").read_text(encoding="utf-8"))
    about = {"ledger_entry": until, "ledger_hash": anchor}
    (own / "manifest.json").write_text(json.dumps({**manifest, **about}, ensure_ascii=False), encoding="utf-8")
    told = {**release.payload, **about, "manifest_sha256": sha256_of(own / "manifest.json")}
    append(ledger, "release", release.subject_id, told, LATER)
    code = code_files(PROJECT_DIR, [home / "sources", home / "seeds", home / "corrections.yml"])
    path = folder / "pack.zip"
    return Case(path, write_pack(path, pack_members(ledger, release.subject_id, own, code, outputs=outputs)))


def contents(path: Path) -> Members:
    """The members of a pack and what they hold, but for the list."""
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist() if name != form.LIST}


def pack_of(members: Members, path: Path) -> Path:
    """A pack of these members with a list, hashes and a zip that fit them."""
    write_pack(path, {name: lambda content=content: [content] for name, content in members.items()})
    return path


# --- one byte


@dataclass(frozen=True)
class Flip:
    """One byte of a pack that is changed, and what a report has to name then: one of these."""

    at: int
    bits: int
    named: tuple[str, ...]


def parts_of(path: Path) -> Iterator[tuple[str, range, tuple[str, ...]]]:
    """Every part of a pack: header and bytes of each member, with the list, its entry in the directory, the end."""
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        infos, start = packed.infolist(), packed.start_dir
    for info in infos:
        head = 30 + len(info.filename.encode())
        begin = info.header_offset
        named = (form.LIST,) if info.filename == form.LIST else (info.filename,)
        yield "header", range(begin, begin + head), named
        yield "bytes", range(begin + head, begin + head + info.compress_size), named
    for info in infos:
        size = 46 + len(info.filename.encode())
        yield "directory", range(start, start + size), (info.filename,)
        start += size
    yield "end", range(start, len(whole)), ("zip",)


def flips(path: Path, rng: random.Random, per_part: int = 1) -> Iterator[Flip]:
    """Some bytes of every part of a pack; of the end every byte."""
    for name, places, named in parts_of(path):
        chosen = places if name == "end" else rng.sample(places, min(per_part, len(places)))
        for at in chosen:
            yield Flip(at, rng.randrange(1, 256), named)


def flipped(path: Path, flip: Flip) -> Report:
    """What the verifier says of the pack with that byte changed; the pack is as it was afterwards."""
    with open(path, "r+b") as stream:
        stream.seek(flip.at)
        byte = stream.read(1)[0]
        stream.seek(flip.at)
        stream.write(bytes([byte ^ flip.bits]))
        stream.flush()
        report = verify(str(path))
        stream.seek(flip.at)
        stream.write(bytes([byte]))
    return report


def names_one(report: Report, named: tuple[str, ...]) -> bool:
    """Whether a fault is about one of these items."""
    return any(name in fault.item for fault in report.faults for name in named)


# --- members


def raw_zip(members: list[tuple[form.Member, bytes]], text: bytes, path: Path) -> Path:
    """A zip of the right form of these members in this order, with any list."""
    own = form.list_member(text)
    parts, offsets = [form.local_header(own) + text], [0]
    for member, packed in members:
        offsets.append(sum(map(len, parts)))
        parts.append(form.local_header(member) + packed)
    start = sum(map(len, parts))
    directory = [form.central_entry(m, at) for m, at in zip([own, *(m for m, _ in members)], offsets, strict=True)]
    size = sum(map(len, directory))
    path.write_bytes(b"".join([*parts, *directory, form.end_record(len(offsets), size, start)]))
    return path


def raw_members(path: Path) -> list[tuple[form.Member, bytes]]:
    """The members of a pack as they lie in it, compressed."""
    whole, found = path.read_bytes(), []
    with zipfile.ZipFile(path) as packed:
        for info in packed.infolist()[1:]:
            begin = info.header_offset + 30 + len(info.filename.encode())
            data, content = whole[begin : begin + info.compress_size], packed.read(info)
            hashes = (hashlib.sha256(content).hexdigest(), info.compress_size, hashlib.sha256(data).hexdigest())
            found.append((form.Member(info.filename, info.file_size, *hashes, info.CRC), data))
    return found


def stored_again(member: form.Member, content: bytes) -> tuple[form.Member, bytes]:
    """A member with other content, compressed, with sizes, CRC and hashes that fit."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = squeeze.compress(content) + squeeze.flush()
    sha256, packed = hashlib.sha256(content).hexdigest(), hashlib.sha256(data).hexdigest()
    return form.Member(member.name, len(content), sha256, len(data), packed, zlib.crc32(content)), data


# --- entries of the ledger

Line = list[Any]  # previous hash, number, time, kind, subject, payload text
Change = Callable[[list[Line]], None]

# how far somebody goes who changes the ledger in a pack; each step does all those before it
NOTHING_MORE, NEXT_HASH, CHAIN, RECORDS, ANCHORS = range(5)
EFFORTS = ("zip and list", "the next hash", "the whole chain", "the records", "every hash there is")


def forged(members: Members, change: Change, effort: int) -> Members:
    """The members after a change of the ledger's lines, and after what its author did to hide it."""
    lines = [json.loads(line) for line in members[form.LEDGER].splitlines()]
    before = [list(line) for line in lines]
    change(lines)
    if effort >= ANCHORS:
        members = _with_new_anchors(members, lines)
    elif effort >= CHAIN:
        _chain(lines)
    elif effort == NEXT_HASH:
        first = next(number for number, line in enumerate(lines) if line != before[number])
        lines[first + 1][0] = _hash(lines[first])
    made = {**members, form.LEDGER: _joined(_text(line) for line in lines)}
    if effort >= CHAIN:
        facts = json.loads(made[form.FACTS])
        made[form.FACTS] = _joined([canonical_json({**facts, "ledger_head": _hash(lines[-1])})])
    if effort >= RECORDS:
        inputs = [each["load_id"] for each in json.loads(made[form.MANIFEST])["inputs"]]
        for name, records in form.records_of([_entry(line) for line in lines], inputs).items():
            made[name] = _joined(map(canonical_json, records))
    return made


def _with_new_anchors(members: Members, lines: list[Line]) -> Members:
    """Rewrites the chain, what the release's entry and the manifest say of it, and the hash of the manifest."""
    _chain(lines)
    told = json.loads(lines[-1][5])
    told["ledger_hash"] = _hash(lines[told["ledger_entry"] - 1])
    manifest = {**json.loads(members[form.MANIFEST]), "ledger_hash": told["ledger_hash"]}
    text = json.dumps(manifest, ensure_ascii=False).encode()
    told["manifest_sha256"] = hashlib.sha256(text).hexdigest()
    lines[-1][5] = canonical_json(told)
    return {**members, form.MANIFEST: text}


def _chain(lines: list[Line]) -> None:
    previous = form.NO_HASH
    for number, line in enumerate(lines, 1):
        line[0], line[1] = previous, number
        previous = _hash(line)


def _entry(line: Line) -> form.Entry:
    previous, number, at, kind, subject, payload = line
    return form.Entry(number, at, kind, subject, json.loads(payload), previous, _hash(line))


def _text(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False)


def _hash(line: Line) -> str:
    return hashlib.sha256(_text(line).encode()).hexdigest()


def _joined(lines: Any) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def another_reason(subject: str) -> Change:
    """Puts other words into the mouth of who took that decision."""

    def change(lines: list[Line]) -> None:
        (line,) = (line for line in lines if line[4] == subject)
        line[5] = canonical_json({**json.loads(line[5]), "reason": "theo chỉ đạo"})

    return change
