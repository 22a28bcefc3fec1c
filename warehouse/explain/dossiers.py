"""What logs of dossiers count, from the published counts by province, procedure, channel, month and portal."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

from warehouse.explain.arithmetic import held
from warehouse.explain.figure import BREAKDOWN_SUM, DOSSIERS, Figure, Part
from warehouse.explain.star import Period, Star, remembered
from warehouse.sql import rows

# indicator to the counts it is the sum of (one of them taken off, where the sign is -1) and its basis
MEASURES: Mapping[str, tuple[Mapping[str, int], str]] = {
    "dvc_received": ({"received_count": 1}, "period"),
    "dvc_carried_over": ({"carried_over_count": 1}, "point"),
    "dvc_to_process": ({"carried_over_count": 1, "received_count": 1}, "period"),
    "dvc_resolved": ({"resolved_count": 1}, "period"),
    "dvc_resolved_early": ({"early_count": 1}, "period"),
    "dvc_resolved_ontime": ({"on_time_count": 1, "early_count": -1}, "period"),
    "dvc_resolved_late": ({"late_count": 1}, "period"),
    "dvc_pending": ({"pending_count": 1}, "point"),
    "dvc_pending_late": ({"pending_late_count": 1}, "point"),
    "dvc_returned": ({"returned_count": 1}, "period"),
    "dvc_online": ({"online_count": 1}, "period"),
    "dvc_pay_txn": ({"online_payment_count": 1}, "period"),
    "dvc_pay_amount": ({"fee_vnd": 1}, "period"),
    "dvc_fee": ({"fee_count": 1}, "period"),
    "dvc_fee_paid": ({"fee_paid_count": 1}, "period"),
    "dvc_digitised": ({"digitised_count": 1}, "period"),
}
# dossiers of which a portal does not say it: one of them, and the count is not known
UNSTATED = {"dvc_fee_paid": "fee_unstated_count", "dvc_digitised": "digitised_unstated_count"}
DAYS = ("dvc_days_median", "dvc_days_p90")
ACTIVE = "dvc_active"
_COUNTS = sorted({name for told, _ in MEASURES.values() for name in told} - {"online_count"} | set(UNSTATED.values()))
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}

Months = Mapping[tuple[str, str], Mapping[str, Any]]  # (source, month) to the counts
Filed = list[tuple[str, bool]]  # where dossiers were filed, and whether all of that area passed on


def counted(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """The figure of an area with dossiers of its own, what was filed with its predecessors included.

    Months are counted, and of longer periods what months do not make: medians, and services that were used.
    """
    period = star.periods[period_id]
    filed = _filed(star, province_id) if _is_counted(star, indicator_code, period) else []
    months = {month.period_id: month for month in _months_of(star, period_id)} if filed else {}
    portals = {name: known for name, month in months.items() if (known := _portals(star, province_id, filed, month))}
    if not portals or any(_is_carried(star, province_id, months[name]) for name in months.keys() - portals.keys()):
        return None
    if indicator_code in DAYS:
        told = _days(star, indicator_code, filed, list(portals))
    elif indicator_code == ACTIVE:
        told = _services(star, filed, list(portals))
    else:
        told = _amount(star, indicator_code, filed, period_id)
    if told is None:
        return None
    number, is_unknown, parts = told
    parts = parts or _silent(province_id, indicator_code, portals)
    missing = {
        name: sorted(each for each, end in portals[name].items() if end < _first(months[name])) for name in portals
    }
    is_month = period.period_type == "month"
    expected = len(portals[period_id]) if is_month else _MONTHS[period.period_type]
    count = expected - len(missing[period_id]) if is_month else sum(not absent for absent in missing.values())
    is_silent = is_month and _is_unstated(star, indicator_code, filed, period_id)
    reasons = {"unknown_share": is_unknown, "incomplete_coverage": count < expected, "not_stated": is_silent}
    reason = next((code for code, holds in reasons.items() if holds), None)
    is_unfinished = any(end < _last(months[name]) for name, ends in portals.items() for end in ends.values())
    return Figure(
        BREAKDOWN_SUM, province_id, indicator_code, period_id,
        value=None if reason else number, unit=star.indicators[indicator_code]["unit"],
        status="O" if reason else "P" if is_unfinished else "A", qualifier=None if reason else "exact",
        reason_code=reason, basis=MEASURES.get(indicator_code, ({}, "period"))[1],
        partial_value=number, coverage=("source" if is_month else "month", count, expected),
        is_natural_basis=True, parts=tuple(parts),
        facts={"missing": missing[period_id] if is_month else [name for name in missing if missing[name]]},
    )  # fmt: skip


def _is_counted(star: Star, indicator_code: str, period: Period) -> bool:
    if indicator_code not in star.indicators or indicator_code not in (*MEASURES, *DAYS, ACTIVE):
        return False
    is_whole = star.indicators[indicator_code]["time_rule"] == "none" and period.period_type in _MONTHS
    return period.period_type == "month" or (is_whole and period.calendar == "calendar")


@remembered
def _months_of(star: Star, period_id: str) -> list[Period]:
    whole = star.periods[period_id]
    months = [each for each in star.periods.values() if each.period_type == "month"]
    return sorted((m for m in months if _first(whole) <= _first(m) <= _last(whole)), key=_first)


def _is_carried(star: Star, province_id: str, month: Period) -> bool:
    """Whether a month in which the area has no log of its own is what its predecessors add up to."""
    ancestors = {each for generation in star.ancestors.get(province_id, ()) for each in generation.shares}
    return any(_portals(star, each, filed, month) for each in ancestors if (filed := _filed(star, each)))


def _last(period: Period) -> date:
    assert period.end_date is not None
    return period.end_date


def _first(period: Period) -> date:
    assert period.start_date is not None
    return period.start_date


@remembered
def _months(star: Star, province_id: str) -> Months:
    """What portals count of the dossiers filed in an area."""
    online = ", ".join(f"'{channel}'" for channel in sorted(star.online)) or "null"
    sums = ", ".join(f"sum({name}) as {name}" for name in _COUNTS)
    told = rows(
        star.connection,
        f"select source_id, period_id, {sums}, sum(received_count) filter (channel in ({online})) as online_count "
        "from fct_dossiers where province_id = ? group by all order by all",
        [province_id],
    )
    return {(row.pop("source_id"), row.pop("period_id")): {k: v or 0 for k, v in row.items()} for row in told}


@remembered
def _filed(star: Star, province_id: str) -> Filed:
    """Where the dossiers of an area were filed; empty for an area without any of its own."""
    if not _months(star, province_id):
        return []
    behind = [
        (ancestor, share == 1)
        for generation in star.ancestors.get(province_id, ())
        for ancestor, share in generation.shares.items()
        if _months(star, ancestor)
    ]
    return [(province_id, True), *behind]


def _portals(star: Star, province_id: str, filed: Filed, period: Period) -> dict[str, date]:
    """Source to the day its log reaches, of those that tell of the area by then; none outside of the area's months."""
    begun: dict[str, str] = {}
    for area, _ in filed:
        for source_id, month in _months(star, area):
            begun[source_id] = min(month, begun.get(source_id, month))
    ends = {source_id: star.sources[source_id]["as_of_date"] for source_id in begun}
    first = min(month for _, month in _months(star, province_id))
    last = f"{max(ends.values()):%Y-%m}"
    if not first <= period.period_id <= last:
        return {}
    return {each: ends[each] for each, month in begun.items() if month <= period.period_id}


