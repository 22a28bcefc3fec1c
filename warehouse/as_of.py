"""Which release was known at a moment, and the copy of one whose files are kept."""

import json
import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from warehouse.canonical import VIET_NAM, utc_text
from warehouse.content import content_hash
from warehouse.errors import StoreError
from warehouse.files import make_folder, sha256_of, sync_tree
from warehouse.ledger import Ledger, entries
from warehouse.paths import HomePaths
from warehouse.release_files import DATABASE, MANIFEST
from warehouse.releases import Release, list_releases


def moment_of(text: str, now: datetime) -> datetime:
    """The moment a date or a time means: of a date the end of that day, of a time without zone that in Viet Nam.

    Args:
        text: `2022-10-31`, `2022-10-31T08:00`, `2022-10-31T01:00:00Z` …
        now: the present moment, with zone; the day under way counts up to it.

    Returns:
        The moment in UTC.

    Raises:
        ValueError: the text is neither, or is not over yet: what will be known then, nobody knows.
    """
    try:
        day = date.fromisoformat(text)
        begin, end = (datetime.combine(each, time(), VIET_NAM) for each in (day, day + timedelta(days=1)))
        moment = end - timedelta(microseconds=1)
    except (ValueError, OverflowError):
        begin = moment = _time_of(text)
    if begin > now:
        raise ValueError(f"{text} has not come yet")
    return min(moment, now).astimezone(UTC)


def _time_of(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=VIET_NAM)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text}: write a day as 2022-10-31 or a time as 2022-10-31T08:00") from error


def release_as_of(paths: HomePaths, ledger: Ledger, moment: datetime) -> Release:
    """The release that users read at a moment: the last one published until then, or gone back to.

    A release counts from its `published_at`, the moment its night began, as `known_from` does.

    Raises:
        StoreError: nothing had been published by then.
    """
    switches = entries(ledger, ("release", "rollback"))
    known = [entry.subject_id for entry in switches if entry.at <= moment]
    if not known:
        first_vi, first_en = "chưa có bản nào", "there is none yet"
        if switches:
            first = f"{switches[0].subject_id} ({utc_text(switches[0].at)})"
            first_vi, first_en = f"bản đầu tiên là {first}", f"the first release is {first}"
        raise StoreError(
            f"Đến {utc_text(moment)} chưa công bố bản phát hành nào; {first_vi}.",
            f"Nothing had been published by {utc_text(moment)}; {first_en}.",
        )
    (release,) = (each for each in list_releases(paths, ledger) if each.release_id == known[-1])
    return release


def copy_kept(paths: HomePaths, release: Release, folder: Path) -> str | None:
    """Copies a release whose files are kept into a folder that is not there yet, and proves the copy.

    Args:
        paths: the home.
        release: a release whose files are there.
        folder: the folder to make; what is in it is only to be used when nothing is wrong.

    Returns:
        None when the copy is what was published: every file as the manifest has it, the content as the ledger has it.
        Else what is wrong with the files, in one English phrase.
    """
    import duckdb

    kept = paths.releases / release.release_id
    try:
        files = json.loads((kept / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (ValueError, LookupError):
        return f"{MANIFEST} cannot be read"
    for name in [*files, MANIFEST]:
        target = folder / name
        make_folder(target.parent, 0o755)
        if not (kept / name).is_file():
            return f"{name} is gone"
        shutil.copyfile(kept / name, target)
    changed = [name for name, facts in files.items() if sha256_of(folder / name) != facts["sha256"]]
    if changed:
        return f"{', '.join(changed)} differs from the manifest"
    try:
        content = content_hash(folder / DATABASE)
    except duckdb.Error as error:
        return f"{DATABASE} cannot be read: {error}"
    if content.content_hash != release.content_hash:
        return f"{DATABASE} holds another content than the ledger tells"
    sync_tree(folder)
    return None
