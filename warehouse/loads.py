"""From read rows to the lake: stage, then one verdict per load, in one ledger entry.

Until the ledger entry exists nothing counts. Everything before it can be done again: the same rows give the same
Parquet bytes under the same names, so a run after a kill overwrites what the killed one left.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.columns import ROW_COUNTS
from warehouse.errors import BalanceError, clear_errors
from warehouse.files import make_folder, put_in_place, remove_tree, sync_folder, sync_tree, temporary
from warehouse.lake_files import with_hashes
from warehouse.ledger import Ledger, append
from warehouse.load_records import (
    ACCEPTED,
    ROWS_LOST,
    Load,
    LoadRecord,
    check_records,
    live_loads,
    load_payload,
    load_subject,
)
from warehouse.partitions import partition_of, period_range
from warehouse.paths import HomePaths
from warehouse.rejection import Held, split_rows
from warehouse.sheet_counts import SheetCounts, is_balanced, sheet_counts

if TYPE_CHECKING:
    import pyarrow as pa

# In the names of rejected rows of a load that is held back: once it is released it rejects others, and releases made
# before go on showing these.
HELD = ".held"


def stage(
    paths: HomePaths, load: Load, rows: "pa.Table", rejected: "pa.Table", totals: "pa.Table | None" = None
) -> Path:
    """Writes what the reader found to `staged/<load_id>/`, ordered by row_no, with `load_id` and `source_id`.

    Args:
        paths: the home.
        load: the load.
        rows: readable rows (one per cell), with `row_no`.
        rejected: rows the reader could not read or resolve, numbered in the same sequence.
        totals: printed totals to check the rows against; not part of them, and gone once the load is settled.

    Returns:
        Path of the readable rows, what validation looks at.

    Raises:
        StoreError: disk full or not writable.
    """
    folder = paths.staged / load.load_id
    with clear_errors(f"ghi tạm lượt nạp {load.load_id}", f"staging load {load.load_id}"):
        work = temporary(folder)
        remove_tree(work)
        make_folder(work)
        _write(work / "rows.parquet", _owned(rows, load))
        _write(work / "rejected.parquet", _owned(rejected, load))
        if totals is not None and totals.num_rows:
            _write(work / "totals.parquet", totals)
        sync_tree(work)
        remove_tree(folder)
        work.rename(folder)
        sync_folder(paths.staged)
    return paths.staged_rows(load.load_id)


def settle(paths: HomePaths, ledger: Ledger, load: Load, report: Any, at: datetime, run_id: str) -> dict[str, Any]:
    """Does what a validation report says: accepts the staged load, or quarantines it.

    Args:
        paths: the home.
        ledger: gets one `load` entry.
        load: the load; its rows must be staged.
        report: has verdict, results, rejected, reason_vi, reason_en.
        at: now.
        run_id: the run that validated.

    Returns:
        The payload of the ledger entry.

    Raises:
        BalanceError: rows would be lost or counted twice.
        StoreError: disk full or not writable; nothing counts then.
    """
    if report.verdict == "quarantined":
        return quarantine(
            paths,
            ledger,
            load,
            rejected_rows=report.rejected,
            checks=report.results,
            at=at,
            run_id=run_id,
            reason_vi=report.reason_vi,
            reason_en=report.reason_en,
        )
    return accept(
        paths,
        ledger,
        load,
        verdict=report.verdict,
        rejected_rows=report.rejected,
        checks=report.results,
        at=at,
        run_id=run_id,
        reason_vi=report.reason_vi or None,
        reason_en=report.reason_en or None,
    )


def accept(
    paths: HomePaths,
    ledger: Ledger,
    load: Load,
    *,
    verdict: str,
    rejected_rows: Sequence[Any],
    checks: Sequence[Any],
    at: datetime,
    run_id: str,
    reason_vi: str | None = None,
    reason_en: str | None = None,
) -> dict[str, Any]:
    """Moves the staged rows into the lake and writes the entry that makes them count.

    Args:
        paths: the home.
        ledger: gets one `load` entry.
        load: the load; its rows must be staged.
        verdict: `accepted` or `accepted_with_warnings`.
        rejected_rows: what validation rejects, one object per row with the attributes of `rejection.Held`.
        checks: check results, dataclasses or mappings.
        at: now.
        run_id: the run that validated.
        reason_vi: remark for the audit.
        reason_en: the same in English.

    Returns:
        The payload of the ledger entry.

    Raises:
        BalanceError: rows would be lost or counted twice.
        StoreError: disk full or not writable; nothing counts then.
    """
    if verdict not in ACCEPTED:
        raise ValueError(f"not an accepting verdict: {verdict}")
    with clear_errors(f"đưa lượt nạp {load.load_id} vào kho", f"accepting load {load.load_id}"):
        rows, reader_rejected = _read_staged(paths, load)
        kept, rejected = split_rows(rows, reader_rejected, rejected_rows)
        sheets = _balanced(load, kept, rejected)
        lake_files = _write_lake(paths, load, kept)
        rejected_file = _write_rejected(paths, load, rejected, "")
        first, last = period_range(kept["period_id"].to_pylist())
        payload = load_payload(
            load,
            verdict,
            reason_vi,
            reason_en,
            rows_read=load.rows_read,
            rows_accepted=kept.num_rows,
            rows_rejected=rejected.num_rows,
            sheets=sheets,
            first_period_id=first,
            last_period_id=last,
            supersedes=superseded_load_id(ledger, load),
            lake_files=lake_files,
            rejected_file=rejected_file,
            checks=check_records(checks, at, run_id),
        )
        payload = with_hashes(paths, payload)
        append(ledger, "load", load_subject(load), payload, at)
        remove_tree(paths.staged / load.load_id)
    return payload


def quarantine(
    paths: HomePaths,
    ledger: Ledger,
    load: Load,
    *,
    rejected_rows: Sequence[Any],
    checks: Sequence[Any],
    at: datetime,
    run_id: str,
    reason_vi: str,
    reason_en: str,
) -> dict[str, Any]:
    """Keeps a load out of the lake, visible and releasable: every row is recorded as rejected, staged files stay.

    Args and errors as for `accept`; the reasons say why the load is held.

    Returns:
        The payload of the ledger entry.
    """
    with clear_errors(f"cách ly lượt nạp {load.load_id}", f"quarantining load {load.load_id}"):
        rows, reader_rejected = _read_staged(paths, load)
        own = {item.row_no for item in rejected_rows}
        printed = zip(rows["row_no"].to_pylist(), rows["value_text"].to_pylist(), strict=True)
        held = [Held(row_no, text, reason_vi, reason_en) for row_no, text in printed if row_no not in own]
        kept, rejected = split_rows(rows, reader_rejected, [*rejected_rows, *held])
        sheets = _balanced(load, kept, rejected)
        first, last = period_range(rows["period_id"].to_pylist())
        payload = load_payload(
            load,
            "quarantined",
            reason_vi,
            reason_en,
            rows_read=load.rows_read,
            rows_rejected=rejected.num_rows,
            sheets=sheets,
            first_period_id=first,
            last_period_id=last,
            rejected_file=_write_rejected(paths, load, rejected, HELD),
            checks=check_records(checks, at, run_id),
        )
        payload = with_hashes(paths, payload)
        append(ledger, "load", load_subject(load), payload, at)
    return payload


def fail(
    paths: HomePaths,
    ledger: Ledger,
    load: Load,
    reason_code: str,
    reason_vi: str,
    reason_en: str,
    at: datetime,
    drift: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Records a file that could not be read at all: no rows, one reason. Its bytes stay in landing.

    `drift`, where its layout is not that of the files before, says what differs and proposes a patch.

    Returns:
        The payload of the ledger entry.
    """
    with clear_errors(f"ghi lượt nạp hỏng {load.load_id}", f"recording the failed load {load.load_id}"):
        payload = load_payload(load, "failed", reason_vi, reason_en, reason_code=reason_code, drift=drift)
        append(ledger, "load", load_subject(load), payload, at)
        remove_tree(paths.staged / load.load_id)
    return payload


