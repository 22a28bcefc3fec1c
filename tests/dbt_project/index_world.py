"""A complete DTI of an invented year, and the places provinces can have in it, computed in plain Python.

Scores and populations are invented; provinces, parts and weights are those of the catalogue. Five provinces tell
something: two have the same scores, one lacks a part, one has a preliminary score, and of one the total is misprinted.
"""

import hashlib
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

PERIOD = "2023"
TIED = ("P63-01", "P63-02")
LACKS_A_PART, PRELIMINARY, MISPRINTED = ("P63-04", "dti_society"), ("P63-06", "dti_economy"), "P63-08"

# Points of 1000 by Decision 922/QĐ-BTTTT.
POINTS = {
    "dti_awareness": 100, "dti_institutions": 100, "dti_infrastructure": 100, "dti_workforce": 100,
    "dti_cybersecurity": 100, "dti_government": 200, "dti_economy": 150, "dti_society": 150,
}  # fmt: skip
Scores = Mapping[str, Mapping[str, int | Fraction]]  # by province and part, in ten-thousandths


def invented_scores(provinces: Collection[str]) -> dict[str, dict[str, int]]:
    """Scores by province and part, in ten-thousandths: close enough together that weights matter."""
    rng = random.Random(2023)
    scores = {one: {part: rng.randint(4000, 6000) for part in POINTS} for one in sorted(provinces)}
    scores[TIED[1]] = dict(scores[TIED[0]])
    province, part = LACKS_A_PART
    del scores[province][part]
    return scores


def invented_people(provinces: Collection[str]) -> dict[str, int]:
    """Population by province."""
    rng = random.Random(63)
    return {one: rng.randint(300_000, 9_000_000) for one in sorted(provinces)}


def printed_total(own: Mapping[str, int]) -> str:
    """The index with four decimals; what is lacking is left out, its weight too."""
    points = sum(POINTS[part] for part in own)
    return f"{sum(POINTS[part] * score for part, score in own.items()) / points / 10_000:.4f}"


def printed_facts(provinces: Collection[str]) -> Iterator[dict[str, Any]]:
    """Ranks, totals, main indices and populations of all provinces, as fields of accepted rows."""
    scores, people = invented_scores(provinces), invented_people(provinces)
    ranks = places(scores, POINTS)
    for one in provinces:
        fact = {"province_id": one, "period_id": PERIOD, "basis": "period"}
        index = {**fact, "unit": "index 0-1", "decimals": 4}
        total = "0.9999" if one == MISPRINTED else printed_total(scores[one])
        yield {**fact, "indicator_code": "dti_rank", "value": ranks[one], "unit": "rank"}
        yield {**fact, "indicator_code": "ctx_pop_avg", "value": people[one], "unit": "person"}
        yield {**index, "indicator_code": "dti_score", "value": total}
        for part, score in scores[one].items():
            status = "P" if (one, part) == PRELIMINARY else "A"
            yield {**index, "indicator_code": part, "value": f"0.{score}", "status": status}


def places(scores: Scores, weights: Mapping[str, int]) -> dict[str, int]:
    """Competition ranking by weighted means; what a province lacks takes its weight with it."""
    means = {
        province: -Fraction(sum(weights[part] * score for part, score in own.items()), sum(weights[one] for one in own))
        for province, own in scores.items()
    }
    in_order = sorted(means.values())
    return {province: 1 + bisect_left(in_order, mean) for province, mean in means.items()}


def drawn_weights(seed: int, draw_no: int) -> dict[str, int]:
    """Weights within ± 10 per cent, in 655,350 parts: four hexadecimal digits of a hash say where."""
    texts = {part: hashlib.md5(f"{seed}:{draw_no}:{part}".encode()).hexdigest()[:4] for part in POINTS}
    return {part: POINTS[part] * (9 * 65535 + 2 * int(text, 16)) for part, text in texts.items()}


def rankings_by_choice(scores: Scores) -> dict[str, list[dict[str, int]]]:
    """Every ranking of one set under the choices that need no merging."""
    worst = {part: min(own[part] for own in scores.values() if part in own) for part in POINTS}
    province, part = PRELIMINARY
    final = {**scores, province: {one: score for one, score in scores[province].items() if one != part}}
    return {
        "missing_left_out": [places(scores, POINTS)],
        "missing_zero": [places({one: dict.fromkeys(POINTS, 0) | dict(own) for one, own in scores.items()}, POINTS)],
        "missing_worst": [places({one: worst | dict(own) for one, own in scores.items()}, POINTS)],
        "without_preliminary": [places(final, POINTS)],
        "merged_by_population": [places(scores, POINTS)],
        "weights_10_percent": [places(scores, drawn_weights(2022, draw_no)) for draw_no in range(1, 1001)],
    }


def places_reached(rankings: Iterable[Mapping[str, int]]) -> dict[str, Counter[int]]:
    """How often each province came to each place."""
    reached: dict[str, Counter[int]] = {}
    for ranking in rankings:
        for province, place in ranking.items():
            reached.setdefault(province, Counter())[place] += 1
    return reached


def merged(
    scores: Scores, predecessors: Mapping[str, Collection[str]], people: Mapping[str, int]
) -> dict[str, dict[str, Fraction]]:
    """Scores of merged provinces: means of their predecessors, weighted by people; all of them must have the part."""
    return {
        new: {
            part: Fraction(sum(scores[old][part] * people[old] for old in olds), sum(people[old] for old in olds))
            for part in POINTS
            if all(part in scores[old] for old in olds)
        }
        for new, olds in predecessors.items()
    }
