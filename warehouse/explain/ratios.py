"""What is made of several indicators of one area and period: ratios of their parts, indices of their weighted parts."""

from fractions import Fraction
from typing import NamedTuple

from warehouse.explain.arithmetic import added, held, quotient
from warehouse.explain.figure import BOUNDARY_RATIO, COMPOSITE, RATIO, REPORTED, Figure, Part, best, derived_marks
from warehouse.explain.over_areas import area_rule
from warehouse.explain.over_time import part
from warehouse.explain.reported import stated
from warehouse.explain.star import Star, holds_in, remembered, rules_of


class _Denominator(NamedTuple):
    """A denominator found: of which period, and how many years older than the numerator."""

    figure: Figure
    age_years: int


@remembered
def ratio(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """A ratio from its parts, asked for wherever one of its numerators is told of."""
    indicator, period = star.indicators[indicator_code], star.periods[period_id]
    if indicator["kind"] != "ratio" or indicator["factor"] is None or period.period_type == "undated":
        return None
    codes = [code for code, _ in star.parts.get((indicator_code, "numerator"), ())]
    asked = star.parts.get((indicator_code, "denominator"), ())
    numerators = [one for code in codes if (one := part(star, province_id, code, period_id)) is not None]
    if not numerators:
        return None
    found = [_denominator(star, province_id, code, period_id, age) for code, age in asked]
    denominators = [each for each in found if each is not None]
    told = [*numerators, *(each.figure for each in denominators)]
    crosses = any(one.crosses_boundary for one in told)
    if crosses and area_rule(star, indicator_code, period.year) != "recompute":
        return None
    above, below = (added(one.value for one in side) for side in (numerators, [each.figure for each in denominators]))
    reason = _reason((len(codes), numerators), (len(asked), [each.figure for each in denominators]), below)
    factor = int(indicator["factor"])
    value = quotient(above, below, factor) if reason is None and above is not None and below is not None else None
    if reason is None and value is None:
        reason = "out_of_range"
    is_loose, age = any(one.is_inexact for one in told), max((each.age_years for each in denominators), default=0)
    wanted = {*codes, *(code for code, _ in asked)}
    older = max((each.figure.period_id for each in denominators), default=None)
    return Figure(
        BOUNDARY_RATIO if crosses else RATIO, province_id, indicator_code, period_id, value=value,
        unit=indicator["unit"], **derived_marks(reason, is_loose or age > 0, is_loose), crosses_boundary=crosses,
        denominator_period_id=older if reason is None else None,
        parts=(
            *(Part("numerator", one) for one in numerators),
            *(Part("denominator", each.figure, facts={"age_years": each.age_years}) for each in denominators),
        ),
        facts={"factor": factor, "missing": sorted(wanted - {one.indicator_code for one in told})},
    )  # fmt: skip


def _denominator(
    star: Star, province_id: str, code: str, period_id: str, max_age_years: int | None
) -> _Denominator | None:
    """That of the same period, else of the nearest year not later; a null one only where no year has a number."""
    same = part(star, province_id, code, period_id)
    if same is not None and same.value is not None:
        return _Denominator(same, 0)
    year = star.periods[period_id].year
    ages = () if max_age_years is None or year is None else [(age, str(year - age)) for age in range(max_age_years + 1)]
    for age, older_id in ages:
        older = part(star, province_id, code, older_id) if older_id in star.periods else None
        if older is not None and older.value is not None:
            return _Denominator(older, age)
    return None if same is None else _Denominator(same, 0)


def _reason(
    numerators: tuple[int, list[Figure]], denominators: tuple[int, list[Figure]], below: Fraction | None
) -> str | None:
    """Why there is no ratio; of each side how many parts it has and which were found."""
    (above_count, above_found), (below_count, below_found) = numerators, denominators
    if len(above_found) < above_count:
        return "missing_numerator"
    if below_count == 0 or len(below_found) < below_count:
        return "missing_denominator"
    if any(one.value is None for one in above_found):
        return "null_numerator"
    if any(one.value is None for one in below_found):
        return "null_denominator"
    return "zero_denominator" if below == 0 else None


def composite(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """An index from its reported parts by the weights of its year, asked for wherever one of them is told of."""
    year = star.periods[period_id].year
    rules = [row for row in rules_of(star, "index_weight", indicator_code) if holds_in(row, year) and row["value"] != 0]
    told = {row["item_code"]: _index_part(star, province_id, row["item_code"], period_id) for row in rules}
    parts = [
        Part("index_part", one, weight=row["value"], facts={"rule_id": row["rule_id"], "reason": row["reason"]})
        for row in rules
        if (one := told[row["item_code"]]) is not None
    ]
    if not parts:
        return None
    points = [
        Fraction(each.weight or 0) * Fraction(each.figure.value) for each in parts if each.figure.value is not None
    ]
    total = held(sum(points, Fraction(0)))
    reason = None
    if len(parts) < len(rules):
        reason = "missing_part"
    elif len(points) < len(parts):
        reason = "null_part"
    elif total is None:
        reason = "out_of_range"
    is_loose = any(each.figure.is_inexact for each in parts)
    return Figure(
        COMPOSITE, province_id, indicator_code, period_id, value=None if reason else total,
        unit=star.indicators[indicator_code]["unit"], **derived_marks(reason, is_loose), partial_value=total,
        parts=tuple(parts), facts={"missing": sorted(code for code, one in told.items() if one is None)},
    )  # fmt: skip


def _index_part(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    return best([one for one in stated(star, province_id, indicator_code, period_id) if one.derivation == REPORTED])
