"""The calculation behind a figure as one line: `100 × 1,279,200 / 1,066,000 = 120`."""

from collections.abc import Iterable
from decimal import Decimal

from warehouse.explain.figure import (
    BOUNDARY_MEAN,
    BOUNDARY_RATIO,
    BOUNDARY_WEIGHTED,
    COMPOSITE,
    DOSSIERS,
    NOT_DERIVABLE,
    RATIO,
    REPORTED,
    RUNNING_TOTALS,
    Figure,
    Part,
)
from warehouse.explain.words import number_text

_TERMS_SHOWN = 14
_ADDED = ("member", "counted", "predecessor", "period")


def formula(figure: Figure, language: str) -> str | None:
    """How the figure follows from its parts; None for what was read or has no value."""
    if figure.method == NOT_DERIVABLE or figure.derivation in (REPORTED, DOSSIERS):
        return None
    told = _right_side(figure, language)
    return None if told is None else f"{told} = {number_text(figure.value, language)}"


def _right_side(figure: Figure, language: str) -> str | None:
    if figure.derivation in (RATIO, BOUNDARY_RATIO):
        above, below = (_sum(_numbers(figure, role), language) for role in ("numerator", "denominator"))
        return f"{figure.facts['factor']} × {above} / {below}"
    if figure.derivation == RUNNING_TOTALS:
        ends = [number_text(one, language) for role in ("closing", "opening") for one in _numbers(figure, role)[:1]]
        return " − ".join(ends)
    if figure.derivation == COMPOSITE:
        return _products(figure.parts, [each.weight for each in figure.parts], language)
    if figure.derivation == BOUNDARY_WEIGHTED:
        values = [each for each in figure.parts if each.role == "predecessor"]
        weights = _numbers(figure, "weight")
        return f"({_products(values, weights, language)}) / {_sum(weights, language)}"
    numbers = [each for role in _ADDED for each in _numbers(figure, role)]
    if len(numbers) < 2:
        return None
    return (
        f"{_sum(numbers, language)} / {len(numbers)}"
        if figure.derivation == BOUNDARY_MEAN
        else _plus(numbers, language)
    )


def _numbers(figure: Figure, role: str) -> list[Decimal]:
    return [each.figure.value for each in figure.parts if each.role == role and each.figure.value is not None]


def _plus(numbers: list[Decimal], language: str) -> str:
    return _joined([number_text(one, language) for one in numbers])


def _sum(numbers: list[Decimal], language: str) -> str:
    return _plus(numbers, language) if len(numbers) == 1 else f"({_plus(numbers, language)})"


def _products(parts: Iterable[Part], weights: Iterable[Decimal | None], language: str) -> str:
    pairs = zip(parts, weights, strict=True)
    return _joined([f"{number_text(p.figure.value, language)} × {number_text(w, language)}" for p, w in pairs])


def _joined(terms: list[str]) -> str:
    hidden = len(terms) - _TERMS_SHOWN
    return " + ".join(terms if hidden <= 1 else [*terms[:_TERMS_SHOWN], f"… (+{hidden})"])
