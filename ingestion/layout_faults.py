"""What is wrong with the layout of a table that a JSON Schema cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ingestion.columns import Declared, exact_path, holds_period, holds_unit, labels_of, required_columns
from ingestion.templates import BadTemplate, compiled, placeholders
from ingestion.text import fold

_NO_MEASURE: Mapping[str, Any] = {"column": ""}


def fault_of_table(layout: Mapping[str, Any]) -> str | None:
    """What is wrong with the layout of one table, from the field on, or None."""
    measures = layout.get("measures", ())
    if bool(measures) == ("columns" in layout):
        return ": needs either measures (one column a measure) or columns (one row a fact)"
    if any(("indicator_code" in measure) == ("indicators" in layout) for measure in measures):
        return ".measures: indicator_code is missing, or each row has its own indicator (indicators)"
    if "unit" not in layout and not all(
        "unit" in each or holds_unit(each["column"]) for each in measures or [_NO_MEASURE]
    ):
        return ".unit: missing, and not every measure has its own unit"
    in_header = layout["period"]["from"] == "header"
    if any(holds_period(measure["column"]) != in_header for measure in measures) or (in_header and not measures):
        return ".period: from header goes with a period in the column of every measure, and only with these"
    if "columns" in layout and any("offset" in place for place in layout["places"]):
        return ".places: offset goes with measures"
    if any(row > layout["header_rows"] for name in ("label_rows", "fill_right") for row in layout.get(name, ())):
        return ".label_rows, fill_right: count beyond header_rows"
    if "block" not in layout and {"block_column", "ignore_blocks"} & layout.keys():
        return ".block: missing, beside block_column or ignore_blocks"
    if "block" not in layout and "block" in (layout["period"]["from"], layout.get("unit", {}).get("from")):
        return ".block: missing, though period or unit is from the block"
    encoded = {exact_path(each["column"]) for each in layout.get("encoded_columns", ())}
    if not encoded <= {exact_path(each) for each in required_columns(layout)}:
        return ".encoded_columns: names a column that nothing is read from"
    return _fault_of_columns(layout) or _fault_of_labels(layout) or _fault_of_patterns(layout)


def fault_of_tables(tables: Sequence[Mapping[str, Any]]) -> str | None:
    """Tables of one sheet of which some say where they begin, or which block they are, and some do not; or None.

    Those that do not would read the rows of the others once more, or none.
    """
    whole: tuple[str, ...] = ("sheet",)
    for field in ("begins_at", "beside_at", "block"):
        saying: dict[tuple[str, ...], set[bool]] = {}
        for table in tables:
            saying.setdefault(tuple(str(table.get(each)) for each in whole), set()).add(field in table)
        if any(len(found) > 1 for found in saying.values()):
            return f".{field}: either all tables of a sheet say it, or none"
        whole = (*whole, field)
    return None


def _fault_of_columns(layout: Mapping[str, Any]) -> str | None:
    """A column declared twice; measures that each take their own part of one cell share it."""
    ignored: list[Declared] = list(layout.get("ignore_columns", ()))
    found = sorted((exact_path(each["column"]), each.get("cell", "")) for each in layout.get("measures", ()))
    shared = {path for path, cell in found if cell}
    repeated = {one[0] for one, two in pairwise(found) if one == two}
    repeated |= {one[0] for one, two in pairwise(found) if one[0] == two[0] and not (one[1] and two[1])}
    folded = [exact_path(each) for each in ignored]
    repeated |= {each for each in folded if folded.count(each) > 1}
    clash = set(folded) & ({exact_path(each) for each in required_columns(layout)} | shared)
    if repeated | clash:
        return f": column declared twice: {', '.join(sorted(' | '.join(each) for each in repeated | clash))}"
    return None


def _fault_of_labels(layout: Mapping[str, Any]) -> str | None:
    """Names of indicators that differ in accents alone, since a row is told by its words without them."""
    codes: dict[str, set[str]] = {}
    for label, code in layout.get("indicators", {}).get("labels", {}).items():
        codes.setdefault(fold(label), set()).add(code)
    clash = sorted(label for label, found in codes.items() if len(found) > 1)
    return f".indicators.labels: one name for two indicators: {', '.join(clash)}" if clash else None


def _fault_of_patterns(layout: Mapping[str, Any]) -> str | None:
    columns: list[Declared] = [*(each["column"] for each in layout.get("measures", ()))]
    columns += layout.get("ignore_columns", ())
    patterns = {
        ".period.patterns": layout["period"].get("patterns", ()),
        ".unit.patterns": layout.get("unit", {}).get("patterns", ()),
        ".begins_at": [layout.get("begins_at", "")],
        ".beside_at": [layout.get("beside_at", "")],
        ".block": [layout.get("block", ""), *layout.get("ignore_blocks", ())],
        ".sheet": [each for each in _listed(layout.get("sheet")) if isinstance(each, str)],
        ": column": [label for column in columns for label in labels_of(column)],
    }
    for where, found in patterns.items():
        for pattern in found:
            if (said := pattern_fault(pattern)) is not None:
                return f"{where}: {said}"
    for labels in map(labels_of, columns):
        names = [name for label in labels for name in placeholders(label) - {"any"}]
        if len(set(names)) < len(names):
            return f": column: {' | '.join(labels)}: placeholder in two labels"
    return None


def _listed(declared: object) -> Sequence[object]:
    return declared if isinstance(declared, list) else [declared]


def pattern_fault(pattern: str) -> str | None:
    """What is wrong with a pattern, or None."""
    try:
        compiled(pattern)
    except BadTemplate as error:
        return str(error)
    return None
