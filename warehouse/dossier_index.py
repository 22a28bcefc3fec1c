"""Which month a dossier belongs to: the index of every dossier ever accepted, as files that are only added.

One file per accepted load, `lake/dossier_index/<load_id>.parquet` (`dossier_key`, `dossier_month`), with the dossiers
that load brought first. A dossier keeps its month for ever, so that all its states lie in one partition and its latest
one is found there, whatever is corrected later.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.errors import StoreError
from warehouse.ledger import Ledger, entries
from warehouse.paths import HomePaths
from warehouse.sql import parquet

if TYPE_CHECKING:
    import duckdb


def index_file(paths: HomePaths, load_id: str) -> Path:
    """Where the dossiers lie that a load brought first."""
    return paths.lake / "dossier_index" / f"{load_id}.parquet"


def index_files(ledger: Ledger) -> list[str]:
    """Every index file the ledger lists, relative to the home, in the order of acceptance.

    All entries count, not only the last one of a load: dossiers were placed by a load that is replaced or held since.
    """
    found = entries(ledger, "load", containing='"index_files":["')
    return list(dict.fromkeys(name for entry in found for name in entry.payload["index_files"]))


def look_up(connection: "duckdb.DuckDBPyConnection", paths: HomePaths, ledger: Ledger, keys: str) -> None:
    """Makes the table `known` (dossier_key, dossier_month) of those of the keys that are in the index.

    Args:
        connection: where the table is made.
        paths: the home.
        ledger: lists the index files.
        keys: a relation with `dossier_key`.

    Raises:
        StoreError: an index file is missing: without it dossiers would be taken for new ones.
    """
    names = index_files(ledger)
    missing = [name for name in names if not (paths.home / name).is_file()]
    if missing:
        raise StoreError(
            f"Thiếu tệp {missing[0]} của chỉ mục hồ sơ mà sổ cái ghi; hãy khôi phục từ bản sao lưu "
            "hoặc dựng lại từ landing (sotinh rebuild --all).",
            f"The file {missing[0]} of the dossier index, which the ledger lists, is missing; "
            "restore it from a backup or make it again from landing (sotinh rebuild --all).",
        )
    if not names:
        connection.execute("create temp table known (dossier_key varchar, dossier_month varchar)")
        return
    # semi join: the keys of the load are held in memory, the index streams by
    connection.execute(
        "create temp table known as select dossier_key, dossier_month "
        f"from {parquet(*(paths.home / name for name in names))} semi join {keys} using (dossier_key)"
    )
