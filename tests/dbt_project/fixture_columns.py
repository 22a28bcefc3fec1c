"""Columns of the tables that dbt reads, by name and type, as the tests write them."""

DECIMAL = "decimal(28,10)"
SHAPE_COLUMNS = {
    "row_no": "bigint", "kind": "text", "sheet": "text", "cell": "text", "place_text": "text", "label_text": "text",
    "period_text": "text", "value_text": "text", "unit_text": "text", "province_id": "text", "area_level": "text",
    "boundary_set": "text", "indicator_code": "text", "period_id": "text", "basis": "text", "breakdown": "text",
    "value": DECIMAL, "value_upper": DECIMAL, "decimals": "int", "unit": "text", "catalogue_unit": "text",
    "min_value": DECIMAL, "max_value": DECIMAL, "status": "text", "qualifier": "text", "comparator": "text",
    "target_status": "text", "base_period_id": "text", "quote": "text", "correction": "text", "load_id": "text",
    "source_id": "text",
}  # fmt: skip
TABLES = {
    "subscribers": SHAPE_COLUMNS,
    "indicators": SHAPE_COLUMNS,
    "transactions": {
        "row_no": "bigint", "cell": "text", "dossier_key": "text", "province_id": "text", "boundary_set": "text",
        "procedure_code": "text", "service_level": "text", "channel": "text", "state": "text",
        "submitted_at": "timestamp", "received_at": "timestamp", "due_at": "timestamp", "finished_at": "timestamp",
        "returned_at": "timestamp", "event_at": "timestamp", "sequence": "bigint", "fee_vnd": "decimal(18,0)",
        "paid_online": "boolean", "digitised": "boolean", "field_code": "text", "load_id": "text", "source_id": "text",
        "dossier_month": "text",
    },
    "dossier_partitions": {"dossier_month": "text", "files_hash": "text"},
    "loads": {
        "load_id": "text", "source_id": "text", "shape": "text", "file_name": "text", "file_sha256": "text",
        "file_bytes": "bigint", "received_at": "timestamp", "verdict": "text", "reason_vi": "text", "reason_en": "text",
        "rows_read": "bigint", "rows_accepted": "bigint", "rows_rejected": "bigint", "rows_superseded": "bigint",
        "first_period_id": "text", "last_period_id": "text", "first_release_id": "text", "known_from": "timestamp",
        "superseded_by": "text", "superseded_from": "timestamp", "accept_no": "bigint",
        "decision": "text", "decided_by": "text",
    },
    "load_sheets": {
        "load_id": "text", "sheet": "text", "rows_read": "bigint", "rows_accepted": "bigint", "rows_rejected": "bigint",
        "rows_superseded": "bigint",
    },
    "decisions": {
        "decision_no": "bigint", "decided_at": "timestamp", "decision": "text", "subject_type": "text",
        "subject_id": "text", "decided_by": "text", "reason": "text", "valid_until": "text",
    },
    "load_spans": {"load_id": "text", "known_from": "timestamp", "known_to": "timestamp"},
    "checks": {
        "subject_type": "text", "subject_id": "text", "check_name": "text", "run_id": "text", "rule_vi": "text",
        "rule_en": "text", "severity": "text", "on_fail": "text", "success": "boolean", "errored": "boolean",
        "observed": "text", "unexpected_count": "bigint", "element_count": "bigint", "checked_at": "timestamp",
        "waiver": "text",
    },
    "rejected_rows": {
        "load_id": "text", "source_id": "text", "row_no": "bigint", "sheet": "text", "cell": "text", "field": "text",
        "raw_value": "text", "reason_code": "text", "reasons": "text", "reason_vi": "text", "reason_en": "text",
    },
    "releases": {
        "release_id": "text", "published_at": "timestamp", "code_version": "text", "ledger_entry": "bigint",
        "previous_release_id": "text", "content_hash": "text", "row_counts": "text",
    },
    "sources": {
        "source_id": "text", "publisher": "text", "title": "text", "shape": "text", "licence": "text",
        "frequency": "text", "rank": "int", "due_day": "int", "boundary_set": "text", "legal_basis": "text",
        "url": "text", "description": "text",
    },
    "expected_members": {
        "source_id": "text", "indicator_code": "text", "breakdown": "text", "expected_from": "text",
        "expected_to": "text",
    },
    "expected_areas": {"source_id": "text", "province_id": "text"},
    "exempt_figures": {
        "source_id": "text", "province_id": "text", "indicator_code": "text", "exempt_from": "text",
        "exempt_to": "text", "absence": "text", "reason": "text",
    },
}  # fmt: skip
