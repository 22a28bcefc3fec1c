"""The fields of the layout language, each with what it may be set to, and those that a source YAML uses."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ingestion.source import SCHEMA_PATH

LAYOUT = "layout"
# Fields, or settings of one, that no drawn workbook has, each with the reason why not.
NOT_DRAWN = {
    "description": "says nothing of the reading",
    "legal_basis": "says nothing of the reading",
    "url": "says nothing of the reading",
    "licence": "says nothing of the reading",
    "contact": "says nothing of the reading",
    "due_day": "says when a file is late, not how it is read",
    "expected_from": "says which periods are promised, not how they are read",
    "expected_to": "says which periods are promised, not how they are read",
    "coverage": "is held against whole loads",
    "exempt": "says which figures need not come, not how they are read",
    "expected_rejections": "is held against whole loads",
    "later_layouts": "is about two files of one source: test_drift draws pairs of them",
    "layout.fields": "is of logs, which are not sheets: test_read_log and those beside it",
    "layout.date_formats": "is of logs",
    "layout.values": "is of logs",
    "layout.province": "is of logs",
    "layout.largest_fee_vnd": "is of logs",
    "layout.columns.base_period": "begins the path of a target, reads no figure: test_sheet_language",
    "layout.measures.target.base_period": "the same",
    "layout.column_numbers=false": "only beside numbers that look like a row of numbers: test_sheet_language",
}
# Settings of fields that say nothing of the reading, or are those of logs.
NOT_DRAWN |= {f"shape={each}": "is of logs" for each in ("transactions",)}
NOT_DRAWN |= {f"format={each}": "is of logs" for each in ("ndjson", "json", "parquet")}
NOT_DRAWN |= {
    f"frequency={each}": "says when files come" for each in ("day", "week", "month", "quarter", "half", "year")
}


def every_field() -> set[str]:
    """Every field of the schema, and every setting of those that have a list of them."""
    return set(_every(_schema(), ""))


def fields_of(raw: Mapping[str, Any]) -> set[str]:
    """The fields that a source YAML sets, and what it sets them to where there is a list of settings."""
    return set(_used(raw, _schema(), ""))


def is_explained(field: str) -> bool:
    """Whether a field, or one that it is part of, is named with the reason why it is not drawn."""
    parts = field.partition("=")[0].split(".")
    wholes = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return field in NOT_DRAWN or bool(wholes & NOT_DRAWN.keys())


@cache
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    return found


def _every(schema: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, inner in _parts(schema).items():
        field = f"{path}.{name}".lstrip(".")
        yield field
        yield from (f"{field}={each}" for each in _settings(inner))
        yield from _every(inner, field)


def _used(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _used(each, schema, path)
    elif path == f"{LAYOUT}.tables":
        # A table is a layout of its own.
        yield from _used(value, _schema()["properties"][LAYOUT], LAYOUT)
    elif isinstance(value, dict):
        for name, inner in ((name, inner) for name, inner in _parts(schema).items() if name in value):
            field = f"{path}.{name}".lstrip(".")
            yield field
            said = value[name] if isinstance(value[name], list) else [value[name]]
            yield from (f"{field}={_said(each)}" for each in said if _settings(inner))
            yield from _used(value[name], inner, field)


def _parts(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of an object, or of the objects of a list."""
    found: Mapping[str, Any] = schema.get("items", schema).get("properties", {})
    return found


def _settings(schema: Mapping[str, Any]) -> list[str]:
    if schema.get("type") == "boolean":
        return ["true", "false"]
    return [_said(each) for each in schema.get("enum", schema.get("items", {}).get("enum", ()))]


def _said(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)