def _amount(star: Star, indicator_code: str, filed: Filed, period_id: str) -> tuple[Decimal | None, bool, list[Part]]:
    signs, _ = MEASURES[indicator_code]
    whole, parts = Fraction(0), []
    ceded: dict[str, Fraction] = defaultdict(Fraction)
    for area, is_whole in filed:
        for (source_id, month), counts in _months(star, area).items():
            if month != period_id:
                continue
            amount = sum((Fraction(counts[name]) * sign for name, sign in signs.items()), Fraction(0))
            if is_whole:
                whole += amount
            else:
                ceded[source_id] += amount
            told = {name: int(counts[name]) for name in signs}
            leaf = _leaf(area, indicator_code, period_id, held(amount), source_id, {"counts": told})
            parts.append(Part("counted" if is_whole else "ceded_in_part", leaf))
    return held(whole), any(ceded.values()), parts


def _silent(province_id: str, indicator_code: str, portals: Mapping[str, Mapping[str, date]]) -> list[Part]:
    """What a zero is counted from: portals whose logs reach into a month and hold nothing of it."""
    nothing = {"counts": {"dossiers": 0}}
    leaves = [
        _leaf(province_id, indicator_code, month, held(Fraction(0)), source_id, nothing)
        for month, ends in portals.items()
        for source_id in ends
    ]
    return [Part("counted", leaf) for leaf in leaves]


