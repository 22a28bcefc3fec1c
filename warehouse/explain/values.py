"""All ways to a value, and the one that counts."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from warehouse.explain.arithmetic import held
from warehouse.explain.figure import Figure, precedence
from warehouse.explain.over_areas import boundary_mean, boundary_sum
from warehouse.explain.over_time import part, rollup
from warehouse.explain.ratios import composite, ratio
from warehouse.explain.reported import stated
from warehouse.explain.star import Star, remembered
from warehouse.sql import Row

# what a value of the centre is compared by: all that is not told by a clock or by its key
COMPARED = (
    "value",
    "unit",
    "status",
    "method",
    "reason_code",
    "qualifier",
    "basis",
    "decimals",
    "denominator_period_id",
    "coverage_of",
    "coverage_count",
    "coverage_expected",
    "source_id",
    "load_id",
)


@remembered
def value(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """The figure that counts, with all that lost against it; None where nobody told of it or of its parts."""
    key = (province_id, indicator_code, period_id)
    derived = [
        ratio(star, *key),
        rollup(star, *key),
        boundary_sum(star, *key),
        boundary_mean(star, *key, part, ratio),
        composite(star, *key),
    ]
    ways = sorted([*stated(star, *key), *(one for one in derived if one is not None)], key=precedence)
    return replace(ways[0], others=(*ways[0].others, *ways[1:])) if ways else None


def as_published(figure: Figure) -> Row:
    """The columns of the centre that the figure makes."""
    told: dict[str, Any] = {
        name: getattr(figure, name) for name in ("value", "unit", "status", "method", "reason_code")
    }
    told |= {name: getattr(figure, name) for name in ("qualifier", "basis", "decimals", "denominator_period_id")}
    told |= dict(zip(("coverage_of", "coverage_count", "coverage_expected"), figure.coverage, strict=True))
    return {**told, "source_id": figure.origin.get("source_id"), "load_id": figure.origin.get("load_id")}


def differences(published: Mapping[str, Any], figure: Figure) -> list[dict[str, Any]]:
    """Columns in which the published row and the recomputed figure differ."""
    recomputed = as_published(figure)
    return [
        {"column": name, "published": published[name], "recomputed": recomputed[name]}
        for name in COMPARED
        if published[name] != recomputed[name]
    ]


def apart(figure: Figure, winner: Figure) -> Decimal | None:
    """By how much a way that lost differs from the one that counts; None where one of them has no number."""
    if figure.value is None or winner.value is None:
        return None
    return held(Fraction(figure.value) - Fraction(winner.value))
