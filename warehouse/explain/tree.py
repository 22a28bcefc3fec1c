"""A figure with all that it was made from, as plain values: the document that `explanation_schema.json` describes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from warehouse.explain.figure import Figure, Part
from warehouse.explain.formula import formula
from warehouse.explain.star import Star
from warehouse.explain.values import apart
from warehouse.explain.words import LANGUAGES, in_both, number_text, plain_text

Node = dict[str, Any]
Cell = tuple[str, str, str]  # load, sheet, cell


def node(figure: Figure) -> Node:
    """The figure as a node: what it is, by which rule, from which cell or parts, and what lost against it."""
    facts = _facts(figure)
    count = figure.coverage[1]
    return {
        "province_id": figure.province_id,
        "indicator_code": figure.indicator_code,
        "period_id": figure.period_id,
        "breakdown": figure.breakdown,
        "derivation": figure.derivation,
        "method": figure.method,
        "value": plain_text(figure.value),
        "shown": {language: number_text(figure.value, language) for language in LANGUAGES},
        "unit": figure.unit,
        "status": figure.status,
        "qualifier": figure.qualifier,
        "basis": figure.basis,
        "rule": in_both("rule", figure.derivation, **facts),
        "formula": {language: formula(figure, language) for language in LANGUAGES},
        "reason_code": figure.reason_code,
        "reason": in_both("reason", figure.reason_code, **facts) if figure.reason_code else None,
        "coverage": None if count is None else dict(zip(("of", "count", "expected"), figure.coverage, strict=True)),
        "source_id": figure.origin.get("source_id"),
        "load_id": figure.origin.get("load_id"),
        "cell": _cell(figure),
        "facts": _plain(figure.facts),
        "parts": [_part(each) for each in figure.parts],
        "others": [{"difference": plain_text(apart(other, figure)), "node": node(other)} for other in figure.others],
    }


def cells_named(figure: Figure) -> set[Cell]:
    """Every cell the tree of a figure leads to, those of figures that lost included."""
    return {
        (one.cell["load_id"], one.cell["sheet"], one.cell["cell"]) for one in _every(figure) if one.cell is not None
    }


def names_named(star: Star, nodes: list[Node]) -> dict[str, dict[str, dict[str, str]]]:
    """Names of the areas and indicators that occur in trees."""
    provinces, indicators = set(), set()
    for each in nodes:
        for one in walk(each):
            provinces.add(one["province_id"])
            indicators.add(one["indicator_code"])
    tables = {"provinces": (star.provinces, provinces), "indicators": (star.indicators, indicators)}
    return {
        name: {key: {"vi": table[key]["name_vi"], "en": table[key]["name_en"]} for key in sorted(keys)}
        for name, (table, keys) in tables.items()
    }


def walk(tree: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield tree
    for each in (*tree["parts"], *tree["others"]):
        yield from walk(each["node"])


def _every(figure: Figure) -> Iterator[Figure]:
    yield figure
    for one in (*(part.figure for part in figure.parts), *figure.others):
        yield from _every(one)


def _part(part: Part) -> Node:
    return {
        "role": part.role,
        "role_name": in_both("role", part.role),
        "weight": plain_text(part.weight),
        "facts": _plain(part.facts),
        "node": node(part.figure),
    }


def _cell(figure: Figure) -> dict[str, Any] | None:
    if figure.cell is None:
        return None
    names = ("load_id", "source_id", "file_sha256", "sheet", "cell", "value_text", "quote", "correction", "vintage_no")
    return {name: figure.cell[name] for name in names}


def _facts(figure: Figure) -> dict[str, Any]:
    """What sentences may name, whether the figure tells it or not."""
    of, count, expected = figure.coverage
    told: dict[str, Any] = {"coverage_of": of, "count": count, "expected": expected, "missing": [], "unknown_share": []}
    told |= {"factor": None, "steps": None, "denominator_period": figure.denominator_period_id or figure.period_id}
    return told | figure.facts


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: plain_text(fact) if isinstance(fact, Decimal) else fact for name, fact in facts.items()}
