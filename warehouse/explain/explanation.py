"""The explanation of one key of the star's centre: what was published, what the cells make, where they lie."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from warehouse.canonical import utc_text
from warehouse.explain import rankings as places
from warehouse.explain.figure import Figure
from warehouse.explain.star import Period, Star, observations, published
from warehouse.explain.tree import names_named, node, walk
from warehouse.explain.values import differences, value
from warehouse.explain.words import LANGUAGES, in_both, number_text, plain_text
from warehouse.sql import Row, rows

SCHEMA_VERSION = 1
EQUAL, DIFFERENT, NOT_PUBLISHED = "equal", "different", "not_published"
_NEAREST_PERIODS = 3
_LOAD = ("load_id", "source_id", "file_name", "file_sha256", "file_bytes", "received_at", "verdict", "first_release_id")
_SOURCE = ("source_id", "publisher", "title", "legal_basis", "url", "licence", "rank", "description")


class Key(NamedTuple):
    """What is asked for: one cell of the star's centre."""

    province_id: str
    indicator_code: str
    period_id: str


def recomputed(star: Star, key: Key) -> tuple[Row | None, Figure | None, list[dict[str, Any]]]:
    """The published row, the figure its cells make, and the columns in which the two differ."""
    row = published(star, *key)
    figure = value(star, *key) if key.period_id in star.periods else None
    if row is None or figure is None:
        return row, figure, [] if row is None and figure is None else [{"column": "(row)", "published": row is not None,
                                                                       "recomputed": figure is not None}]  # fmt: skip
    return row, figure, differences(row, figure)


def explain(star: Star, key: Key) -> dict[str, Any]:
    """The whole explanation as plain values; `explanation_schema.json` describes every field.

    What no release holds (refused files, lines of logs, the register of corrections) is not told here.
    """
    row, figure, apart = recomputed(star, key)
    tree = None if figure is None else node(figure)
    ranked = _rankings(star, key) if key.period_id in star.periods else []
    nodes = [*([tree] if tree else []), *(each["node"] for one in ranked for each in one["figures"])]
    loads = sorted({one["load_id"] for each in nodes for one in walk(each) if one["load_id"]})
    sources = sorted({one["source_id"] for each in nodes for one in walk(each) if one["source_id"]})
    verdict = DIFFERENT if apart else NOT_PUBLISHED if row is None else EQUAL
    return {
        "schema_version": SCHEMA_VERSION,
        "province": _area(star, key.province_id),
        "indicator": _indicator(star, key.indicator_code),
        "period": _period(star, key.period_id),
        "published": None if row is None else _row(row),
        "recomputed": verdict,
        "recomputed_name": in_both("recomputed", verdict),
        "differences": [{name: _plain(told) for name, told in each.items()} for each in apart],
        "tree": tree,
        "rankings": ranked,
        "targets": _targets(star, key),
        "earlier": _earlier(star, key),
        "absence": absence(star, key) if row is None else refused(star, key) if row["value"] is None else [],
        "loads": {each: {name: _plain(star.loads[each][name]) for name in _LOAD} for each in loads},
        "sources": {each: {name: star.sources[each][name] for name in _SOURCE} for each in sources},
        "names": names_named(star, nodes),
    }


def _plain(told: Any) -> Any:
    if told is None or isinstance(told, str | int | bool):
        return told
    if isinstance(told, datetime):  # a time of the release is UTC, without saying so
        return utc_text(told.replace(tzinfo=UTC))
    return told.isoformat() if hasattr(told, "isoformat") else plain_text(told)


def _row(row: Row) -> dict[str, Any]:
    shown = {language: number_text(row["value"], language) for language in LANGUAGES}
    return {**{name: _plain(told) for name, told in row.items()}, "shown": shown}


def _area(star: Star, province_id: str) -> dict[str, Any]:
    names = ("province_id", "name_vi", "name_en", "area_level", "boundary_set", "valid_from", "valid_to")
    return {name: _plain(star.provinces[province_id][name]) for name in names}


def _indicator(star: Star, indicator_code: str) -> dict[str, Any]:
    row = star.indicators[indicator_code]
    return {name: _plain(told) for name, told in row.items() if name != "note"}


def _period(star: Star, period_id: str) -> dict[str, Any]:
    found = rows(
        star.connection, "select period_id, label_vi, label_en from dim_periods where period_id = ?", [period_id]
    )
    return found[0] if found else {"period_id": period_id, "label_vi": period_id, "label_en": period_id}


def _rankings(star: Star, key: Key) -> list[dict[str, Any]]:
    """Places of the areas by the indicator, or by the one whose printed rank it is, each worked out again."""
    code = places.ranked_code(star, key.indicator_code)
    told = {row["method"]: row for row in places.published_rankings(star, key.province_id, code, key.period_id)}
    found = {place.method: place for place in places.rankings(star, key.province_id, code, key.period_id)}
    return [_ranking(told.get(method), found.get(method)) for method in sorted(told.keys() | found.keys())]


def _ranking(row: Row | None, place: places.Place | None) -> dict[str, Any]:
    apart = [] if row is None or place is None else places.differences(row, place)
    method = place.method if place is not None else (row or {})["method"]
    is_equal = row is not None and place is not None and not apart
    return {
        "method": method,
        "rule": in_both("rule", f"rank_{method}"),
        "published": None if row is None else {name: _plain(told) for name, told in row.items()},
        "rank": None if place is None else place.rank,
        "recomputed": EQUAL if is_equal else NOT_PUBLISHED if row is None else DIFFERENT,
        "differences": [{name: _plain(told) for name, told in each.items()} for each in apart],
        "figures": [
            {"role": role, "role_name": in_both("role", role), "node": node(figure)}
            for role, figure in (() if place is None else place.figures)
        ],
    }


