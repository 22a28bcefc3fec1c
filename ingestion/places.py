"""The place columns of one row to one area: a province, a whole where the source takes it, or a row to be left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ingestion import areas
from ingestion.drafts import Draft
from ingestion.errors import RowFault
from ingestion.periods import UNDATED, last_day
from ingestion.questions import Asker
from ingestion.reference import Area
from ingestion.source import Source


@dataclass(frozen=True, slots=True)
class Whole:
    """Said of a row that is a total, a region or a statistic the source declares to leave out.

    `area` is the country or region it is about and `boundary_set` that of the provinces in it, where that can be told.
    """

    area: Area | None = None
    boundary_set: str = ""


def area_of_row(draft: Draft, source: Source, asker: Asker, faults: list[RowFault]) -> Area | Whole | None:
    """The one area that every place column with a text knows and means; nothing is booked on half of an answer."""
    said = [place for place in draft.places if place.text]
    unknown = said
    is_fixed = source.boundary_set != areas.BY_PERIOD
    day = _day(draft, source)
    found: set[str | None] = set()
    if is_fixed or draft.period is not None:
        day_text = day.isoformat() if day else None
        means = [asker.ask("area", place.scheme, place.text, day_text, source.boundary_set) for place in said]
        found = set(means) - {None}
        unknown = [place for place, area_id in zip(said, means, strict=True) if area_id is None]
    labels = {kind: text for text in draft.labels if (kind := asker.ask("label", text)) is not None}
    if labels and not found:
        whole = _whole(labels, day, source, asker, faults)
        if whole is not None or faults:
            return whole
        if labels.keys() & {"total", *source.layout.get("skip_rows", ())}:
            return _left_out(labels, day, source, asker)
    if len(found) == 1 and not labels and not unknown:
        return asker.reference.areas[str(found.pop())]
    if draft.period is None and not is_fixed:
        return None
    place = (unknown or said or draft.places)[0]
    place_text = " | ".join(each.text for each in said)
    if found and (labels or not unknown):
        ids = ", ".join(sorted(map(str, found | labels.keys())))
        why: Area | areas.Unresolved = areas.Unresolved(
            "ambiguous_area",
            f"các cột địa phương chỉ những tỉnh khác nhau ({ids}): “{place_text}”.",
            f"the place columns mean different provinces ({ids}): “{place_text}”.",
        )
    else:
        why = areas.resolve(asker.reference, place.scheme, place.text, day, source.boundary_set)
    if isinstance(why, areas.Unresolved):
        reason_vi, reason_en = f"Ô {place.cell}: {why.reason_vi}", f"Cell {place.cell}: {why.reason_en}"
        faults.append(RowFault(why.reason_code, "place", place_text, reason_vi, reason_en))
    return None


def _day(draft: Draft, source: Source) -> date | None:
    """The day that decides which areas the places are; None where the source says so, or the figure has no date."""
    is_fixed = source.boundary_set != areas.BY_PERIOD
    if is_fixed or draft.period is None or draft.period.period_id == UNDATED:
        return None
    return last_day(draft.period.period_id)


def _left_out(labels: Mapping[str, str], day: date | None, source: Source, asker: Asker) -> Whole:
    """The country or region that a row to be left out is about, as far as its labels and the period tell."""
    boundary_set = source.boundary_set
    if boundary_set == areas.BY_PERIOD:
        asker.ask("sets")
        in_force = areas.set_in_force(asker.reference, day)
        if isinstance(in_force, areas.Unresolved):
            return Whole()
        boundary_set = in_force
    if "total" in labels:
        return Whole(areas.country(asker.reference), boundary_set)
    area_id = asker.ask("area", "region", labels["region"], None, boundary_set) if "region" in labels else None
    return Whole(asker.reference.areas[area_id], boundary_set) if area_id else Whole()


def _whole(
    labels: Mapping[str, str], day: date | None, source: Source, asker: Asker, faults: list[RowFault]
) -> Area | None:
    """The country or region of a row, where the source takes such rows for figures of these areas.

    Where places go by the period, the country too has figures only from the first known set on: before, nothing that
    would make it up can be told.
    """
    by_period = source.boundary_set == areas.BY_PERIOD
    if "total" in labels and source.layout.get("totals") == "country":
        asker.ask("sets")
        known = areas.set_in_force(asker.reference, day) if by_period and day is not None else ""
        if not isinstance(known, areas.Unresolved):
            return areas.country(asker.reference)
        faults.append(RowFault(known.reason_code, "place", labels["total"], known.reason_vi, known.reason_en))
    elif "region" in labels and source.layout.get("regions") == "area" and (day is not None or not by_period):
        text = labels["region"]
        area_id = asker.ask("area", "region", text, day.isoformat() if day else None, source.boundary_set)
        if area_id is not None:
            return asker.reference.areas[area_id]
        why = areas.resolve(asker.reference, "region", text, day, source.boundary_set)
        if isinstance(why, areas.Unresolved):
            faults.append(RowFault(why.reason_code, "place", text, why.reason_vi, why.reason_en))
    return None
