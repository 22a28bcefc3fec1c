"""The reference tables (provinces, aliases, codes, units, indicators) as indexes a reader can ask.

Read straight from the seed CSV files that dbt loads too, so that one row means one thing everywhere. Later folders are
laid over earlier ones by each table's key: the same key replaces the row, other rows are added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ingestion.corrections import Correction
from ingestion.errors import ReferenceFault
from ingestion.seeds import Row, check_names, read_seed
from ingestion.text import fold, fold_name

# The tables a reader asks; the others are left to dbt.
TABLES = (
    "provinces",
    "province_versions",
    "province_succession",
    "province_aliases",
    "province_external_codes",
    "region_labels",
    "indicators",
    "indicator_bounds",
    "units",
    "unit_aliases",
    "breakdown_members",
    "dossier_states",
    "dossier_channels",
    "service_levels",
)

# Vocabularies of dossier logs -> the column that holds the code.
CODE_COLUMNS = {"dossier_states": "state", "dossier_channels": "channel", "service_levels": "service_level"}

# Aliases and external codes are written in GSO codes of the 63-unit set, which the 64-unit set shares (28 = Hà Tây).
SETS_OF_ALIAS_CODES = ("64", "63")


@dataclass(frozen=True)
class BoundarySet:
    """One division of the country: 64, 63 or 34 provinces, and the days it was in force."""

    name: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Area:
    """One area of fixed extent."""

    province_id: str
    area_level: str
    boundary_set: str
    name_vi: str


@dataclass(frozen=True)
class Reference:
    """Every question a reader may ask, as a dictionary. Names and codes are folded (`text.fold_name`).

    `code_names` has, for each vocabulary of dossiers, the folded names of its codes.
    """

    areas: Mapping[str, Area]
    sets: tuple[BoundarySet, ...]
    names: Mapping[str, Mapping[str, frozenset[str]]]
    gso_codes: Mapping[tuple[str, str], str]
    alias_codes: Mapping[str, frozenset[str]]
    external_codes: Mapping[tuple[str, str], frozenset[str]]
    inferred_codes: frozenset[tuple[str, str]]
    schemes: frozenset[str]
    successors: Mapping[str, tuple[str, ...]]
    unchanged: Mapping[str, str]
    label_kinds: Mapping[str, str]
    region_labels: Mapping[str, frozenset[str]]
    regions: Mapping[tuple[str, str], str]
    units: Mapping[str, tuple[str, Decimal]]
    indicators: Mapping[str, Row]
    bounds: Mapping[str, tuple[Decimal | None, Decimal | None]]
    members: frozenset[tuple[str, str]]
    codes: Mapping[str, tuple[str, ...]]
    spellings: tuple[str, ...]
    parts: Mapping[tuple[str, str], tuple[str, ...]]
    corrections: tuple[Correction, ...] = ()
    code_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def load_reference(seed_dirs: Sequence[Path]) -> Reference:
    """Read the seed tables of all folders, the later laid over the earlier.

    Raises ReferenceFault when a table is in none of the folders, lacks a key column, or holds a number or date
    that is none.
    """
    check_names(seed_dirs)
    tables = {name: read_seed(name, seed_dirs) for name in TABLES}
    areas = {
        row["province_id"]: Area(row["province_id"], row["area_level"], row["boundary_set"], row["name_vi"])
        for row in tables["provinces"]
    }
    external: dict[tuple[str, str], set[str]] = defaultdict(set)
    inferred = set()
    for row in tables["province_external_codes"]:
        key = (row["scheme"], fold_name(row["code"]))
        external[key].add(row["code_63"])
        if row.get("source", "").upper().startswith("INFERRED"):
            inferred.add(key)
    successors: dict[str, list[str]] = defaultdict(list)
    for row in tables["province_succession"]:
        successors[row["predecessor_id"]].append(row["successor_id"])
    schemes = {scheme for scheme, _ in external}
    aliases: dict[str, set[str]] = defaultdict(set)
    for row in tables["province_aliases"]:
        aliases[fold_name(row["alias"])].add(row["code_63"])
    for key, codes in _agreed_codes(tables["province_aliases"], schemes).items():
        external.setdefault(key, codes)
    return Reference(
        areas=areas,
        sets=_boundary_sets(tables["provinces"]),
        names=_names(tables["provinces"], tables["province_versions"], areas),
        gso_codes={(r["boundary_set"], r["gso_code"]): r["province_id"] for r in tables["provinces"] if r["gso_code"]},
        alias_codes={name: frozenset(codes) for name, codes in aliases.items()},
        external_codes={key: frozenset(codes) for key, codes in external.items()},
        inferred_codes=frozenset(inferred),
        schemes=frozenset(schemes | {"name", "gso"}),
        successors={key: tuple(ids) for key, ids in successors.items()},
        unchanged={
            r["predecessor_id"]: r["successor_id"] for r in tables["province_succession"] if r["change"] == "unchanged"
        },
        label_kinds={fold(row["label"]): row["kind"] for row in tables["region_labels"]},
        region_labels=_region_labels(tables["region_labels"]),
        regions={(a.boundary_set, fold(a.name_vi)): a.province_id for a in areas.values() if a.area_level == "region"},
        units=_units(tables["units"], tables["unit_aliases"]),
        indicators={row["indicator_code"]: row for row in tables["indicators"]},
        bounds=_bounds(tables),
        # sheets of portals tell channels of filing apart, too
        members=frozenset((row["dimension"], row["code"]) for row in tables["breakdown_members"])
        | {("channel", row["channel"]) for row in tables["dossier_channels"]},
        codes={name: tuple(row[column] for row in tables[name]) for name, column in CODE_COLUMNS.items()},
        code_names={
            name: {fold(row[title]): row[column] for title in ("name_en", "name_vi") for row in tables[name]}
            for name, column in CODE_COLUMNS.items()
        },
        spellings=tuple(sorted({r["alias"] for r in tables["province_aliases"]} | {a.name_vi for a in areas.values()})),
        parts=_parts(tables["provinces"], areas),
    )


def _parts(provinces: Iterable[Row], areas: Mapping[str, Area]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Set and region or country -> the provinces of the set in it."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    countries = [area.province_id for area in areas.values() if area.area_level == "country"]
    for row in provinces:
        if row["area_level"] == "province":
            for whole in (row["region_id"], *countries):
                found[row["boundary_set"], whole].append(row["province_id"])
    return {key: tuple(ids) for key, ids in found.items()}


def _region_labels(labels: Iterable[Row]) -> Mapping[str, frozenset[str]]:
    """Folded label of a region -> folded names of the regions it may mean; which one, the boundary set tells."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in labels:
        if row["kind"] == "region":
            found[fold(row["label"])].add(fold(row["region_vi"]))
    return {label: frozenset(names) for label, names in found.items()}


