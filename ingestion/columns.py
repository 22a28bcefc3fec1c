"""Declared columns and the headers they mean: labels compared folded, with placeholders for what varies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ingestion.periods import Period, read_period
from ingestion.templates import PERIOD_PLACEHOLDERS, match, match_period, placeholders
from ingestion.text import fold

HeaderPath = tuple[str, ...]

# A column as the YAML declares it: one label, or the labels of all header rows from the top down.
Declared = str | Sequence[str]


def folded_path(declared: Declared) -> HeaderPath:
    """A column as it is compared: its header labels from the top row down, folded."""
    return tuple(fold(label) for label in labels_of(declared))


def labels_of(declared: Declared) -> Sequence[str]:
    """The labels of a declared column, from the top header row down."""
    return [declared] if isinstance(declared, str) else declared


def template_of(declared: Declared) -> str:
    """The declared labels as one pattern of `templates`, over the printed labels joined in the same way."""
    return " ".join(labels_of(declared))


def is_pattern(declared: Declared) -> bool:
    """Whether a placeholder stands in the declared labels."""
    return "{" in template_of(declared)


def holds_period(declared: Declared) -> bool:
    """Whether the header itself says the period: `Total {period}`."""
    return bool(placeholders(template_of(declared)) & PERIOD_PLACEHOLDERS)


def means(declared: Declared, path: HeaderPath) -> bool:
    """Whether a declared column is the one with this printed header."""
    return _means(tuple(labels_of(declared)), path)


@lru_cache(maxsize=65_536)
def _means(declared: HeaderPath, path: HeaderPath) -> bool:
    if not is_pattern(declared):
        return folded_path(declared) == folded_path(path)
    if len(declared) != len(path) or match(template_of(declared), " ".join(path)) is None:
        return False
    return not holds_period(declared) or match_period(template_of(declared), " ".join(path)) is not None


def period_of(declared: Declared, path: HeaderPath, options: Mapping[str, Any]) -> Period | None:
    """The period that a header states by its pattern; None where it states none of the declared type."""
    found = match_period(template_of(declared), " ".join(path), options["administrative_quarters"])
    if found is None or read_period(found.period_id, expect=options["expect"]) is None:
        return None
    return found


def required_columns(layout: Mapping[str, Any]) -> list[Declared]:
    """Every column the layout reads from, in the order of the YAML, each once."""
    found: list[Declared] = [place["column"] for place in layout["places"] if "column" in place]
    found += [layout[part]["column"] for part in ("period", "unit") if "column" in layout.get(part, {})]
    found += [measure["column"] for measure in layout.get("measures", ())]
    found += list(layout.get("columns", {}).values())
    return list({folded_path(each): each for each in found}.values())


def value_columns(layout: Mapping[str, Any]) -> list[Declared]:
    """The columns that hold figures."""
    if "measures" in layout:
        return [measure["column"] for measure in layout["measures"]]
    return [layout["columns"][name] for name in ("value", "value_upper") if name in layout["columns"]]


def offsets(layout: Mapping[str, Any]) -> list[int]:
    """How far beside each figure its places stand, in sheets of side-by-side pairs; else nothing."""
    return [place["offset"] for place in layout["places"] if "offset" in place]
