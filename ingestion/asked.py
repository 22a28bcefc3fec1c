"""What a person means by a province, an indicator and a period: one of each, or the candidates to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingestion.areas import BY_PERIOD, Unresolved, country, label_kind, nearest, resolve, set_in_force
from ingestion.periods import UNDATED, Period, last_day, read_text
from ingestion.reference import Reference
from ingestion.suggest import suggestions
from ingestion.text import fold

_LIKELY_SCHEMES = ("name", "gso", "region")


class Unclear(ValueError):
    """A text that means nothing known, or several things; `.vi` and `.en` name the candidates."""

    def __init__(self, vi: str, en: str) -> None:
        """Keeps both sentences."""
        super().__init__(en)
        self.vi, self.en = vi, en


@dataclass(frozen=True)
class AskedArea:
    """The area a text means in the boundary set of a period, and what it means in other sets."""

    province_id: str
    elsewhere: tuple[str, ...] = ()


def period_asked(text: str) -> Period:
    """The period of an id or of a Vietnamese wording (`Quý III/2022`, `T9/2022`).

    Raises:
        Unclear: the text states no period, or more than one.
    """
    period = read_text(text)
    if period is None:
        forms = "2022, 2022-H1, 2022-Q3, 2022-09, 2022-09-15, undated, Quý III/2022, T9/2022, 6 tháng cuối năm 2022"
        raise Unclear(f"“{text}” không phải là một kỳ; hãy viết: {forms}.", f"“{text}” is no period; write: {forms}.")
    return period


def indicator_asked(reference: Reference, text: str) -> str:
    """The code of an indicator named by code or by its whole name, accents or not.

    Raises:
        Unclear: no indicator has this name, or several have; the nearest are named.
    """
    if text in reference.indicators:
        return text
    names = ("indicator_code", "name_vi", "name_en")
    found = [c for c, row in reference.indicators.items() if fold(text) in {fold(row[name]) for name in names}]
    if len(found) == 1:
        return found[0]
    near = found or [code for code, _ in suggestions([text], reference)]
    listed = "; ".join(f"{code} ({reference.indicators[code]['name_vi']})" for code in near)
    raise Unclear(
        f"“{text}” không phải là mã hay tên của đúng một chỉ tiêu; gần nhất: {listed}.",
        f"“{text}” is not the code or name of exactly one indicator; nearest: {listed}.",
    )


def area_asked(reference: Reference, text: str, period_id: str) -> AskedArea:
    """The area of an id, a name or a code, in the boundary set in force on the period's last day.

    Raises:
        Unclear: the text means no area, several of the set, or only areas of other sets; all candidates are named.
    """
    areas = {area_id.casefold(): area_id for area_id in reference.areas}
    if text.strip().casefold() in areas:
        return AskedArea(areas[text.strip().casefold()])
    if label_kind(reference, text) == "total":
        return AskedArea(country(reference).province_id)
    day = None if period_id == UNDATED else last_day(period_id)
    in_force = set_in_force(reference, day)
    by_set = {each.name: _meant(reference, text, each.name) for each in reference.sets}
    everywhere = sorted(set().union(*by_set.values()))
    meant = set(everywhere) if isinstance(in_force, Unresolved) else by_set[in_force]
    if len(meant) == 1:
        (area_id,) = meant
        return AskedArea(area_id, tuple(each for each in everywhere if each != area_id))
    if everywhere:
        listed = _listed(reference, everywhere)
        raise Unclear(
            f"“{text}” không chỉ đúng một đơn vị của địa giới kỳ {period_id}; có thể là {listed}: hãy viết mã.",
            f"“{text}” means not one area of the boundaries of {period_id}; it may be {listed}: write the id.",
        )
    set_name = reference.sets[-1].name if isinstance(in_force, Unresolved) else in_force
    near = ", ".join(nearest(reference, "name", text, set_name))
    raise Unclear(
        f"Không có đơn vị hành chính nào là “{text}”; gần nhất: {near}.", f"No area is “{text}”; nearest: {near}."
    )


def _meant(reference: Reference, text: str, set_name: str) -> set[str]:
    """Areas of a set that a text may mean: as a name, else as a code of any scheme."""
    for scheme in _LIKELY_SCHEMES:
        if found := _resolved(reference, [scheme], text, set_name):
            return found
    return _resolved(reference, sorted(reference.schemes - set(_LIKELY_SCHEMES)), text, set_name)


def _resolved(reference: Reference, schemes: Iterable[str], text: str, set_name: str) -> set[str]:
    assert set_name != BY_PERIOD
    found = (resolve(reference, scheme, text, None, set_name) for scheme in schemes)
    return {each.province_id for each in found if not isinstance(each, Unresolved)}


def _listed(reference: Reference, ids: Iterable[str]) -> str:
    return ", ".join(f"{each} ({_name(reference, each)})" for each in ids)


def _name(reference: Reference, area_id: str) -> str:
    later = ", ".join(reference.successors.get(area_id, ()))
    return f"{reference.areas[area_id].name_vi}{f' → {later}' if later else ''}"
