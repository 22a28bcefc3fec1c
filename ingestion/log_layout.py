"""How a log of dossiers is laid out: the columns to read, which of them may never be read, which may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ingestion.text import fold_name

LOG_SHAPE = "transactions"
PERSONAL_FIELDS = Path(__file__).parent / "personal_fields.yml"

DATES = ("submitted_at", "received_at", "due_at", "finished_at", "returned_at", "event_at")
# Field -> seed table of its codes.
CODES: Mapping[str, str] = {
    "state": "dossier_states",
    "channel": "dossier_channels",
    "service_level": "service_levels",
}
FLAGS = ("paid_online", "digitised")
# All fields, in the order in which the faults of a row are told.
FIELDS = ("dossier_id", "procedure_code", *CODES, "event_at", *DATES[:-1], "sequence", "fee_vnd", *FLAGS, "field_code")
REQUIRED = ("dossier_id", "procedure_code", *CODES, "event_at")
# In place of a field: the record as a whole.
RECORD = "line"
# A member of a path that stands for every element of a list.
EACH = "[]"

ColumnPath = tuple[str, ...]


@dataclass(frozen=True)
class PersonalFields:
    """`personal_fields.yml`: folded names of columns never read, field -> form of a text that may be shown."""

    names: frozenset[str]
    harmless: Mapping[str, str]


@cache
def personal_fields() -> PersonalFields:
    """What is personal and what is harmless, read once."""
    raw = yaml.safe_load(PERSONAL_FIELDS.read_text(encoding="utf-8"))
    names = frozenset(fold_name(name) for group in raw["personal"].values() for name in group)
    return PersonalFields(names, raw["harmless"])


def columns(layout: Mapping[str, Any]) -> dict[str, ColumnPath]:
    """Every column to read by the name it gets: the declared fields, and `place_0`, `place_1` ... of the places."""
    found = {name: layout["fields"][name] for name in FIELDS if name in layout["fields"]}
    found |= {f"place_{number}": place["column"] for number, place in enumerate(layout.get("places", ()))}
    return {name: (column,) if isinstance(column, str) else tuple(column) for name, column in found.items()}


def layout_fault(layout: Mapping[str, Any]) -> str | None:
    """What a JSON Schema cannot say of the layout of a log: the field and the fault, None where there is none."""
    paths = columns(layout)
    for name, path in paths.items():
        inside = [other for other, longer in paths.items() if longer[: len(path)] == path and len(longer) > len(path)]
        if inside:
            return f"fields.{name}: {path[-1]} is a value here, and holds others for {', '.join(inside)}"
        personal = {part for part in path if fold_name(part) in personal_fields().names}
        if personal:
            return f"fields.{name}: {', '.join(sorted(personal))} is personal (personal_fields.yml) and never read"
        if EACH in path and (name != "fee_vnd" or path.count(EACH) > 1 or path[0] == EACH or path[-1] == EACH):
            return f"fields.{name}: only fee_vnd may add up a list, as in [DanhSachLePhi, '[]', Gia]"
    if "places" not in layout and "province" not in layout:
        return "province: neither a place column nor a province says where the dossiers are of"
    given = layout.get("constants", {})
    if unknown := sorted(set(given) - {"channel", "service_level"}):
        return f"constants: {', '.join(unknown)} cannot be the same for all dossiers; channel and service_level can"
    for name in ("channel", "service_level"):
        if (name in layout["fields"]) == (name in given):
            return f"fields.{name}: must be declared once, under fields or under constants"
    return None
