"""What was said of an area and period itself: reported totals, sums over members, flows of running totals."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from warehouse.explain.arithmetic import added, held
from warehouse.explain.dossiers import counted
from warehouse.explain.figure import (
    BREAKDOWN_SUM,
    REPORTED,
    RUNNING_TOTALS,
    Figure,
    Part,
    best,
    derived_marks,
    precedence,
)
from warehouse.explain.star import Period, Star, holds_in, observations, observations_of_year, remembered, rules_of
from warehouse.sql import Row

_SPANS = ("month", "quarter", "half", "year")
_NATURAL = {"flow": "period", "stock": "point"}


def base(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """What is known of the area itself, before anything is derived from other periods or areas."""
    return best(stated(star, province_id, indicator_code, period_id))


@remembered
def stated(star: Star, province_id: str, indicator_code: str, period_id: str) -> list[Figure]:
    """Every way in which the area itself was told of: reported, summed over members, from running totals."""
    key = (province_id, indicator_code, period_id)
    told = [_figure(star, key, row) for row in observations(star, *key)]
    totals = [one for one in told if one.breakdown == "total" and one.basis in ("point", "period")]
    logged = counted(star, *key)
    return [*totals, *_member_sums(star, key, told), *([logged] if logged else []), *_flows(star, key)]


def _figure(star: Star, key: tuple[str, str, str], row: Row) -> Figure:
    natural = _NATURAL.get(star.indicators[key[1]]["kind"])
    promised = rules_of(star, "expected_member", key[1])
    origin = {
        "source_id": row["source_id"],
        "load_id": row["load_id"],
        "source_rank": star.sources[row["source_id"]]["rank"],
        "is_promised": any((r["source_id"], r["item_code"]) == (row["source_id"], row["breakdown"]) for r in promised),
        "accept_no": star.loads[row["load_id"]]["accept_no"],
    }
    copied = ("value", "unit", "status", "qualifier", "basis", "breakdown", "decimals")
    return Figure(
        REPORTED, *key, **{name: row[name] for name in copied}, is_natural_basis=row["basis"] == natural,
        origin=origin, cell=row,
    )  # fmt: skip


def _member_sums(star: Star, key: tuple[str, str, str], told: Iterable[Figure]) -> list[Figure]:
    """One sum per additive dimension and basis."""
    indicator = star.indicators[key[1]]
    if indicator["kind"] not in _NATURAL or indicator["area_rule"] != "sum":
        return []
    additive = {row["item_code"] for row in rules_of(star, "additive_dimension", None)}
    additive -= {row["item_code"] for row in rules_of(star, "not_additive", key[1])}
    groups: dict[tuple[str | None, str], dict[str, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for one in told:
        dimension = one.breakdown.split(":")[0]
        is_single = one.breakdown != "total" and ";" not in one.breakdown
        if is_single and dimension in additive and one.basis in ("point", "period"):
            groups[one.basis, dimension][one.breakdown].append(one)
    return [_member_sum(star, key, dimension, members) for (_, dimension), members in groups.items()]


def _member_sum(star: Star, key: tuple[str, str, str], dimension: str, members: dict[str, list[Figure]]) -> Figure:
    ordered = {member: sorted(own, key=precedence) for member, own in sorted(members.items())}
    taken = {member: replace(own[0], others=tuple(own[1:])) for member, own in ordered.items()}
    expected = _expected(star, key[1], dimension, star.periods.get(key[2]))
    count = sum(one.value is not None and member in expected for member, one in taken.items())
    total = added(one.value for one in taken.values())
    partial = None if total is None else held(total)
    reason = None
    if not expected:
        reason = "unknown_coverage"
    elif count < len(expected):
        reason = "incomplete_coverage"
    elif partial is None:
        reason = "out_of_range"
    first = next(iter(taken.values()))
    is_loose = any(one.is_inexact for one in taken.values() if one.value is not None)
    return Figure(
        BREAKDOWN_SUM, *key, value=None if reason else partial, unit=star.indicators[key[1]]["unit"], basis=first.basis,
        **derived_marks(reason, is_loose), partial_value=partial, coverage=(dimension, count, len(expected)),
        is_natural_basis=first.is_natural_basis, is_loose=is_loose,
        parts=tuple(Part("member", one) for one in taken.values()),
        facts={"missing": sorted(expected - {member for member, one in taken.items() if one.value is not None})},
    )  # fmt: skip


def _expected(star: Star, indicator_code: str, dimension: str, period: Period | None) -> set[str]:
    """Members that somebody owes for the whole of a period."""
    if period is None or period.start_date is None or period.end_date is None:
        return set()
    return {
        row["item_code"]
        for row in rules_of(star, "expected_member", indicator_code)
        if row["item_code"].split(":")[0] == dimension
        and ";" not in row["item_code"]
        and _day(star, row["first_period_id"], date.min, "start_date") <= period.start_date
        and _day(star, row["last_period_id"], date.max, "end_date") >= period.end_date
    }


def _day(star: Star, period_id: str | None, unlimited: date, column: str) -> date:
    day: date = unlimited if period_id is None else getattr(star.periods[period_id], column)
    return day


def _running_totals(
    star: Star, province_id: str, indicator_code: str, calendar: str, end: date
) -> dict[tuple[str, str], list[Figure]]:
    """(source, basis) to the running totals that end on a day."""
    found: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for period_id, told in observations_of_year(star, province_id, indicator_code, end.year).items():
        period = star.periods.get(period_id)
        for row in told if period is not None and (period.calendar, period.end_date) == (calendar, end) else ():
            if row["breakdown"] == "total" and row["basis"] in ("ytd", "cumulative") and row["value"] is not None:
                one = _figure(star, (province_id, indicator_code, period_id), row)
                found[row["source_id"], row["basis"]].append(one)
    return found


def _flows(star: Star, key: tuple[str, str, str]) -> list[Figure]:
    """What flowed in the period between two running totals of one source; from the first of January, one is enough."""
    indicator, period = star.indicators[key[1]], star.periods[key[2]]
    if (indicator["kind"], indicator["time_rule"]) != ("flow", "sum") or period.period_type not in _SPANS:
        return []
    if period.start_date is None or period.end_date is None:
        return []
    closings = _running_totals(star, *key[:2], period.calendar, period.end_date)
    day_before = period.start_date - timedelta(days=1)
    openings = _running_totals(star, *key[:2], period.calendar, day_before) if closings else {}
    begins_year = star.year_starts[period.calendar, period.year] == period.start_date
    found = []
    for (source_id, basis), closing in closings.items():
        needs_none = basis == "ytd" and begins_year
        opening = [] if needs_none else openings.get((source_id, basis), [])
        if needs_none or opening:
            found.append(_flow(star, key, closing, opening))
    return found


def _flow(star: Star, key: tuple[str, str, str], closing: list[Figure], opening: list[Figure]) -> Figure:
    first, last = _numbers(opening), _numbers(closing)
    difference = Fraction(min(last)) - (Fraction(min(first)) if first else 0)
    count = 2 if opening else 1
    reason = None
    if min(last) != max(last) or (first and min(first) != max(first)):
        reason = "contradictory_totals"
    elif opening and _edition(star, closing[0]) != _edition(star, opening[0]):
        reason = "crosses_edition"
    elif opening and difference < 0:
        reason = "negative_difference"
    elif held(difference) is None:
        reason = "out_of_range"
    told = [*closing, *opening]
    partial, is_loose = held(difference), any(one.is_inexact for one in told)
    origin = {
        **closing[0].origin,
        "load_id": max(one.origin["load_id"] for one in closing),
        "accept_no": max(
            (one.origin["accept_no"] for one in closing if one.origin["accept_no"] is not None), default=None
        ),
        "is_promised": None,
    }
    return Figure(
        RUNNING_TOTALS, *key, value=None if reason else partial, unit=star.indicators[key[1]]["unit"], basis="period",
        **derived_marks(reason, is_loose), partial_value=partial, coverage=(closing[0].basis, count, count),
        is_natural_basis=True, is_loose=is_loose, origin=origin,
        parts=(*(Part("closing", one) for one in closing), *(Part("opening", one) for one in opening)),
    )  # fmt: skip


def _numbers(figures: Iterable[Figure]) -> list[Decimal]:
    return [one.value for one in figures if one.value is not None]


def _edition(star: Star, figure: Figure) -> str | None:
    return edition_of(star, figure.indicator_code, star.periods[figure.period_id].year)


def edition_of(star: Star, indicator_code: str, year: int | None) -> str | None:
    """The method an index was made by in a year; a component follows its parent's."""
    own = rules_of(star, "edition", indicator_code) or rules_of(
        star, "edition", star.indicators[indicator_code]["parent_code"]
    )
    return next((row["item_code"] for row in own if holds_in(row, year)), None)
