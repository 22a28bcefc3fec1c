"""The auditors' pages: part of every release, and made again where somebody asks for them."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.home import Home
from warehouse.errors import StoreError, clear_errors
from warehouse.files import remove_tree, temporary
from warehouse.release_files import MANIFEST, SITE
from warehouse.release_pointer import current_release_id, is_available
from warehouse.releases import duckdb_limits
from warehouse.site.drills import read_drills
from warehouse.site.pages import is_site, write_site

log = logging.getLogger("sotinh.site")


def write_pages(home: Home, folder: Path, facts: Mapping[str, Any]) -> None:
    """Make the pages of a release that is being published.

    A fault of the pages does not hold back the figures: the release comes without them, the night says so and ends as
    one in which something failed. Only faults of the disk do, as with every file of a release.

    Args:
        home: the open home.
        folder: the release's folder, with its database.
        facts: what its manifest will say.
    """
    try:
        _write(home, folder, folder / SITE, facts)
    except OSError:
        raise
    except Exception:  # whatever it is, the figures are right and users wait for them
        log.exception("the pages of release %s could not be made", facts["release_id"])
        remove_tree(folder / SITE)


def make_site(home: Home, target: Path) -> dict[str, Any]:
    """Write the pages of the current release into a folder, in one step.

    Args:
        home: the open home.
        target: an absolute folder: empty, not there yet, or one that holds such pages.

    Returns:
        `release_id`, `folder`, `index` (the first page) and `pages` (their number).

    Raises:
        StoreError: nothing has been published, the release's files are gone, or something else lies in the folder.
    """
    release_id = current_release_id(home.ledger)
    if release_id is None or not is_available(home.paths, release_id):
        raise StoreError(
            "Chưa có bản phát hành nào để lập báo cáo; hãy chạy sotinh nightly.",
            "There is no release to report on; run sotinh nightly.",
        )
    if target.exists() and not is_site(target) and any(target.iterdir()):
        raise StoreError(
            f"Trong {target} có thứ không phải báo cáo này; hãy chọn một thư mục trống hoặc chưa có.",
            f"In {target} lies something other than this report; name a folder that is empty or not there yet.",
        )
    released, work = home.paths.releases / release_id, temporary(target)
    facts = json.loads((released / MANIFEST).read_text(encoding="utf-8"))
    with clear_errors(f"ghi {target}", f"writing {target}"):
        remove_tree(work)
        target.parent.mkdir(parents=True, exist_ok=True)
        pages = _write(home, released, work, facts)
        remove_tree(target)
        work.rename(target)
    return {"release_id": release_id, "folder": str(target), "index": str(target / "index.html"), "pages": pages}


def _write(home: Home, released: Path, target: Path, facts: Mapping[str, Any]) -> int:
    drills = read_drills(home.paths.drills)
    return write_site(released, target, facts, drills, duckdb_limits(home.paths, home.settings))
