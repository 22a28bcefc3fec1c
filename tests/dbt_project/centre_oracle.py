"""What the star's centre must hold of dossiers, counted from the cells and dossiers of `dossier_oracle`."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from tests.dbt_project.boundary_oracle import Fact, Indicator, World, centre
from tests.dbt_project.conftest import DBT_PROJECT
from tests.dbt_project.dossier_oracle import Dossier, Key, months

ONLINE_CHANNELS = {"2"}
Value = tuple[Any, str]  # the number, None where it cannot be told; the status


def expected_values(
    cells: Mapping[Key, Mapping[str, Any]], dossiers: Iterable[Dossier], as_of: Mapping[str, date]
) -> dict[tuple[str, str, str], Value]:
    """Every value of a dvc_* indicator by (province, indicator, month).

    A portal counts for a province from the first month it tells of it. Where one of them has ended before the month,
    nobody knows the total; where one ends inside the month, the total is provisional.

    Args:
        cells: rows of `fct_dossiers`.
        dossiers: all of them, for the days each one took.
        as_of: source to the day its log reaches.
    """
    by_province: dict[str, dict[str, dict[str, list[tuple[str, Mapping[str, Any]]]]]] = {}
    for (province, _, _, channel, month, source_id), cell in cells.items():
        own = by_province.setdefault(province, {}).setdefault(source_id, {})
        own.setdefault(month, []).append((channel, cell))
    days: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in dossiers:
        if one.resolved is not None and one.received is not None:
            days[one.group[0], f"{one.resolved:%Y-%m}"].append((one.resolved - one.received).days)
    values: dict[tuple[str, str, str], Value] = {}
    for province, by_source in by_province.items():
        begun = {source_id: min(own) for source_id, own in by_source.items()}
        start = date.fromisoformat(f"{min(begun.values())}-01")
        for _, last in months(start, max(as_of[source_id] for source_id in by_source)):
            month = f"{last:%Y-%m}"
            portals = [source_id for source_id, first in begun.items() if first <= month]
            ends = [as_of[source_id] for source_id in portals]
            is_whole = all(f"{end:%Y-%m}" >= month for end in ends)
            status = "O" if not is_whole else "P" if any(end < last for end in ends) else "A"
            told = [each for source_id in portals for each in by_source[source_id].get(month, [])]
            for code, number in _numbers(told, days.get((province, month), [])).items():
                values[province, code, month] = (number if is_whole else None, status)
    return values


def _numbers(told: list[tuple[str, Mapping[str, Any]]], days: list[int]) -> dict[str, Any]:
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
    """The same values, and what they make of the areas that took over from theirs."""
    codes = {code for _, code, _ in values}
    catalogue = {
        row["indicator_code"]: Indicator(row["kind"], row["area_rule"])
        for row in _seed("indicators")
        if row["indicator_code"] in codes
    }
    succession: dict[str, dict[str, Fraction | None]] = defaultdict(dict)
    for row in _seed("province_succession"):
        succession[row["successor_id"]][row["predecessor_id"]] = Fraction(row["share"]) if row["share"] else None
    facts = {
        key: Fact(None if number is None else Decimal(number), status == "P")
        for key, (number, status) in values.items()
    }
    told = centre(World(facts, succession, catalogue))
    return {key: values[key] if one.method == "reported" else (one.value, one.status) for key, one in told.items()}


def _seed(name: str) -> list[dict[str, str]]:
    with (DBT_PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
