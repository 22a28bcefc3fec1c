"""What an area takes over from those that were there before: sums, means, and why nothing can be taken over."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from warehouse.explain.arithmetic import added, held, quotient, rounded
from warehouse.explain.dossiers import counted
from warehouse.explain.figure import (
    BOUNDARY_MEAN,
    BOUNDARY_NONE,
    BOUNDARY_RATIO,
    BOUNDARY_SUM,
    BOUNDARY_WEIGHTED,
    Figure,
    Part,
    derived_marks,
    stated_first,
)
from warehouse.explain.reported import base
from warehouse.explain.star import Ancestors, Star, holds_in, remembered, rules_of

_FITTING = {
    "stock": ("sum",),
    "flow": ("sum",),
    "score": ("simple_mean",),
    "survey": ("weighted_mean",),
    "ratio": ("weighted_mean", "recompute"),
}
_DERIVATIONS = {"simple_mean": BOUNDARY_MEAN, "weighted_mean": BOUNDARY_WEIGHTED, "recompute": BOUNDARY_RATIO}
# six decimals of a figure and three of a weight are multiplied exactly
_VALUE_PLACES, _WEIGHT_PLACES = 6, 3
Told = dict[str, list[Figure]]  # ancestor to what is known of it


@remembered
def area_rule(star: Star, indicator_code: str, year: int | None) -> str | None:
    """How an indicator is taken over in a year: what does not fit its kind or the year is `none`; None without year."""
    indicator = star.indicators[indicator_code]
    if year is None:
        return None
    owner = next((c for c in (indicator_code, indicator["parent_code"]) if rules_of(star, "area_rule_years", c)), None)
    if owner is not None and not any(holds_in(row, year) for row in rules_of(star, "area_rule_years", owner)):
        return "none"
    rule: str = indicator["area_rule"]
    if rule not in _FITTING.get(indicator["kind"], ()):
        return "none"
    lacks_weight = rule == "weighted_mean" and indicator["area_weight_code"] is None
    lacks_parts = rule == "recompute" and not _has_summable_parts(star, indicator_code)
    return "none" if lacks_weight or lacks_parts else rule


def _has_summable_parts(star: Star, indicator_code: str) -> bool:
    own = [part for (code, _), parts in star.parts.items() if code == indicator_code for part, _ in parts]
    rows = [star.indicators[part] for part in own]
    return all(row["kind"] in ("stock", "flow") and row["area_rule"] == "sum" for row in rows)


@remembered
def boundary_sum(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """The sum of all who stood behind an area, in the nearest generation of which anything has a number."""
    if area_rule(star, indicator_code, star.periods[period_id].year) != "sum":
        return None
    if counted(star, province_id, indicator_code, period_id) is not None:
        return None  # a log counts what was filed with the predecessors already
    groups = []
    for generation in star.ancestors.get(province_id, ()):
        told = {one: base(star, one, indicator_code, period_id) for one in generation.shares}
        for basis in {one.basis for one in told.values() if one is not None}:
            own = {area: [one] for area, one in told.items() if one is not None and one.basis == basis}
            groups.append((generation, basis, own))
    if not groups:
        return None
    generation, basis, own = min(groups, key=lambda group: _nearest(*group))
    whole = _whole(generation, own)
    partial = _sum(whole)
    reason = _reason(generation, len(whole)) or ("out_of_range" if partial is None else None)
    is_loose = any(one.is_inexact and one.value is not None for figures in own.values() for one in figures)
    return Figure(
        BOUNDARY_SUM, province_id, indicator_code, period_id,
        value=None if reason else partial, unit=star.indicators[indicator_code]["unit"], basis=basis,
        **derived_marks(reason, is_loose), partial_value=partial,
        coverage=("province", len(whole), len(generation.shares)), is_loose=is_loose, crosses_boundary=True,
        parts=_parts(generation, own), facts=_facts(generation, own, "sum"),
    )  # fmt: skip


def area(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """What was said of the area itself before what its predecessors add up to, but for a null."""
    key = (province_id, indicator_code, period_id)
    return stated_first(base(star, *key), lambda: boundary_sum(star, *key))


def boundary_mean(
    star: Star,
    province_id: str,
    indicator_code: str,
    period_id: str,
    part: Callable[..., Figure | None],
    ratio: Callable[..., Figure | None],
) -> Figure | None:
    """What is no sum on a later area: a mean, or nothing and why.

    Args:
        star: the release.
        province_id: the later area.
        indicator_code: the indicator.
        period_id: the period.
        part: what is known of an area and its shorter periods.
        ratio: the ratio recomputed from its parts.
    """
    rule = area_rule(star, indicator_code, star.periods[period_id].year)
    if rule in (None, "sum"):
        return None
    carried = _carried(star, province_id, indicator_code, period_id, rule == "none", part, ratio)
    if carried is None:
        return None
    if rule == "recompute" and ratio(star, province_id, indicator_code, period_id) is not None:
        return None  # recomputed on the later area: no word is needed about the earlier
    generation, own = carried
    whole = _whole(generation, own)
    numerator, denominator, weights, weight_period = _fraction(star, indicator_code, period_id, rule, generation, whole)
    reason = {"none": "not_transferable", "recompute": "missing_parts"}.get(str(rule)) or _reason(
        generation, len(whole)
    )
    if reason is None and denominator is None:
        reason = "missing_weight"
    elif reason is None and denominator == 0:
        reason = "zero_denominator"
    value = None
    if reason is None and denominator is not None:
        value = None if numerator is None else quotient(numerator, denominator)
        reason = "out_of_range" if value is None else None
    is_mean = rule in ("simple_mean", "weighted_mean")
    return Figure(
        _DERIVATIONS.get(str(rule), BOUNDARY_NONE), province_id, indicator_code, period_id, value=value,
        unit=star.indicators[indicator_code]["unit"],
        **derived_marks(reason, is_estimated=True), crosses_boundary=True,
        coverage=("province", len(whole), len(generation.shares)) if is_mean else (None, None, None),
        denominator_period_id=weight_period if reason is None else None,
        parts=(*_parts(generation, own), *(Part("weight", one) for one in weights)),
        facts=_facts(generation, own, str(rule), _rule_reason(star, indicator_code, star.periods[period_id].year)),
    )  # fmt: skip


def _carried(
    star: Star,
    province_id: str,
    indicator_code: str,
    period_id: str,
    with_ratios: bool,
    part: Callable[..., Figure | None],
    ratio: Callable[..., Figure | None],
) -> tuple[Ancestors, Told] | None:
    """Own figures of the nearest generation of which anything has a number, else of the nearest with a row."""
    ways = (part, ratio) if with_ratios else (part,)
    groups = []
    for generation in star.ancestors.get(province_id, ()):
        told: Told = {}
        for one in generation.shares:
            figures = [way(star, one, indicator_code, period_id) for way in ways]
            told[one] = [figure for figure in figures if figure is not None and not figure.crosses_boundary]
        own = {ancestor: figures for ancestor, figures in told.items() if figures}
        if own:
            groups.append((generation, None, own))
    if not groups:
        return None
    generation, _, own = min(groups, key=lambda group: _nearest(*group))
    return generation, own


def _nearest(generation: Ancestors, basis: str | None, own: Told) -> tuple[Any, ...]:
    has_number = any(one.value is not None for figures in own.values() for one in figures)
    return not has_number, generation.steps, -len(_whole(generation, own)), basis is None, basis or ""


def _whole(generation: Ancestors, own: Told) -> list[Figure]:
    """Figures with a number of those who passed on whole."""
    return [
        one for ancestor, figures in own.items() if generation.shares[ancestor] == 1 for one in figures
        if one.value is not None
    ]  # fmt: skip


def _reason(generation: Ancestors, count: int) -> str | None:
    if generation.unknown_count:
        return "unknown_share"
    return "incomplete_coverage" if count < len(generation.shares) else None


def _sum(figures: list[Figure]) -> Decimal | None:
    total = added(one.value for one in figures)
    return None if total is None else held(total)


def _fraction(
    star: Star, indicator_code: str, period_id: str, rule: str | None, generation: Ancestors, whole: list[Figure]
) -> tuple[Fraction | None, Fraction | None, list[Figure], str | None]:
    """What is divided by what, with the weights and their period."""
    if rule == "simple_mean":
        total = _sum(whole)
        return None if total is None else Fraction(total), Fraction(len(generation.shares)), [], None
    is_whole = not generation.unknown_count and len(whole) == len(generation.shares)
    if rule != "weighted_mean" or not is_whole:
        return None, None, [], None
    weight_code = star.indicators[indicator_code]["area_weight_code"]
    for weight_period in _weight_periods(star, weight_code, period_id):
        weights = [base(star, one.province_id, weight_code, weight_period) for one in whole]
        known = [one for one in weights if one is not None and one.value is not None]
        if len(known) == len(generation.shares):
            products = (
                Fraction(rounded(Fraction(figure.value or 0), _VALUE_PLACES), 10**_VALUE_PLACES)
                * Fraction(rounded(Fraction(weight.value or 0), _WEIGHT_PLACES), 10**_WEIGHT_PLACES)
                for figure, weight in zip(whole, known, strict=True)
            )
            return sum(products, Fraction(0)), Fraction(_sum(known) or 0), known, weight_period
    return None, None, [], None


def _weight_periods(star: Star, weight_code: str, period_id: str) -> list[str]:
    """The same period, else for yearly weights the years before, the nearest first."""
    year = star.periods[period_id].year
    oldest = int(star.rules["max_weight_age_years"][0]["value"])
    if star.indicators[weight_code]["periodicity"] != "year" or year is None:
        return [period_id]
    years = [str(year - age) for age in range(oldest + 1)]
    return [period_id, *(each for each in years if each != period_id and each in star.periods)]


def _parts(generation: Ancestors, own: Told) -> tuple[Part, ...]:
    return tuple(
        Part("predecessor" if generation.shares[area] == 1 else "ceded_in_part", one)
        for area, figures in sorted(own.items())
        for one in figures
    )


def _rule_reason(star: Star, indicator_code: str, year: int | None) -> str | None:
    """Who set a rule over areas that holds for some years only."""
    codes = (indicator_code, star.indicators[indicator_code]["parent_code"])
    held_in = (row for code in codes for row in rules_of(star, "area_rule_years", code) if holds_in(row, year))
    return next((row["reason"] for row in held_in), None)


def _facts(generation: Ancestors, own: Told, rule: str, reason: str | None = None) -> dict[str, Any]:
    unknown = sorted(area for area, share in generation.shares.items() if share != 1)
    missing = sorted(
        area for area in generation.shares if area not in {one.province_id for one in _whole(generation, own)}
    )
    return {
        "area_rule": rule,
        "rule_reason": reason,
        "steps": generation.steps,
        "unknown_share": unknown,
        "missing": missing,
    }
