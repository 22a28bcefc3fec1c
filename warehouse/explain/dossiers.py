"""What logs of dossiers count, from the published counts by province, procedure, channel, month and portal."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from warehouse.explain.arithmetic import held
from warehouse.explain.figure import BREAKDOWN_SUM, DOSSIERS, Figure, Part
from warehouse.explain.star import Period, Star, remembered, rows

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
}
DAYS = ("dvc_days_median", "dvc_days_p90")
_COUNTS = sorted({name for told, _ in MEASURES.values() for name in told} - {"online_count"})

Months = Mapping[tuple[str, str], Mapping[str, Any]]  # (source, month) to the counts
Filed = list[tuple[str, bool]]  # where dossiers were filed, and whether all of that area passed on


def counted(star: Star, province_id: str, indicator_code: str, period_id: str) -> Figure | None:
    """The figure of an area with dossiers of its own, what was filed with its predecessors included."""
    period = star.periods[period_id]
    if period.period_type != "month" or not (indicator_code in MEASURES or indicator_code in DAYS):
        return None
    filed = _filed(star, province_id)
    portals = _portals(star, province_id, filed, period) if filed else {}
    if not portals or indicator_code not in star.indicators:
        return None
    if indicator_code in DAYS:
        told = _days(star, indicator_code, filed, period_id)
        if told is None:
            return None
        number, is_unknown, parts = told
    else:
        number, is_unknown, parts = _amount(star, indicator_code, filed, period_id)
    count = sum(end >= _first(period) for end in portals.values())
    reason = "unknown_share" if is_unknown else "incomplete_coverage" if count < len(portals) else None
    is_unfinished = any(end < period.end_date for end in portals.values() if period.end_date is not None)
    return Figure(
        BREAKDOWN_SUM, province_id, indicator_code, period_id,
        value=None if reason else number, unit=star.indicators[indicator_code]["unit"],
        status="O" if reason else "P" if is_unfinished else "A", qualifier=None if reason else "exact",
        reason_code=reason, basis="period" if indicator_code in DAYS else MEASURES[indicator_code][1],
        partial_value=number, coverage=("source", count, len(portals)), is_natural_basis=True, parts=tuple(parts),
        facts={"missing": sorted(each for each, end in portals.items() if end < _first(period))},
    )  # fmt: skip


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


def _leaf(
    area: str, indicator_code: str, period_id: str, value: Decimal | None, source_id: str, facts: dict[str, Any]
) -> Figure:
    return Figure(DOSSIERS, area, indicator_code, period_id, value=value, origin={"source_id": source_id}, facts=facts)


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
    star: Star, indicator_code: str, filed: Filed, period_id: str
) -> tuple[Decimal | None, bool, list[Part]] | None:
    """The median (half-way between the middle two) or the day by which nine in ten were done."""
    counts: dict[int, int] = defaultdict(int)
    parts, is_unknown = [], False
    for area, is_whole in filed:
        own: dict[str, dict[int, int]] = defaultdict(dict)
        for source_id, days, count in _histogram(star, area, period_id):
            own[source_id][days] = count
            counts[days] += count if is_whole else 0
            is_unknown = is_unknown or not is_whole
        for source_id, by_days in own.items():
            leaf = _leaf(area, indicator_code, period_id, None, source_id, {"dossiers_by_days": dict(by_days)})
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