def lose_rows(ledger: Ledger, record: LoadRecord, at: datetime) -> None:
    """Records that the lake's files of a load are gone and cannot be made again: from now on it has no rows."""
    lost: dict[str, Any] = {
        "verdict": "failed",
        "reason_code": ROWS_LOST,
        "reason_vi": "Các dòng của lượt nạp này đã mất cùng kho dữ liệu và không dựng lại được, vì tệp nay được đọc "
        "khác đi; tệp được đọc lại thành một lượt nạp mới.",
        "reason_en": "The rows of this load were lost with the lake, and cannot be made again since the file is read "
        "otherwise now; it is read again as a new load.",
        **dict.fromkeys(ROW_COUNTS, 0),
        **{"lake_files": [], "rejected_file": None, "file_hashes": {}, "checks": [], "sheets": []},
    }
    payload = {name: value for name, value in record.payload.items() if name != "index_files"}
    subject = f"{payload['source_id']}/{payload['file_sha256']}/{record.load_id}"
    append(ledger, "load", subject, {**payload, **lost}, at)


def _read_staged(paths: HomePaths, load: Load) -> tuple["pa.Table", "pa.Table"]:
    import pyarrow.parquet as pq

    rows, rejected = paths.staged_rows(load.load_id), paths.staged_rejected(load.load_id)
    return pq.read_table(rows), pq.read_table(rejected)


