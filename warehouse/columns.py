"""Columns of the tables dbt reads, by name and DuckDB type; the one place that lists them for the store."""

_ROW = {
    "row_no": "BIGINT",
    "kind": "VARCHAR",
    "sheet": "VARCHAR",
    "cell": "VARCHAR",
    "place_text": "VARCHAR",
    "label_text": "VARCHAR",
    "period_text": "VARCHAR",
    "value_text": "VARCHAR",
    "unit_text": "VARCHAR",
    "province_id": "VARCHAR",
    "area_level": "VARCHAR",
    "boundary_set": "VARCHAR",
    "indicator_code": "VARCHAR",
    "period_id": "VARCHAR",
    "basis": "VARCHAR",
    "breakdown": "VARCHAR",
    "value": "DECIMAL(28,10)",
    "value_upper": "DECIMAL(28,10)",
    "decimals": "INTEGER",
    "unit": "VARCHAR",
    "catalogue_unit": "VARCHAR",
    "min_value": "DECIMAL(28,10)",
    "max_value": "DECIMAL(28,10)",
    "status": "VARCHAR",
    "qualifier": "VARCHAR",
    "comparator": "VARCHAR",
    "target_status": "VARCHAR",
    "base_period_id": "VARCHAR",
    "quote": "VARCHAR",
    "correction": "VARCHAR",
}
_OWNER = {"load_id": "VARCHAR", "source_id": "VARCHAR"}

_STATE = {
    "row_no": "BIGINT",
    "cell": "VARCHAR",
    "dossier_key": "VARCHAR",
    "province_id": "VARCHAR",
    "boundary_set": "VARCHAR",
    "procedure_code": "VARCHAR",
    "service_level": "VARCHAR",
    "channel": "VARCHAR",
    "state": "VARCHAR",
    "submitted_at": "TIMESTAMP",
    "received_at": "TIMESTAMP",
    "due_at": "TIMESTAMP",
    "finished_at": "TIMESTAMP",
    "returned_at": "TIMESTAMP",
    "event_at": "TIMESTAMP",
    "sequence": "BIGINT",
    "fee_vnd": "DECIMAL(18,0)",
    "paid_online": "BOOLEAN",
    "digitised": "BOOLEAN",
    "field_code": "VARCHAR",
}

# Lake files of earlier versions lack these; the entry of a load says which of them its files hold (`added_columns`).
ADDED_STATE_COLUMNS = ("digitised", "field_code")

# shapes of the lake; each is one table of the inputs
SHAPE_COLUMNS = {
    "subscribers": {**_ROW, **_OWNER},
    "indicators": {**_ROW, **_OWNER},
    "transactions": {**_STATE, **_OWNER, "dossier_month": "VARCHAR"},
}

REJECTED_COLUMNS = {
    **_OWNER,
    "row_no": "BIGINT",
    "sheet": "VARCHAR",
    "cell": "VARCHAR",
    "field": "VARCHAR",
    "raw_value": "VARCHAR",
    "reason_code": "VARCHAR",
    "reasons": "VARCHAR",
    "reason_vi": "VARCHAR",
    "reason_en": "VARCHAR",
}

LOAD_COLUMNS = {
    "load_id": "VARCHAR",
    "source_id": "VARCHAR",
    "shape": "VARCHAR",
    "file_name": "VARCHAR",
    "file_sha256": "VARCHAR",
    "file_bytes": "BIGINT",
    "received_at": "TIMESTAMP",
    "verdict": "VARCHAR",
    "reason_vi": "VARCHAR",
    "reason_en": "VARCHAR",
    "rows_read": "BIGINT",
    "rows_accepted": "BIGINT",
    "rows_rejected": "BIGINT",
    "rows_superseded": "BIGINT",
    "first_period_id": "VARCHAR",
    "last_period_id": "VARCHAR",
    "first_release_id": "VARCHAR",
    "known_from": "TIMESTAMP",
    "superseded_by": "VARCHAR",
    "superseded_from": "TIMESTAMP",
    "accept_no": "BIGINT",
    "decision": "VARCHAR",
    "decided_by": "VARCHAR",
}

ROW_COUNTS = ("rows_read", "rows_accepted", "rows_rejected", "rows_superseded")
LOAD_SHEET_COLUMNS = {"load_id": "VARCHAR", "sheet": "VARCHAR", **dict.fromkeys(ROW_COUNTS, "BIGINT")}

DECISION_COLUMNS = {
    "decision_no": "BIGINT",
    "decided_at": "TIMESTAMP",
    "decision": "VARCHAR",
    "subject_type": "VARCHAR",
    "subject_id": "VARCHAR",
    "decided_by": "VARCHAR",
    "reason": "VARCHAR",
    "valid_until": "VARCHAR",
}

LOAD_SPAN_COLUMNS = {"load_id": "VARCHAR", "known_from": "TIMESTAMP", "known_to": "TIMESTAMP"}

CHECK_COLUMNS = {
    "subject_type": "VARCHAR",
    "subject_id": "VARCHAR",
    "check_name": "VARCHAR",
    "run_id": "VARCHAR",
    "rule_vi": "VARCHAR",
    "rule_en": "VARCHAR",
    "severity": "VARCHAR",
    "on_fail": "VARCHAR",
    "success": "BOOLEAN",
    "errored": "BOOLEAN",
    "observed": "VARCHAR",
    "unexpected_count": "BIGINT",
    "element_count": "BIGINT",
    "checked_at": "TIMESTAMP",
    "waiver": "VARCHAR",
}

RELEASE_COLUMNS = {
    "release_id": "VARCHAR",
    "published_at": "TIMESTAMP",
    "code_version": "VARCHAR",
    "ledger_entry": "BIGINT",
    "previous_release_id": "VARCHAR",
    "content_hash": "VARCHAR",
    "row_counts": "VARCHAR",
}

SOURCE_COLUMNS = {
    "source_id": "VARCHAR",
    "publisher": "VARCHAR",
    "title": "VARCHAR",
    "shape": "VARCHAR",
    "licence": "VARCHAR",
    "frequency": "VARCHAR",
    "rank": "INTEGER",
    "due_day": "INTEGER",
    "boundary_set": "VARCHAR",
    "legal_basis": "VARCHAR",
    "url": "VARCHAR",
    "description": "VARCHAR",
}

EXPECTED_MEMBER_COLUMNS = {
    "source_id": "VARCHAR",
    "indicator_code": "VARCHAR",
    "breakdown": "VARCHAR",
    "expected_from": "VARCHAR",
    "expected_to": "VARCHAR",
}

EXPECTED_AREA_COLUMNS = {"source_id": "VARCHAR", "province_id": "VARCHAR"}

EXEMPT_FIGURE_COLUMNS = {
    "source_id": "VARCHAR",
    "province_id": "VARCHAR",
    "indicator_code": "VARCHAR",
    "exempt_from": "VARCHAR",
    "exempt_to": "VARCHAR",
    "absence": "VARCHAR",
    "reason": "VARCHAR",
}

# what sources promise, see ingestion/promises.py
PROMISE_COLUMNS = {
    "expected_members": EXPECTED_MEMBER_COLUMNS,
    "expected_areas": EXPECTED_AREA_COLUMNS,
    "exempt_figures": EXEMPT_FIGURE_COLUMNS,
}

DOSSIER_PARTITION_COLUMNS = {"dossier_month": "VARCHAR", "files_hash": "VARCHAR"}

LAKE_FILE_COLUMNS = {"table_name": "VARCHAR", "load_id": "VARCHAR", "path": "VARCHAR"}
