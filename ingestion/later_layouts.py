"""Later layouts of a source: files that came laid out otherwise, each accepted by a person under its fingerprint.

An entry never changes how other files are read: it holds for files of exactly its fingerprint.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from ingestion.columns import Declared, folded_path
from ingestion.tables import table_layouts

KEY = "later_layouts"
_OF_THE_FILE = ("number_locale", "encoding", "delimiter")
_OWN_FIELDS = ("table", "renamed", "lacks", "ignore_columns", "ignore_sheets")


def changed_raw(raw: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a source YAML as it reads files of one later layout."""
    made = {key: value for key, value in raw.items() if key != KEY}
    made |= {key: entry[key] for key in _OF_THE_FILE if key in entry}
    for change in entry.get("changes", ()):
        made["layout"] = _changed(made["layout"], change)
    return made


def with_entry(text: str, entry: Mapping[str, Any]) -> str:
    """The text of a source YAML with one more later layout; not a letter of what it says is changed."""
    item = yaml.dump([dict(entry)], Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    place = next((value for key, value in pairs if key.value == KEY), None)
    if place is None:
        return "".join([*lines, "\n", f"{KEY}:\n", *_indented(item)])
    end = place.value[-1].end_mark
    at = end.line + (1 if end.column else 0)
    while at and not lines[at - 1].strip():
        at -= 1
    return "".join([*lines[:at], *_indented(item), *lines[at:]])


def patch_of(path: str, text: str, entry: Mapping[str, Any]) -> str:
    """A unified diff that adds one later layout to a source YAML; `patch` and `git apply` take it."""
    before, after = text.splitlines(keepends=True), with_entry(text, entry).splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, after, f"a/{path}", f"b/{path}"))


class _Dumper(yaml.SafeDumper):
    """Lists of plain texts in one line, as the shipped sources write them."""


def _list(dumper: yaml.SafeDumper, items: Sequence[Any]) -> yaml.Node:
    is_flat = all(isinstance(each, str) for each in items) and len(", ".join(map(str, items))) < 60
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=is_flat)


_Dumper.add_representer(list, _list)


def _indented(item: str) -> list[str]:
    return [f"  {line}" for line in item.splitlines(keepends=True)]


def _changed(layout: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The layout of a source with one change laid over all its tables, or over the one it names."""
    of_workbook = {key: value for key, value in layout.items() if key == "ignore_sheets"}
    if "ignore_sheets" in change:
        of_workbook["ignore_sheets"] = [*of_workbook.get("ignore_sheets", ()), *change["ignore_sheets"]]
    tables = [
        changed_table(table, change) if change.get("table", number) == number else table
        for number, table in enumerate(table_layouts(layout), 1)
    ]
    return {**of_workbook, "tables": tables} if "tables" in layout else {**of_workbook, **tables[0]}


def changed_table(layout: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The layout of one table with a change laid over it."""
    made: dict[str, Any] = {**layout, **{key: value for key, value in change.items() if key not in _OWN_FIELDS}}
    if "ignore_columns" in change:
        made["ignore_columns"] = [*made.get("ignore_columns", ()), *change["ignore_columns"]]
    gone = {folded_path(each) for each in change.get("lacks", ())}
    for key in ("measures", "places"):
        if key in made:
            made[key] = [each for each in made[key] if "column" not in each or folded_path(each["column"]) not in gone]
    for renamed in change.get("renamed", ()):
        made = _renamed(made, folded_path(renamed["was"]), renamed)
    return made


def _renamed(layout: Mapping[str, Any], was: tuple[str, ...], renamed: Mapping[str, Any]) -> dict[str, Any]:
    def new(declared: Declared) -> Declared:
        return renamed["column"] if folded_path(declared) == was else declared

    def column_of(part: Mapping[str, Any]) -> dict[str, Any]:
        if "column" not in part:
            return dict(part)
        own_unit = {"unit": renamed["unit"]} if "unit" in renamed and folded_path(part["column"]) == was else {}
        return {**part, "column": new(part["column"]), **own_unit}

    made = dict(layout)
    made |= {key: [column_of(each) for each in made[key]] for key in ("places", "measures") if key in made}
    made |= {key: column_of(made[key]) for key in ("period", "unit") if key in made}
    if "indicators" in made:
        made["indicators"] = column_of(made["indicators"])
    if "block_column" in made:
        made["block_column"] = new(made["block_column"])
    if "columns" in made:
        made["columns"] = {name: new(declared) for name, declared in made["columns"].items()}
    if "encoded_columns" in made:
        made["encoded_columns"] = [column_of(each) for each in made["encoded_columns"]]
    if "ignore_columns" in made:
        made["ignore_columns"] = [new(each) for each in made["ignore_columns"]]
    return made
