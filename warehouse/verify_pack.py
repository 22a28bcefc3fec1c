"""Gói kiểm toán của sotinh / An audit pack of sotinh and its checker: Python 3.9 or newer, nothing else.

    python verify_pack.py PACK.zip [--expect ROOT] [--json]

    MEMBERS.txt      danh sách thành phần / the list of all members with their hashes
    pack.json        bản phát hành nào, mã nào / which release, made by which code
    ledger.ndjson    sổ cái đến bản phát hành / the ledger up to the release: each line holds the hash of the one before
    loads.ndjson     mọi lượt nạp / every load with its file, hash, source, verdict, counts and sheets
    checks.ndjson    mọi kết quả kiểm tra / the result of every check of loads and builds, passed ones too
    decisions.ndjson mọi quyết định / every decision, waiver, approval, hold and rollback
    release/         bản kê của bản phát hành / its manifest, and what differs from the release before where it is told
    outputs/         các bảng đã công bố / the tables it published, without columns of clocks; refused rows among them
    code/            mã, quy tắc, bảng tham chiếu / code, rules, seeds, sources, corrections, pinned packages;
                     code/overlay/ is the user's own and goes before ours

A pack is a zip without freedom: its bytes follow from its list of members, so any other byte, order, name or time is a
fault. What the members say follows from the ledger's chained entries, and is worked out here again: loads, checks,
decisions, balances, the hash of every table, the hash of the code. Whoever makes up a whole pack, with a chain and
hashes of its own, is found out by the root alone, the hash of all names and contents: write it down elsewhere and give
it as --expect. For the same reason, use a copy of this file of your own rather than the one inside a pack.
Kẻ làm giả cả gói chỉ bị lộ qua gốc (root): hãy ghi gốc ở nơi khác, và dùng bản verify_pack.py của chính mình.

Ends with 0 when nothing is wrong, 1 when something is, 2 when it cannot be run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

LIST, READ_ME, FACTS, VERIFIER = "MEMBERS.txt", "README.txt", "pack.json", "verify_pack.py"
LEDGER, LOADS, CHECKS, DECISIONS = "ledger.ndjson", "loads.ndjson", "checks.ndjson", "decisions.ndjson"
CODE, OUTPUTS, RELEASE = "code/", "outputs/", "release/"
MANIFEST = RELEASE + "manifest.json"
REQUIRED = (READ_ME, CHECKS, DECISIONS, LEDGER, LOADS, FACTS, MANIFEST, VERIFIER)

LIST_HEAD = "sotinh audit pack 1: crc32, packed bytes, packed sha256, bytes, sha256, name\n"
_LINE = re.compile(r"([0-9a-f]{8}) ([0-9]{1,10}) ([0-9a-f]{64}) ([0-9]{1,10}) ([0-9a-f]{64}) ([^\n]{1,300})\n")
STORED, DEFLATED = 0, 8
_PIECE, _MOST_LIST, _SHOWN = 1 << 20, 64 << 20, 5

NO_HASH = "0" * 64
COUNTS = ("rows_read", "rows_accepted", "rows_rejected", "rows_superseded")
LOAD_FACTS = (
    *("load_id", "source_id", "shape", "file_name", "file_sha256", "file_bytes", "received_at", "verdict"),
    *("reason_vi", "reason_en", "reason_code", *COUNTS, "first_period_id", "last_period_id", "supersedes"),
    *("fingerprint", "yaml_sha256", "lake_files", "rejected_file", "file_hashes"),
)
# what these entries say stands in loads, checks and manifest; every other one is somebody's decision or finding
TOLD_ELSEWHERE = ("received", "load", "release", "unchanged")
RELEASE_FACTS = (
    *("release_id", "previous_release_id", "published_at", "code_version", "ledger_entry", "ledger_hash"),
    *("content_hash", "table_hashes", "row_counts"),
)
UNHASHED_TABLES = ("audit_releases", "fct_observation_gaps")
PARTLY_HASHED_TABLES = ("audit_checks",)  # results of checks of builds are no content: they are in CHECKS alone


class Member(NamedTuple):
    """One member of a pack as its line in the list tells it."""

    name: str
    bytes: int
    sha256: str
    packed_bytes: int
    packed_sha256: str
    crc: int
    method: int = DEFLATED


class Remark(NamedTuple):
    """What is wrong with an item, or cannot be checked, in Vietnamese and English."""

    item: str
    vi: str
    en: str


class Entry(NamedTuple):
    """One entry of the ledger; `hash` is worked out from its line, which is what it is a hash of."""

    number: int
    at: str
    kind: str
    subject: str
    payload: dict[str, Any]
    previous: str
    hash: str

    @property
    def item(self) -> str:
        """How a remark names it."""
        return f"{LEDGER}: entry {self.number} ({self.kind} {self.subject})"


class Report(NamedTuple):
    """What a check found; there is no root where the zip itself is faulty."""

    root: str | None
    release_id: str | None
    faults: list[Remark]
    notes: list[Remark]


class Broken(Exception):
    """A fault behind which nothing more can be checked."""

    def __init__(self, item: str, vi: str, en: str) -> None:
        """Keeps the remark."""
        super().__init__(f"{item}: {en}")
        self.remark = Remark(item, vi, en)


def local_header(member: Member) -> bytes:
    """What stands before a member's bytes: every time is 1980-01-01, there is no extra field."""
    name = member.name.encode()
    facts = (member.crc, member.packed_bytes, member.bytes, len(name), 0)
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0x800, member.method, 0, 0x21, *facts) + name


