"""Rows of the reference tables for the generator, from the CSV files and not from the product's index of them."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

from ingestion.text import fold, fold_name

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"
Row = dict[str, str]


@dataclass(frozen=True)
class Province:
    """One province of one boundary set: how it may be written, and its codes by scheme."""

    province_id: str
    name: str
    english: str
    aliases: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """Provinces by boundary set, labels by kind, unit labels by unit with their multiplier, indicators, members."""

    provinces: Mapping[str, tuple[Province, ...]]
    labels: Mapping[str, tuple[str, ...]]
    regions: Mapping[str, Mapping[str, str]]
    units: Mapping[str, tuple[tuple[str, Decimal], ...]]
    indicators: tuple[Row, ...]
    members: Mapping[str, tuple[Row, ...]]


def _rows(name: str) -> list[Row]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _aliases() -> dict[str, list[str]]:
    """Code of the 63 set -> spellings that mean this province alone."""
    owners: dict[str, set[str]] = defaultdict(set)
    for row in _rows("province_aliases"):
        owners[fold_name(row["alias"])].add(row["code_63"])
    for row in _rows("provinces"):
        if row["area_level"] == "province" and row["boundary_set"] in ("63", "64"):
            owners[fold_name(row["name_vi"])].add(row["gso_code"])
    labels = {fold_name(row["label"]) for row in _rows("region_labels")}
    found = defaultdict(list)
    for row in _rows("province_aliases"):
        key = fold_name(row["alias"])
        if len(owners[key]) == 1 and key not in labels:
            found[row["code_63"]].append(row["alias"])
    return found


def _codes() -> dict[str, dict[str, str]]:
    """Code of the 63 set -> scheme -> code, where the code was seen and means one province."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = [row for row in _rows("province_external_codes") if not row["source"].upper().startswith("INFERRED")]
    for row in rows:
        seen[row["scheme"], row["code"].casefold()].append(row["code_63"])
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if len(seen[row["scheme"], row["code"].casefold()]) == 1:
            found[row["code_63"]][row["scheme"]] = row["code"]
    return found


def _provinces() -> dict[str, tuple[Province, ...]]:
    aliases, codes = _aliases(), _codes()
    found: dict[str, list[Province]] = defaultdict(list)
    for row in (row for row in _rows("provinces") if row["area_level"] == "province"):
        is_old = row["boundary_set"] in ("63", "64")
        found[row["boundary_set"]].append(
            Province(
                row["province_id"],
                row["name_vi"],
                row["name_en"],
                tuple(aliases[row["gso_code"]]) if is_old else (),
                {"gso": row["gso_code"], **(codes[row["gso_code"]] if is_old else {})},
            )
        )
    return {name: tuple(each) for name, each in found.items()}


def _regions() -> dict[str, dict[str, str]]:
    """Boundary set -> label of a region -> its area."""
    ids = {
        (row["boundary_set"], fold(row["name_vi"])): row["province_id"]
        for row in _rows("provinces")
        if row["area_level"] == "region"
    }
    meant: dict[str, set[str]] = defaultdict(set)
    for row in _rows("region_labels"):
        if row["kind"] == "region":
            meant[fold(row["label"])].add(fold(row["region_vi"]))
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in (row for row in _rows("region_labels") if row["kind"] == "region"):
        for name in ("64", "63", "34"):
            areas = {ids[name, region] for region in meant[fold(row["label"])] if (name, region) in ids}
            if len(areas) == 1:
                found[name][row["label"]] = areas.pop()
    return found


def _labels() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in _rows("region_labels"):
        found[row["kind"]].append(row["label"])
    return {kind: tuple(labels) for kind, labels in found.items()}


def _units() -> dict[str, tuple[tuple[str, Decimal], ...]]:
    found = {row["unit"]: [(row["unit"], Decimal(1))] for row in _rows("units")}
    for row in _rows("unit_aliases"):
        found[row["unit"]].append((row["label"], Decimal(row["multiplier"])))
    return {unit: tuple(labels) for unit, labels in found.items()}


def _indicators() -> tuple[Row, ...]:
    """Indicators whose names tell them apart, and are no patterns."""
    named = {fold(row["name_vi"]): row for row in _rows("indicators") if "{" not in row["name_vi"]}
    return tuple(named.values())


@cache
def world() -> World:
    members: dict[str, list[Row]] = defaultdict(list)
    for row in _rows("breakdown_members"):
        members[row["dimension"]].append(row)
    return World(
        provinces=_provinces(),
        labels=_labels(),
        regions=_regions(),
        units=_units(),
        indicators=_indicators(),
        members={dimension: tuple(rows) for dimension, rows in members.items()},
    )
