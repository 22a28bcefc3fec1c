"""Which release users read. The ledger decides; `<home>/current` follows it, after a crash too."""

import json
import os
import re
from datetime import datetime

from warehouse.errors import StoreError, clear_errors
from warehouse.files import TEMPORARY, remove_leftovers, remove_tree, sync_folder
from warehouse.ledger import Ledger, append, entries, last_entry, subjects
from warehouse.paths import HomePaths
from warehouse.release_files import DATABASE, MANIFEST
from warehouse.settings import Settings

_RELEASE_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


def current_release_id(ledger: Ledger) -> str | None:
    """The release that the last publication or rollback made current; None before the first."""
    entry = last_entry(ledger, ("release", "rollback"))
    return entry.subject_id if entry else None


def pointed_release_id(paths: HomePaths) -> str | None:
    """The release that `<home>/current` names; None when there is no such link."""
    return os.path.basename(os.readlink(paths.current)) if paths.current.is_symlink() else None


def point_to(paths: HomePaths, release_id: str) -> None:
    """Switches `<home>/current` in one step; the link is relative, so a home can be moved."""
    work = paths.home / f"{TEMPORARY}current"
    work.unlink(missing_ok=True)
    work.symlink_to(os.path.join(paths.releases.name, release_id))
    os.replace(work, paths.current)
    sync_folder(paths.home)


def is_available(paths: HomePaths, release_id: str) -> bool:
    """Whether the database and the manifest of a release are there."""
    folder = paths.releases / release_id
    return (folder / DATABASE).is_file() and (folder / MANIFEST).is_file()


def current_is_available(paths: HomePaths, ledger: Ledger) -> bool:
    """False when users cannot read the current release because its files are gone: a night has to build it again.

    True before the first publication.
    """
    current = current_release_id(ledger)
    return current is None or is_available(paths, current)


def keep_newest(paths: HomePaths, ledger: Ledger, settings: Settings) -> list[str]:
    """Removes releases beyond `keep_releases`, never the current one; returns what was removed."""
    published = [release_id for _, release_id in subjects(ledger, "release")]
    kept = {*published[-settings.keep_releases :], current_release_id(ledger)}
    doomed = [name for name in published if name not in kept and (paths.releases / name).exists()]
    for name in doomed:
        remove_tree(paths.releases / name)
    return doomed


def recover(paths: HomePaths, ledger: Ledger, settings: Settings | None = None) -> list[str]:
    """Brings releases and pointer to what the ledger says, after a kill at any step; call it under the home's lock.

    Args:
        paths: the home.
        ledger: what was published.
        settings: retention; without it, old releases wait for the next publication.

    Returns:
        What was put right, and a current release whose files are gone (see `current_is_available`), one English phrase
        each; empty on an orderly home.

    Raises:
        StoreError: the ledger is not this home's own, or the disk refuses.
    """
    done: list[str] = []
    with clear_errors("khôi phục các bản phát hành", "recovering the releases"):
        require_own_ledger(paths, ledger)
        done += [f"removed interrupted {name}" for name in remove_leftovers(paths.releases)]
        known = {release_id for _, release_id in subjects(ledger, "release")}
        for name in sorted(os.listdir(paths.releases)) if paths.releases.is_dir() else []:
            if _RELEASE_ID.fullmatch(name) and name not in known:
                remove_tree(paths.releases / name)
                done.append(f"removed unpublished {name}")
        current = current_release_id(ledger)
        if current and not is_available(paths, current):
            # the pointer stays: where its switch was cut short, it still leads to a release that can be read
            done.append(f"the files of the current release {current} are gone; it has to be built again")
        elif current and pointed_release_id(paths) != current:
            point_to(paths, current)
            done.append(f"pointed current to {current}")
        if settings:
            done += [f"removed old {name}" for name in keep_newest(paths, ledger, settings)]
        (paths.home / f"{TEMPORARY}current").unlink(missing_ok=True)
    return done