def central_entry(member: Member, offset: int) -> bytes:
    """A member's entry in the directory at the end of the zip."""
    name = member.name.encode()
    facts = (member.crc, member.packed_bytes, member.bytes, len(name), 0, 0, 0, 0, 0, offset)
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0x800, member.method, 0, 0x21, *facts) + name


def end_record(count: int, size: int, offset: int) -> bytes:
    """The last bytes of the zip: behind a directory of `count` entries and `size` bytes."""
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, offset, 0)


def list_of(members: Iterable[Member]) -> bytes:
    """The text of the list."""
    lines = (f"{m.crc:08x} {m.packed_bytes} {m.packed_sha256} {m.bytes} {m.sha256} {m.name}\n" for m in members)
    return (LIST_HEAD + "".join(lines)).encode()


def list_member(text: bytes) -> Member:
    """The list itself: the first member, and the only one that is not compressed."""
    sha256 = hashlib.sha256(text).hexdigest()
    return Member(LIST, len(text), sha256, len(text), sha256, zlib.crc32(text), STORED)


def root_of(members: Iterable[Member]) -> str:
    """The root: a hash of all names and contents, however they are compressed."""
    return hashlib.sha256("".join(f"{m.sha256} {m.bytes} {m.name}\n" for m in members).encode()).hexdigest()


def check_form(stream: BinaryIO, faults: list[Remark]) -> list[Member]:
    """Compares every byte of the zip with the one form it can have, but for what the compressed bytes mean.

    Raises:
        Broken: the rest of the file cannot be told apart.
    """
    listed, members = _read_list(stream)
    offsets = [0]
    for member in members:
        offsets.append(stream.tell())
        _check_header(stream.read(len(local_header(member))), member, faults)
        digest, left = hashlib.sha256(), member.packed_bytes
        while left and (piece := stream.read(min(left, _PIECE))):
            digest.update(piece)
            left -= len(piece)
        if digest.hexdigest() != member.packed_sha256:
            faults.append(_differs(member.name))
    start = stream.tell()
    for number, member in enumerate([listed, *members]):
        expected = central_entry(member, offsets[number])
        if stream.read(len(expected)) != expected:
            vi, en = "mục của nó trong danh mục zip bị sửa", "its entry in the zip's directory was changed"
            faults.append(Remark(member.name, vi, en))
    if stream.read(22) != end_record(len(offsets), stream.tell() - 22 - start, start) or stream.read(1):
        vi, en = "phần kết bị sửa, hoặc có dữ liệu thừa phía sau", "its end was changed, or bytes follow it"
        faults.append(Remark("zip", vi, en))
    return members


