"""One source's new files: read, validated, and accepted, quarantined or refused by the ledger."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from expectations.validate import LoadFacts, canary, validate
from ingestion.boundary_fit import boundary_misfits
from ingestion.corrections import DROPPED
from ingestion.drift import Baseline, DriftFault, read_like_before, reading_sha256
from ingestion.errors import FileFault
from ingestion.layout_record import layout_fingerprint
from ingestion.promises import exempt_provinces
from ingestion.read import ReadResult, fingerprint, load_id, lookups_unchanged
from ingestion.read_log import LogRead
from ingestion.source import Source
from orchestration import log_loading
from orchestration.comparing import facts_compared
from orchestration.decided import DECIDED, decision_on, is_decided_otherwise, overruled, waived
from orchestration.held import accept_as_judged
from orchestration.home import Home
from orchestration.rebuilding import Rebuild
from warehouse import loads
from warehouse.errors import StoreError
from warehouse.landing import is_intact, landed_path
from warehouse.ledger import last_entry_no
from warehouse.load_records import (
    LANDED_BYTES_CHANGED,
    ROWS_LOST,
    LandedFile,
    Load,
    LoadRecord,
    accepted_before,
    landed_files,
    layout_before,
    loads_since,
)

log = logging.getLogger("sotinh.load")

NOTHING_AGAIN = Rebuild()
READER_FAILED = "reader_failed"
READER_BROKE = (
    "Chương trình đọc gặp lỗi của chính nó ({error}); tệp vẫn được giữ và sẽ được đọc lại khi chương trình được sửa.",
    "The reader itself failed ({error}); the file is kept and will be read again once the program is mended.",
)
BYTES_CHANGED = (
    LANDED_BYTES_CHANGED,
    "Tệp đã nhận không còn hoặc khác với lúc nhận (bên gửi còn ghi tiếp, hoặc lỗi đĩa); đề nghị gửi lại tệp.",
    "The landed file is gone or differs from what was received (still being written, or a disk fault); send it again.",
)


def load_source(
    home: Home, source: Source, now: datetime, run_id: str, again: Rebuild = NOTHING_AGAIN
) -> list[LoadRecord]:
    """Settle every landed file of one source that the ledger has not settled as it would be read today.

    A file is read again when its source YAML, the reader or the answer to a reference question it asked has changed;
    the new load supersedes the old one. A bad file ends as a failed or quarantined load and never stops the others.

    Returns:
        The loads written, in the order of receipt.
    """
    before = last_entry_no(home.ledger)
    for file in landed_files(home.ledger, source.source_id):
        is_there = landed_path(home.paths, source.source_id, file.sha256).exists()
        why = why_unsettled(home, source, file, now)
        if why == DECIDED and accept_as_judged(home, source, file, now, run_id):
            log.info("%s: %s, released", source.source_id, file.file_name)
        elif why or (again.asks_for(file) and is_there):
            log.info("%s: %s", source.source_id, file.file_name)
            settle_file(home, source, file, now, run_id)
    return [load for load in loads_since(home.ledger, before) if load.payload["source_id"] == source.source_id]


def why_unsettled(home: Home, source: Source, file: LandedFile, now: datetime) -> str | None:
    """Why reading the file today could give another load than the ledger holds, None where it cannot; reads nothing."""
    last = file.last_load
    if last is None:
        return "not read yet"
    if last["reason_code"] == LANDED_BYTES_CHANGED:  # until the bytes are sent again
        return "the bytes are there again" if is_intact(home.paths, source.source_id, file.sha256) else None
    if last["reason_code"] == ROWS_LOST:
        return "its rows were lost"
    if last["reason_code"] == READER_FAILED:
        return None if last["fingerprint"] == _fingerprint_of_failure(home, source) else "the program changed"
    if last["yaml_sha256"] != source.yaml_sha256:
        return "the source YAML changed"
    if not lookups_unchanged(last["lookups"], home.reference):
        return "reference rows it asked for changed"
    if last["fingerprint"] != fingerprint(source, last["lookups"]):
        return "the reader changed"
    return DECIDED if is_decided_otherwise(home, last, now) else None


def settle_file(home: Home, source: Source, file: LandedFile, now: datetime, run_id: str) -> None:
    """Read, judge and settle one landed file; it ends as one load entry, whatever is wrong with the file."""
    path = landed_path(home.paths, source.source_id, file.sha256)
    if not is_intact(home.paths, source.source_id, file.sha256):
        loads.fail(home.paths, home.ledger, _load(source, file, None), *BYTES_CHANGED, now)
        return
    is_log = source.shape == log_loading.SHAPE  # logs are compared by weekday, and have no layout of a sheet
    earlier = [] if is_log else accepted_before(home.ledger, source.source_id, file.sha256)
    try:
        read, read_path = _read(home, source, file, path, earlier)
    except FileFault as fault:
        load = _load(source, file, None)
        drift = fault.drift if isinstance(fault, DriftFault) else None
        loads.fail(home.paths, home.ledger, load, fault.reason_code, fault.reason_vi, fault.reason_en, now, drift)
        return
    except (OSError, MemoryError, StoreError):
        raise  # the machine's fault, not the file's: the night fails and reads it again
    except Exception as error:
        log.exception("%s: the reader broke on %s", source.source_id, file.file_name)
        load = _load(source, file, None, _fingerprint_of_failure(home, source))
        told_vi, told_en = (sentence.format(error=error) for sentence in READER_BROKE)
        loads.fail(home.paths, home.ledger, load, READER_FAILED, told_vi, told_en, now)
        return
    load = _load(source, file, read)
    decision = decision_on(home, load.load_id)
    load = replace(load, decision_no=decision.decision_no if decision else None)
    _prove_engine()
    if isinstance(read, LogRead):
        log_loading.settle_landed_log(home, source, load, read_path, decision, now, run_id)
        return
    rows = loads.stage(home.paths, load, read.rows, read.rejected, read.totals)
    facts = _facts(home, source, load, read, facts_compared(home, load, earlier))
    report = validate(source.shape, rows, replace(facts, waivers=waived(home, source.source_id, now)))
    report = overruled(report, source.shape, decision)
    loads.settle(home.paths, home.ledger, load, report, now, run_id)


def _read(
    home: Home, source: Source, file: LandedFile, path: Path, earlier: Sequence[LoadRecord]
) -> tuple[ReadResult | LogRead, Path]:
    """Read a landed file as its shape is read: a sheet into memory, a log into a folder, which is returned with it."""
    if source.shape == log_loading.SHAPE:
        return log_loading.read_landed_log(home, source, file, path)
    before = layout_before(earlier, reading_sha256(source))
    baseline = None if before is None else Baseline(before["file_name"], before["layout"])
    return read_like_before(path, file.file_name, source, home.reference, baseline), path


@cache
def _prove_engine() -> None:
    """Let the canary sing once per process: a validation engine that accepts anything must not judge a load."""
    canary()


def _fingerprint_of_failure(home: Home, source: Source) -> str:
    """Tell by what a file was read that broke the reader: with other code it is read again."""
    return fingerprint(source, [("code_version", (home.code_version,), None)])


def _load(source: Source, file: LandedFile, result: ReadResult | LogRead | None, read_as: str | None = None) -> Load:
    lookups = result.lookups if result else []
    read_as = read_as or fingerprint(source, lookups)
    layout = result.layout if isinstance(result, ReadResult) else ()
    return Load(
        load_id=load_id(source.source_id, file.sha256, read_as),
        source_id=source.source_id,
        shape=source.shape,
        file_name=file.file_name,
        file_sha256=file.sha256,
        file_bytes=file.bytes,
        received_at=file.received_at,
        fingerprint=read_as,
        yaml_sha256=source.yaml_sha256,
        lookups=lookups,
        rows_read=result.rows_read if result else 0,
        sheets=result.sheets if isinstance(result, ReadResult) else {},
        layout=layout,
        layout_fingerprint=layout_fingerprint(layout) if layout else None,
        reading_sha256=reading_sha256(source) if layout else None,
    )


def _facts(home: Home, source: Source, load: Load, result: ReadResult, compared: Mapping[str, Any]) -> LoadFacts:
    return LoadFacts(
        source_id=source.source_id,
        load_id=load.load_id,
        received_at=load.received_at,
        expected_provinces=_expected_provinces(home, source, result),
        exempt_provinces=exempt_provinces(source, result.rows["period_id"].unique().to_pylist()),
        **compared,
        known_indicator_codes=sorted(home.reference.indicators),
        frequency=source.frequency,
        rows_read=result.rows_read,
        not_corrected=result.not_corrected,
        boundary_misfits=boundary_misfits(result.lookups, result.rejected.to_pylist(), home.reference),
        totals_file=home.paths.staged_totals(load.load_id) if result.totals.num_rows else None,
        rows_rejected_as_expected=_rejected_as_expected(source, result),
        row_count_drop_tolerance=home.settings.row_count_drop_tolerance,
        row_count_jump_tolerance=home.settings.row_count_jump_tolerance,
    )


def _rejected_as_expected(source: Source, result: ReadResult) -> int:
    reasons = (json.loads(each) for each in result.rejected["reasons"].to_pylist())
    return sum(set(each) <= {*source.expected_rejections, DROPPED} for each in reasons)


def _expected_provinces(home: Home, source: Source, result: ReadResult) -> list[str]:
    """Every province of the sets the load speaks of, where the source promises all of them; else none."""
    if source.raw.get("coverage") != "all_provinces":
        return []
    sets = set(result.rows["boundary_set"].to_pylist())
    areas: Mapping[str, Any] = home.reference.areas
    return sorted(a.province_id for a in areas.values() if a.area_level == "province" and a.boundary_set in sets)
