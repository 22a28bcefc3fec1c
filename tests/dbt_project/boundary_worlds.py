"""Invented worlds: areas that merge and cede parts over several sets, and what was reported of them; same for one seed.

Each world has areas, boundary sets and a country of its own, so that one build holds as many as wanted.
"""

from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

from tests.dbt_project.boundary_oracle import Fact, Indicator, Key, World

STARTS = ("2004-01-01", "2008-08-01", "2015-03-01", "2025-07-01")
PERIODS = ("2003-12", "2016-06", "2024-12", "2025-08", "2030-01")  # any set may be reported on at any time
CATALOGUE = {
    "w_stock": Indicator("stock", "sum"),
    "w_flow": Indicator("flow", "sum"),
    "w_distinct": Indicator("stock", "none"),
    "w_ratio": Indicator("ratio", "recompute", numerators=("w_flow",), denominators=("w_stock",)),
    "w_distinct_ratio": Indicator("ratio", "recompute", numerators=("w_distinct",), denominators=("w_stock",)),
    "w_share": Indicator("survey", "weighted_mean", weight="w_stock"),
    "w_score": Indicator("score", "simple_mean"),
    "w_score_once": Indicator("score", "simple_mean", years=range(2024, 2025)),
    "w_rank": Indicator("rank", "none"),
    "w_summed_rank": Indicator("rank", "sum"),  # a slip of the catalogue, as is the next one
    "w_mean_ratio": Indicator("ratio", "simple_mean"),
}


class Drawn(NamedTuple):
    """Sets of areas, first to last; predecessor, successor, number of the later set, share; what was reported."""

    country: str
    sets: list[list[str]]
    changes: list[tuple[str, str, int, Fraction | None]]
    facts: dict[Key, Fact]
    whole_months: dict[str, int]  # month to the set on which everything was reported and nothing else

    @property
    def has_cessions(self) -> bool:
        return any(share is None for *_, share in self.changes)


def draw(seed: int) -> Drawn:
    """One world: three to six areas, one to three changes of all boundaries, three months."""
    random = Random(seed)
    sets = [[f"W{seed}S0A{number}" for number in range(random.randint(3, 6))]]
    changes: list[tuple[str, str, int, Fraction | None]] = []
    for number in range(1, random.randint(2, 4)):
        sets.append(_after(random, sets[-1], f"W{seed}S{number}", number, changes))
    drawn = Drawn(f"W{seed}", sets, changes, {}, {})
    for period in random.sample(PERIODS, 3):
        on = random.randrange(len(sets))
        is_whole = random.random() < 0.6
        _report(random, drawn, period, sets[on], is_whole)
        if is_whole:
            drawn.whole_months[period] = on
        elif random.random() < 0.5:
            _report(random, drawn, period, random.choice(sets), random.random() < 0.5)
    return drawn


def _after(random: Random, areas: list[str], name: str, number: int, changes: list[Any]) -> list[str]:
    """The next set: areas thrown together at random, and seldom one whose parts go to two of the new ones."""
    count = random.randint(max(2, len(areas) // 2), len(areas))
    groups = [*range(count), *(random.randrange(count) for _ in areas[count:])]
    successors = [f"{name}A{group}" for group in range(count)]
    torn = random.choice(areas) if random.random() < 0.25 else None
    for area, group in zip(areas, random.sample(groups, len(groups)), strict=True):
        share = None if area == torn else Fraction(1)
        changes.append((area, successors[group], number, share))
        if area == torn:
            changes.append((area, successors[(group + 1) % count], number, None))
    return successors


def _report(random: Random, drawn: Drawn, period: str, areas: list[str], is_whole: bool) -> None:
    """What is told of these areas in a month: everything, or some of it, some of that being a null."""
    told = [code for code in CATALOGUE if is_whole or random.random() < 0.7]
    if not is_whole and "w_flow" in told and random.random() < 0.5:
        told.remove("w_flow")  # the ratio was printed, its parts were not
    for code in told:
        for area in areas:
            if is_whole or random.random() < 0.8:
                is_null = not is_whole and random.random() < 0.1
                value = None if is_null else _figure(random, code)
                drawn.facts[area, code, period] = Fact(value, value is not None and random.random() < 0.1)
    if is_whole:
        for code in ("w_stock", "w_flow"):
            total = sum(drawn.facts[area, code, period].value for area in areas)
            drawn.facts[drawn.country, code, period] = Fact(total)


def _figure(random: Random, code: str) -> Decimal:
    if CATALOGUE[code].kind in ("stock", "flow"):
        return Decimal(random.randint(1, 9_000_000_000))
    if CATALOGUE[code].kind == "rank":
        return Decimal(random.randint(1, 6))
    return Decimal(random.randint(0, 1_000_000)) / 10_000


def as_world(worlds: list[Drawn]) -> World:
    """All of them, as the oracle takes them."""
    succession: dict[str, dict[str, Fraction | None]] = {}
    for drawn in worlds:
        for predecessor, successor, _, share in drawn.changes:
            succession.setdefault(successor, {})[predecessor] = share
    facts = {key: fact for drawn in worlds for key, fact in drawn.facts.items()}
    return World(facts, succession, CATALOGUE)


def seed_rows(worlds: list[Drawn]) -> dict[str, list[dict[str, Any]]]:
    """Rows a home would lay over our seeds; columns not named are empty."""
    areas = [(drawn.country, "country", "all", None, None) for drawn in worlds]
    for drawn in worlds:
        for number, names in enumerate(drawn.sets):
            areas += [(name, "province", f"{drawn.country}S{number}", STARTS[number], None) for name in names]
    return {
        "provinces": [
            {"province_id": name, "area_level": level, "boundary_set": its_set, "name_vi": name, "name_en": name,
             "kind": level, "valid_from": start, "valid_to": end}
            for name, level, its_set, start, end in areas
        ],
        "province_succession": [
            {"predecessor_id": predecessor, "successor_id": successor, "effective_date": STARTS[number],
             "change": "ceded_part" if share is None else "merged", "share": None if share is None else int(share)}
            for drawn in worlds
            for predecessor, successor, number, share in drawn.changes
        ],
        "indicators": [
            {"indicator_code": code, "name_vi": code, "name_en": code, "unit": "%", "kind": one.kind,
             "direction": "up", "factor": 100 if one.numerators else None, "area_rule": one.area_rule,
             "area_weight_code": one.weight or None, "time_rule": "none", "periodicity": "month"}
            for code, one in CATALOGUE.items()
        ],
        "indicator_parts": [
            {"indicator_code": code, "role": role, "part_code": part}
            for code, one in CATALOGUE.items()
            for role, parts in (("numerator", one.numerators), ("denominator", one.denominators))
            for part in parts
        ],
        "area_rule_years": [
            {"indicator_code": code, "first_year": one.years[0], "last_year": one.years[-1], "why": "test"}
            for code, one in CATALOGUE.items()
            if one.years is not None
        ],
        "ranking_measures": [{"ranked_code": "w_score", "measure": "rank", "indicator_code": "w_rank"}],
    }  # fmt: skip