def _read_list(stream: BinaryIO) -> tuple[Member, list[Member]]:
    head = stream.read(30 + len(LIST))
    size = struct.unpack("<L", head[18:22])[0] if len(head) >= 30 else 0
    text = stream.read(min(size, _MOST_LIST))
    found = _LINE.findall(text.decode("utf-8", "replace"), len(LIST_HEAD))
    members = [Member(each[5], int(each[3]), each[4], int(each[1]), each[2], int(each[0], 16)) for each in found]
    names = [member.name for member in members]
    if head != local_header(list_member(text)) or list_of(members) != text or names != sorted({*names} - {LIST}):
        vi = "tệp không bắt đầu bằng danh sách thành phần nguyên vẹn: không phải gói kiểm toán, hoặc đã bị sửa"
        raise Broken(LIST, vi, "the file does not begin with an intact list of members: no audit pack, or changed")
    return list_member(text), members


def _check_header(found: bytes, member: Member, faults: list[Remark]) -> None:
    name = member.name.encode()
    if found[30:] != name:
        stands = found[30:].decode("utf-8", "replace") if found.startswith(b"PK\3\4") else "…"
        vi = f"không ở chỗ {LIST} ghi (ở đó là «{stands}»): có thành phần bị bỏ, thêm, đổi tên hoặc đổi chỗ"
        en = f"is not where {LIST} puts it («{stands}» is): a member was dropped, added, renamed or moved"
        raise Broken(member.name, vi, en)
    if found != local_header(member):
        faults.append(Remark(member.name, "phần đầu của nó trong zip bị sửa", "its header in the zip was changed"))


def _differs(name: str) -> Remark:
    return Remark(name, f"nội dung không phải như {LIST} ghi", f"its bytes are not those that {LIST} tells")


class Pack:
    """The members of a zip of the right form."""

    def __init__(self, opened: zipfile.ZipFile, members: Iterable[Member]) -> None:
        """Keeps the zip and its list."""
        self.zip = opened
        self.members = {member.name: member for member in members}

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a member, with their breaks; raises Broken when its content is not what the list tells."""
        member, digest, size = self.members[name], hashlib.sha256(), 0
        try:
            with self.zip.open(name) as stream:
                for line in stream:
                    digest.update(line)
                    size += len(line)
                    yield line
        except (zipfile.BadZipFile, zlib.error, EOFError):
            size = -1
        if (size, digest.hexdigest()) != (member.bytes, member.sha256):
            raise Broken(*_differs(name))

    def read(self, name: str) -> bytes:
        """The whole content of a small member."""
        return b"".join(self.lines(name))

    def json(self, name: str) -> dict[str, Any]:
        """The JSON object in a small member; raises Broken when there is none."""
        try:
            return dict(json.loads(self.read(name)))
        except (ValueError, TypeError):
            raise Broken(name, "không phải JSON", "is no JSON object") from None


def canonical(value: Any) -> str:
    """The one JSON text of a value, as the ledger writes it."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_chain(pack: Pack, faults: list[Remark]) -> list[Entry]:
    """The ledger's entries, up to the release's own; raises Broken where one is missing, added or moved."""
    found: list[Entry] = []
    for number, line in enumerate(pack.lines(LEDGER), 1):
        try:
            previous, said, at, kind, subject, text = json.loads(line)
            entry = Entry(said, at, kind, subject, dict(json.loads(text)), previous, _sha256(line.rstrip(b"\n")))
            if kind == "load":
                load_facts(entry.payload)
        except (ValueError, TypeError, LookupError):
            raise Broken(f"{LEDGER}: entry {number}", "không đọc được", "cannot be read") from None
        if said != number:
            vi, en = f"ở đó là mục {said}: có mục bị bỏ, thêm hoặc đổi chỗ", f"entry {said} stands there: one was "
            raise Broken(f"{LEDGER}: entry {number}", vi, en + "dropped, added or moved")
        if previous != (found[-1].hash if found else NO_HASH):
            changed = found[-1] if found else entry
            vi, en = f"không phải như mục {number} ghi lại về nó", f"is not what entry {number} wrote down of it"
            faults.append(Remark(changed.item, vi, en))
        found.append(entry)
    return found