def _agreed_codes(aliases: Iterable[Row], schemes: Iterable[str]) -> Mapping[tuple[str, str], set[str]]:
    """Codes all schemes of a kind agree on (`code3`), for each scheme of it (`vnpt_code3`), which may lack some."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in aliases:
        for scheme in schemes:
            if scheme.endswith(f"_{row['kind']}"):
                found[scheme, fold_name(row["alias"])].add(row["code_63"])
    return found


def _boundary_sets(provinces: Iterable[Row]) -> tuple[BoundarySet, ...]:
    days: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for row in provinces:
        if row["area_level"] == "province":
            days[row["boundary_set"]].append((_day(row["valid_from"], date.min), _day(row["valid_to"], date.max)))
    sets = [BoundarySet(name, min(d[0] for d in spans), max(d[1] for d in spans)) for name, spans in days.items()]
    return tuple(sorted(sets, key=lambda each: each.first_day))


def _names(
    provinces: Iterable[Row], versions: Iterable[Row], areas: Mapping[str, Area]
) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Set -> folded name of any version -> provinces. Regions repeat across sets: they are labels, not places."""
    names: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in (*provinces, *versions):
        area = areas.get(row["province_id"])
        if area is not None and area.area_level == "province":
            for name in (row["name_vi"], row["name_en"]):
                names[area.boundary_set][fold_name(name)].add(area.province_id)
    return {each: {name: frozenset(ids) for name, ids in found.items()} for each, found in names.items()}


def _units(units: Iterable[Row], aliases: Iterable[Row]) -> Mapping[str, tuple[str, Decimal]]:
    """Folded label -> (unit, multiplier). A label equal to a unit needs no alias."""
    found = {fold(row["unit"]): (row["unit"], Decimal(1)) for row in units}
    for row in aliases:
        found[fold(row["label"])] = (row["unit"], _number(row["multiplier"], "unit_aliases.csv") or Decimal(1))
    return found


def _bounds(tables: Mapping[str, Sequence[Row]]) -> Mapping[str, tuple[Decimal | None, Decimal | None]]:
    """Indicator -> least and greatest value: its own row if it has one, else its unit's."""
    own = {row["indicator_code"]: row for row in tables["indicator_bounds"]}
    by_unit = {row["unit"]: row for row in tables["units"]}
    none = {"min_value": "", "max_value": ""}
    rows = {
        row["indicator_code"]: own.get(row["indicator_code"], by_unit.get(row["unit"], none))
        for row in tables["indicators"]
    }
    tables_of_bounds = "indicator_bounds.csv or units.csv"
    return {
        code: (_number(row["min_value"], tables_of_bounds), _number(row["max_value"], tables_of_bounds))
        for code, row in rows.items()
    }


def _day(text: str, default: date) -> date:
    try:
        return date.fromisoformat(text) if text else default
    except ValueError as error:
        raise ReferenceFault(f"provinces.csv: {text!r} is no date as YYYY-MM-DD") from error


def _number(text: str, table: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation as error:
        raise ReferenceFault(f"{table} holds {text!r} where a number belongs") from error
