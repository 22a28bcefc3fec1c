"""A few thousand states of invented dossiers in two portals, with every way a log misleads; the same for one seed."""

import hashlib
from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from typing import Any

START = datetime.fromisoformat("2023-11-01")
MONTHS = 8
PORTALS = {"dvc_province": 10, "dvc_nation": 20}
# Bắc Kạn and Thái Nguyên became one, whole; of the former Vĩnh Phúc a part of unknown size went to Hà Nội.
PROVINCES = {"P63-01": 25, "P63-06": 25, "P63-19": 20, "P34-19": 29, "P64-26": 1}  # with how many of 100 dossiers
PROCEDURES = ("1.000001", "1.000002", "2.000003")
# the third is filed under two fields, and now and then under none
FIELDS = {"1.000001": ("LV01",), "1.000002": ("LV01",), "2.000003": ("LV02", "LV03", None)}


def some_states(seed: int, dossiers: int) -> list[dict[str, Any]]:
    """States in random order of dossiers, each in the load (portal and month of the event) it was sent with.

    Among them: dossiers in both portals that disagree, states sent again by a later load, late corrections of dates and
    of the procedure, states of one second told apart by sequence (never by nothing: then the order of loading would
    decide), refusals before and after reception, withdrawals,
    stops, no due date, overdue and still pending, a forgotten reception or filing, results dated before the reception.
    """
    random = Random(seed)
    states: list[dict[str, Any]] = []
    for number in range(dossiers):
        key = hashlib.md5(f"{seed}/{number}".encode()).hexdigest()
        plan = _life(random)
        for portal in random.choice([["dvc_province"], ["dvc_nation"], ["dvc_province", "dvc_nation"]]):
            # the national copy stops early, or runs ahead of what the province says
            own = plan if portal == "dvc_province" else plan[: random.randint(1, len(plan))]
            for state in own:
                sent = {**state, "dossier_key": key, "source_id": portal}
                states.append(sent)
                if random.random() < 0.05:  # sent again, one month later
                    states.append({**sent, "sent_late": 1})
            if random.random() < 0.08:  # corrected months later: other dates, other procedure
                last = own[-1]
                changes: dict[str, Any] = {"procedure_code": random.choice(PROCEDURES), "sent_late": 2}
                changes["sequence"] = (last["sequence"] or 0) + 1
                for name in ("submitted_at", "received_at"):
                    if last[name] is not None and last[name].month > 1:
                        changes[name] = last[name] - timedelta(days=random.randint(0, 40))
                states.append({**last, **changes, "dossier_key": key, "source_id": portal})
    return _in_loads(states)


def _life(random: Random) -> list[dict[str, Any]]:
    """All states of one dossier: each repeats what was known before it."""
    submitted = START + timedelta(seconds=random.randint(0, MONTHS * 30 * 86400))
    received = submitted + timedelta(hours=random.choice([1, 20, 60]))
    procedure = random.choice(PROCEDURES)
    due = None if random.random() < 0.2 else received + timedelta(days=random.randint(1, 25))
    finished = received + timedelta(days=random.choice([0, 1, 3, 8, 15, 30, 70]), hours=random.randint(0, 12))
    state: dict[str, Any] = {
        "province_id": random.choices(list(PROVINCES), list(PROVINCES.values()))[0], "boundary_set": "63",
        "procedure_code": procedure, "field_code": random.choice(FIELDS[procedure]),
        "service_level": random.choice(["2", "3", "4", None]), "channel": random.choice(["1", "2", "3", None]),
        "submitted_at": None if random.random() < 0.05 else submitted, "received_at": None, "due_at": None,
        "finished_at": None, "returned_at": None, "sequence": None, "state": "1", "event_at": submitted,
        "fee_vnd": random.choice([None, 0, 15000, 500000]), "paid_online": random.choice([None, False, True]),
        "digitised": None if random.random() < 0.02 else random.random() < 0.6,
        "sent_late": 0,
    }  # fmt: skip
    life = [state]

    def then(code: str, at: datetime, **known: Any) -> None:
        numbered = random.random() < 0.5
        life.append({**life[-1], "state": code, "event_at": at, "sequence": len(life) if numbered else None, **known})

    fate = random.random()
    if fate < 0.08:
        then("3", submitted + timedelta(hours=30), returned_at=random.choice([None, submitted + timedelta(hours=29)]))
        return life
    if fate < 0.11:
        then("7", submitted + timedelta(hours=2))
        return life
    forgotten = random.random() < 0.04
    then("2", received, received_at=None if forgotten else received, due_at=due)
    then("4", received, sequence=9)  # the same second: only its sequence says that it is later
    if fate < 0.16:
        then(random.choice(["3", "7", "8"]), finished, returned_at=random.choice([None, finished]))
    elif fate < 0.85:
        backwards = random.random() < 0.03
        then("9", finished, finished_at=received - timedelta(days=40) if backwards else finished)
        if random.random() < 0.5:
            then("10", finished + timedelta(days=random.randint(1, 40)))
    elif fate < 0.88:
        then("9", finished)  # no day of the result: it stays pending
    return life


def _in_loads(states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each state the load that brought it: portal and month, later by as many months as it was sent late."""
    rows_of: dict[str, int] = defaultdict(int)
    placed = []
    for state in states:
        sent_late = state["sent_late"]
        months = state["event_at"].year * 12 + state["event_at"].month - 1 + sent_late
        load_id = f"{state['source_id']}_{months // 12}-{months % 12 + 1:02}"
        rows_of[load_id] += 1
        row = {name: value for name, value in state.items() if name != "sent_late"}
        placed.append({**row, "load_id": load_id, "row_no": rows_of[load_id], "cell": f"L{rows_of[load_id] + 1}"})
    return placed


def in_partitions(states: list[dict[str, Any]], accepted: dict[str, int]) -> list[dict[str, Any]]:
    """The states with their `dossier_month`: the month of the event of the dossier's first accepted state."""
    first: dict[str, dict[str, Any]] = {}
    for state in sorted(states, key=lambda one: (accepted[one["load_id"]], one["row_no"])):
        first.setdefault(state["dossier_key"], state)
    return [{**one, "dossier_month": f"{first[one['dossier_key']]['event_at']:%Y-%m}"} for one in states]
