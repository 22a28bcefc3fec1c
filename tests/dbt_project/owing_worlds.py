"""Drawn histories of opening, closing and merging: sources of sheets and of logs, what they owe, what came, by hand."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from tests.dbt_project.fixture_inputs import dossier_state, load, row

DRAW = random.Random(20250701)
JUDGED_ON = date(2026, 3, 20)  # the day in Viet Nam of the last receipt
FIRST_DAY, LAST_MONTHS = date(2024, 1, 1), 26
STEP = {"month": 1, "quarter": 3, "half": 6, "year": 12}
CODES = ("tel_mobile_sub", "tel_fixed_sub")
LOG_CODE = "dvc_received"
ABSENCE = {"L": "missing", "O": "missing", "M": "not_applicable", "Q": "confidential"}


def drawn_areas() -> list[dict[str, Any]]:
    """Thirty provinces of a set WA, some of which end and go into one of set WB that begins the day after."""
    areas = []
    for number in range(30):
        end = date(2024, 1, 31) + timedelta(days=DRAW.randrange(700)) if DRAW.random() < 0.5 else None
        areas.append(area(f"WA-{number:02}", "WA", date(2004, 1, 1), end))
        if end:
            areas.append(area(f"WB-{number:02}", "WB", end + timedelta(days=1), None))
    return areas


def area(province_id: str, boundary_set: str, begin: date, end: date | None) -> dict[str, Any]:
    names = dict.fromkeys(("province_id", "gso_code", "name_vi", "name_en"), province_id)
    return {**names, "area_level": "province", "boundary_set": boundary_set, "kind": "province",
            "valid_from": begin, "valid_to": end}  # fmt: skip


def month_after(day: date, months: int) -> date:
    return date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)


def period_at(frequency: str, day: date) -> tuple[str, date, date]:
    """The period a day lies in: its id, first and last day."""
    first = date(day.year, (day.month - 1) // STEP[frequency] * STEP[frequency] + 1, 1)
    last = month_after(first, STEP[frequency]) - timedelta(days=1)
    number = (first.month - 1) // STEP[frequency] + 1
    names = {"month": f"{first:%Y-%m}", "quarter": f"{first.year}-Q{number}", "half": f"{first.year}-H{number}"}
    return names.get(frequency, f"{first.year}"), first, last


AREAS = drawn_areas()
LIFE = {one["province_id"]: one for one in AREAS}


def drawn_source(
    source_id: str, shape: str, frequencies: Iterable[str], codes: Iterable[str], breakdown: str
) -> dict[str, Any]:
    """A source that opens and perhaps closes, for provinces of its own or for all of one set."""
    declared = DRAW.choice(list(frequencies))
    frequency = "month" if declared in ("day", "week") else declared
    opened = month_after(FIRST_DAY, DRAW.randrange(12))
    closed = month_after(opened, DRAW.randrange(1, 24)) if DRAW.random() < 0.4 else None
    fixed = DRAW.random() < 0.3
    own = None if fixed else sorted(DRAW.sample(sorted(LIFE), DRAW.randrange(1, 9)))
    exempt = [
        {"province_id": DRAW.choice(own or sorted(LIFE)), "indicator_code": DRAW.choice([None, *codes]),
         "absence": DRAW.choice(["not_applicable", "confidential"]),
         "exempt_from": DRAW.choice([None, "2024-06"]), "exempt_to": DRAW.choice([None, "2025-06"])}
    ]  # fmt: skip
    return {
        "source_id": source_id, "shape": shape, "declared": declared, "frequency": frequency,
        "due_day": DRAW.choice([5, 15, 40, 100]),
        "boundary_set": DRAW.choice(["WA", "WB"]) if fixed else "by_period", "own": own,
        "expected_from": period_at(frequency, opened)[0], "opened": opened,
        "expected_to": period_at(frequency, closed)[0] if closed else None, "closed": closed, "exempt": exempt,
        "codes": DRAW.sample(list(codes), DRAW.randrange(1, len(list(codes)) + 1)), "breakdown": breakdown,
    }  # fmt: skip


SHEETS = [drawn_source(f"s{number:02}", "indicators", STEP, CODES, "operator:viettel") for number in range(60)]
LOGS = [
    drawn_source(f"log{number:02}", "transactions", ("day", "week", "month", "quarter"), (LOG_CODE,), "total")
    for number in range(40)
]
SOURCES = [*SHEETS, *LOGS]


def owed_periods(source: dict[str, Any]) -> list[tuple[str, date, date]]:
    """Counted out month by month: the periods of a source that are over, from the one it opened in to its last."""
    found = {}
    for months in range(LAST_MONTHS + 2):
        day = month_after(FIRST_DAY, months)
        name, first, last = period_at(source["frequency"], day)
        closes = source["closed"] and period_at(source["frequency"], source["closed"])[2]
        if last >= source["opened"] and last < JUDGED_ON and not (closes and last > closes):
            found[name] = (name, first, last)
    return list(found.values())


def provinces_of(source: dict[str, Any], last: date) -> list[str]:
    if source["boundary_set"] != "by_period":
        return [name for name, one in LIFE.items() if one["boundary_set"] == source["boundary_set"]]
    return [name for name in LIFE if is_alive(name, last) and (source["own"] is None or name in source["own"])]


def is_alive(province: str, day: date) -> bool:
    one = LIFE[province]
    return one["valid_from"] <= day and not (one["valid_to"] and one["valid_to"] < day)


def drawn_loads() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Loads of the sheets, in time, late or never, some held, some sent again; and the figures of those accepted."""
    loads, figures = [], []
    for source in SHEETS:
        for name, _, last in owed_periods(source):
            for again in range(DRAW.choice([0, 1, 1, 1, 2])):
                # half of them at 18:30 UTC, when it is the next day in Viet Nam
                sent = last + timedelta(days=DRAW.choice([2, source["due_day"], source["due_day"] + 1, 60 + again]))
                sent = min(sent, JUDGED_ON - timedelta(days=2))
                number = len(loads) + 1
                held = DRAW.random() < 0.1
                one = load(f"l{number:04}", source["source_id"], "indicators", None if held else number, 0,
                           received_at=f"{sent} {DRAW.choice(['18:30', '03:00'])}:00", first_period_id=name,
                           last_period_id=name, verdict="quarantined" if held else "accepted")  # fmt: skip
                loads.append(one)
                for province, code in product(provinces_of(source, last), source["codes"]):
                    if not held and DRAW.random() < 0.8:
                        status = DRAW.choice(["A"] * 12 + list(ABSENCE))
                        value = None if status in ABSENCE else DRAW.randrange(1, 10**6)
                        figures.append(row(one["load_id"], len(figures) + 1, province, code, name, value,
                                           status=status, breakdown="operator:viettel",
                                           source_id=source["source_id"]))  # fmt: skip
    last = load("l_last", "s00", "indicators", len(loads) + 1, 0, received_at="2026-03-19 17:00:00",
                first_period_id="undated", last_period_id="undated")  # fmt: skip
    return [*loads, last], figures


