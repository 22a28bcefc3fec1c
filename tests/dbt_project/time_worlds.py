"""Random reported figures of one true course of things: with gaps, slips, revisions, two sources and running totals."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

from tests.dbt_project.fixture_inputs import load, row
from tests.dbt_project.time_oracle import Fact, period_of

YEARS = (2020, 2021, 2022)
SOURCES = {"s1": 10, "s2": 20}
STOCKS = ("tel_mobile_sub", "tel_mobile_smart_sub", "dvc_carried_over")
FLOWS = ("dvc_received", "dvc_online", "tel_revenue")
YEARLY = {"ctx_pop_avg": "period", "dti_score": "period", "dti_rank": "period", "pci_score": "period"}
NEVER_ROLLED = ("dvc_days_median", "tel_smart_per_pop", "dvc_online_pct")


def some_facts(seed: int, provinces: Sequence[str]) -> list[Fact]:
    """One world a province: how much of each kind of period is reported differs from world to world."""
    random = Random(seed)
    return [fact for province_id in provinces for fact in _world(random, province_id)]


def _world(random: Random, province_id: str) -> Iterator[Fact]:
    density = {length: random.choice((0, 0.2, 0.8, 1)) for length in (1, 3, 6, 12)}
    for source_id, rank in SOURCES.items():
        shared = 1 if source_id == "s1" else random.choice((0, 0.3))
        blank = Fact(province_id, "", "", "", None, source_id, rank)
        for code in STOCKS:
            yield from _series(random, replace(blank, indicator_code=code, basis="point"), density, shared)
        for code in FLOWS:
            months = [random.randint(0, 50) for _ in range(12 * len(YEARS))]
            own = replace(blank, indicator_code=code, basis="period")
            yield from _series(random, own, density, shared, months)
            yield from _running_totals(random, own, months, shared * random.choice((0, 0.3, 1)))
        for code in NEVER_ROLLED:
            yield from _series(random, replace(blank, indicator_code=code, basis="period"), density, shared)
        for code, basis in YEARLY.items():
            for year in range(YEARS[0] - 3, YEARS[-1] + 1):
                if random.random() < 0.5 * shared:
                    number = 20_000 if code == "ctx_pop_avg" else random.randint(1, 60)
                    yield _told(random, replace(blank, indicator_code=code, period_id=str(year), basis=basis), number)


def _series(
    random: Random, blank: Fact, density: dict[int, float], shared: float, months: list[int] | None = None
) -> Iterator[Fact]:
    """Figures of months, quarters, halves and years, of a flow as the true months add up, of a stock at its end."""
    course = [random.randint(1_000, 9_000) for _ in range(12 * len(YEARS))]
    for length in density:
        for first in range(0, len(course), length):
            period_id = period_of((YEARS[0] * 12 + first, length))
            true = course[first + length - 1] if months is None else sum(months[first : first + length])
            if period_id is not None and random.random() < density[length] * shared:
                slip = random.choice((0, 0, 0, 0, 0, 0, 1, -7))
                odd = {"point": "period", "period": "point"}[blank.basis] if random.random() < 0.03 else blank.basis
                yield _told(random, replace(blank, period_id=period_id, basis=odd), true + slip)


def _running_totals(random: Random, blank: Fact, months: list[int], density: float) -> Iterator[Fact]:
    """Totals since January or since ever; one in ten is revised, so that the next difference may be negative."""
    for basis in ("ytd", "cumulative"):
        for last in range(len(months)):
            first = last // 12 * 12 if basis == "ytd" else 0
            total = sum(months[first : last + 1]) + random.choice((0,) * 9 + (-80,))
            year, month = divmod(YEARS[0] * 12 + last, 12)
            texts = {f"{year}-{month + 1:02d}"}
            if month in {2, 5, 8, 11} and random.random() < 0.3:
                texts.add(f"{year}-Q{month // 3 + 1}")
            if month == 8 and random.random() < 0.2:
                texts.add(f"{year}-09-30")
            for text in sorted(texts):
                if random.random() < density:
                    slip = random.choice((0, 0, 0, 0, 0, 3))
                    told = replace(blank, period_id=text, basis=basis)
                    yield _told(random, told, total + slip * (len(texts) > 1))


def _told(random: Random, fact: Fact, number: int) -> Fact:
    """The figure as a source prints it: some missing, provisional, worded loosely, or rounded to tens or cut."""
    chance = random.random()
    if chance < 0.04:
        return replace(fact, value=None, status="L")
    status = "P" if chance < 0.1 else "A"
    qualifier = random.choice(("more_than", "almost", "approx")) if chance > 0.93 else "exact"
    decimals = random.choice((0, 0, 0, 1, -1))
    value = Fraction(number if decimals >= 0 else number // 10 * 10)
    return replace(fact, value=value, status=status, qualifier=qualifier, decimals=decimals)


def tables(facts: Sequence[Fact]) -> dict[str, list[dict[str, Any]]]:
    """The facts as the inputs of a build: one load a source."""
    rows = [
        row(f"load_{fact.source_id}", number, fact.province_id, fact.indicator_code, fact.period_id,
            None if fact.value is None else int(fact.value), basis=fact.basis, status=fact.status,
            qualifier=fact.qualifier, decimals=fact.decimals, source_id=fact.source_id)
        for number, fact in enumerate(facts, start=1)
    ]  # fmt: skip
    loads = [
        load(f"load_{source_id}", source_id, "indicators", place, sum(one["source_id"] == source_id for one in rows))
        for place, source_id in enumerate(SOURCES, start=1)
    ]
    sources = [
        {"source_id": source_id, "publisher": source_id, "title": source_id, "shape": "indicators", "licence": "CC0",
         "frequency": "month", "rank": rank, "due_day": None, "boundary_set": "by_period", "legal_basis": None,
         "url": None, "description": None}
        for source_id, rank in SOURCES.items()
    ]  # fmt: skip
    return {"indicators": rows, "loads": loads, "sources": sources}
