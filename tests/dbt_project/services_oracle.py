"""What `rpt_online_services` must hold, counted dossier by dossier over each whole period.

Nothing here is shared with the SQL: no sums of months, no histograms, no parts of ratios. Only which months an area is
known in goes month by month, as that is what it means.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import count
from statistics import median
from typing import Any, NamedTuple

from tests.dbt_project.boundary_oracle import ancestors
from tests.dbt_project.centre_oracle import ONLINE_CHANNELS, succession
from tests.dbt_project.dossier_oracle import Dossier, Key, months

KINDS = {"2": "information", "3": "partial", "4": "full"}
DIMENSIONS: dict[str, Callable[[Dossier], str]] = {
    "total": lambda one: "total",
    "channel": lambda one: one.group[3] or "_unknown",
    "service_level": lambda one: one.group[2] or "_unknown",
    "service_kind": lambda one: KINDS.get(one.group[2], "_unknown"),
    "field": lambda one: one.field or "_unknown",
}
Value = tuple[str, str, str, str, str]  # province, period, dimension, member, indicator


class Month(NamedTuple):
    """What an area counts in a month: the areas whose dossiers are its own, those of which it has a part."""

    whole: frozenset[str]
    ceded: frozenset[str]
    is_known: bool


def expected_services(
    cells: Mapping[Key, Mapping[str, Any]], dossiers: Iterable[Dossier], as_of: Mapping[str, date]
) -> dict[Value, Fraction | None]:
    """Every value of the report; None where it must be null. Members without any dossier are left out.

    Args:
        cells: rows of `fct_dossiers`: which areas have dossiers of their own, from when on and by which portal.
        dossiers: all of them.
        as_of: source to the day its log reaches.
    """
    known = _known_months(cells, as_of)
    filed: dict[str, dict[str, list[Dossier]]] = defaultdict(lambda: defaultdict(list))  # dimension and member, area
    for one in dossiers:
        for dimension, member_of in DIMENSIONS.items():
            filed[f"{dimension}:{member_of(one)}"][one.group[0]].append(one)
    found: dict[Value, Fraction | None] = {}
    for province in {area for area, _ in known}:
        own = {month: told for (area, month), told in known.items() if area == province}
        areas = frozenset().union(*(told.whole | told.ceded for told in own.values()))
        members = [(name, by_area) for name, by_area in filed.items() if areas & by_area.keys()]
        for period_id, span in _periods(own).items():
            parts = [(month, own.get(month)) for month in span]
            for name, by_area in members:
                values = _values(parts, by_area, as_of)
                found |= {(province, period_id, *name.split(":"), code): value for code, value in values.items()}
    return found


def _known_months(cells: Mapping[Key, Mapping[str, Any]], as_of: Mapping[str, date]) -> dict[tuple[str, str], Month]:
    begun: dict[str, dict[str, str]] = defaultdict(dict)  # area, portal: first month
    for province, _, _, _, month, source_id in cells:
        begun[province][source_id] = min(month, begun[province].get(source_id, month))
    own: dict[tuple[str, str], Month] = {}
    for province, portals in begun.items():
        shares: dict[str, Fraction | None] = {}
        for steps in count():
            if not (generation := ancestors(succession(), province, steps)):
                break
            shares |= generation
        whole = frozenset(area for area, share in shares.items() if share == 1 and area in begun)
        ceded = frozenset(area for area, share in shares.items() if share != 1 and area in begun)
        first = {
            source_id: min(begun[area][source_id] for area in whole | ceded if source_id in begun[area])
            for area in whole | ceded
            for source_id in begun[area]
        }
        for _, last in months(date.fromisoformat(f"{min(portals.values())}-01"), max(as_of[each] for each in first)):
            month = f"{last:%Y-%m}"
            reached = all(f"{as_of[each]:%Y-%m}" >= month for each in first if first[each] <= month)
            own[province, month] = Month(whole, ceded, reached)
    carried: dict[tuple[str, str], Month] = {}
    for area in {later for later, _ in _later_areas()}:
        for month in {month for _, month in own}:
            if (area, month) not in own and (told := _carried(own, area, month)):
                carried[area, month] = told
    return own | carried


def _later_areas() -> list[tuple[str, str]]:
    return [(later, earlier) for later, predecessors in succession().items() for earlier in predecessors]


def _carried(own: Mapping[tuple[str, str], Month], area: str, month: str) -> Month | None:
    """What the nearest predecessors that are known add up to; of unknown parts nobody knows anything."""
    choices = []
    for steps in count(1):
        if not (generation := ancestors(succession(), area, steps)):
            break
        told = {each: own[each, month] for each in generation if (each, month) in own}
        if told:
            has_number = any(each.is_known for each in told.values())
            choices.append((not has_number, steps, generation, told))
    if not choices:
        return None
    _, _, generation, told = min(choices, key=lambda choice: choice[:2])
    is_known = all(share == 1 and each in told and told[each].is_known for each, share in generation.items())
    whole = frozenset().union(*(each.whole for name, each in told.items() if generation[name] == 1))
    ceded = frozenset().union(*(e.ceded if generation[name] == 1 else e.whole | e.ceded for name, e in told.items()))
    return Month(whole - ceded, ceded, is_known)


def _periods(own: Mapping[str, Month]) -> dict[str, list[str]]:
    """The months, quarters, halves and years that any of these months lies in, with all months of each."""
    found = {}
    for month in own:
        year, number = int(month[:4]), int(month[5:])
        found[month] = [month]
        for name, size in (("Q", 3), ("H", 6), ("", 12)):
            place = (number - 1) // size
            period_id = f"{year}-{name}{place + 1}" if name else str(year)
            found[period_id] = [f"{year}-{place * size + step:02}" for step in range(1, size + 1)]
    return found


def _values(
    parts: list[tuple[str, Month | None]],
    filed: Mapping[str, list[Dossier]],
    as_of: Mapping[str, date],
) -> dict[str, Fraction | None]:
    spans = [(months(date.fromisoformat(f"{month}-01"), date.fromisoformat(f"{month}-01"))[0]) for month, _ in parts]
    sets = [each for _, each in parts]

    def counted(which: str, sets: list[Month | None]) -> "Counts":
        total = Counts()
        for (first, last), each in zip(spans, sets, strict=True):
            areas = getattr(each, which) if each else ()
            told = [one for area in areas for one in filed.get(area, ())]
            total.add(told, first, last, as_of, (first, last) == spans[0], (first, last) == spans[-1])
        return total

    whole, ceded = counted("whole", sets).numbers(), counted("ceded", sets).numbers()
    is_all = all(each is not None and each.is_known for each in sets)
    needs = {
        "dvc_carried_over": sets[0] is not None and sets[0].is_known,
        "dvc_pending": sets[-1] is not None and sets[-1].is_known,
        "dvc_pending_late": sets[-1] is not None and sets[-1].is_known,
    }
    values = {
        code: number if needs.get(code, is_all) and not _is_unknown(code, ceded) else None
        for code, number in whole.items()
    }
    for code, (over, under) in SHARES.items():
        numbers = [values[name] for name in over + under]
        if None in numbers or not (base := sum(values[name] for name in under)):
            values[code] = None
        else:
            values[code] = 100 * Fraction(sum(values[name] for name in over), base)
    return values


def _is_unknown(code: str, ceded: Mapping[str, Any]) -> bool:
    """Whether a part of unknown size holds anything of it; a number of days may be 0 and still be one."""
    return code in ceded and (ceded[code] != 0 or code.startswith("dvc_days"))


SHARES = {
    "dvc_ontime_pct": (["dvc_resolved_early", "dvc_resolved_ontime"], ["dvc_resolved"]),
    "dvc_late_pct": (["dvc_pending_late", "dvc_resolved_late"], ["dvc_to_process"]),
    "dvc_online_pct": (["dvc_online"], ["dvc_received"]),
    "dvc_pay_pct": (["dvc_fee_paid"], ["dvc_fee"]),
    "dvc_digitised_pct": (["dvc_digitised"], ["dvc_resolved"]),
}


class Counts:
    """Events of a span of months, and the stocks at its ends."""

    def __init__(self) -> None:
        self.received: list[Dossier] = []
        self.resolved: list[Dossier] = []
        self.returned = self.carried_over = self.pending = self.pending_late = 0

    def add(
        self, told: list[Dossier], first: date, last: date, as_of: Mapping[str, date], is_first: bool, is_last: bool
    ) -> None:
        """Count a month."""
        self.received += [one for one in told if one.received is not None and first <= one.received <= last]
        self.resolved += [one for one in told if one.resolved is not None and first <= one.resolved <= last]
        self.returned += sum(one.returned is not None and first <= one.returned <= last for one in told)
        # the log of a portal ends where it ends: nothing is known to be pending after it
        told = [one for one in told if f"{as_of[one.source_id]:%Y-%m}" >= f"{first:%Y-%m}"]
        if is_first:
            self.carried_over = sum(one.is_pending(first - timedelta(days=1)) for one in told)
        if is_last:
            pending = [one for one in told if one.is_pending(last)]
            self.pending = len(pending)
            self.pending_late = sum(
                one.due is not None and one.due < min(last, as_of[one.source_id]) for one in pending
            )

    def numbers(self) -> dict[str, Any]:
        """The counts by indicator; no days where nothing was resolved, None where a portal does not say."""
        online = [one for one in self.received if one.group[3] in ONLINE_CHANNELS]
        with_fee = [one for one in self.received if one.fee > 0]
        late = sum(one.due is not None and one.resolved > one.due for one in self.resolved)
        early = sum(one.due is not None and one.resolved < one.due for one in self.resolved)
        numbers: dict[str, Any] = {
            "dvc_received": len(self.received),
            "dvc_carried_over": self.carried_over,
            "dvc_to_process": self.carried_over + len(self.received),
            "dvc_resolved": len(self.resolved),
            "dvc_resolved_early": early,
            "dvc_resolved_ontime": len(self.resolved) - late - early,
            "dvc_resolved_late": late,
            "dvc_pending": self.pending,
            "dvc_pending_late": self.pending_late,
            "dvc_returned": self.returned,
            "dvc_online": len(online),
            "dvc_pay_txn": sum(one.paid for one in self.received),
            "dvc_pay_amount": sum(one.fee for one in self.received if one.paid),
            "dvc_active": len({one.group[1] for one in online if KINDS.get(one.group[2]) in ("partial", "full")}),
            "dvc_fee": len(with_fee),
            "dvc_fee_paid": None if any(one.is_paid is None for one in with_fee) else sum(o.is_paid for o in with_fee),
            "dvc_digitised": None
            if any(one.is_digitised is None for one in self.resolved)
            else sum(one.is_digitised for one in self.resolved),
        }
        if days := sorted((one.resolved - one.received).days for one in self.resolved):
            numbers["dvc_days_median"] = Fraction(median(days))
            numbers["dvc_days_p90"] = days[-(-9 * len(days) // 10) - 1]  # nearest rank: at least nine in ten
        return numbers
