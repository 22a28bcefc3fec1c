"""What sources owe and what became of it: drawn histories of opening, closing and merging against a plain count."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.conftest import run_dbt
from tests.dbt_project.fixture_inputs import dossier_source, load, row, write_tables
from tests.dbt_project.test_boundaries import lay_over

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("obligations")]

DRAW = random.Random(20250701)
JUDGED_ON = date(2026, 3, 20)  # the day in Viet Nam of the last receipt
FIRST_DAY, LAST_MONTHS = date(2024, 1, 1), 26
STEP = {"month": 1, "quarter": 3, "half": 6, "year": 12}
CODES = ("tel_mobile_sub", "tel_fixed_sub")
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


def drawn_source(number: int) -> dict[str, Any]:
    """A source that opens and perhaps closes, for provinces of its own or for all of one set."""
    frequency = DRAW.choice(list(STEP))
    opened = month_after(FIRST_DAY, DRAW.randrange(12))
    closed = month_after(opened, DRAW.randrange(1, 24)) if DRAW.random() < 0.4 else None
    fixed = DRAW.random() < 0.3
    own = None if fixed else sorted(DRAW.sample(sorted(LIFE), DRAW.randrange(1, 9)))
    exempt = [
        {"province_id": DRAW.choice(own or sorted(LIFE)), "indicator_code": DRAW.choice([None, *CODES]),
         "absence": DRAW.choice(["not_applicable", "confidential"]),
         "exempt_from": DRAW.choice([None, "2024-06"]), "exempt_to": DRAW.choice([None, "2025-06"])}
    ]  # fmt: skip
    return {
        "source_id": f"s{number:02}", "frequency": frequency, "due_day": DRAW.choice([5, 15, 40, 100]),
        "boundary_set": DRAW.choice(["WA", "WB"]) if fixed else "by_period", "own": own,
        "expected_from": period_at(frequency, opened)[0], "opened": opened,
        "expected_to": period_at(frequency, closed)[0] if closed else None, "closed": closed, "exempt": exempt,
        "codes": DRAW.sample(CODES, DRAW.randrange(1, 3)),
    }  # fmt: skip


SOURCES = [drawn_source(number) for number in range(60)]


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
    alive = [
        n for n, one in LIFE.items() if one["valid_from"] <= last and not (one["valid_to"] and one["valid_to"] < last)
    ]
    return [name for name in alive if source["own"] is None or name in source["own"]]


def drawn_loads() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Loads of the sources, in time, late or never, some held, some sent again; and the figures of those accepted."""
    loads, figures = [], []
    for source in SOURCES:
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
    counts = Counter(figure["load_id"] for figure in figures)
    for one in loads:
        one["rows_read"] = one["rows_accepted"] = counts[one["load_id"]]
    return [*loads, last], figures


LOADS, FIGURES = drawn_loads()


def day_in_viet_nam(received_at: str) -> date:
    return (datetime.fromisoformat(received_at) + timedelta(hours=7)).date()


