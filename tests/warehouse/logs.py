"""Dossier logs as their reader would hand them over, for the tests of the store."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from tests.warehouse.store import Store, at_night, check
from warehouse import dossiers
from warehouse.columns import SHAPE_COLUMNS
from warehouse.load_records import Load
from warehouse.sql import parquet, quoted

State = tuple[str, str, str]
STAGED = {n: t for n, t in SHAPE_COLUMNS["transactions"].items() if n not in ("load_id", "source_id", "dossier_month")}
JUDGED = ("row_no", "field", "raw_value", "reason_code", "reasons", "reason_vi", "reason_en")


def key(name: str) -> str:
    """The key that stands for a dossier."""
    return name.encode().hex().ljust(32, "0")


def log_load(
    load_id: str,
    rows_read: int,
    sha256: str | None = None,
    fingerprint: str = "f1",
    source_id: str = "dvc_tinh",
    night: int = 0,
) -> Load:
    return Load(
        load_id=load_id,
        source_id=source_id,
        shape="transactions",
        file_name="Hồ sơ 2022-09.csv.gz",
        file_sha256=sha256 or f"sha-{load_id}",
        file_bytes=100,
        received_at=at_night(night),
        fingerprint=fingerprint,
        yaml_sha256="y",
        rows_read=rows_read,
    )


def stage(
    store: Store, load: Load, states: Sequence[State | None], more: Mapping[int, Mapping[str, Any]] | None = None
) -> Path:
    """Stages rows (dossier, event_at, state) in their order; None is a line the reader could not read.

    `more` sets further columns by row number.
    """
    folder = dossiers.reading_folder(store.paths, load.source_id, str(load.file_sha256))
    rows, unread = [], []
    for row_no, state in enumerate(states, start=1):
        if state is None:
            told = ["state", "***", "unknown_state", '["unknown_state"]', "Không rõ trạng thái.", "Unknown state."]
            unread.append([row_no, "Hồ sơ 2022-09", f"L{row_no + 1}", *told])
            continue
        dossier, event_at, code = state
        known = {"row_no": row_no, "cell": f"L{row_no + 1}", "dossier_key": key(dossier), "province_id": "P63-26",
                 "boundary_set": "63", "procedure_code": "1.004194", "service_level": "4", "channel": "2",
                 "state": code, "event_at": event_at, **(more or {}).get(row_no, {})}  # fmt: skip
        rows.append([known.get(name) for name in STAGED])
    write(folder / "rows.parquet", STAGED, rows)
    rejected = ("row_no", "sheet", "cell", *JUDGED[1:])
    write(folder / "rejected.parquet", {n: "BIGINT" if n == "row_no" else "VARCHAR" for n in rejected}, unread)
    return dossiers.stage_log(store.paths, load, folder)


def write(path: Path, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> Path:
    with duckdb.connect() as connection:
        connection.execute(f"create table t ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        if rows:
            connection.executemany(f"insert into t values ({', '.join('?' * len(columns))})", rows)
        connection.execute(f"copy (from t order by row_no) to {quoted(str(path))}")
    return path


def judged(path: Path, *rows: tuple[int, str, str | None]) -> Path:
    """A file of rejected rows (row_no, field, raw_value), as validation writes it."""
    codes = [(no, field, raw, f"bad_{field}", f'["bad_{field}"]', "Sai.", "Wrong.") for no, field, raw in rows]
    return write(path, {name: "BIGINT" if name == "row_no" else "VARCHAR" for name in JUDGED}, codes)


def report(rejected_file: Path | None = None, verdict: str = "accepted") -> SimpleNamespace:
    reasons = {"reason_vi": "Lý do.", "reason_en": "A reason."} if verdict == "quarantined" else {}
    told = {"reason_vi": "", "reason_en": "", **reasons}
    return SimpleNamespace(verdict=verdict, results=[check()], rejected=[], rejected_file=rejected_file, **told)


def settle(
    store: Store, load: Load, states: Sequence[State | None], judgement: Any = None, **more: Any
) -> dict[str, Any]:
    stage(store, load, states, **more)
    return dossiers.settle_log(store.paths, store.ledger, load, judgement or report(), at_night(0), "run-1")


def lake(store: Store, columns: str = "dossier_month, dossier_key, event_at::varchar, state") -> list[tuple]:
    """Rows of the lake, superseded loads included, in order."""
    files = sorted((store.paths.lake / "transactions").rglob("*.parquet"))
    return duckdb.sql(f"select {columns} from {parquet(*files)} order by all").fetchall()