def _leaf(
    area: str, indicator_code: str, period_id: str, value: Decimal | None, source_id: str, facts: dict[str, Any]
) -> Figure:
    return Figure(DOSSIERS, area, indicator_code, period_id, value=value, origin={"source_id": source_id}, facts=facts)


def _is_unstated(star: Star, indicator_code: str, filed: Filed, period_id: str) -> bool:
    name = UNSTATED.get(indicator_code)
    if name is None:
        return False
    own = (_months(star, area) for area, is_whole in filed if is_whole)
    return any(counts[name] for months in own for (_, month), counts in months.items() if month == period_id)


@remembered
def _used(star: Star, province_id: str) -> list[tuple[str, str, str]]:
    """(portal, month, procedure) of the services that can be done online and were."""
    online = ", ".join(f"'{channel}'" for channel in sorted(star.online)) or "null"
    levels = ", ".join(f"'{level}'" for level in sorted(star.online_levels)) or "null"
    told = rows(
        star.connection,
        "select distinct source_id, period_id, procedure_code from fct_dossiers where province_id = ? "
        f"and received_count > 0 and channel in ({online}) and service_level in ({levels}) order by all",
        [province_id],
    )
    return [(row["source_id"], row["period_id"], row["procedure_code"]) for row in told]


def _services(star: Star, filed: Filed, month_ids: Sequence[str]) -> tuple[Decimal | None, bool, list[Part]]:
    """Services of which at least a part can be done online, and was in one of the months: each counts once."""
    found: set[str] = set()
    parts, is_unknown = [], False
    for area, is_whole in filed:
        own: dict[tuple[str, str], list[str]] = {key: [] for key in _months(star, area) if key[1] in month_ids}
        for source_id, month, procedure_code in _used(star, area):
            if month in month_ids:
                own[source_id, month].append(procedure_code)
        for (source_id, month), codes in own.items():
            leaf = _leaf(area, ACTIVE, month, None, source_id, {"services": codes})
            parts.append(Part("counted" if is_whole else "ceded_in_part", leaf))
        told = {code for codes in own.values() for code in codes}
        found |= told if is_whole else set()
        is_unknown = is_unknown or (bool(told) and not is_whole)
    return held(Fraction(len(found))), is_unknown, parts


@remembered
def _histogram(star: Star, province_id: str, period_id: str) -> list[tuple[str, int, int]]:
    told = rows(
        star.connection,
        "select source_id, processing_days, dossier_count from fct_dossier_days "
        "where province_id = ? and period_id = ? order by all",
        [province_id, period_id],
    )
    return [(row["source_id"], row["processing_days"], row["dossier_count"]) for row in told]


def _days(
    star: Star, indicator_code: str, filed: Filed, month_ids: Sequence[str]
) -> tuple[Decimal | None, bool, list[Part]] | None:
    """The median (half-way between the middle two) or the day by which nine in ten were done."""
    counts: dict[int, int] = defaultdict(int)
    parts, is_unknown = [], False
    for (area, is_whole), month in product(filed, month_ids):
        own: dict[str, dict[int, int]] = defaultdict(dict)
        for source_id, days, count in _histogram(star, area, month):
            own[source_id][days] = count
            counts[days] += count if is_whole else 0
            is_unknown = is_unknown or not is_whole
        for source_id, by_days in own.items():
            leaf = _leaf(area, indicator_code, month, None, source_id, {"dossiers_by_days": dict(by_days)})
            parts.append(Part("counted" if is_whole else "ceded_in_part", leaf))
    total = sum(counts.values())
    if total == 0:
        return None
    if indicator_code == "dvc_days_p90":
        return held(Fraction(_nth(counts, -(-9 * total // 10)))), is_unknown, parts
    middle = _nth(counts, -(-total // 2)) + _nth(counts, total // 2 + 1)
    return held(Fraction(middle, 2)), is_unknown, parts


def _nth(counts: Mapping[int, int], place: int) -> int:
    """Days of the dossier at a place, the quickest first."""
    for days in sorted(counts):
        place -= counts[days]
        if place <= 0:
            return days
    raise AssertionError("no such place")


def is_stock(indicator_code: str) -> bool:
    """Whether an indicator counts dossiers of earlier months too: those open at a moment, or carried over into it."""
    counts, basis = MEASURES.get(indicator_code, ({}, "period"))
    return basis == "point" or "carried_over_count" in counts