def _targets(star: Star, key: Key) -> list[dict[str, Any]]:
    """Targets that were judged by the value, or are set for it, each with its own cell."""
    found = rows(
        star.connection,
        "select t.target_id, t.period_id, t.breakdown, t.comparator, t.value, t.value_upper, t.target_status, t.unit, "
        "t.source_id, t.load_id, t.sheet, t.cell, t.quote, t.correction, g.actual_value, g.gap, g.is_met, g.note_vi, "
        "g.note_en from fct_targets as t left join rpt_target_gaps as g on t.target_id = g.target_id "
        "where t.indicator_code = ? and ((t.province_id = ? and t.period_id = ?) or "
        "(g.actual_province_id = ? and g.actual_period_id = ?)) order by t.target_id",
        [key.indicator_code, key.province_id, key.period_id, key.province_id, key.period_id],
    )
    return [{name: _plain(told) for name, told in row.items()} for row in found]


def _earlier(star: Star, key: Key) -> list[dict[str, Any]]:
    """What was said of the key before and counts no more: revised, withdrawn, or of a file read again."""
    found = rows(
        star.connection,
        "select source_id, load_id, basis, breakdown, value, sheet, cell, value_text, vintage_no, known_from, known_to "
        "from fct_observations where province_id = ? and indicator_code = ? and period_id = ? and not is_latest "
        "order by source_id, basis, breakdown, vintage_no",
        list(key),
    )
    return [{name: _plain(told) for name, told in row.items()} for row in found]


def absence(star: Star, key: Key) -> list[dict[str, Any]]:
    """Why the centre has no row: each reason as a code, a sentence in both languages and the load it is about."""
    period = star.periods.get(key.period_id)
    if period is None:
        return [_why("no_period", period=key.period_id)]
    told = [each for each in (_area_did_not_exist(star, key.province_id, period),) if each is not None]
    told += refused(star, key)
    others = observations(star, *key)
    if others:
        told.append(_why("only_elsewhere", others={f"{row['basis']}, {row['breakdown']}" for row in others}))
    return [*told, _why("not_reported", others=_nearest_periods(star, key, period))]


def refused(star: Star, key: Key) -> list[dict[str, Any]]:
    """Loads that count for nothing and may hold the figure, or one of its parts that is missing."""
    return [_refused(star, load) for load in _refused_loads(star, key, star.periods[key.period_id])]


def _why(code: str, load_id: str | None = None, **facts: Any) -> dict[str, Any]:
    return {"reason_code": code, "load_id": load_id, "reason": in_both("absence", code, **facts)}


def _area_did_not_exist(star: Star, province_id: str, period: Period) -> dict[str, Any] | None:
    area = star.provinces[province_id]
    first, last = area["valid_from"] or date.min, area["valid_to"] or date.max
    named = {"name": area["name_vi"], "province": province_id}
    if period.end_date is not None and period.end_date < first:
        generations = star.ancestors.get(province_id, ())
        return _why("area_not_yet", **named, day=first, others=list(generations[0].shares) if generations else [])
    if period.start_date is not None and period.start_date > last:
        later = [one for one, behind in star.ancestors.items() if behind and province_id in behind[0].shares]
        return _why("area_no_more", **named, day=last, others=later)
    return None


def _refused_loads(star: Star, key: Key, period: Period) -> Iterable[Row]:
    """Loads that count for nothing, of sources that tell of the indicator, about a time around the period."""
    tellers = {
        row["source_id"]
        for row in rows(
            star.connection, "select distinct source_id from fct_observations where indicator_code = ?",
            [key.indicator_code],
        )
    }  # fmt: skip
    tellers |= {row["source_id"] for row in star.rules.get("expected_member", ())
                if row["indicator_code"] == key.indicator_code}  # fmt: skip
    refused = [row for row in star.loads.values() if row["verdict"] in ("quarantined", "failed")]
    return [row for row in refused if row["source_id"] in tellers and _is_about(star, row, period)]


def _is_about(star: Star, load: Row, period: Period) -> bool:
    """Whether a load may tell of a period; one of which no period could be read may."""
    first, last = (star.periods.get(load[name] or "") for name in ("first_period_id", "last_period_id"))
    if first is None or last is None or first.start_date is None or last.end_date is None:
        return True
    if period.start_date is None or period.end_date is None:
        return True
    return first.start_date <= period.end_date and period.start_date <= last.end_date


def _refused(star: Star, load: Row) -> dict[str, Any]:
    return _why(
        "refused_load", load["load_id"], file=load["file_name"], source=load["source_id"], load=load["load_id"],
        reason_vi=load["reason_vi"], reason_en=load["reason_en"],
    )  # fmt: skip


def _nearest_periods(star: Star, key: Key, period: Period) -> list[str]:
    found = rows(
        star.connection,
        "select v.period_id from fct_indicator_values as v join dim_periods as p using (period_id) "
        "where v.province_id = ? and v.indicator_code = ? and v.value is not null and p.end_date is not null "
        "order by abs(date_diff('day', p.end_date, ?::date)), p.sort_key limit ?",
        [key.province_id, key.indicator_code, period.end_date or date.max, _NEAREST_PERIODS],
    )
    return [row["period_id"] for row in found]
