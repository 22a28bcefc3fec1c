"""What the star's centre must hold of later areas, told from the plain meaning of each rule.

Nothing here is shared with the SQL: ancestors are looked up one change at a time, backwards, for each single value.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import count
from typing import NamedTuple

Key = tuple[str, str, str]  # area, indicator, period
Succession = Mapping[str, Mapping[str, Fraction | None]]  # successor to its predecessors, each with the share it gave


class Fact(NamedTuple):
    """What was reported of an area itself."""

    value: Decimal | None
    is_inexact: bool = False


class Indicator(NamedTuple):
    """One row of the catalogue; the years in which its rule over areas holds, where it does not always."""

    kind: str
    area_rule: str
    weight: str = ""
    numerators: tuple[str, ...] = ()
    denominators: tuple[str, ...] = ()
    years: range | None = None


class Told(NamedTuple):
    """One row of the centre."""

    value: Decimal | None
    method: str
    reason: str | None
    status: str | None
    coverage: tuple[int, int] | None = None


class Behind(NamedTuple):
    """The generation of ancestors that answers for an area: the share each gave, and what is told of them."""

    shares: Mapping[str, Fraction | None]
    facts: Mapping[str, Fact]


class World(NamedTuple):
    """All that is known."""

    facts: Mapping[Key, Fact]
    succession: Succession
    catalogue: Mapping[str, Indicator]


def centre(world: World) -> dict[Key, Told]:
    """Every row the centre must hold, reported and derived."""
    areas = sorted({area for area, _, _ in world.facts} | set(world.succession))
    periods = sorted({period for _, _, period in world.facts})
    rows = {}
    for key in ((area, code, period) for area in areas for code in world.catalogue for period in periods):
        told = best(ways_to(world, key))
        if told is not None:
            rows[key] = told
    return rows


def best(ways: Iterable[Told]) -> Told | None:
    """The first way that has a number, else the first."""
    found = list(ways)
    return next((told for told in found if told.value is not None), found[0] if found else None)


def ways_to(world: World, key: Key) -> Iterator[Told]:
    """All ways to one value, the best first."""
    fact = world.facts.get(key)
    if fact is not None:
        yield Told(fact.value, "reported", None, "L" if fact.value is None else "P" if fact.is_inexact else "A")
    rule = rule_of(world, key)
    ratio = recomputed(world, key)
    if ratio is not None:
        yield ratio
    if rule == "sum":
        carried = summed(world, key)
    elif rule == "recompute":
        carried = null("missing_parts") if ratio is None and anything_behind(world, key) else None
    elif rule in ("simple_mean", "weighted_mean"):
        carried = averaged(world, key, rule)
    else:
        carried = null("not_transferable") if anything_behind(world, key, with_ratios=True) else None
    if carried is not None:
        yield carried


def rule_of(world: World, key: Key) -> str:
    """The rule that holds: one that does not fit the kind of the indicator, or the year, is none."""
    own = world.catalogue[key[1]]
    fitting = {"stock": ["sum"], "flow": ["sum"], "score": ["simple_mean"], "survey": ["weighted_mean"],
               "ratio": ["weighted_mean", "recompute"], "rank": []}[own.kind]  # fmt: skip
    if own.area_rule not in fitting or (own.years is not None and int(key[2][:4]) not in own.years):
        return "none"
    parts = (*own.numerators, *own.denominators)
    return "none" if any(world.catalogue[part].area_rule != "sum" for part in parts) else own.area_rule


def ancestors(succession: Succession, area: str, steps: int) -> dict[str, Fraction | None]:
    """Who stands behind an area so many changes back, and the share of each that lies in it."""
    found: dict[str, Fraction | None] = {area: Fraction(1)}
    for _ in range(steps):
        before: dict[str, Fraction | None] = {}
        for later, share in found.items():
            for predecessor, given in succession.get(later, {}).items():
                other = before.get(predecessor, Fraction(0))
                is_known = share is not None and given is not None and other is not None
                before[predecessor] = other + share * given if is_known else None
        found = before
    return found


def behind(world: World, key: Key) -> Behind | None:
    """The nearest generation of which anything has a number, else the nearest with a row."""
    area, code, period = key
    first = None
    for steps in count(1):
        shares = ancestors(world.succession, area, steps)
        if not shares:
            return first
        facts = {one: world.facts[one, code, period] for one in shares if (one, code, period) in world.facts}
        if any(fact.value is not None for fact in facts.values()):
            return Behind(shares, facts)
        if facts and first is None:
            first = Behind(shares, facts)
    return first


def anything_behind(world: World, key: Key, with_ratios: bool = False) -> bool:
    """Whether any ancestor has a row of its own, recomputed ones counted where they are asked for."""
    area, code, period = key
    for steps in count(1):
        shares = ancestors(world.succession, area, steps)
        if not shares:
            return False
        for one in shares:
            told = recomputed(world, (one, code, period)) if with_ratios else None
            if (one, code, period) in world.facts or (told is not None and told.method != "boundary_ratio"):
                return True
    return False


def null(reason: str, coverage: tuple[int, int] | None = None) -> Told:
    return Told(None, "not_derivable", reason, "O", coverage)


def covered(told: Behind) -> tuple[list[str], Told | None]:
    """Predecessors that passed on whole and have a number; and why that is not enough."""
    whole = [one for one, fact in told.facts.items() if told.shares[one] == 1 and fact.value is not None]
    coverage = (len(whole), len(told.shares))
    if any(share != 1 for share in told.shares.values()):
        return whole, null("unknown_share", coverage)
    return whole, null("incomplete_coverage", coverage) if len(whole) < len(told.shares) else None


def summed(world: World, key: Key) -> Told | None:
    told = behind(world, key)
    if told is None:
        return None
    whole, refused = covered(told)
    if refused is not None:
        return refused
    status = "E" if any(told.facts[one].is_inexact for one in whole) else "A"
    total = sum((told.facts[one].value for one in whole), Decimal(0))
    return Told(total, "boundary_sum", None, status, (len(whole), len(whole)))


def averaged(world: World, key: Key, rule: str) -> Told | None:
    told = behind(world, key)
    if told is None:
        return None
    whole, refused = covered(told)
    if refused is not None:
        return refused
    weight = world.catalogue[key[1]].weight
    weights = {one: Fraction(1) for one in whole}
    if rule == "weighted_mean":
        facts = [(one, world.facts.get((one, weight, key[2]))) for one in whole]
        if any(fact is None or fact.value is None for _, fact in facts):
            return null("missing_weight", (len(whole), len(whole)))
        weights = {one: Fraction(fact.value) for one, fact in facts}
    value = sum(Fraction(told.facts[one].value) * weights[one] for one in whole) / sum(weights.values())
    method = "boundary_mean" if rule == "simple_mean" else "boundary_weighted"
    return Told(rounded(value), method, None, "E", (len(whole), len(whole)))


class Part(NamedTuple):
    """A part of a ratio: its value, whether it came from predecessors, whether it is inexact."""

    value: Decimal | None
    is_carried: bool
    is_inexact: bool


def part_of(world: World, key: Key) -> Part | None:
    fact = world.facts.get(key)
    told = summed(world, key) if rule_of(world, key) == "sum" else None
    if fact is None or (fact.value is None and told is not None and told.value is not None):
        return None if told is None else Part(told.value, True, told.status == "E")
    return Part(fact.value, False, fact.is_inexact)


def recomputed(world: World, key: Key) -> Told | None:
    """100 times the sum of numerators by the sum of denominators; None where no numerator is told of."""
    own = world.catalogue[key[1]]
    parts = {code: part_of(world, (key[0], code, key[2])) for code in (*own.numerators, *own.denominators)}
    if all(parts[code] is None for code in own.numerators):
        return None
    known = [part for part in parts.values() if part is not None]
    is_carried = any(part.is_carried for part in known)
    if is_carried and rule_of(world, key) != "recompute":
        return None
    for codes, name in ((own.numerators, "numerator"), (own.denominators, "denominator")):
        if any(parts[code] is None for code in codes):
            return null(f"missing_{name}")
    for codes, name in ((own.numerators, "numerator"), (own.denominators, "denominator")):
        if any(parts[code].value is None for code in codes):
            return null(f"null_{name}")
    below = sum(Fraction(parts[code].value) for code in own.denominators)
    if below == 0:
        return null("zero_denominator")
    value = 100 * sum(Fraction(parts[code].value) for code in own.numerators) / below
    status = "E" if any(part.is_inexact for part in known) else "A"
    return Told(rounded(value), "boundary_ratio" if is_carried else "ratio", None, status)


def rounded(value: Fraction) -> Decimal:
    """At ten decimals, half away from zero."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("1e-10"), ROUND_HALF_UP)
