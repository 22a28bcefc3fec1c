"""Places among the areas of a set: as printed, or counted from the scores that were given."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from warehouse.explain.arithmetic import rounded
from warehouse.explain.figure import Figure
from warehouse.explain.reported import edition_of
from warehouse.explain.star import Star, remembered, rules_of
from warehouse.explain.values import value
from warehouse.sql import Row, rows

REPORTED, COMPUTED = "reported", "computed"
COMPARED = ("edition", "rank", "rank_of", "rank_previous", "rank_change", "crosses_break")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a ranking and the figures it was found in: the printed ones, or the scores of all areas of the set."""

    method: str
    province_id: str
    indicator_code: str
    period_id: str
    rank: int
    figures: tuple[tuple[str, Figure], ...]
    previous: "Place | None" = None
    told: Mapping[str, Any] | None = None


def rankings(star: Star, province_id: str, indicator_code: str, period_id: str) -> list[Place]:
    """Every place of a province that follows from the star, with what is told beside it."""
    found = (_place(star, method, province_id, indicator_code, period_id) for method in (COMPUTED, REPORTED))
    return [_with_change(star, place) for place in found if place is not None]


def ranked_code(star: Star, indicator_code: str) -> str:
    """The indicator that areas are ranked by: of a printed rank its score, else the indicator itself."""
    ranked = [r["indicator_code"] for r in star.rules.get("measure_of_rank", ()) if r["item_code"] == indicator_code]
    return str(ranked[0]) if ranked else indicator_code


def published_rankings(star: Star, province_id: str, indicator_code: str, period_id: str) -> list[Row]:
    """The rows of `rpt_rankings`, by method."""
    return rows(
        star.connection,
        "from rpt_rankings where province_id = ? and indicator_code = ? and period_id = ? order by method",
        [province_id, indicator_code, period_id],
    )


def differences(published: Mapping[str, Any], place: Place) -> list[dict[str, Any]]:
    """Columns in which a published place and the recomputed one differ."""
    told = {**(place.told or {}), "rank": place.rank}
    return [
        {"column": name, "published": published[name], "recomputed": told[name]}
        for name in COMPARED
        if published[name] != told[name]
    ]


@remembered
def _place(star: Star, method: str, province_id: str, indicator_code: str, period_id: str) -> Place | None:
    if star.provinces[province_id]["area_level"] != "province":
        return None
    ask = _printed if method == REPORTED else _counted
    return ask(star, province_id, indicator_code, period_id)


def _printed(star: Star, province_id: str, indicator_code: str, period_id: str) -> Place | None:
    found = _measured(star, "rank", province_id, indicator_code, period_id)
    if found is None:
        return None
    figure, rank = found
    return Place(REPORTED, province_id, indicator_code, period_id, rank, (("rank", figure),))


def _counted(star: Star, province_id: str, indicator_code: str, period_id: str) -> Place | None:
    """One more than the areas that did better; none unless every area of the set was given a score."""
    if star.indicators[indicator_code]["direction"] not in ("up", "down"):
        return None
    scores = _scores(star, star.provinces[province_id]["boundary_set"], indicator_code, period_id)
    if scores is None:
        return None
    sign = -1 if star.indicators[indicator_code]["direction"] == "up" else 1
    own = sign * (scores[province_id].value or Decimal(0))
    rank = 1 + sum(sign * (one.value or Decimal(0)) < own for one in scores.values())
    ordered = sorted(scores.values(), key=lambda one: (sign * (one.value or Decimal(0)), one.province_id))
    return Place(COMPUTED, province_id, indicator_code, period_id, rank, tuple(("score", one) for one in ordered))


@remembered
def _scores(star: Star, boundary_set: str, indicator_code: str, period_id: str) -> dict[str, Figure] | None:
    measures = [name for name in star.rules if name.startswith("measure_of_")]
    if not any(rules_of(star, name, indicator_code) for name in measures):
        return None
    found = {}
    for area in _areas(star, boundary_set):
        one = value(star, area, indicator_code, period_id)
        if one is None or one.value is None or one.method.startswith("boundary"):
            return None
        found[area] = one
    return found


def _areas(star: Star, boundary_set: str) -> list[str]:
    told = star.provinces.values()
    return [r["province_id"] for r in told if (r["area_level"], r["boundary_set"]) == ("province", boundary_set)]


def _measured(
    star: Star, measure: str, province_id: str, indicator_code: str, period_id: str
) -> tuple[Figure, int] | None:
    """A printed measure of a ranked indicator, as a whole number."""
    for rule in rules_of(star, f"measure_of_{measure}", indicator_code):
        figure = value(star, province_id, rule["item_code"], period_id)
        number = None if figure is None or figure.value is None else rounded(Fraction(figure.value), 0)
        if figure is not None and number is not None and -(2**31) <= number < 2**31:
            return figure, number
    return None


def _with_change(star: Star, place: Place) -> Place:
    """A printed change wins over a difference of places, and the earlier place is computed back from it."""
    code, period = place.indicator_code, star.periods[place.period_id]
    earlier_id = None if period.year is None else f"{period.year - 1}{place.period_id[4:]}"
    earlier = None
    if earlier_id in star.periods:
        earlier = _place(star, place.method, place.province_id, code, str(earlier_id))
    printed = None
    if place.method == REPORTED:
        printed = _measured(star, "rank_change", place.province_id, code, place.period_id)
    editions = [edition_of(star, code, None if period.year is None else period.year - age) for age in (0, 1)]
    before = None if earlier is None else earlier.rank
    told = {
        "edition": editions[0],
        "rank_of": len(_areas(star, star.provinces[place.province_id]["boundary_set"])),
        "rank_previous": before if printed is None else place.rank + printed[1],
        "rank_change": printed[1] if printed else None if before is None else before - place.rank,
        "crosses_break": None not in editions and editions[0] != editions[1],
    }
    figures = (*place.figures, *((("rank_change", printed[0]),) if printed else ()))
    return Place(place.method, place.province_id, code, place.period_id, place.rank, figures, earlier, told)