def drawn_logs(accept_no: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Logs in files of some days each, some late, lost or held, of portals and provinces that fall silent one day."""
    loads, states = [], []
    for source in LOGS:
        areas = source["own"] or DRAW.sample(sorted(LIFE), 5)
        silent = {name: FIRST_DAY + timedelta(days=DRAW.randrange(100, 1500)) for name in areas}
        day, until = source["opened"], JUDGED_ON - timedelta(days=DRAW.choice([3, 3, 300]))
        while (last := day + timedelta(days=DRAW.choice([1, 9, 28, 40]))) < until:
            sent = min(last + timedelta(days=DRAW.choice([1, 1, 2, 70])), JUDGED_ON - timedelta(days=2))
            fate = DRAW.choice(["accepted"] * 8 + ["quarantined", "lost"])
            if fate != "lost":
                name = f"{source['source_id']}_{last}"
                received_at = f"{sent} {DRAW.choice(['18:30', '03:00'])}:00"
                months = {"first_period_id": f"{day:%Y-%m}", "last_period_id": f"{last:%Y-%m}"}
                loads.append(load(name, source["source_id"], "transactions", None, 0, received_at=received_at,
                                  verdict=fate, **months))  # fmt: skip
            for province in areas if fate == "accepted" else ():
                filed = day + timedelta(days=DRAW.randrange((last - day).days + 1))
                if DRAW.random() < 0.7 and filed < silent[province] and is_alive(province, filed):
                    answered = DRAW.choice([filed, last])
                    states.append(dossier_state(
                        name, len(states) + 1, f"{len(states):032}", "4", f"{filed} 08:00:00", province_id=province,
                        returned_at=f"{answered} 09:00:00", source_id=source["source_id"],
                    ))  # fmt: skip
            day = last + timedelta(days=1)
    accepted = [one for one in loads if one["verdict"] == "accepted"]
    for number, one in enumerate(sorted(accepted, key=lambda one: one["received_at"]), accept_no):
        one["accept_no"] = number
    return loads, states


def drawn_receipts() -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    sheets, figures = drawn_loads()
    logs, states = drawn_logs(len(sheets) + 1)
    counts = Counter(one["load_id"] for one in (*figures, *states))
    for one in (*sheets, *logs):
        one["rows_read"] = one["rows_accepted"] = counts[one["load_id"]]
    return [*sheets, *logs], figures, states


def grouped(rows: Iterable[dict[str, Any]], *names: str) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in rows:
        groups.setdefault(tuple(one[name] for name in names), []).append(one)
    return groups


LOADS, FIGURES, STATES = drawn_receipts()
LOADS_OF = grouped(LOADS, "source_id", "verdict")
FIGURES_OF = grouped(FIGURES, "source_id", "indicator_code", "period_id")
STATES_OF = grouped(STATES, "load_id")


def day_in_viet_nam(received_at: str) -> date:
    return (datetime.fromisoformat(received_at) + timedelta(hours=7)).date()


def periods_held() -> set[tuple[str, str]]:
    """Source and period of which a load waits for a decision; a file of a log may speak of several."""
    held: set[tuple[str, str]] = set()
    for source in SOURCES:
        mine = LOADS_OF.get((source["source_id"], "quarantined"), [])
        for name, first, last in owed_periods(source):
            spans = [(one["first_period_id"], one["last_period_id"]) for one in mine]
            months = f"{first:%Y-%m}", f"{last:%Y-%m}"
            if any(span == (name, name) or (source in LOGS and meet(span, months)) for span in spans):
                held.add((source["source_id"], name))
    return held


def meet(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


Outcome = tuple[str, date | None, bool | None]


def counted_by_hand() -> dict[tuple[str, ...], Outcome]:
    """Key of each owed figure -> state, day of its first delivery, whether in time."""
    found: dict[tuple[str, ...], Outcome] = {}
    for source in SOURCES:
        came = log_came if source in LOGS else sheet_came
        for name, first, last in owed_periods(source):
            due = last + timedelta(days=source["due_day"])
            for code in source["codes"]:
                reported, given = came(source, code, name, first, last)
                for province in provinces_of(source, last):
                    day, printed = given.get(province, (None, None))
                    key = (source["source_id"], code, name, province)
                    if day:
                        found[key] = ("delivered", day, day <= due)
                        continue
                    state = exempted(source, province, code, first, last)
                    if state is None and printed in ("not_applicable", "confidential"):
                        state = printed
                    if state is None and due >= JUDGED_ON:
                        state = "not_yet_due"
                    if state is None:
                        state = "missing" if reported else "late"
                    found[key] = (state, None, False if state in ("missing", "late") else None)
    return found


Came = tuple[bool, dict[str, tuple[date | None, str | None]]]


def sheet_came(source: dict[str, Any], code: str, name: str, first: date, last: date) -> Came:
    """Whether a report of the period came; by province the first day of a figure that counts, or what stands for it."""
    accepted = LOADS_OF.get((source["source_id"], "accepted"), [])
    came = {one["load_id"]: one for one in accepted}
    given: dict[str, tuple[date | None, str | None]] = {}
    told = FIGURES_OF.get((source["source_id"], code, name), [])
    for (province,), mine in grouped(told, "province_id").items():
        days = [day_in_viet_nam(came[one["load_id"]]["received_at"]) for one in mine if one["value"] is not None]
        counts = mine[-1]["value"] is not None
        given[province] = (min(days), None) if counts else (None, ABSENCE[mine[-1]["status"]])
    return any(one["first_period_id"] == name for one in accepted), given


def log_came(source: dict[str, Any], code: str, name: str, first: date, last: date) -> Came:
    """The log file by file: on which day it had reached the last day of the period and told of a province around it."""
    mine = LOADS_OF.get((source["source_id"], "accepted"), [])
    until = date.min
    filed_by: set[str] = set()  # provinces with a dossier filed in the last month of the period or before it
    heard_of: set[str] = set()  # provinces of which anything happened since the period began
    given: dict[str, tuple[date | None, str | None]] = {}
    for one in sorted(mine, key=lambda one: one["accept_no"]):
        for state in STATES_OF.get((one["load_id"],), []):
            filed, answered = (date.fromisoformat(state[name][:10]) for name in ("event_at", "returned_at"))
            until = max(until, filed, answered)
            filed_by |= {state["province_id"]} if filed <= last else set()
            heard_of |= {state["province_id"]} if max(filed, answered) >= first else set()
        if until >= last:
            for province in filed_by & heard_of:
                given.setdefault(province, (day_in_viet_nam(one["received_at"]), None))
    return until >= last, given


def exempted(source: dict[str, Any], province: str, code: str, first: date, last: date) -> str | None:
    for one in source["exempt"]:
        begins = date(2024, 6, 1) if one["exempt_from"] else date.min
        ends = date(2025, 6, 30) if one["exempt_to"] else date.max
        if (
            one["province_id"] == province
            and one["indicator_code"] in (None, code)
            and begins <= first
            and last <= ends
        ):
            return str(one["absence"])
    return None
