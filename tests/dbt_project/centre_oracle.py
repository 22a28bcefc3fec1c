"""What the star's centre must hold of dossiers, counted from the cells and dossiers of `dossier_oracle`."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import count
from statistics import median
from typing import Any

from tests.dbt_project.boundary_oracle import Fact, Indicator, Succession, World, ancestors, centre
from tests.dbt_project.conftest import DBT_PROJECT
from tests.dbt_project.dossier_oracle import Dossier, Key, months

ONLINE_CHANNELS = {"2"}
OF_SOME = {"dvc_days_median", "dvc_days_p90"}  # there is none where nothing was resolved, and 0 is one
# these are counted dossier by dossier, in services_oracle
COUNTED_ELSEWHERE = ("dvc_active", "dvc_fee", "dvc_fee_paid", "dvc_digitised")
Value = tuple[Any, str]  # the number, None where it cannot be told; the status
Told = tuple[str, Mapping[str, Any]]  # a row of `fct_dossiers` with its channel


def expected_values(
    cells: Mapping[Key, Mapping[str, Any]], dossiers: Iterable[Dossier], as_of: Mapping[str, date]
) -> dict[tuple[str, str, str], Value]:
    """Every value of a dvc_* indicator by (province, indicator, month).

    From the first month in which a province has a dossier of its own, what was filed with its predecessors counts with
    it. A portal counts for a province from the first month it tells of any of these. Where one of them has ended before
    the month, or dossiers were filed with a predecessor of which only a part passed on, nobody knows the total; where a
    portal ends inside the month, the total is provisional.

    Args:
        cells: rows of `fct_dossiers`.
        dossiers: all of them, for the days each one took.
        as_of: source to the day its log reaches.
    """
    filed: dict[str, dict[str, list[Told]]] = {}  # province, month
    begun: dict[str, dict[str, str]] = defaultdict(dict)  # province, source: the first month
    for (province, _, _, channel, month, source_id), cell in cells.items():
        filed.setdefault(province, {}).setdefault(month, []).append((channel, cell))
        begun[province][source_id] = min(month, begun[province].get(source_id, month))
    days: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in dossiers:
        if one.resolved is not None and one.received is not None:
            days[one.group[0], f"{one.resolved:%Y-%m}"].append((one.resolved - one.received).days)

    def numbers(areas: Iterable[str], month: str) -> dict[str, Any]:
        told = [each for area in areas for each in filed[area].get(month, [])]
        return _numbers(told, [each for area in areas for each in days.get((area, month), [])])

    values: dict[tuple[str, str, str], Value] = {}
    for province, own in filed.items():
        shares = {area: share for area, share in _with_predecessors(province).items() if area in filed}
        whole, ceded = ([area for area, share in shares.items() if (share == 1) is is_one] for is_one in (True, False))
        portals = {source_id for area in shares for source_id in begun[area]}
        first = {each: min(begun[area][each] for area in shares if each in begun[area]) for each in portals}
        for _, last in months(date.fromisoformat(f"{min(own)}-01"), max(as_of[each] for each in portals)):
            month = f"{last:%Y-%m}"
            status = _status([as_of[each] for each in portals if first[each] <= month], last)
            unknown = {code for code, number in numbers(ceded, month).items() if number or code in OF_SOME}
            for code, number in numbers(whole, month).items():
                judged = "O" if code in unknown else status
                values[province, code, month] = (None if judged == "O" else number, judged)
    return values


def _with_predecessors(province: str) -> dict[str, Fraction | None]:
    """An area and all that it took over from, over any number of changes, with the share of each that lies in it."""
    found: dict[str, Fraction | None] = {}
    for steps in count():
        generation = ancestors(succession(), province, steps)
        if not generation:
            return found
        found |= generation
    raise AssertionError


def _status(ends: list[date], last: date) -> str:
    """Of a month that ends on this day, by the days that the logs of its portals reach."""
    if any(f"{end:%Y-%m}" < f"{last:%Y-%m}" for end in ends):
        return "O"
    return "P" if any(end < last for end in ends) else "A"


def _numbers(told: list[Told], days: list[int]) -> dict[str, Any]:
    def total(name: str) -> Any:
        return sum(cell[name] for _, cell in told)

    numbers = {
        "dvc_received": total("received_count"),
        "dvc_carried_over": total("carried_over_count"),
        "dvc_to_process": total("carried_over_count") + total("received_count"),
        "dvc_resolved": total("resolved_count"),
        "dvc_resolved_early": total("early_count"),
        "dvc_resolved_ontime": total("on_time_count") - total("early_count"),
        "dvc_resolved_late": total("late_count"),
        "dvc_pending": total("pending_count"),
        "dvc_pending_late": total("pending_late_count"),
        "dvc_returned": total("returned_count"),
        "dvc_online": sum(cell["received_count"] for channel, cell in told if channel in ONLINE_CHANNELS),
        "dvc_pay_txn": total("online_payment_count"),
        "dvc_pay_amount": total("fee_vnd"),
    }
    if days:
        numbers["dvc_days_median"] = median(days)
        numbers["dvc_days_p90"] = sorted(days)[-(-9 * len(days) // 10) - 1]  # nearest rank: at least nine in ten
    return numbers


def with_later_areas(values: Mapping[tuple[str, str, str], Value]) -> dict[tuple[str, str, str], Value]:
    """The same values, and what they make of areas that took over from theirs and have no dossiers of their own yet."""
    codes = {code for _, code, _ in values}
    catalogue = {
        row["indicator_code"]: Indicator(row["kind"], row["area_rule"])
        for row in _seed("indicators")
        if row["indicator_code"] in codes
    }
    facts = {
        key: Fact(None if number is None else Decimal(number), status == "P")
        for key, (number, status) in values.items()
    }
    told = centre(World(facts, succession(), catalogue))
    return {key: values.get(key, (one.value, one.status)) for key, one in told.items()}


@cache
def succession() -> Succession:
    """Later area -> its predecessors with the share of each that passed on."""
    found: dict[str, dict[str, Fraction | None]] = defaultdict(dict)
    for row in _seed("province_succession"):
        found[row["successor_id"]][row["predecessor_id"]] = Fraction(row["share"]) if row["share"] else None
    return found


def _seed(name: str) -> list[dict[str, str]]:
    with (DBT_PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
