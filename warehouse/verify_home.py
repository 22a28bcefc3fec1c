"""Whether a home still holds what its ledger tells: the chain itself, landing, lake, releases and balances.

Everything is only read. What retention took away cannot be checked any more, and is no fault.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from warehouse.content import content_hash
from warehouse.files import sha256_of
from warehouse.lake_files import listed_files
from warehouse.landing import is_intact, landed_path
from warehouse.ledger import Ledger, entries, last_entry_no, verify_chain
from warehouse.load_records import LoadRecord, load_records, received_files, unfinished
from warehouse.paths import HomePaths
from warehouse.release_files import DATABASE, MANIFEST
from warehouse.release_pointer import current_release_id, ledger_anchors, pointed_release_id
from warehouse.releases import Release, release_facts
from warehouse.sheet_counts import is_balanced
from warehouse.sql import file_list

log = logging.getLogger("sotinh.verify")

OK, NOT_CHECKABLE, FAULT = "ok", "not_checkable", "fault"
_EVERY = 1000  # files between two lines of progress
_FACTS = ("release_id", "content_hash", "ledger_entry", "ledger_hash", "code_version", "published_at", "row_counts")

# what can be found of a file, and what to do then
LANDED_CHANGED = (
    FAULT,
    "khác với lúc nhận; hãy khôi phục landing/ từ bản sao lưu, hoặc đề nghị gửi lại tệp",
    "differs from what was received; restore landing/ from a backup, or have the file sent again",
)
UNREAD_GONE = (
    FAULT,
    "mất khi chưa được đọc; hãy đề nghị gửi lại tệp",
    "is gone and was never read; have the file sent again",
)
LANDED_GONE = (
    NOT_CHECKABLE,
    "không còn trong landing/ nên không đọc lại được; mã băm và các dòng của nó vẫn còn",
    "is not in landing/ any more and cannot be read again; its hash and its rows are still there",
)
LAKE_GONE = (
    FAULT,
    "không còn; hãy dựng lại từ landing (sotinh rebuild --all --yes) hoặc khôi phục lake/ từ bản sao lưu",
    "is gone; make it again from landing (sotinh rebuild --all --yes), or restore lake/ from a backup",
)
LAKE_CHANGED = (
    FAULT,
    "đã bị sửa; hãy xóa tệp này rồi dựng lại (sotinh rebuild --all --yes), hoặc khôi phục từ bản sao lưu",
    "was changed; remove it and make it again (sotinh rebuild --all --yes), or restore it from a backup",
)
MISCOUNTED = (
    FAULT,
    "số dòng trong kho khác với sổ cái; hãy khôi phục lake/ từ bản sao lưu",
    "has other rows in the lake than the ledger tells; restore lake/ from a backup",
)
UNBALANCED = (
    FAULT,
    "số dòng đã đọc khác nhận + loại + bị thay; đây là lỗi của chương trình, hãy báo lại",
    "rows read are not accepted + rejected + superseded; a fault of the program, please report it",
)
RELEASE_GONE = (
    NOT_CHECKABLE,
    "không còn giữ tệp; sotinh releases asof --to dựng lại được",
    "has no files any more; sotinh releases asof --to builds it again",
)
CURRENT_GONE = (
    FAULT,
    "là bản hiện hành mà tệp không còn hoặc con trỏ sai; hãy chạy sotinh nightly",
    "is current, but its files are gone or the link leads elsewhere; run sotinh nightly",
)
RELEASE_CHANGED = (
    FAULT,
    "khác với lúc công bố; hãy xóa thư mục bản này rồi chạy sotinh nightly, hoặc khôi phục từ bản sao lưu",
    "is not what was published; remove the release's folder and run sotinh nightly, or restore it from a backup",
)


@dataclass(frozen=True)
class Finding:
    """What is wrong with one item, or cannot be checked; the reason says what to do next."""

    item: str
    status: str
    reason_vi: str
    reason_en: str


@dataclass(frozen=True)
class Check:
    """One line of the report.

    Attributes:
        check: its name.
        status: the worst of its findings: `fault`, `not_checkable`, else `ok`.
        told_vi: what was looked at.
        told_en: the same in English.
        findings: the items that are not as they should be, or cannot be checked.
    """

    check: str
    status: str
    told_vi: str
    told_en: str
    findings: list[Finding]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def judged(check: str, told_vi: str, told_en: str, findings: Iterable[Finding]) -> Check:
    """A check with the worst status of its findings."""
    found = list(findings)
    statuses = {finding.status for finding in found}
    worst = next((status for status in (FAULT, NOT_CHECKABLE) if status in statuses), OK)
    return Check(check, worst, told_vi, told_en, found)


def check_chain(paths: HomePaths, ledger: Ledger) -> Check:
    """Every entry follows from the one before it, and is what the manifests of the releases at hand wrote down."""
    log.info("ledger")
    anchors = ledger_anchors(paths)
    count = last_entry_no(ledger)
    vi, en = "Hãy khôi phục sổ cái từ bản sao lưu.", "Restore the ledger from a backup."
    return judged(
        "chain",
        f"{count} mục sổ cái, {len(anchors)} mốc ghi trong các bản phát hành",
        f"{count} entries of the ledger, {len(anchors)} anchors in releases",
        (
            Finding(f"entry {fault.entry_no}", FAULT, f"{fault.reason_vi} {vi}", f"{fault.reason_en} {en}")
            for fault in verify_chain(ledger, anchors)
        ),
    )


def check_balances(ledger: Ledger) -> Check:
    """Rows read of every load entry, also of those that later ones replaced, are each accounted for once."""
    loads = entries(ledger, "load")
    wrong = [load for load in loads if not is_balanced(load.payload)]
    vi, en = f"{len(loads)} lượt nạp", f"{len(loads)} loads"
    return judged("balances", vi, en, (Finding(f"entry {e.entry_no} {e.subject_id}", *UNBALANCED) for e in wrong))


def check_landing(paths: HomePaths, ledger: Ledger) -> Check:
    """Every received file is in landing with the bytes that were hashed on arrival."""
    files = {(file.source_id, file.sha256): file for file in received_files(ledger)}
    waiting = {(file.source_id, file.sha256) for file in unfinished(ledger)}

    def look(key: tuple[str, str]) -> tuple[str, str, str] | None:
        if landed_path(paths, *key).exists():
            return None if is_intact(paths, *key) else LANDED_CHANGED
        return UNREAD_GONE if key in waiting else LANDED_GONE

    named = {key: f"{file.source_id}/{file.file_name} ({file.sha256[:12]})" for key, file in files.items()}
    vi, en = f"{len(files)} tệp đã nhận", f"{len(files)} received files"
    return judged("landing", vi, en, _each("landing", named, look))


def check_lake(paths: HomePaths, ledger: Ledger) -> Check:
    """Every file of the lake has the hash its load told; those of loads that told none yet have their rows counted."""
    hashes: dict[str, str] = {}
    index: list[str] = []
    for entry in entries(ledger, "load"):
        hashes |= entry.payload.get("file_hashes") or {}
        index += entry.payload.get("index_files", ())
    records = load_records(ledger)
    wanted = dict.fromkeys(index, "")
    for record in records:
        rejected = filter(None, [record.payload["rejected_file"]])
        wanted |= dict.fromkeys([*record.lake_files, *rejected], record.load_id)

    def look(name: str) -> tuple[str, str, str] | None:
        if not (paths.home / name).is_file():
            return LAKE_GONE
        return LAKE_CHANGED if name in hashes and sha256_of(paths.home / name) != hashes[name] else None

    found = list(_each("lake", {name: name for name in wanted}, look))
    told = hashes.keys() | {finding.item for finding in found}
    counted = [r for r in records if not told & {*r.lake_files, *listed_files(r.payload)}]
    found += [Finding(f"load {r.load_id}", *MISCOUNTED) for r in counted if not _is_counted(paths, r)]
    by_hash = len([name for name in wanted if name in hashes])
    return judged(
        "lake",
        f"{len(wanted)} tệp của kho: {by_hash} theo mã băm, còn lại theo số dòng (lượt nạp từ trước khi ghi mã băm)",
        f"{len(wanted)} files of the lake: {by_hash} by hash, the others by rows (loads from before hashes were told)",
        found,
    )


def _is_counted(paths: HomePaths, record: LoadRecord) -> bool:
    """Whether the files of a load hold the rows that the ledger tells."""
    rejected = [record.payload["rejected_file"]] if record.payload["rejected_file"] else []
    is_same = _rows(paths, rejected) == (record.payload["rows_rejected"] if rejected else 0)
    return is_same and (not record.is_accepted or _rows(paths, record.lake_files) == record.payload["rows_accepted"])


def _rows(paths: HomePaths, names: Sequence[str]) -> int | None:
    import duckdb

    if not names:
        return 0
    listed = file_list(paths.home / name for name in names)
    try:
        with duckdb.connect() as connection:
            query = f"select sum(num_rows)::bigint from parquet_file_metadata({listed})"
            return int(connection.execute(query).fetchall()[0][0])
    except duckdb.Error:
        return None


def check_releases(paths: HomePaths, ledger: Ledger, releases: Sequence[Release], *, quick: bool) -> Check:
    """Every file of the kept releases is as the manifest has it, the manifest and the content as the ledger has them.

    Args:
        paths: the home.
        ledger: what was published.
        releases: the releases to look at.
        quick: True leaves the content of the databases, which their hashes cover, unread.
    """
    found = [finding for release in releases for finding in _release_findings(paths, ledger, release, quick)]
    kept = sum(release.is_available for release in releases)
    vi, en = f"{len(releases)} bản phát hành, còn giữ {kept}", f"{len(releases)} releases, {kept} of them kept"
    return judged("releases", vi, en, found)


def _release_findings(paths: HomePaths, ledger: Ledger, release: Release, quick: bool) -> Iterator[Finding]:
    log.info("release %s", release.release_id)
    current = current_release_id(ledger)
    if release.release_id == current and not (release.is_available and pointed_release_id(paths) == current):
        yield Finding(release.release_id, *CURRENT_GONE)
    elif not release.is_available:
        yield Finding(release.release_id, *RELEASE_GONE)
    if release.is_available:
        facts = release_facts(ledger, release.release_id)
        for name in changed_files(paths.releases / release.release_id, facts, quick=quick):
            yield Finding(f"{release.release_id}/{name}", *RELEASE_CHANGED)


def changed_files(folder: Path, facts: Mapping[str, Any], *, quick: bool = False) -> list[str]:
    """Files of a release that are not what was published, are gone, or were never part of it.

    Args:
        folder: the release.
        facts: what its ledger entry tells.
        quick: True does not open the database, whose file hash is in the manifest.
    """
    import duckdb

    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        told = {name: about["sha256"] for name, about in manifest["files"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return [MANIFEST]
    is_told = all(manifest.get(name) == facts[name] for name in _FACTS if name in facts)
    is_own = facts.get("manifest_sha256") in (None, sha256_of(folder / MANIFEST))
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - {MANIFEST}
    wrong = [
        name for name in sorted(found | told.keys()) if name not in found or _sha256(folder / name) != told.get(name)
    ]
    if not (is_told and is_own):
        wrong.append(MANIFEST)
    if not quick and DATABASE not in wrong:
        try:
            is_same = content_hash(folder / DATABASE).content_hash == facts["content_hash"]
        except duckdb.Error:
            is_same = False
        wrong += [] if is_same else [DATABASE]
    return wrong


def _sha256(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except OSError:  # a link, a device: nothing that we wrote
        return None


def _each(what: str, items: Mapping[Any, str], look: Callable[[Any], tuple[str, str, str] | None]) -> Iterator[Finding]:
    """Look at each item by its key, with progress; None is a good one."""
    for number, (key, item) in enumerate(items.items()):
        if number % _EVERY == 0:
            log.info("%s: %d of %d", what, number, len(items))
        if found := look(key):
            yield Finding(item, *found)
