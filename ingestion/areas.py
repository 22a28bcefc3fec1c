"""Places to areas of fixed extent: a name or code means something only with its scheme, date and boundary set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process

from ingestion.reference import SETS_OF_ALIAS_CODES, Area, Reference
from ingestion.text import clean, fold, fold_name

BY_PERIOD = "by_period"


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a place is no area of the set: reason code and a sentence in both languages."""

    reason_code: str
    reason_vi: str
    reason_en: str


def resolve(reference: Reference, scheme: str, text: str, day: date | None, boundary_set: str) -> Area | Unresolved:
    """The area a place text means.

    Args:
        reference: the reference tables.
        scheme: `name`, `gso`, a scheme of province_external_codes, or `region` for the label of a region.
        text: the place as printed.
        day: last day of the fact's period; None where the fact has no date.
        boundary_set: a set (`63`), or `by_period` for the set in force on `day`.
    """
    place = clean(text)
    if not place:
        return Unresolved("unknown_area", "Ô tên hoặc mã tỉnh để trống.", "The place is blank.")
    set_name = boundary_set if boundary_set != BY_PERIOD else set_in_force(reference, day)
    if isinstance(set_name, Unresolved):
        return set_name
    found = _areas_meant(reference, scheme, place, set_name)
    if isinstance(found, Unresolved):
        return found
    if len(found) == 1:
        return reference.areas[next(iter(found))]
    if found:
        names = ", ".join(sorted(found))
        return Unresolved(
            "ambiguous_area",
            f"“{place}” có thể là {names}; hãy sửa bảng tên gọi hoặc khai báo mã tỉnh trong tệp nguồn.",
            f"“{place}” may be {names}; correct the aliases or declare a code column in the source YAML.",
        )
    return _not_found(reference, scheme, place, set_name)


def country(reference: Reference) -> Area:
    """The whole country, which is the same area in every boundary set."""
    return next(area for area in reference.areas.values() if area.area_level == "country")


def label_kind(reference: Reference, text: str) -> str | None:
    """`total`, `region`, `statistic` or `group` for labels that are no provinces; None for all other texts."""
    return reference.label_kinds.get(fold(text))


def set_in_force(reference: Reference, day: date | None) -> str | Unresolved:
    """The boundary set in force on a day."""
    if day is None:
        return Unresolved(
            "ambiguous_area",
            "Số liệu không ghi thời điểm nên không biết tỉnh theo địa giới nào; hãy khai báo boundary_set của nguồn.",
            "The fact has no date, so its boundaries are not known; declare boundary_set in the source YAML.",
        )
    for each in reference.sets:
        if each.first_day <= day <= each.last_day:
            return each.name
    first = reference.sets[0].first_day
    return Unresolved(
        "area_before_known_sets",
        f"Ngày {day:%d/%m/%Y} trước {first:%d/%m/%Y}, ngày đầu của địa giới đã biết; kiểm tra kỳ số liệu.",
        f"{day} is before {first}, the first day of any known boundaries; check the period.",
    )


def known(reference: Reference, scheme: str, text: str, set_name: str) -> str | None:
    """The one area of a set a text means; None where there is none or several. Looks for no neighbours."""
    place = clean(text)
    found = _areas_meant(reference, scheme, place, set_name) if place else frozenset()
    return next(iter(found)) if isinstance(found, frozenset) and len(found) == 1 else None


def is_known_elsewhere(reference: Reference, scheme: str, text: str, set_name: str) -> bool:
    """Whether a text that is no area of a set names one of another set."""
    place = clean(text)
    return bool(place and _areas_elsewhere(reference, scheme, place, set_name))


def _areas_meant(reference: Reference, scheme: str, place: str, set_name: str) -> frozenset[str] | Unresolved:
    """Every area of the set the text may mean; empty when there is none."""
    if scheme == "region":
        regions = (reference.regions.get((set_name, name)) for name in reference.region_labels.get(fold(place), ()))
        return frozenset(area_id for area_id in regions if area_id)
    if scheme == "gso":
        code = place.zfill(2) if place.isdecimal() else place
        found = reference.gso_codes.get((set_name, code))
        return frozenset({found} if found else ())
    key = fold_name(place)
    if scheme == "name":
        named = reference.names.get(set_name, {}).get(key, frozenset())
        return named | _in_set(reference, reference.alias_codes.get(key, frozenset()), set_name)
    if (scheme, key) in reference.inferred_codes:
        return Unresolved(
            "unknown_area",
            f"Mã “{place}” của bộ mã {scheme} chỉ được suy đoán, chưa kiểm chứng, nên không dùng một mình; "
            "hãy khai báo thêm cột tên tỉnh.",
            f"Code “{place}” of scheme {scheme} is inferred, not verified, and never decides alone; "
            "declare a name column too.",
        )
    return _in_set(reference, reference.external_codes.get((scheme, key), frozenset()), set_name)


