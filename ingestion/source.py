"""One YAML per source: who publishes, what shape and format, how its sheet is laid out. The schema explains it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ingestion.errors import SourceError
from ingestion.later_layouts import KEY, changed_raw
from ingestion.layout_faults import fault_of_table, fault_of_tables, pattern_fault
from ingestion.log_layout import LOG_SHAPE, layout_fault
from ingestion.tables import table_layouts
from ingestion.yaml_text import NoDuplicateKeys, read_yaml

SCHEMA_PATH = Path(__file__).parent / "source_schema.json"


@dataclass(frozen=True)
class Source:
    """A declared source. `layout` says how to read its files, `raw` is the whole YAML; see source_schema.json.

    `yaml_sha256` is the hash of the content, not of the bytes: a comment added to the YAML changes no load.
    """

    source_id: str
    shape: str
    format: str
    publisher: str
    title: str
    description: str
    legal_basis: str
    url: str
    licence: str
    contact: str
    rank: int
    frequency: str
    due_day: int | None
    expected_from: str | None
    expected_to: str | None
    boundary_set: str
    number_locale: str
    encoding: str
    delimiter: str
    expected_rejections: tuple[str, ...]
    layout: Mapping[str, Any]
    raw: Mapping[str, Any]
    yaml_sha256: str
    path: Path


def load_sources(source_dirs: Sequence[Path]) -> dict[str, Source]:
    """Every source of the folders by its id; a later folder's YAML replaces an earlier one of the same id.

    Raises SourceError naming the file and the field.
    """
    strangers = [path for folder in source_dirs for path in sorted(folder.glob("*.yaml"))]
    if strangers:
        raise SourceError(f"{strangers[0]}: a source ends in .yml; rename it, or it would be passed over")
    paths = {path.stem: path for folder in source_dirs for path in sorted(folder.glob("*.yml"))}
    return {source_id: load_source(paths[source_id]) for source_id in sorted(paths)}


def load_source(path: Path) -> Source:
    """Read and check one source YAML. Raises SourceError naming the file and the field."""
    raw = read_yaml(path, NoDuplicateKeys)
    fault = best_match(_validator().iter_errors(raw))
    if fault is not None:
        raise SourceError(f"{path}: {fault.json_path.removeprefix('$.')}: {fault.message}")
    content = json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str)
    source = source_of(raw, path, hashlib.sha256(content.encode()).hexdigest())
    later_sources(source)
    return source


def later_sources(source: Source) -> list[tuple[str, Source]]:
    """For each later layout of a source its fingerprint, and the source as it reads files of this layout."""
    return [
        (entry["fingerprint"], source_of(changed_raw(source.raw, entry), source.path, source.yaml_sha256))
        for entry in source.raw.get(KEY, ())
    ]


def source_of(raw: Mapping[str, Any], path: Path, yaml_sha256: str) -> Source:
    """The source that the content of a YAML declares. Raises SourceError naming the file and the field."""
    _check_meaning(path, raw)
    return Source(
        source_id=raw["source_id"],
        shape=raw["shape"],
        format=raw["format"],
        publisher=raw["publisher"],
        title=raw["title"],
        description=raw.get("description", ""),
        legal_basis=raw.get("legal_basis", ""),
        url=raw.get("url", ""),
        licence=raw.get("licence", ""),
        contact=raw.get("contact", ""),
        rank=raw["rank"],
        frequency=raw["frequency"],
        due_day=raw.get("due_day"),
        expected_from=raw.get("expected_from"),
        expected_to=raw.get("expected_to"),
        boundary_set=raw["boundary_set"],
        number_locale=raw["number_locale"],
        encoding=raw.get("encoding", "utf-8"),
        delimiter=raw.get("delimiter", ","),
        expected_rejections=tuple(raw.get("expected_rejections", ())),
        layout=raw["layout"],
        raw=raw,
        yaml_sha256=yaml_sha256,
        path=path,
    )


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))


def _check_meaning(path: Path, raw: Mapping[str, Any]) -> None:
    """What a JSON Schema cannot say."""
    layout = raw["layout"]
    if raw["source_id"] != path.stem:
        raise SourceError(f"{path}: source_id: {raw['source_id']!r} is not the file's name {path.stem!r}")
    if raw["shape"] == LOG_SHAPE:
        if (said := layout_fault(layout)) is not None:
            raise SourceError(f"{path}: layout.{said}")
        return
    for number, table in enumerate(table_layouts(layout), 1):
        where = f"layout.tables[{number}]" if "tables" in layout else "layout"
        fault = best_match(_validator().iter_errors({**raw, "layout": table}))
        if fault is not None:
            raise SourceError(f"{path}: {where}{fault.json_path.removeprefix('$.layout')}: {fault.message}")
        if (said := fault_of_table(table)) is not None:
            raise SourceError(f"{path}: {where}{said}")
    if (said := fault_of_tables(table_layouts(layout))) is not None:
        raise SourceError(f"{path}: layout{said}")
    for name in layout.get("ignore_sheets", ()):
        if (said := pattern_fault(name)) is not None:
            raise SourceError(f"{path}: layout.ignore_sheets: {said}")
