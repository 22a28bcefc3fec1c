"""Declared columns and the headers they mean: labels compared folded, with placeholders for what varies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ingestion.periods import Period, read_period
from ingestion.templates import (
    PERIOD_PLACEHOLDERS,
    contradicts,
    is_exact,
    match,
    match_period_in,
    match_rest,
    placeholders,
)
from ingestion.text import fold, fold_exact

HeaderPath = tuple[str, ...]
UNIT_PLACEHOLDER = frozenset({"unit"})

# A column as the YAML declares it: one label, or the labels of all header rows from the top down.
Declared = str | Sequence[str]


def path_of(labels: Iterable[str]) -> HeaderPath:
    """The header of a column from its labels, the top row first; blanks count as none, one repeated by a merge once."""
    found: list[str] = []
    for label in labels:
        if label and found[-1:] != [label]:
            found.append(label)
    return tuple(found)


def folded_path(declared: Declared) -> HeaderPath:
    """A column as it is compared: its header labels from the top row down, folded."""
    return tuple(fold(label) for label in labels_of(declared))


def exact_path(declared: Declared) -> HeaderPath:
    """A column by which it is told from others: its header labels with their accents."""
    return tuple(fold_exact(label) for label in labels_of(declared))


def labels_of(declared: Declared) -> Sequence[str]:
    """The labels of a declared column, from the top header row down."""
    return [declared] if isinstance(declared, str) else declared


def is_pattern(declared: Declared) -> bool:
    """Whether a placeholder stands in the declared labels."""
    return any("{" in label for label in labels_of(declared))


def holds(declared: Declared, names: frozenset[str]) -> bool:
    """Whether one of these placeholders stands in the declared labels."""
    return any(placeholders(label) & names for label in labels_of(declared))


def holds_period(declared: Declared) -> bool:
    """Whether the header itself says the period: `Total {period}`."""
    return holds(declared, PERIOD_PLACEHOLDERS)


def holds_unit(declared: Declared) -> bool:
    """Whether the header itself says the unit: `Average population ({unit})`."""
    return holds(declared, UNIT_PLACEHOLDER)


def means(declared: Declared, path: HeaderPath) -> bool:
    """Whether a declared column may be the one with this printed header, label by label.

    Of two labels with accents all must be the same; where one has none at all, they do not matter. `assign` tells which
    of several columns is meant.
    """
    return _means(tuple(labels_of(declared)), path)


@lru_cache(maxsize=65_536)
def _means(declared: HeaderPath, path: HeaderPath) -> bool:
    if len(declared) != len(path):
        return False
    pairs = list(zip(declared, path, strict=True))
    if not is_pattern(declared):
        return folded_path(declared) == folded_path(path) and not any(contradicts(*each) for each in pairs)
    if any(match(*each) is None or contradicts(*each) for each in pairs):
        return False
    return not holds_period(declared) or match_period_in(pairs) is not None


def is_exactly(declared: Declared, path: HeaderPath) -> bool:
    """Whether a declared column that may be the one with this header has the same accents too."""
    return all(is_exact(*each) for each in zip(labels_of(declared), path, strict=True))


def assign(declared: Sequence[Declared], paths: Sequence[HeaderPath]) -> Mapping[HeaderPath, Sequence[int]]:
    """The columns each declared one means, by its `exact_path`.

    Those with the same accents come first: what they are is certain, and a header that merely lacks accents is then
    neither that column nor another one.
    """
    named: dict[HeaderPath, list[int]] = {}
    for column, path in enumerate(paths):
        named.setdefault(folded_path(path), []).append(column)
    exact: dict[HeaderPath, list[int]] = {}
    possible: dict[HeaderPath, list[int]] = {}
    for each in declared:
        among: Sequence[int] = range(len(paths)) if is_pattern(each) else named.get(folded_path(each), [])
        columns = [column for column in among if paths[column] and means(each, paths[column])]
        possible[exact_path(each)] = columns
        exact[exact_path(each)] = [column for column in columns if is_exactly(each, paths[column])]
    # What `{any}` takes is no name.
    told = (exact[exact_path(each)] for each in declared if not holds(each, frozenset({"any"})))
    certain = {column for columns in told for column in columns}
    return {key: exact[key] or [each for each in columns if each not in certain] for key, columns in possible.items()}


def period_of(declared: Declared, path: HeaderPath, options: Mapping[str, Any]) -> Period | None:
    """The period that a header states by its pattern; None where it states none of the declared type."""
    parts = list(zip(labels_of(declared), path, strict=True))
    found = match_period_in(parts, options["administrative_quarters"])
    if found is None or read_period(found.period_id, expect=options["expect"]) is None:
        return None
    return found


def unit_of(declared: Declared, path: HeaderPath) -> str | None:
    """The printed unit that a header states by its pattern, or None."""
    parts = zip(labels_of(declared), path, strict=True)
    return next((match_rest(label, text) for label, text in parts if placeholders(label) & UNIT_PLACEHOLDER), None)


def required_columns(layout: Mapping[str, Any]) -> list[Declared]:
    """Every column the layout reads from, in the order of the YAML, each once."""
    found: list[Declared] = [place["column"] for place in layout["places"] if "column" in place]
    found += [layout[part]["column"] for part in ("period", "unit") if "column" in layout.get(part, {})]
    found += [layout["indicators"]["column"]] if "indicators" in layout else []
    found += [layout["block_column"]] if "block_column" in layout else []
    found += [measure["column"] for measure in layout.get("measures", ())]
    found += list(layout.get("columns", {}).values())
    return list({exact_path(each): each for each in found}.values())


def declared_columns(layout: Mapping[str, Any]) -> list[Declared]:
    """Every column the layout reads from or leaves out."""
    return [*required_columns(layout), *layout.get("ignore_columns", ())]


def value_columns(layout: Mapping[str, Any]) -> list[Declared]:
    """The columns that hold figures."""
    if "measures" in layout:
        return [measure["column"] for measure in layout["measures"]]
    return [layout["columns"][name] for name in ("value", "value_upper") if name in layout["columns"]]


def offsets(layout: Mapping[str, Any], measure: Mapping[str, Any] | None = None) -> list[int]:
    """How far beside each figure, or that of one measure, its places stand in sheets of pairs; else nothing."""
    own = (measure or {}).get("offset")
    return [own or place["offset"] for place in layout["places"] if "offset" in place]
