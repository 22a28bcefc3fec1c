"""The star as it was known at a moment: a copy of the release of then, or built again and proven to say the same."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from orchestration.home import Home
from warehouse.as_of import copy_kept, release_as_of
from warehouse.content import Content, content_hash
from warehouse.errors import StoreError, clear_errors
from warehouse.export import export_inputs
from warehouse.files import remove_tree, sync_folder, temporary
from warehouse.releases import Release, duckdb_limits, release_facts, write_release

log = logging.getLogger("sotinh.as_of")

COPIED, BUILT_AGAIN = "copied", "built_again"


@dataclass(frozen=True)
class AsOf:
    """What was known at a moment.

    Attributes:
        moment: the moment asked for, in UTC.
        release_id: the release that was current then, with its facts as the ledger has them.
        is_kept: whether its files are in the home.
        folder: where it lies: the folder asked for, else that of the home; None when its files are gone.
        made: `copied` or `built_again`; None when no folder was asked for.
    """

    moment: datetime
    release_id: str
    published_at: datetime
    content_hash: str
    ledger_entry: int
    code_version: str
    is_current: bool
    is_kept: bool
    folder: str | None
    made: str | None

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return asdict(self)


def star_as_of(home: Home, moment: datetime, target: Path | None = None) -> AsOf:
    """Find the release of a moment and, where a folder is given, write it there: files and content as published.

    Nothing in the home is changed and no lock is needed: ledger entries, lake files and releases never change.

    Args:
        home: the open home.
        moment: the moment, in UTC.
        target: a folder that is empty or not there yet.

    Raises:
        StoreError: nothing had been published by then; the folder is not empty; or the release cannot be given as it
            was, because its files are gone and this code, these seeds or this lake make another content of the ledger.
    """
    release = release_as_of(home.paths, home.ledger, moment)
    made = write_star(home, release, target) if target else None
    kept = home.paths.releases / release.release_id if release.is_available else None
    return AsOf(
        moment=moment,
        is_kept=release.is_available,
        folder=str(target or kept) if target or kept else None,
        made=made,
        **{name: getattr(release, name) for name in _TOLD},
    )


def write_star(home: Home, release: Release, target: Path) -> str:
    """Write a release into a folder that is empty or not there yet, as it was published.

    Returns:
        COPIED or BUILT_AGAIN.

    Raises:
        StoreError: as for `star_as_of`.
    """
    with clear_errors(f"ghi {target}", f"writing {target}"), _filled_at_once(target) as work:
        made = COPIED if _is_copied(home, release, work / "release") else BUILT_AGAIN
        if made == BUILT_AGAIN:
            _build_again(home, release, work)
    return made


_TOLD = ("release_id", "published_at", "content_hash", "ledger_entry", "code_version", "is_current")


@contextmanager
def _filled_at_once(target: Path) -> Iterator[Path]:
    """A private folder beside the target, whose `release` becomes the target at the end, or which leaves nothing."""
    target = target.absolute()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise StoreError(
            f"{target} đã có nội dung; hãy chọn một thư mục trống hoặc chưa có.",
            f"There is something in {target} already; name a folder that is empty or not there yet.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    work = temporary(target)
    remove_tree(work)
    work.mkdir(mode=0o700)
    try:
        yield work
        (work / "release").rename(target)
        sync_folder(target.parent)
    finally:
        remove_tree(work)


def _is_copied(home: Home, release: Release, folder: Path) -> bool:
    if not release.is_available:
        return False
    fault = copy_kept(home.paths, release, folder)
    if fault:
        log.warning("release %s is not what was published (%s) and is built again", release.release_id, fault)
        remove_tree(folder)
    return fault is None


def _build_again(home: Home, release: Release, work: Path) -> None:
    """Build what the ledger told up to the release's entry, and write it as that release when it says the same."""
    aside = replace(home, paths=replace(home.paths, aside=work / "build"))
    content = build_star(aside, release)
    facts = release_facts(home.ledger, release.release_id)
    if content is None:
        raise _cannot_be_given(home, release, "dbt cannot build it")
    if content.content_hash != release.content_hash:
        raise _cannot_be_given(home, release, differing_tables(content, facts.get("table_hashes") or {}))
    limits = duckdb_limits(aside.paths, home.settings)
    facts = {name: fact for name, fact in facts.items() if name != "manifest_sha256"}  # that is of the lost files
    write_release(home.ledger, aside.paths.warehouse_db, work / "release", content, facts, limits)


def build_star(home: Home, release: Release) -> Content | None:
    """Build what the ledger told up to a release's entry in the build folder of a home, which must not be its own.

    Returns:
        What `warehouse_db` holds; None when dbt fails.
    """
    from orchestration.dbt_build import parse, run_dbt  # Dagster from here on

    log.info("building %s again", release.release_id)
    export_inputs(home.paths, home.ledger, release.ledger_entry, home.sources, home.promises, release.published_at)
    result, _ = run_dbt(home, parse(replace(home, paths=replace(home.paths, aside=None))), ("unit_test", "test"))
    return content_hash(home.paths.warehouse_db) if result.success else None


def differing_tables(content: Content, published: dict[str, str]) -> str:
    """What differs from a release, as far as its ledger entry tells; older entries only have the hash of the whole."""
    names = sorted(content.table_hashes.keys() | published.keys())
    differing = [name for name in names if published and content.table_hashes.get(name) != published.get(name)]
    return f"content {content.content_hash[:8]} ({', '.join(differing)})" if differing else content.content_hash[:8]


def _cannot_be_given(home: Home, release: Release, found: str) -> StoreError:
    """The refusal to give out as a release what is not its content."""
    told = f"{release.release_id} ({release.content_hash[:8]})"
    if release.code_version == home.code_version:
        return StoreError(
            f"Không dựng lại được bản {told} đúng như đã công bố: {found}. Tệp của bản đó không còn; mã nguồn và bảng "
            "tham chiếu không đổi, nên kho dữ liệu (lake/) hoặc sổ cái đã khác: hãy khôi phục từ bản sao lưu.",
            f"Release {told} cannot be built again as it was published: {found}. Its files are gone; code and seeds "
            "are the same, so lake/ or the ledger is not what it was: restore it from a backup.",
        )
    return StoreError(
        f"Không dựng lại được bản {told} đúng như đã công bố: {found}. Tệp của bản đó không còn, và bản đó do mã, bảng "
        f"tham chiếu và khai báo nguồn phiên bản {release.code_version} dựng, nay là {home.code_version}: hãy chạy "
        "bằng đúng phiên bản ấy (cùng sources/, seeds/, corrections.yml khi đó), hoặc lấy releases/ từ bản sao lưu.",
        f"Release {told} cannot be built again as it was published: {found}. Its files are gone, and it was made by "
        f"code, seeds and sources of version {release.code_version}, which are {home.code_version} now: run the "
        "version of then (with sources/, seeds/ and corrections.yml as they were), or take releases/ from a backup.",
    )