def load_facts(told: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The line of a load entry among the inputs; raises LookupError or TypeError for what is none."""
    facts = {name: told.get(name) for name in LOAD_FACTS}
    sheets = [each.get("sheet") for each in told.get("layout") or ()]
    return {**facts, "sheets": sheets, "checks": len(told["checks"]), **more}


def records_of(entries: Iterable[Entry], inputs: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """What the ledger says the lines of loads, checks and decisions must say; `inputs` are the loads that counted."""
    found: dict[str, list[dict[str, Any]]] = {LOADS: [], CHECKS: [], DECISIONS: []}
    live = set(inputs)
    said: dict[str, dict[str, Any]] = {}  # what rules say: an entry tells those that are new or changed
    for number, at, kind, subject, told, *_ in entries:
        if kind == "load":
            found[LOADS].append(load_facts(told, entry_no=number, is_input=told["load_id"] in live))
            found[CHECKS] += [{"entry_no": number, "load_id": told["load_id"], **check} for check in told["checks"]]
        elif kind == "checked":
            said.update(told["rules"])
            run, names = {"entry_no": number, "build": subject, "run_id": told["run_id"]}, told["columns"]
            found[CHECKS] += [{**run, **said[key], **dict(zip(names, row))} for key, row in told["results"].items()]
        elif kind not in TOLD_ELSEWHERE:
            record = {"entry_no": number, "at": at, "kind": kind, "subject_id": subject, "payload": told}
            found[DECISIONS].append(record)
    return found


def check_records(pack: Pack, records: dict[str, list[dict[str, Any]]]) -> Iterator[Remark]:
    """Where the lines of loads, checks and decisions are not what the ledger says."""
    for name, told in records.items():
        found = [line.decode("utf-8", "replace").rstrip("\n") for line in pack.lines(name)]
        expected = [canonical(record) for record in told]
        present, records_told = {*found}, dict(zip(expected, told))
        for line in [line for line in records_told if line not in present][:_SHOWN]:
            names = ("entry_no", "kind", "subject_id", "load_id", "check_name", "file_name")
            item = " ".join(str(records_told[line][each]) for each in names if each in records_told[line])
            yield Remark(f"{name}: {item}", "thiếu hoặc khác với sổ cái", "is missing or differs from the ledger")
        for line in [line for line in found if line not in records_told][:_SHOWN]:
            yield Remark(f"{name}: {line[:160]}", "sổ cái không ghi như vậy", "the ledger does not say this")
        if found != expected:
            yield Remark(name, "các dòng không đúng thứ tự sổ cái", "its lines are not those of the ledger in order")


def check_balance(entries: Iterable[Entry]) -> Iterator[Remark]:
    """Loads whose rows read are not accepted, rejected or superseded, each once."""
    for entry in entries:
        read, *parts = (entry.payload[name] for name in COUNTS) if entry.kind == "load" else (0, 0)
        if read != sum(parts):
            told = f"{read} ≠ {' + '.join(map(str, parts))}"
            yield Remark(entry.item, f"số dòng không cân đối: {told}", f"its rows do not balance: {told}")


def table_hash(lines: Iterable[bytes]) -> tuple[str, int]:
    """Hash and rows of a table: of its columns with their types, then of the hash of each row's text, in order."""
    stream = iter(lines)
    columns = json.loads(next(stream, b"[]"))
    digest = hashlib.sha256("".join(f"{name}\0{kind}\n" for name, kind in columns).encode())
    count = 0
    for line in stream:
        digest.update(_sha256(line.rstrip(b"\n")).encode())
        count += 1
    return digest.hexdigest(), count


def check_outputs(pack: Pack, release: dict[str, Any], faults: list[Remark], notes: list[Remark]) -> None:
    """Recomputes the hash of every table in the pack, and of them the content hash."""
    told, counts = dict(release.get("table_hashes") or {}), release["row_counts"]
    tables = {name: name[len(OUTPUTS) : -len(".ndjson")] for name in pack.members if name.startswith(OUTPUTS)}
    expected = set(counts) - set(UNHASHED_TABLES)
    for name, table in tables.items():
        found, rows = table_hash(pack.lines(name))
        if told.setdefault(table, found) != found or (counts.get(table) != rows and table not in PARTLY_HASHED_TABLES):
            vi, en = "không phải bảng mà bản phát hành đã công bố", "is not the table that the release published"
            faults.append(Remark(name, vi, en))
    absent = expected - set(tables.values())
    for table in sorted(absent):
        if pack.json(FACTS).get("outputs") == "audit" and not table.startswith("audit_"):
            notes.append(Remark(f"{OUTPUTS}{table}.ndjson", "không có trong gói này", "was left out of this pack"))
        else:
            faults.append(Remark(f"{OUTPUTS}{table}.ndjson", "thiếu trong gói", "is missing in the pack"))
    whole = _sha256("".join(f"{table}\0{told[table]}\n" for table in sorted(told)).encode())
    if set(told) == expected and whole != release["content_hash"]:
        vi, en = f"content_hash tính lại là {whole}", f"the content hash comes to {whole}"
        faults.append(Remark(f"{OUTPUTS}*", vi, en))


def facts_of(release: Entry, outputs: str, files: str, code_sha256: str) -> dict[str, Any]:
    """What `pack.json` says."""
    told = {name: release.payload[name] for name in ("content_hash", "code_version", "ledger_entry", "published_at")}
    own = {"release_id": release.subject, "release_entry": release.number, "ledger_head": release.hash}
    return {**told, **own, "code_sha256": code_sha256, "outputs": outputs, "release_files": files}


def check_release(pack: Pack, entries: list[Entry], faults: list[Remark], notes: list[Remark]) -> None:
    """Compares the release's entry, its manifest, the facts of the pack, its code and its files."""
    release, said, manifest = entries[-1], pack.json(FACTS), pack.json(MANIFEST)
    code = code_hash(pack)
    if said != facts_of(release, said.get("outputs") or "", said.get("release_files") or "", code):
        vi, en = "khác với mục sổ cái của bản phát hành, hoặc mã khác", "differs from the release's entry or the code"
        faults.append(Remark(FACTS, vi, en))
    for name in RELEASE_FACTS:
        if manifest.get(name) != release.payload.get(name):
            faults.append(Remark(MANIFEST, f"«{name}» khác với sổ cái", f"«{name}» differs from the ledger"))
    if pack.read(VERIFIER).split(b'"""')[1] != pack.read(READ_ME):
        faults.append(Remark(READ_ME, f"khác với lời đầu của {VERIFIER}", f"is not what {VERIFIER} begins with"))
    if pack.members[VERIFIER].sha256 != pack.members[f"{CODE}warehouse/{VERIFIER}"].sha256:
        faults.append(Remark(VERIFIER, f"khác với bản trong {CODE}", f"is not the one in {CODE}"))
    if not code.startswith(release.payload["code_version"]):
        told = f"{code[:12]} ≠ {release.payload['code_version']}"
        vi, en = f"không phải mã đã dựng bản này: {told}", f"is not the code that made the release: {told}"
        notes.append(Remark(CODE, vi, en))
    sums = {name[len(RELEASE) :]: member.sha256 for name, member in pack.members.items() if name.startswith(RELEASE)}
    files = {name: facts["sha256"] for name, facts in manifest["files"].items() if is_taken(name)}
    own = sums.pop("manifest.json")
    if said.get("release_files") != "built_again" and release.payload.get("manifest_sha256", own) != own:
        faults.append(Remark(MANIFEST, "không phải tệp đã công bố", "is not the file that was published"))
    for name in [name for name in {*sums, *files} if sums.get(name) != files.get(name)]:
        faults.append(Remark(RELEASE + name, f"khác với {MANIFEST}", f"differs from {MANIFEST}"))


def check_anchors(entries: Iterable[Entry]) -> Iterator[Remark]:
    """Entries that are not what a release wrote down of them."""
    hashes = {entry.number: entry.hash for entry in entries}
    for entry in entries:
        told = entry.payload if entry.kind == "release" else {}
        if told.get("ledger_hash") and hashes.get(told["ledger_entry"]) != told["ledger_hash"]:
            vi = f"khác với điều bản phát hành {entry.subject} ghi lại"
            yield Remark(
                f"{LEDGER}: entry {told['ledger_entry']}", vi, f"is not what release {entry.subject} wrote down"
            )


def code_hash(pack: Pack) -> str:
    """The hash whose first digits are the code version: of the names and bytes of code, rules, seeds and sources."""
    digest = hashlib.sha256()
    for name in sorted(name for name in pack.members if name.startswith(CODE)):
        content = pack.read(name)
        digest.update(f"{name[len(CODE) :]}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def is_taken(name: str) -> bool:
    """Whether a file of a release is in its pack: not the database and its copies, whose content is in `outputs/`."""
    return name != "sotinh.duckdb" and not name.startswith(("parquet/", "site/"))


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def verify(path: str, expect: str | None = None) -> Report:
    """Checks a pack.

    Args:
        path: the zip.
        expect: the root that was written down elsewhere.

    Raises:
        OSError: the file cannot be read.
    """
    report = Report(None, None, [], [])
    try:
        with open(path, "rb") as stream:
            members = check_form(stream, report.faults)
        if not report.faults:  # else what is said below would be about other bytes
            report = report._replace(root=root_of(members))
            with zipfile.ZipFile(path) as opened:
                release_id = _check_content(Pack(opened, members), report.faults, report.notes)
            report = report._replace(release_id=release_id)
    except Broken as broken:
        report.faults.append(broken.remark)
    except (struct.error, zipfile.BadZipFile, LookupError, TypeError, AttributeError, ValueError) as error:
        report.faults.append(Remark("zip", f"không đúng dạng: {error!r}", f"is not of its form: {error!r}"))
    if expect is not None and report.root != expect.strip().lower():
        vi, en = f"là {report.root}, không phải {expect}", f"is {report.root}, not {expect}"
        report.faults.append(Remark("root", vi, en))
    return report


def _check_content(pack: Pack, faults: list[Remark], notes: list[Remark]) -> str:
    folders = (CODE, OUTPUTS, RELEASE)
    known = {*REQUIRED, *(name for name in pack.members if name.startswith(folders) and ".." not in name)}
    strange = [name for name in pack.members if name not in known]
    missing = [name for name in REQUIRED if name not in pack.members]
    for name in [*strange, *missing]:
        raise Broken(name, "thừa hoặc thiếu trong gói", "does not belong into a pack, or is missing in this one")
    for name in pack.members:
        for _ in pack.lines(name):
            pass
    entries = read_chain(pack, faults)
    release = entries[-1]
    if release.kind != "release":
        raise Broken(release.item, "không phải mục của bản phát hành", "is not the entry of a release")
    faults += [*check_anchors(entries), *check_balance(entries)]
    inputs = [each["load_id"] for each in pack.json(MANIFEST)["inputs"]]
    faults += check_records(pack, records_of(entries, inputs))
    check_release(pack, entries, faults, notes)
    check_outputs(pack, release.payload, faults, notes)
    return release.subject


def main() -> int:
    """Prints what is wrong, in Vietnamese and English, and the root."""
    parser = argparse.ArgumentParser(description="Kiểm tra gói kiểm toán / check an audit pack of sotinh.")
    parser.add_argument("pack", help="PACK.zip")
    parser.add_argument("--expect", metavar="ROOT", help="gốc đã ghi ở nơi khác / the root written down elsewhere")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    asked = parser.parse_args()
    try:
        report = verify(asked.pack, asked.expect)
    except OSError as error:
        parser.error(str(error))
    if asked.json:
        print(json.dumps({**report._asdict(), "is_right": not report.faults}, ensure_ascii=False, indent=2))
        return bool(report.faults)
    for word, remarks in (("LỖI / FAULT", report.faults), ("không kiểm được / not checkable", report.notes)):
        for item, vi, en in remarks:
            print(f"{word}: {item}: {vi}. / {en}.")
    print(f"root {report.root}")
    wrong = len(report.faults)
    print(f"{report.release_id}: {f'{wrong} lỗi / {wrong} faults' if wrong else 'đúng / nothing is wrong'}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
