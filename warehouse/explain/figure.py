"""A figure and what it is made of: the nodes of an explanation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

REPORTED, BREAKDOWN_SUM, RUNNING_TOTALS, RATIO = "reported", "breakdown_sum", "ytd_flow", "ratio"
COMPOSITE, ROLLUP, BOUNDARY_SUM, BOUNDARY_RATIO = "composite", "rollup", "boundary_sum", "boundary_ratio"
BOUNDARY_MEAN, BOUNDARY_WEIGHTED, BOUNDARY_NONE = "boundary_mean", "boundary_weighted", "boundary_none"
NOT_DERIVABLE = "not_derivable"
# what a figure of a log is counted from; no way to a value of its own
DOSSIERS = "dossiers"

_PRECEDENCE = {
    REPORTED: 1,
    BREAKDOWN_SUM: 2,
    RUNNING_TOTALS: 3,
    RATIO: 4,
    COMPOSITE: 5,
    ROLLUP: 6,
    BOUNDARY_SUM: 7,
    BOUNDARY_RATIO: 7,
    BOUNDARY_MEAN: 7,
    BOUNDARY_WEIGHTED: 7,
}
_LAST = 9


@dataclass(frozen=True, slots=True)
class Part:
    """What enters a figure: in which role, with which weight, and what else is to be known of it."""

    role: str
    figure: "Figure"
    weight: Decimal | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """One way to one value.

    Attributes:
        derivation: which way it is; `ytd_flow` is a flow made of running totals, published as `rollup`.
        value: None where it cannot be told.
        status: SDMX codes as the star has them.
        partial_value: what was there, where the whole cannot be told.
        coverage: of what, how many there are, how many are expected.
        is_loose: whether a part is provisional, estimated or worded loosely.
        crosses_boundary: whether it came over from earlier areas.
        origin: source, load and what orders reports of one thing; empty for what nobody reported.
        cell: the published observation it was read from.
        parts: what it is made of.
        others: what lost against it or against one of its parts.
        facts: what else its sentence tells: factor, years, rule.
    """

    derivation: str
    province_id: str
    indicator_code: str
    period_id: str
    value: Decimal | None
    unit: str | None = None
    status: str | None = "A"
    qualifier: str | None = "exact"
    reason_code: str | None = None
    basis: str | None = None
    breakdown: str = "total"
    decimals: int | None = None
    partial_value: Decimal | None = None
    coverage: tuple[str | None, int | None, int | None] = (None, None, None)
    denominator_period_id: str | None = None
    is_loose: bool = False
    is_natural_basis: bool | None = None
    crosses_boundary: bool = False
    origin: dict[str, Any] = field(default_factory=dict)
    cell: dict[str, Any] | None = None
    parts: tuple[Part, ...] = ()
    others: tuple["Figure", ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """The method under which the star's centre publishes it."""
        if self.reason_code is not None:
            return NOT_DERIVABLE
        return ROLLUP if self.derivation == RUNNING_TOTALS else self.derivation

    @property
    def is_inexact(self) -> bool:
        """Whether what is made of it is an estimate."""
        return (self.qualifier or "exact") != "exact" or bool({"P", "E"} & set((self.status or "A").split(";")))


def derived_marks(reason_code: str | None, is_estimated: bool, is_loose: bool | None = None) -> dict[str, Any]:
    """Status and qualifier of a derived value: none with a reason, else as loose as its loosest part."""
    if reason_code is not None:
        return {"status": "O", "qualifier": None, "reason_code": reason_code}
    loose = is_estimated if is_loose is None else is_loose
    return {"status": "E" if is_estimated else "A", "qualifier": "approx" if loose else "exact"}


def nulls_last(value: Any) -> tuple[bool, Any]:
    """A place in an ascending order, behind all others where there is none."""
    return value is None, value if value is not None else 0


def precedence(figure: Figure) -> tuple[Any, ...]:
    """Place among the ways to one value: the first wins."""
    origin = figure.origin
    return (
        figure.value is None,
        _PRECEDENCE.get(figure.derivation, _LAST),
        nulls_last(origin.get("source_rank")),
        _true_first(origin.get("is_promised")),
        _true_first(figure.is_natural_basis),
        nulls_last(origin.get("accept_no")),
        _text(origin.get("source_id")),
        _text(origin.get("load_id")),
        _text(figure.basis),
        _text(figure.coverage[0]),
    )


def best(figures: "list[Figure]") -> Figure | None:
    """The figure that wins; None of none."""
    return min(figures, key=precedence, default=None)


def stated_first(stated: Figure | None, derive: Callable[[], Figure | None]) -> Figure | None:
    """What was stated before what can be derived instead, but for a null: that gives way to a number."""
    if stated is not None and stated.value is not None:
        return stated
    derived = derive()
    return derived if stated is None or (derived is not None and derived.value is not None) else stated


def _true_first(flag: bool | None) -> int:
    return {True: 0, False: 1, None: 2}[flag]


def _text(text: str | None) -> tuple[bool, str]:
    return text is None, text or ""
