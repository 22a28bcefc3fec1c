"""What longer periods are made of shorter ones: quarters of months, halves of quarters, years of halves."""

from fractions import Fraction
from typing import NamedTuple

from warehouse.explain.arithmetic import held
from warehouse.explain.figure import ROLLUP, Figure, Part, derived_marks, stated_first
from warehouse.explain.over_areas import area
from warehouse.explain.star import Star, remembered

_RULES = ("last", "first", "sum")
_STEPS = {"quarter": ("month", 3), "half": ("quarter", 2), "year": ("half", 2)}


class _Asked(NamedTuple):
    """A shorter period of one term; `is_taken` tells whether the rule takes it."""

    figure: Figure
    is_taken: bool
    period_id: str


@remembered
def rollup(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """The value of a longer period from its parts; None where nothing of them is known."""
    period = star.periods[period_id]
    if period.period_type not in _STEPS or period.calendar != "calendar":
        return None
    terms = _terms(star, indicator_code)
    shorter = _shorter(period_id)
    asked, expected, missing = [], 0, []
    for code, rule in terms:
        for place, part_id in enumerate(shorter):
            is_taken = rule == "sum" or place == {"first": 0, "last": len(shorter) - 1}[rule]
            known = _known(star, province_id, code, part_id)
            expected += is_taken
            if known is not None:
                asked.append(_Asked(known, is_taken, part_id))
            if is_taken and (known is None or known.value is None):
                missing.append(part_id if code == indicator_code else f"{code} {part_id}")
    if all(each.figure.value is None for each in asked):
        return None
    taken = [each.figure for each in asked if each.is_taken]
    numbers = [one.value if one.value is not None else one.partial_value for one in taken]
    known_numbers = [Fraction(number) for number in numbers if number is not None]
    partial = held(sum(known_numbers, Fraction(0))) if known_numbers else None
    count = sum(one.value is not None for one in taken)
    reason = "incomplete_coverage" if count < expected else "out_of_range" if partial is None else None
    is_loose = any(_is_loose(one) for one in taken)
    return Figure(
        ROLLUP, province_id, indicator_code, period_id,
        value=None if reason else partial, unit=star.indicators[indicator_code]["unit"],
        basis=min((one.basis for one in taken if one.basis is not None), default=None),
        **derived_marks(reason, is_loose), partial_value=partial,
        coverage=(_STEPS[period.period_type][0], count, expected), is_loose=is_loose,
        crosses_boundary=any(one.crosses_boundary for one in taken),
        # what the rule does not take matters only where it shows that something is missing
        parts=tuple(
            Part("period" if each.is_taken else "period_not_taken", each.figure)
            for each in asked
            if each.is_taken or reason == "incomplete_coverage"
        ),
        facts={"time_rule": {code: rule for code, rule in terms}, "missing": missing},
    )  # fmt: skip


def part(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """What was stated for the period itself before what shorter ones make, but for a null."""
    key = (province_id, indicator_code, period_id)
    return stated_first(area(star, *key), lambda: rollup(star, *key))


def _terms(star: Star, indicator_code: str) -> list[tuple[str, str]]:
    """The indicator itself and, of a sum of indicators, each of them by its own rule."""
    codes = [indicator_code, *(code for code, _ in star.parts.get((indicator_code, "term"), ()))]
    ruled = [(code, star.indicators[code]["time_rule"]) for code in codes]
    return [(code, rule) for code, rule in ruled if rule in _RULES]


def _shorter(period_id: str) -> list[str]:
    year, _, rest = period_id.partition("-")
    if not rest:
        return [f"{year}-H1", f"{year}-H2"]
    number = int(rest[1:])
    if rest.startswith("H"):
        return [f"{year}-Q{2 * number - 1}", f"{year}-Q{2 * number}"]
    return [f"{year}-{month:02d}" for month in range(3 * number - 2, 3 * number + 1)]


def _known(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """What counts of a shorter period: what was stated for it, else what is made of still shorter ones.

    Of a flow only figures over a period are added: one at a point counts from an unknown day.
    """
    stated = area(star, province_id, indicator_code, period_id)
    is_sum = star.indicators[indicator_code]["time_rule"] == "sum"
    if stated is not None and stated.value is not None and not (is_sum and stated.basis != "period"):
        return stated
    return rollup(star, province_id, indicator_code, period_id)


def _is_loose(figure: Figure) -> bool:
    """Of a rolled part that has no value the parts still tell."""
    return figure.is_loose if figure.derivation == ROLLUP else figure.is_inexact
