"""What the star's centre must hold of reported figures: each rule over time in plain Python, one series at a time.

Shares no code with the models: periods are spans of months, numbers are fractions, and every rule is a loop.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ingestion.seeds import Row

Span = tuple[int, int]  # first month, counted since year 0; number of months
Key = tuple[str, str, str]  # area, indicator, period
PARTS = {3: ("month", 1), 6: ("quarter", 3), 12: ("half", 6)}
ORDER = ("reported", "ytd_flow", "ratio", "rollup")
OVER = {"more_than", "at_least"}
UNDER = {"almost", "less_than", "at_most"}


@dataclass(frozen=True)
class Fact:
    """One reported total. `rank` is that of its source."""

    province_id: str
    indicator_code: str
    period_id: str
    basis: str
    value: Fraction | None
    source_id: str
    rank: int
    status: str = "A"
    qualifier: str = "exact"
    decimals: int = 0

    @property
    def is_inexact(self) -> bool:
        return self.qualifier != "exact" or self.status in {"P", "E"}


@dataclass(frozen=True)
class Figure:
    """One way to a value of the centre; `place` orders figures of one derivation."""

    derivation: str
    value: Fraction | None
    is_inexact: bool = False
    basis: str | None = None
    place: tuple[Any, ...] = ()
    reason: str | None = None
    coverage: tuple[str | None, int | None, int | None] = (None, None, None)
    partial: Fraction | None = None
    denominator_period_id: str | None = None
    status: str | None = None
    qualifier: str | None = None
    decimals: int | None = None

    @property
    def method(self) -> str:
        if self.reason is not None:
            return "not_derivable"
        return "rollup" if self.derivation == "ytd_flow" else self.derivation


def span_of(period_id: str) -> Span | None:
    """The months of a calendar period; None for days and for quarters of the administration."""
    match = re.fullmatch(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(\d\d)))?", period_id)
    if match is None:
        return None
    year, half, quarter, month = match.groups()
    january = int(year) * 12
    if half:
        return january + 6 * int(half) - 6, 6
    if quarter:
        return january + 3 * int(quarter) - 3, 3
    return (january + int(month) - 1, 1) if month else (january, 12)


def period_of(span: Span) -> str | None:
    """The period of a span of months, None where it is no month, quarter, half or year: nine months are none."""
    (year, month), length = divmod(span[0], 12), span[1]
    if length not in {1, 3, 6, 12} or month % length:
        return None
    return {1: f"{year}-{month + 1:02d}", 3: f"{year}-Q{month // 3 + 1}", 6: f"{year}-H{month // 6 + 1}"}.get(
        length, f"{year}"
    )


def best(figures: Iterable[Figure]) -> Figure:
    return min(figures, key=lambda one: (one.value is None, ORDER.index(one.derivation), one.place))


def reported(facts: Sequence[Fact], kind: str) -> dict[str, list[Figure]]:
    natural = {"flow": "period", "stock": "point"}.get(kind)
    found: dict[str, list[Figure]] = defaultdict(list)
    for fact in facts:
        if fact.basis in {"point", "period"}:
            place = (fact.rank, fact.basis != natural, fact.source_id, fact.basis)
            found[fact.period_id].append(
                Figure("reported", fact.value, fact.is_inexact, fact.basis, place, status=fact.status,
                       qualifier=fact.qualifier, decimals=fact.decimals)
            )  # fmt: skip
    return found


def flows(facts: Sequence[Fact]) -> dict[str, list[Figure]]:
    """What flowed between two running totals of one source: any two since ever, two of a year since January."""
    totals: dict[tuple[str, int, str], dict[int, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        if fact.basis in {"ytd", "cumulative"} and fact.value is not None:
            totals[fact.source_id, fact.rank, fact.basis][_month_after(fact.period_id)].append(fact)
    found: dict[str, list[Figure]] = defaultdict(list)
    for (source_id, rank, basis), by_end in totals.items():
        for end, closing in by_end.items():
            openings: list[tuple[int, list[Fact]]] = [
                (start, opening) for start, opening in by_end.items() if start < end
            ]
            if basis == "ytd":
                january = (end - 1) // 12 * 12
                openings = [(start, opening) for start, opening in openings if start > january] + [(january, [])]
            for start, opening in openings:
                period_id = period_of((start, end - start))
                if period_id is not None:
                    found[period_id].append(_flow(closing, opening, (rank, source_id, basis), basis))
    return found


def _flow(closing: list[Fact], opening: list[Fact], place: tuple[Any, ...], basis: str) -> Figure:
    (total, *others), (before, *others_before) = (
        sorted({fact.value for fact in facts if fact.value is not None}) or [Fraction(0)]
        for facts in (closing, opening)
    )
    count = 2 if opening else 1
    reason = None
    if others or others_before:
        reason = "contradictory_totals"
    elif opening and total < before:
        reason = "negative_difference"
    return Figure(
        "ytd_flow", None if reason else total - before, any(fact.is_inexact for fact in (*closing, *opening)), "period",
        place, reason, (basis, count, count),
    )  # fmt: skip


def _month_after(period_id: str) -> int:
    if len(period_id) == 10:  # a day, always the last of its month in these worlds
        period_id = period_id[:7]
    span = span_of(period_id)
    assert span is not None
    return span[0] + span[1]


def rollups(base: Mapping[str, Figure], rule: str) -> tuple[dict[str, Figure], dict[Span, Figure]]:
    """Quarters of months, halves of quarters, years of halves; a stated one counts beside a made one.

    Returns:
        What is made, and of every period what counts in a longer one.
    """
    known = {
        span: figure
        for period_id, figure in base.items()
        if (span := span_of(period_id)) and figure.value is not None and (rule != "sum" or figure.basis == "period")
    }
    found: dict[str, Figure] = {}
    for length in PARTS:
        made = _made([(known, rule)], length)
        found |= {period_of(span) or "": figure for span, figure in made.items()}
        known = {**made, **known}
    return found, known


def added(terms: Sequence[tuple[Mapping[Span, Figure], str]]) -> dict[str, Figure]:
    """Longer periods of a sum of indicators: each term by its own rule."""
    return {period_of(span) or "": figure for length in PARTS for span, figure in _made(terms, length).items()}


def _made(terms: Sequence[tuple[Mapping[Span, Figure], str]], length: int) -> dict[Span, Figure]:
    part_type, step = PARTS[length]
    years = {span[0] // 12 for known, _ in terms for span in known}
    made = {}
    for start in (year * 12 + month for year in years for month in range(0, 12, length)):
        parts = [
            ([known.get((part, step)) for part in range(start, start + length, step)], rule) for known, rule in terms
        ]
        if any(part is not None and part.value is not None for own, _ in parts for part in own):
            made[start, length] = _rolled(parts, part_type)
    return made


def _rolled(terms: Sequence[tuple[Sequence[Figure | None], str]], part_type: str) -> Figure:
    taken = [part for own, rule in terms for part in {"sum": own, "last": own[-1:], "first": own[:1]}[rule]]
    there = [part for part in taken if part is not None and part.value is not None]
    numbers = [part.value if part.value is not None else part.partial for part in taken if part is not None]
    total = sum((number for number in numbers if number is not None), Fraction(0))
    is_whole = len(there) == len(taken)
    return Figure(
        "rollup", total if is_whole else None, any(part.is_inexact for part in taken if part is not None),
        min((part.basis or "" for part in there), default=None), reason=None if is_whole else "incomplete_coverage",
        coverage=(part_type, len(there), len(taken)), partial=total,
    )  # fmt: skip


def ratio(values: Mapping[str, Mapping[str, Figure]], parts: Sequence[Row], factor: Fraction, period_id: str) -> Figure:
    """Factor times numerators over denominators, each of the period itself or of the nearest year not too far back."""
    sums = {"numerator": Fraction(0), "denominator": Fraction(0)}
    faults, is_inexact, ages, periods = [], False, [0], [""]
    for part in parts:
        series = values.get(part["part_code"], {})
        found, of_period = series.get(period_id), period_id
        if found is None or found.value is None:
            for age in range(int(part["max_age_years"] or -1) + 1):
                year = str(int(period_id[:4]) - age)
                if year in series and series[year].value is not None:
                    found, of_period = series[year], year
                    ages.append(age)
                    break
        if found is None:
            faults.append(f"missing_{part['role']}")
        elif found.value is None:
            faults.append(f"null_{part['role']}")
        else:
            sums[part["role"]] += found.value
            is_inexact = is_inexact or found.is_inexact
            if part["role"] == "denominator":
                periods.append(of_period)
    order = ("missing_numerator", "missing_denominator", "null_numerator", "null_denominator")
    reason = min(faults, key=order.index) if faults else "zero_denominator" if not sums["denominator"] else None
    if reason is not None:
        return Figure("ratio", None, reason=reason)
    value = _rounded(factor * sums["numerator"] / sums["denominator"])
    return Figure(
        "ratio", value, is_inexact, denominator_period_id=max(periods),
        status="E" if is_inexact or max(ages) > 0 else "A",
    )  # fmt: skip


def _rounded(number: Fraction) -> Fraction:
    """At 10 decimals, half away from zero."""
    scaled = (abs(number) * 10**10 * 2 + 1) // 2
    return Fraction(scaled if number >= 0 else -scaled, 10**10)


def contradicts(loser: Figure, winner: Figure) -> bool:
    """Whether neither the wording nor the printing of two figures explains their difference."""
    if loser.value is None or winner.value is None or "approx" in {_wording(loser), _wording(winner)}:
        return False
    units = [Fraction(0) if one.decimals is None else Fraction(10) ** -one.decimals for one in (loser, winner)]
    half = max(units) / 2
    coarse, fine = (loser, winner) if units[0] > units[1] else (winner, loser)
    assert coarse.value is not None and fine.value is not None
    cut = abs(fine.value) - abs(coarse.value)
    if fine.value * coarse.value >= 0 and 0 < cut < max(units):
        return False
    difference = loser.value - winner.value
    for wording, is_above in ((_wording(winner), True), (_wording(loser), False)):
        if wording in OVER:
            return difference < -half if is_above else difference > half
        if wording in UNDER:
            return difference > half if is_above else difference < -half
    return abs(difference) > half


def _wording(figure: Figure) -> str:
    return figure.qualifier or ("approx" if figure.is_inexact else "exact")


def _status(figure: Figure) -> str:
    if figure.reason is not None:
        return "O"
    return figure.status or ("E" if figure.is_inexact else "A")


def expected_centre(
    facts: Iterable[Fact], indicators: Mapping[str, Row], parts: Mapping[str, Sequence[Row]]
) -> dict[Key, dict[str, Any]]:
    """Every value of the centre with what explains it, by area, indicator and period.

    Args:
        facts: all reported totals, one source saying each thing once.
        indicators: rows of the catalogue by code.
        parts: rows of `indicator_parts` by ratio.
    """
    series: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        series[fact.province_id, fact.indicator_code].append(fact)
    figures: dict[Key, list[Figure]] = defaultdict(list)
    values: dict[str, dict[str, dict[str, Figure]]] = defaultdict(dict)
    known: dict[tuple[str, str], dict[Span, Figure]] = {}
    for (province_id, code), own in series.items():
        kind, rule = indicators[code]["kind"], indicators[code]["time_rule"]
        stated = reported(own, kind)
        for period_id, found in (flows(own) if (kind, rule) == ("flow", "sum") else {}).items():
            stated[period_id] += found
        base = {period_id: best(found) for period_id, found in stated.items()}
        rolled, known[province_id, code] = rollups(base, rule) if rule in {"sum", "last", "first"} else ({}, {})
        values[province_id][code] = {
            period_id: best(one[period_id] for one in (base, rolled) if period_id in one)
            for period_id in {*base, *rolled}
        }
        for period_id in {*stated, *rolled}:
            ways = [*stated.get(period_id, []), *([rolled[period_id]] if period_id in rolled else [])]
            figures[province_id, code, period_id] += ways
    for province_id, by_code in values.items():
        for code, needed in parts.items():
            terms = [part["part_code"] for part in needed if part["role"] == "term"]
            found = added([(known.get((province_id, part), {}), indicators[part]["time_rule"]) for part in terms])
            for period_id, figure in found.items():
                figures[province_id, code, period_id].append(figure)
            numerators = [part["part_code"] for part in needed if part["role"] == "numerator"]
            if indicators[code]["kind"] == "ratio" and indicators[code]["factor"]:
                for period_id in {period_id for part in numerators for period_id in by_code.get(part, {})}:
                    made = ratio(by_code, needed, Fraction(indicators[code]["factor"]), period_id)
                    figures[province_id, code, period_id].append(made)
    return {key: _shown(found) for key, found in figures.items()}


def _shown(figures: Sequence[Figure]) -> dict[str, Any]:
    winner = best(figures)
    return {
        "value": winner.value,
        "method": winner.method,
        "status": _status(winner),
        "reason_code": winner.reason,
        "coverage_of": winner.coverage[0],
        "coverage_count": winner.coverage[1],
        "coverage_expected": winner.coverage[2],
        "denominator_period_id": winner.denominator_period_id,
        "candidate_count": sum(figure.value is not None for figure in figures),
        "has_conflict": any(contradicts(figure, winner) for figure in figures if figure is not winner),
    }
