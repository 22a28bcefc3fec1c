"""The audit pack of a release of a home: its files as kept, or built again, packed, and read back by the verifier."""

import logging
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestration.as_of import write_star
from orchestration.home import PROJECT_DIR, Home
from orchestration.verifying import find_release
from warehouse.audit_pack import KEPT, pack_members, write_pack
from warehouse.code_version import code_files
from warehouse.errors import StoreError, clear_errors
from warehouse.release_pointer import current_release_id
from warehouse.releases import list_releases, release_facts
from warehouse.verify_home import changed_files
from warehouse.verify_pack import verify

log = logging.getLogger("sotinh.pack")

CURRENT = "current"


@dataclass(frozen=True)
class Packed:
    """A pack that was written.

    Attributes:
        root: the hash of all its names and contents, to be noted elsewhere.
        notes: what its verifier cannot check, in both languages.
    """

    release_id: str
    file: str
    bytes: int
    root: str
    members: int
    notes: list[dict[str, str]]


def make_pack(home: Home, release_id: str, target: Path | None = None, *, outputs: bool = True) -> Packed:
    """Write the audit pack of a release, and check it as its reader will.

    Args:
        home: the open home; only read.
        release_id: a published release, or `current`.
        target: the zip; `<release_id>.zip` here by default.
        outputs: False leaves out all tables but those of the audit.

    Raises:
        StoreError: no such release; its files are not what was published; it cannot be built again; the disk is full.
    """
    chosen = current_release_id(home.ledger) or release_id if release_id == CURRENT else release_id
    release = find_release(list_releases(home.paths, home.ledger), chosen)
    target = (target or Path(f"{release.release_id}.zip")).absolute()
    code = code_files(PROJECT_DIR, [home.paths.sources, home.paths.seeds, home.paths.corrections])
    with clear_errors(f"lập gói kiểm toán {target}", f"making {target}"), TemporaryDirectory(prefix="sotinh-") as work:
        folder, files = home.paths.releases / release.release_id, KEPT
        if release.is_available:
            _require_intact(home, folder)
        else:
            folder, files = Path(work) / "release", write_star(home, release, Path(work) / "release")
        log.info("packing %s", release.release_id)
        members = pack_members(home.ledger, release.release_id, folder, code, outputs=outputs, files=files)
        root = write_pack(target, members)
        log.info("checking %s", target.name)
        report = verify(str(target), root)
    if report.faults:
        target.unlink()
        raise StoreError(
            f"Gói vừa ghi không đúng ({report.faults[0].item}: {report.faults[0].vi}); đã xóa. Hãy chạy sotinh verify.",
            f"The pack just written is not right ({report.faults[0].item}: {report.faults[0].en}); it was removed. "
            "Run sotinh verify.",
        )
    notes = [{"vi": f"{note.item}: {note.vi}", "en": f"{note.item}: {note.en}"} for note in report.notes]
    return Packed(release.release_id, str(target), target.stat().st_size, root, len(members), notes)


def _require_intact(home: Home, folder: Path) -> None:
    changed = changed_files(folder, release_facts(home.ledger, folder.name))
    if changed:
        shown = ", ".join(changed[:5])
        raise StoreError(
            f"Tệp của bản {folder.name} khác với lúc công bố ({shown}); chưa ghi gói nào. Hãy chạy sotinh verify, rồi "
            "khôi phục từ bản sao lưu.",
            f"Files of release {folder.name} are not what was published ({shown}); no pack was written. Run sotinh "
            "verify, then restore them from a backup.",
        )