def rollback(paths: HomePaths, ledger: Ledger, release_id: str | None, *, by: str, reason: str, at: datetime) -> str:
    """Makes an older release current; it stays so until something new arrives and is published.

    Args:
        paths: the home.
        ledger: gets a `rollback` entry.
        release_id: the release; None is the one published before the current one.
        by: who decided.
        reason: why.
        at: now.

    Returns:
        The release that is current now.

    Raises:
        StoreError: no such release, its files are gone, it is current already, or there is none before.
    """
    with clear_errors("quay lại bản phát hành trước", "rolling back"):
        published = [name for _, name in subjects(ledger, "release")]
        current = current_release_id(ledger)
        available = [name for name in published if is_available(paths, name)]
        if current is None:
            raise StoreError("Chưa có bản phát hành nào.", "Nothing has been published yet.")
        if release_id is None:
            earlier = [name for name in available if published.index(name) < published.index(current)]
            if not earlier:
                raise StoreError(
                    f"Không còn bản phát hành nào trước {current}.", f"There is no release before {current} any more."
                )
            release_id = earlier[-1]
        if release_id not in published:
            raise StoreError(
                f"Không có bản phát hành {release_id}. Đang có: {', '.join(available)}.",
                f"There is no release {release_id}. Available: {', '.join(available)}.",
            )
        if release_id not in available:
            raise StoreError(
                f"Tệp của bản phát hành {release_id} không còn. Đang có: {', '.join(available)}.",
                f"The files of release {release_id} are gone. Available: {', '.join(available)}.",
            )
        if release_id == current:
            raise StoreError(f"{release_id} đang là bản hiện hành.", f"{release_id} is the current release already.")
        payload = {"release_id": release_id, "previous_release_id": current, "by": by, "reason": reason}
        append(ledger, "rollback", release_id, payload, at)
        point_to(paths, release_id)
    return release_id


def require_own_ledger(paths: HomePaths, ledger: Ledger) -> None:
    """Refuses to tidy up a home by a ledger that is not its own, which would remove everything that one does not list.

    The pointer is switched after the ledger entry, so no crash leaves it at a release the ledger does not know.

    Raises:
        StoreError: the ledger is another one, was lost, or was restored from before the current release.
    """
    pointed = pointed_release_id(paths)
    manifest = paths.releases / str(pointed) / MANIFEST
    facts = json.loads(manifest.read_text(encoding="utf-8")) if pointed and manifest.is_file() else {}
    is_known = pointed is None or any(release_id == pointed for _, release_id in subjects(ledger, "release"))
    if facts.get("ledger_hash"):
        entry_no = int(facts["ledger_entry"])
        found = entries(ledger, since=entry_no - 1, up_to=entry_no)
        is_known = is_known and bool(found) and found[0].entry_hash == facts["ledger_hash"]
    if not is_known:
        raise StoreError(
            f"Sổ cái không biết bản hiện hành {pointed} của {paths.home}: có thể là sổ cái khác, bị mất, "
            "hoặc khôi phục từ bản sao cũ. Không thay đổi gì; hãy đặt lại đúng sổ cái "
            "(ledger.db hoặc SOTINH_LEDGER_URL).",
            f"The ledger does not know the current release {pointed} of {paths.home}: it is another one, was lost, or "
            "was restored from an old copy. Nothing was changed; put the right ledger back "
            "(ledger.db or SOTINH_LEDGER_URL).",
        )


def ledger_anchors(paths: HomePaths) -> dict[int, str]:
    """Hashes of ledger entries that the manifests of the releases at hand wrote down, for `verify_chain`."""
    anchors = {}
    for manifest in sorted(paths.releases.glob(f"[!.]*/{MANIFEST}")):
        facts = json.loads(manifest.read_text(encoding="utf-8"))
        if facts.get("ledger_hash"):
            anchors[int(facts["ledger_entry"])] = str(facts["ledger_hash"])
    return anchors