def counted_by_hand() -> dict[tuple[str, ...], tuple[str, date | None, bool | None]]:
    """Key of each owed figure -> state, day of its first delivery, whether in time."""
    came = {one["load_id"]: day_in_viet_nam(one["received_at"]) for one in LOADS}
    given: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for figure in FIGURES:
        key = (figure["source_id"], figure["indicator_code"], figure["period_id"], figure["province_id"])
        given.setdefault(key, []).append(figure)
    found: dict[tuple[str, ...], tuple[str, date | None, bool | None]] = {}
    for source in SOURCES:
        for name, first, last in owed_periods(source):
            due = last + timedelta(days=source["due_day"])
            reported = any(
                one["source_id"] == source["source_id"] and one["first_period_id"] == name
                and one["verdict"] == "accepted" for one in LOADS
            )  # fmt: skip
            for province, code in product(provinces_of(source, last), source["codes"]):
                key = (source["source_id"], code, name, province)
                mine = given.get(key, [])
                if mine and mine[-1]["value"] is not None:
                    day = min(came[one["load_id"]] for one in mine if one["value"] is not None)
                    found[key] = ("delivered", day, day <= due)
                    continue
                printed = ABSENCE[mine[-1]["status"]] if mine else None
                state = exempted(source, province, code, first, last)
                if state is None and printed in ("not_applicable", "confidential"):
                    state = printed
                if state is None and due >= JUDGED_ON:
                    state = "not_yet_due"
                if state is None:
                    state = "missing" if reported else "late"
                found[key] = (state, None, False if state in ("missing", "late") else None)
    return found


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


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home: Path = tmp_path_factory.mktemp("nghĩa vụ")
    declared = [
        {**dossier_source(one["source_id"], 50), "shape": "indicators", **{name: one[name] for name in
         ("frequency", "due_day", "boundary_set")}} for one in SOURCES
    ]  # fmt: skip
    write_tables(
        home / "inputs.duckdb",
        {
            "indicators": FIGURES,
            "loads": LOADS,
            "sources": declared,
            "expected_members": [
                {"source_id": one["source_id"], "indicator_code": code, "breakdown": "operator:viettel",
                 "expected_from": one["expected_from"], "expected_to": one["expected_to"]}
                for one in SOURCES for code in one["codes"]
            ],
            "expected_areas": [
                {"source_id": one["source_id"], "province_id": province}
                for one in SOURCES for province in (one["own"] or [None])
            ],
            "exempt_figures": [
                {"source_id": one["source_id"], "reason": "không cung cấp dịch vụ", **each}
                for one in SOURCES for each in one["exempt"]
            ],
        },
    )  # fmt: skip
    run_dbt(home, "seed")
    lay_over(home / "warehouse.duckdb", {"provinces": AREAS})
    chosen = ("--select", "+rpt_completeness", "assert_completeness_lies_between_0_and_1")
    only = ("--indirect-selection", "empty", "--exclude-resource-type", "seed", "unit_test")
    _, result = run_dbt(home, "build", *only, *chosen)
    assert [
        f"{one.node.name}: {one.message}" for one in result.results if str(one.status) not in ("success", "pass")
    ] == []
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def by_hand() -> dict[tuple[str, ...], tuple[str, date | None, bool | None]]:
    return counted_by_hand()


def test_every_owed_figure_and_its_state_is_the_one_counted_by_hand(warehouse, by_hand):
    told = {
        found[:4]: found[4:]
        for found in warehouse.sql(
            "select source_id, indicator_code, period_id, province_id, state, delivered_on, is_in_time "
            "from rpt_obligations"
        ).fetchall()
    }
    differing = [key for key in sorted({*told, *by_hand}) if told.get(key) != by_hand.get(key)]
    assert [(key, told.get(key), by_hand.get(key)) for key in differing[:5]] == []
    # and the histories hold every state, in time and late
    assert min(Counter(state for state, _, _ in by_hand.values()).values()) > 20
    assert len(Counter(state for state, _, _ in by_hand.values())) == 6
    assert Counter(in_time for _, day, in_time in by_hand.values() if day).keys() == {True, False}


def test_completeness_and_timeliness_are_shares_of_what_was_due(warehouse, by_hand):
    due_on = {
        (one["source_id"], name): last + timedelta(days=one["due_day"])
        for one in SOURCES
        for name, _, last in owed_periods(one)
    }
    due, come, timely, owed = Counter(), Counter(), Counter(), Counter()
    for (source_id, _, period, province), (state, _, in_time) in by_hand.items():
        key = (source_id, period, province)
        owed[key] += 1
        if state in ("delivered", "late", "missing") and due_on[source_id, period] < JUDGED_ON:
            due[key] += 1
            come[key] += state == "delivered"
            timely[key] += bool(in_time)

    def share(part: int, whole: int) -> Decimal | None:
        return (Decimal(part) / whole).quantize(Decimal("1e-10"), ROUND_HALF_UP) if whole else None

    wanted = {key: (owed[key], share(come[key], due[key]), share(timely[key], due[key])) for key in owed}
    told = {
        found[:3]: found[3:]
        for found in warehouse.sql(
            "select source_id, period_id, province_id, owed_count, completeness, timeliness from rpt_completeness"
        ).fetchall()
    }
    assert told == wanted
    shares = [whole for _, whole, _ in wanted.values() if whole is not None]
    assert len(wanted) > 1000 and min(shares) == 0 and max(shares) == 1 and any(0 < one < 1 for one in shares)


def test_a_held_load_of_the_period_stands_beside_what_is_late(warehouse):
    held = {(one["source_id"], one["first_period_id"]) for one in LOADS if one["verdict"] == "quarantined"}
    told = warehouse.sql(
        "select distinct source_id, period_id from rpt_obligations where state = 'late' and held_load_id is not null"
    ).fetchall()
    silent = warehouse.sql(
        "select distinct source_id, period_id from rpt_obligations where state = 'late' and held_load_id is null"
    ).fetchall()
    assert told and set(told) <= held and silent and not set(silent) & held
