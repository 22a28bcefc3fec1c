"""One source's new files: read, validated, and accepted, quarantined or refused by the ledger."""

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from expectations.validate import LoadFacts, validate
from ingestion.errors import FileFault
from ingestion.read import ReadResult, fingerprint, load_id, lookups_unchanged, read_file
from ingestion.source import Source
from warehouse import loads
from warehouse.loads import LandedFile, Load

from orchestration.home import Home

log = logging.getLogger("sotinh.load")


def load_source(home: Home, source: Source, now: datetime, run_id: str) -> list[dict[str, Any]]:
    """Settle every landed file of one source that the ledger has not settled as it would be read today.

    A file is read again when its source YAML, the reader or a reference row it asked for has changed; the new load
    supersedes the old one. A bad file ends as a failed or quarantined load and never stops the others.

    Returns:
        The `load` entries written, in the order of receipt.
    """
    files = loads.landed_files(home.engine, source.source_id)
    return [_settle(home, source, file, now, run_id) for file in files if not _is_settled(home, source, file)]


def _is_settled(home: Home, source: Source, file: LandedFile) -> bool:
    last = file.last_load
    if last is None:
        return False
    return last["yaml_sha256"] == source.yaml_sha256 and lookups_unchanged(last["lookups"], home.reference)


def _settle(home: Home, source: Source, file: LandedFile, now: datetime, run_id: str) -> dict[str, Any]:
    log.info("%s: %s", source.source_id, file.file_name)
    path = home.paths.landing / source.source_id / file.sha256
    try:
        result = read_file(path, file.file_name, source, home.reference)
    except FileFault as fault:
        load = _load(source, file, fingerprint(source, []), [])
        return loads.fail(home.paths, home.engine, load, fault.reason_code, fault.reason_vi, fault.reason_en, now)
    load = _load(source, file, fingerprint(source, result.lookups), result.lookups)
    loads.stage(home.paths, load, result.rows, result.rejected)
    report = validate(source.shape, home.paths.staged_rows(load.load_id), _facts(home, source, load, result))
    return loads.settle(home.paths, home.engine, load, report, now, run_id)
