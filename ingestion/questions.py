"""Every question a reader asks of the reference tables, written down with its answer.

A load remembers its questions. When a seed changes, they are asked again, without the file: only loads that would now
read differently are read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from ingestion import areas, corrections
from ingestion.reference import Reference
from ingestion.text import fold


class Lookup(NamedTuple):
    """One question: its kind, its arguments, and the answer (None: not known). In JSON `[kind, [args], result]`.

    | kind | arguments | result |
    |---|---|---|
    | `area` | scheme, text, last day of the period or None, boundary set | province_id |
    | `label` | text in a place column | total, region, statistic or group |
    | `unit` | label | unit, multiplier (`subscription|1000`) |
    | `indicator` | code | unit, least and greatest value (`%|0|100`) |
    | `member` | dimension, code | `known` |
    | `codes` | seed table of a vocabulary | all its codes (`1|2|3`) |
    | `sets` | | boundary sets with their first days (`64 2004-01-01|...`) |
    | `area_rule` | code | how the indicator is put together over areas: sum, recompute, … |
    | `parts` | boundary set, region or country | all provinces in it (`P63-01|P63-02|...`) |
    | `corrections` | source, indicator, period | id and state of every entry of the register about them |
    | `spellings` | scheme | fingerprint of every spelling the scheme knows, asked where a text is unknown |

    The last one stands in for texts that must not be written down: in a log an unknown place may be a person's name.
    """

    kind: str
    args: tuple[str | None, ...]
    result: str | None


def _area(reference: Reference, scheme: str, text: str, day: str | None, boundary_set: str) -> str | None:
    found = areas.resolve(reference, scheme, text, date.fromisoformat(day) if day else None, boundary_set)
    return None if isinstance(found, areas.Unresolved) else found.province_id


def _unit(reference: Reference, label: str) -> str | None:
    found = reference.units.get(fold(label))
    return None if found is None else f"{found[0]}|{found[1]}"


def _indicator(reference: Reference, code: str) -> str | None:
    row = reference.indicators.get(code)
    if row is None:
        return None
    low, high = reference.bounds[code]
    return f"{row['unit']}|{'' if low is None else low}|{'' if high is None else high}"


def _member(reference: Reference, dimension: str, code: str) -> str | None:
    return "known" if (dimension, code) in reference.members else None


def _codes(reference: Reference, table: str) -> str:
    return "|".join(reference.codes[table])


def _sets(reference: Reference) -> str:
    return "|".join(f"{each.name} {each.first_day}" for each in reference.sets)


def _area_rule(reference: Reference, code: str) -> str | None:
    row = reference.indicators.get(code)
    return None if row is None else row["area_rule"]


def _parts(reference: Reference, set_name: str, area_id: str) -> str | None:
    return "|".join(reference.parts.get((set_name, area_id), ())) or None


def _spellings(reference: Reference, scheme: str) -> str:
    known: list[Any] = [(key, sorted(codes)) for key, codes in reference.external_codes.items() if key[0] == scheme]
    known += [each for each in reference.inferred_codes if each[0] == scheme]
    if scheme == "name":
        known += [(name, sorted(codes)) for name, codes in reference.alias_codes.items()]
        known += [(s, name, sorted(ids)) for s, names in reference.names.items() for name, ids in names.items()]
    if scheme == "gso":
        known += reference.gso_codes.items()
    return hashlib.sha256("\n".join(sorted(map(repr, known))).encode()).hexdigest()[:16]


ANSWERS: Mapping[str, Callable[..., str | None]] = {
    "area": _area,
    "label": areas.label_kind,
    "unit": _unit,
    "indicator": _indicator,
    "member": _member,
    "codes": _codes,
    "sets": _sets,
    "area_rule": _area_rule,
    "parts": _parts,
    "corrections": corrections.states,
    "spellings": _spellings,
}


class Asker:
    """Asks the reference tables, each question once, and keeps the questions of one load."""

    def __init__(self, reference: Reference) -> None:
        """Start with no question asked."""
        self.reference = reference
        self._asked: dict[tuple[str, tuple[str | None, ...]], str | None] = {}

    def ask(self, kind: str, *args: str | None) -> str | None:
        """The answer, or None where the reference tables have none."""
        question = (kind, args)
        if question not in self._asked:
            self._asked[question] = ANSWERS[kind](self.reference, *args)
        return self._asked[question]

    def lookups(self) -> list[Lookup]:
        """All questions asked so far, each once, in an order that depends on nothing but them."""
        found = [Lookup(kind, args, result) for (kind, args), result in self._asked.items()]
        return sorted(found, key=lambda each: (each.kind, [arg or "" for arg in each.args]))


def lookups_unchanged(lookups: Iterable[Sequence[Any]], reference: Reference) -> bool:
    """Whether the reference tables still answer every question as before. Takes lookups read back from JSON too."""
    return all(kind in ANSWERS and ANSWERS[kind](reference, *args) == result for kind, args, result in lookups)
