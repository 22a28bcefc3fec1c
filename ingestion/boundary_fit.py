"""Which division of the country a file is of: the places it prints, held against every boundary set.

Half of the names of 2025 are names of before with more land, so a file of the wrong division is for the most part read
without a word, and wrong. What gives it away is all its places together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ingestion import areas
from ingestion.reference import Reference

# A table of a division names nearly all of it: some province may be late.
_NEARLY_ALL = 0.9
_NAMED = 5

Place = tuple[str, str]  # scheme, text


def boundary_misfits(
    lookups: Iterable[Sequence[Any]], rejected: Iterable[Mapping[str, Any]], reference: Reference
) -> list[str]:
    """One sentence per boundary set as which places were read although together they are another one.

    Args:
        lookups: the questions of one file, whose places are among them.
        rejected: its rejected rows; a place that no set in force knows counts only where it has a figure.
        reference: the reference tables.
    """
    unfit = {
        text for row in rejected if row["reason_code"] == "area_not_in_set" for text in row["raw_value"].split(" | ")
    }
    read_as: dict[str, set[Place]] = defaultdict(set)
    for kind, args, result in lookups:
        if kind == "area" and args[0] != "region" and (result is not None or args[1] in unfit):
            read_as[_set_of(args, reference)].add((args[0], args[1]))
    found = (_misfit(set_name, places, reference) for set_name, places in sorted(read_as.items()))
    return [said for said in found if said]


def _set_of(args: Sequence[str | None], reference: Reference) -> str:
    day, declared = args[2], str(args[3])
    found = areas.set_in_force(reference, date.fromisoformat(day) if day else None)
    return declared if declared != areas.BY_PERIOD or isinstance(found, areas.Unresolved) else found


def _misfit(set_name: str, places: set[Place], reference: Reference) -> str:
    """What to say of places read as of one set that are nearly all of another one, and not nearly all of this."""
    known = {each.name: _known(each.name, places, reference) for each in reference.sets}
    sizes = {each.name: len(_provinces(each.name, reference)) for each in reference.sets}
    if set_name not in known or _fits(known[set_name], len(places), sizes[set_name]):
        return ""
    fitting = [name for name in known if name != set_name and _fits(known[name], len(places), sizes[name])]
    if not fitting:
        return ""
    other = max(fitting, key=lambda name: len(set(known[name].values())) / sizes[name])
    strangers = sorted(text for scheme, text in places - known[set_name].keys())
    listed = f" ({', '.join(strangers[:_NAMED])}{', …' if len(strangers) > _NAMED else ''})" if strangers else ""
    share, own = (f"{len(set(known[name].values()))}/{sizes[name]}" for name in (other, set_name))
    return f"{other}: {share} ≠ {set_name}: {own}{listed}"


def _known(set_name: str, places: Iterable[Place], reference: Reference) -> dict[Place, str]:
    found = {place: areas.known(reference, *place, set_name) for place in places}
    return {place: area_id for place, area_id in found.items() if area_id}


def _fits(known: Mapping[Place, str], place_count: int, size: int) -> bool:
    return len(known) == place_count and len(set(known.values())) >= _NEARLY_ALL * size


def _provinces(set_name: str, reference: Reference) -> Sequence[str]:
    return reference.parts.get((set_name, areas.country(reference).province_id), ())