def _in_set(reference: Reference, codes: frozenset[str], set_name: str) -> frozenset[str]:
    """Areas of the set that are the areas with these alias codes: by code, else by equal name or unchanged extent."""
    if set_name in SETS_OF_ALIAS_CODES:
        ids = (reference.gso_codes.get((set_name, code)) for code in codes)
        return frozenset(area_id for area_id in ids if area_id)
    found: set[str] = set()
    for area_id in _old_areas(reference, codes):
        names = reference.names.get(set_name, {})
        found |= names.get(fold_name(reference.areas[area_id].name_vi), frozenset())
        successor = reference.unchanged.get(area_id)
        if successor and reference.areas[successor].boundary_set == set_name:
            found.add(successor)
    return frozenset(found)


def _old_areas(reference: Reference, codes: frozenset[str]) -> list[str]:
    """The newest area with each alias code: that of the 63 set, or of the 64 set for Hà Tây."""
    newest = []
    for code in codes:
        ids = [reference.gso_codes[each, code] for each in SETS_OF_ALIAS_CODES if (each, code) in reference.gso_codes]
        newest += ids[-1:]
    return newest


def _not_found(reference: Reference, scheme: str, place: str, set_name: str) -> Unresolved:
    """Known elsewhere in time, or unknown everywhere: then the nearest spellings help to find the mistake."""
    if elsewhere := _areas_elsewhere(reference, scheme, place, set_name):
        said_vi = "; ".join(f"{reference.areas[i].name_vi} ({i}){_now(reference, i, 'nay thuộc')}" for i in elsewhere)
        said_en = "; ".join(f"{reference.areas[i].name_vi} ({i}){_now(reference, i, 'now in')}" for i in elsewhere)
        return Unresolved(
            "area_not_in_set",
            f"“{place}” không có trong bộ {set_name} đơn vị hành chính của kỳ này; có ở bộ khác: {said_vi}. "
            "Kiểm tra kỳ số liệu hoặc khai báo boundary_set của nguồn.",
            f"“{place}” is not in the set of {set_name} of this period; elsewhere it is {said_en}. "
            "Check the period, or declare boundary_set in the source YAML.",
        )
    near = nearest(reference, scheme, place, set_name)
    return Unresolved(
        "unknown_area",
        f"Không có tỉnh nào là “{place}” (theo {scheme}); gần nhất: {', '.join(near)}. "
        "Nếu đúng là tên gọi khác, thêm một dòng vào province_aliases.csv.",
        f"No province is “{place}” (by {scheme}); nearest: {', '.join(near)}. "
        "If it is another spelling, add a row to province_aliases.csv.",
    )


def _areas_elsewhere(reference: Reference, scheme: str, place: str, set_name: str) -> list[str]:
    found: set[str] = set()
    for each in reference.sets:
        if each.name != set_name:
            meant = _areas_meant(reference, scheme, place, each.name)
            found |= meant if isinstance(meant, frozenset) else frozenset()
    return sorted(found)


def _now(reference: Reference, area_id: str, words: str) -> str:
    successors = reference.successors.get(area_id, ())
    named = ", ".join(f"{reference.areas[i].name_vi} ({i})" for i in successors)
    return f", {words} {named}" if named else ""


def nearest(reference: Reference, scheme: str, place: str, set_name: str, count: int = 3) -> list[str]:
    """The spellings or codes most like the text, each of another area, for a person to judge; nothing uses them."""
    if scheme == "name":
        choices = {text: fold(text) for text in reference.spellings}
    elif scheme == "region":
        choices = {label: label for label in reference.region_labels}
    elif scheme == "gso":
        choices = {code: code for name, code in reference.gso_codes if name == set_name}
    else:
        choices = {code.upper(): code for name, code in reference.external_codes if name == scheme}
    found: dict[str, str] = {}
    for _, _, text in process.extract(fold(place), choices, scorer=fuzz.ratio, limit=40):
        meant = _areas_meant(reference, scheme, text, set_name)
        for area_id in sorted(meant) if isinstance(meant, frozenset) else ():
            name = reference.areas[area_id].name_vi
            found.setdefault(area_id, name if scheme == "name" else f"{text} ({name})")
        if len(found) >= count:
            break
    return list(found.values())[:count]
