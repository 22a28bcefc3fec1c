"""`sotinh verify`: the checks of a home, and the proof that a release can be made again from landing and ledger.

The proof works on a copy of the ledger in a temporary home that reads landing and writes a lake and a warehouse of its
own. So nothing of the live home is touched, and no lock is needed: entries, landed bytes and lake files never change.
"""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.as_of import build_star, differing_tables
from orchestration.home import Home
from orchestration.restoring import restore_lake
from orchestration.trial_home import trial_home
from warehouse.errors import StoreError, clear_errors
from warehouse.files import remove_tree, sha256_of
from warehouse.lake_files import listed_files
from warehouse.ledger import copy_entries
from warehouse.load_records import ROWS_LOST, load_records
from warehouse.releases import Release, list_releases, release_facts
from warehouse.sql import parquet
from warehouse.verify_home import (
    FAULT,
    NOT_CHECKABLE,
    Check,
    Finding,
    check_balances,
    check_chain,
    check_lake,
    check_landing,
    check_releases,
    judged,
)

log = logging.getLogger("sotinh.verify")

LANDING, LAKE = "landing", "lake"


@dataclass(frozen=True)
class Verified:
    """What was found.

    Attributes:
        release_id: the release that was made again; None where none was.
        checks: one line per check.
    """

    release_id: str | None
    checks: list[Check]

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong; what cannot be checked any more is not wrong."""
        return not any(check.status == FAULT for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        checks = [check.as_json() for check in self.checks]
        return {"is_right": self.is_right, "release_id": self.release_id, "checks": checks}


def verify_home(home: Home, release_id: str | None = None, *, quick: bool = False) -> Verified:
    """Check everything that a home holds against its ledger.

    Args:
        home: the open home.
        release_id: look at this release alone, and make it again; without it at all of them, and make the current one.
        quick: neither make a release again nor open the databases.

    Raises:
        StoreError: there is no such release, or the disk is full.
    """
    with clear_errors("kiểm tra kho", "verifying the home"):
        releases = list_releases(home.paths, home.ledger)
        chosen = [find_release(releases, release_id)] if release_id else releases
        checks = [
            check_chain(home.paths, home.ledger),
            check_balances(home.ledger),
            check_landing(home.paths, home.ledger),
            check_lake(home.paths, home.ledger),
            check_releases(home.paths, home.ledger, chosen, quick=quick),
        ]
        target = next((release for release in chosen if release_id or release.is_current), None)
        if quick or target is None:
            return Verified(None, checks)
        return Verified(target.release_id, [*checks, check_rebuild(home, target)])


def find_release(releases: list[Release], release_id: str) -> Release:
    """The release of an id.

    Raises:
        StoreError: it was never published.
    """
    for release in releases:
        if release.release_id == release_id:
            return release
    raise StoreError(
        f"Chưa từng công bố bản {release_id}; xem sotinh releases list.",
        f"No release {release_id} was ever published; see sotinh releases list.",
    )


def check_rebuild(home: Home, release: Release) -> Check:
    """Make a release again in a temporary home: the lake from landing, the star from that, and compare its content.

    Where landed bytes are gone, or this code reads them otherwise, the star is made from the lake as it is.
    """
    with trial_home(home, "verify") as then:
        _as_of_then(home, then, release)
        read_from, findings = _lake_of_then(home, then, release)
        content = build_star(then, release)
        if content is None or content.content_hash != release.content_hash:
            told = release_facts(home.ledger, release.release_id).get("table_hashes") or {}
            differing = differing_tables(content, told) if content else "dbt"
            findings.append(_not_the_same(home, release, differing))
    source_vi = "tệp đã nhận và sổ cái" if read_from == LANDING else "lake/ và sổ cái"
    source_en = "landing and ledger" if read_from == LANDING else "lake and ledger"
    return judged(
        "rebuild",
        f"{release.release_id} dựng lại từ {source_vi}",
        f"{release.release_id} made again from {source_en}",
        findings,
    )


def _as_of_then(home: Home, then: Home, release: Release) -> None:
    """Give the home the ledger of then and the landing of today; its lake stays empty."""
    remove_tree(then.paths.landing)
    if home.paths.landing.exists():
        then.paths.landing.symlink_to(home.paths.landing.resolve())
    parsed = home.paths.dbt_target / "parse"
    if parsed.is_dir():  # seconds of dbt's work that depend on the code alone
        shutil.copytree(parsed, then.paths.dbt_target / "parse")
    copy_entries(home.ledger, then.ledger, up_to=release.ledger_entry)


def _lake_of_then(home: Home, then: Home, release: Release) -> tuple[str, list[Finding]]:
    """Fill the lake of a temporary home from landing; where that cannot be, make it a link to the live one."""
    log.info("reading landing again")
    try:
        restore_lake(then, release.published_at)
    except StoreError as error:
        findings = [Finding(LANDING, NOT_CHECKABLE, error.vi, error.en)]
    else:
        lost = [record.load_id for record in load_records(then.ledger) if record.payload["reason_code"] == ROWS_LOST]
        if not lost:
            return LANDING, list(_differing_files(home, then))
        findings = [_read_otherwise(home, release, load_id) for load_id in lost]
    remove_tree(then.paths.lake)
    then.paths.lake.symlink_to(home.paths.lake)
    return LAKE, findings


def _differing_files(home: Home, then: Home) -> Iterator[Finding]:
    """Files of the lake whose rows are not those that landing gives; their bytes may differ by who wrote them."""
    for record in load_records(then.ledger):
        for name in {*record.lake_files, *listed_files(record.payload)}:
            live, again = home.paths.home / name, then.paths.home / name
            if (
                live.is_file()
                and again.is_file()
                and sha256_of(live) != sha256_of(again)
                and not _same_rows(live, again)
            ):
                yield Finding(
                    name,
                    FAULT,
                    "có các dòng khác với khi đọc lại tệp đã nhận; hãy khôi phục lake/ từ bản sao lưu",
                    "holds other rows than the landed file gives when it is read again; restore lake/ from a backup",
                )


def _same_rows(one: Path, other: Path) -> bool:
    import duckdb

    with duckdb.connect() as connection:
        missing = "select 1 from ({} except all {}) limit 1"
        both = (f"from {parquet(one)}", f"from {parquet(other)}")
        try:
            return not any(connection.execute(missing.format(*pair)).fetchall() for pair in (both, both[::-1]))
        except duckdb.Error:
            return False


def _read_otherwise(home: Home, release: Release, load_id: str) -> Finding:
    status = FAULT if release.code_version == home.code_version else NOT_CHECKABLE
    return Finding(
        f"load {load_id}",
        status,
        "nay được đọc khác đi, nên không dựng lại được từ tệp đã nhận; đã dùng các dòng trong lake/",
        "is read otherwise now and cannot be made again from its landed file; its rows in the lake were used",
    )


def _not_the_same(home: Home, release: Release, differing: str) -> Finding:
    """The release comes out otherwise: a fault where the code is that of then."""
    if release.code_version == home.code_version:
        return Finding(
            release.release_id,
            FAULT,
            f"dựng lại cho nội dung khác ({differing}); hãy khôi phục lake/ và sổ cái từ bản sao lưu",
            f"comes out with another content ({differing}); restore the lake and the ledger from a backup",
        )
    return Finding(
        release.release_id,
        NOT_CHECKABLE,
        f"dựng lại cho nội dung khác ({differing}) vì do phiên bản {release.code_version} dựng, nay là "
        f"{home.code_version}; hãy kiểm tra bằng đúng phiên bản ấy, hoặc sau đêm tới",
        f"comes out with another content ({differing}): it was made by version {release.code_version}, which is "
        f"{home.code_version} now; verify it with the version of then, or after the next night",
    )
