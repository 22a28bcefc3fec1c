"""A lake that was lost, made again from landing: the loads of the ledger one after the other, each as it was then.

The ledger is gone through in a copy that grows entry by entry. So every file is compared with what came before it, and
every dossier gets the month it had; the ledger itself is only read.
"""

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import Any

from orchestration.home import Home
from orchestration.loading import settle_file
from orchestration.log_loading import SHAPE as LOG
from warehouse.dossier_index import index_file
from warehouse.errors import StoreError, clear_errors
from warehouse.lake_files import missing_files
from warehouse.landing import is_intact
from warehouse.ledger import Entry, copy_entries, entries, last_entry
from warehouse.load_records import landed_files, load_records
from warehouse.loads import lose_rows

log = logging.getLogger("sotinh.restore")

_SAME = ("load_id", "verdict", "rows_accepted", "rows_rejected", "rows_superseded", "lake_files", "rejected_file")


def restore_lake(home: Home, now: datetime) -> list[str]:
    """Make the lake's missing files again from landing; call it under the home's lock.

    A load that today's code, seeds or source YAML read otherwise cannot be made again: an entry in the ledger says that
    its rows are lost, and the night reads the file as a new load.

    Returns:
        Ids of the loads whose files are there again.

    Raises:
        StoreError: the landed bytes of a load are gone or changed, or its source is not declared any more; nothing is
            changed then.
    """
    wanted = [entry for entry in entries(home.ledger, "load") if missing_files(home.paths, entry.payload)]
    _require_bytes(home, wanted)
    with clear_errors("dựng lại kho dữ liệu", "making the lake again"), TemporaryDirectory(prefix="sotinh-") as folder:
        then = replace(home, settings=replace(home.settings, ledger_url=f"sqlite:///{folder}/ledger.db"))
        before = 0
        for entry in wanted:
            copy_entries(home.ledger, then.ledger, since=before, up_to=entry.entry_no - 1)
            _replay(home, then, entry)
            before = entry.entry_no
    lost = [record for record in load_records(home.ledger) if missing_files(home.paths, record.payload)]
    for record in lost:
        log.warning("%s: the rows of load %s are lost", record.payload["file_name"], record.load_id)
        lose_rows(home.ledger, record, now)
    return sorted({entry.payload["load_id"] for entry in wanted} - {record.load_id for record in lost})


def _require_bytes(home: Home, wanted: Sequence[Entry]) -> None:
    files = {(entry.payload["source_id"], entry.payload["file_sha256"]): entry.payload for entry in wanted}
    gone = [
        f"{source_id}/{payload['file_name']}"
        for (source_id, sha256), payload in files.items()
        if source_id not in home.sources or not is_intact(home.paths, source_id, sha256)
    ]
    if gone:
        shown = ", ".join(gone[:5]) + (f" (+{len(gone) - 5})" if len(gone) > 5 else "")
        raise StoreError(
            f"Không dựng lại được kho dữ liệu: thiếu tệp đã nhận hoặc khai báo nguồn của {shown}; hãy khôi phục "
            "landing/, lake/ và sources/ từ bản sao lưu.",
            f"The lake cannot be made again: the landed bytes or the source YAML of {shown} are missing; restore "
            "landing/, lake/ and sources/ from a backup.",
        )


def _replay(home: Home, then: Home, entry: Entry) -> None:
    """Read, judge and place the file of a load entry again, in a ledger that ends before that entry.

    The entry that this writes there stands in for the original, which it equals but for clocks; where it does not, its
    dossiers stand in for those that the load brought first.
    """
    told = entry.payload
    source = home.sources[told["source_id"]]
    if source.shape == LOG:
        assert home.dossier_key  # raises where it is lost: the young ledger would have a new one made
    (file,) = (each for each in landed_files(then.ledger, source.source_id) if each.sha256 == told["file_sha256"])
    log.info("%s: %s", source.source_id, file.file_name)
    settle_file(then, source, file, entry.at, "restore")
    again = last_entry(then.ledger)
    assert again
    differing = [name for name in _SAME if again.payload[name] != told[name]]
    if differing:
        log.warning("load %s is not read as it was: %s differ", told["load_id"], ", ".join(differing))
        _forget_unequal(home, told)
        stand_in, index = index_file(home.paths, again.payload["load_id"]), told.get("index_files", ())
        if index and stand_in.is_file():
            shutil.copyfile(stand_in, home.paths.home / index[0])


def _forget_unequal(home: Home, told: Mapping[str, Any]) -> None:
    """Remove what was made under the names of a load with other rows than it had: they must not pass for its own."""
    for name in [*told["lake_files"], *filter(None, [told["rejected_file"]])]:
        (home.paths.home / name).unlink(missing_ok=True)