def _balanced(load: Load, kept: "pa.Table", out: "pa.Table") -> list[SheetCounts]:
    """The counts of each sheet; raises BalanceError where rows of one are lost, or counted twice."""
    numbers = kept["row_no"].to_pylist() + out["row_no"].to_pylist()
    sheets = sheet_counts(load, kept, out)
    is_whole = len(numbers) == load.rows_read and all(map(is_balanced, sheets))
    if is_whole and len(set(numbers)) == len(numbers) and None not in numbers:
        return sheets
    raise imbalance(load, [kept.num_rows, out.num_rows, 0], len(numbers) - len(set(numbers)))


def imbalance(load: Load, counts: Sequence[int], twice: int) -> BalanceError:
    """The error of a load whose rows are lost or counted twice.

    Args:
        load: the load; its `rows_read` is what the counts must add up to.
        counts: rows accepted, rejected and superseded, as far as the verdict knows them.
        twice: how many row numbers occur more than once.
    """
    sum_of = f"{load.rows_read} != {' + '.join(str(count) for count in counts)}"
    return BalanceError(
        f"Lượt nạp {load.load_id} của «{load.file_name}» không cân đối: số dòng đã đọc phải bằng nhận + loại + bị thay "
        f"({sum_of}; {twice} số thứ tự trùng). Đây là lỗi của chương trình; hãy báo lại.",
        f"Load {load.load_id} of «{load.file_name}» does not balance: rows read must equal accepted + rejected + "
        f"superseded ({sum_of}; {twice} row numbers twice). "
        "This is a fault of the program; please report it.",
    )


def _write_lake(paths: HomePaths, load: Load, kept: "pa.Table") -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    shape = str(load.shape)
    labels = pa.array([partition_of(shape, period_id) for period_id in kept["period_id"].to_pylist()], pa.string())
    written = []
    for label in sorted(set(labels.to_pylist())):
        path = paths.lake / shape / label / f"{load.load_id}.parquet"
        _place(path, kept.filter(pc.equal(labels, label)))
        written.append(path.relative_to(paths.home).as_posix())
    return written


def _write_rejected(paths: HomePaths, load: Load, rejected: "pa.Table", mark: str) -> str | None:
    if not rejected.num_rows:
        return None
    path = paths.lake / "rejected" / str(load.shape) / f"{load.load_id}{mark}.parquet"
    _place(path, rejected)
    return path.relative_to(paths.home).as_posix()


def _place(path: Path, table: "pa.Table") -> None:
    make_folder(path.parent)
    _write(temporary(path), table)
    put_in_place(temporary(path), path)


def _write(path: Path, table: "pa.Table") -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd", store_schema=False)


def _owned(table: "pa.Table", load: Load) -> "pa.Table":
    import pyarrow as pa

    for name, value in (("load_id", load.load_id), ("source_id", load.source_id)):
        if name in table.column_names:
            table = table.drop_columns(name)
        table = table.append_column(name, pa.array([value] * table.num_rows, pa.string()))
    return table.sort_by("row_no")


def superseded_load_id(ledger: Ledger, load: Load) -> str | None:
    """The load of the same source and bytes that counts now and that this one will replace."""
    rivals = [
        record.load_id
        for record in live_loads(ledger, load.source_id)
        if record.payload["file_sha256"] == load.file_sha256 and record.load_id != load.load_id
    ]
    return rivals[-1] if rivals else None
