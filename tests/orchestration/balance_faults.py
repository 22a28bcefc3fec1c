"""Faults for the proof of the balance: of whole files, of lines and cells, and of rows that no reader lets through.

Files are those of the sample, of the generated workbooks with their traps, and of the generator of dossier logs. What
the readers refuse before a rule could see it is put into the staged rows: the failing rows of the rules' own tests.
"""

import gzip
import io
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.suite import load_suite
from ingestion.generate import PROVINCIAL, generate
from ingestion.sample.faults import MISSING_SHEET, NEGATIVE_COUNT, TEXT_FOR_A_NUMBER, UNKNOWN_PROVINCE
from ingestion.sample.workbook import CellValue, operator_workbook
from tests.expectations import log_rows, sheet_rows, test_every_rule, test_transactions

LOG = PROVINCIAL
OPERATOR = "viettel"
BOOK = "thu"

CellFault = Mapping[str, CellValue]


def _dropped(random: Random) -> CellFault:
    first = random.randint(7, 40)
    return {f"{column}{row}": "" for column in "BCDEFGHIJKLMN" for row in range(first, first + 25)}


WORKBOOK_FAULTS: dict[str, Callable[[Random], CellFault]] = {
    "good workbook": lambda random: {},
    "unknown province": lambda random: UNKNOWN_PROVINCE.written,
    "negative count": lambda random: {f"H{random.randint(8, 60)}": -5, **NEGATIVE_COUNT.written},
    "text for a number": lambda random: {f"D{random.randint(8, 60)}": "?", **TEXT_FOR_A_NUMBER.written},
    "column thousands of times too high": lambda random: {f"E{row}": 900_000_000 + row for row in range(7, 70)},
    "provinces gone": _dropped,
    "sheet of another name": lambda random: {},
    "half of the bytes": lambda random: {},
}
LOG_FAULTS = ("good log", "broken lines", "lines sent twice", "lines sent three times")
TRAP = "trap in a generated workbook"
GOOD_BOOK = "generated workbook"


def _rule_kinds(shape: str) -> list[str]:
    return [f"{shape}: {rule.name}" for rule in load_suite(shape).rules if rule.on_fail == "reject_rows"]


SOURCE_OF_SHAPE = {"subscribers": OPERATOR, "indicators": BOOK, "transactions": LOG}
ROW_KINDS = [kind for shape in SOURCE_OF_SHAPE for kind in _rule_kinds(shape)]
KINDS = [*WORKBOOK_FAULTS, *LOG_FAULTS, GOOD_BOOK, TRAP, *ROW_KINDS]


def source_of(kind: str) -> str:
    """The source whose file has the fault."""
    if kind in WORKBOOK_FAULTS:
        return OPERATOR
    if kind in LOG_FAULTS:
        return LOG
    return BOOK if kind in (GOOD_BOOK, TRAP) else SOURCE_OF_SHAPE[kind.split(":")[0]]


def operator_file(kind: str, number: int, random: Random) -> bytes:
    """A workbook of Viettel, no two the same; good where the fault is one of rows."""
    fault = WORKBOOK_FAULTS.get(kind, WORKBOOK_FAULTS["good workbook"])(random)
    changes = {**fault, "O7": f"{kind} {number} {random.random()}"}
    sheet = {"sheet": MISSING_SHEET.sheet} if kind == "sheet of another name" else {}
    content = operator_workbook(OPERATOR, 2022, 7 + number % 3, changes=changes, **sheet)
    return content[: len(content) // 2] if kind == "half of the bytes" else content


@cache
def _logs(seed: int, is_faulty: bool) -> list[bytes]:
    with TemporaryDirectory() as folder:
        first = date(2021, 10, 1)
        files = generate(Path(folder), 2_400, 12, seed, faults=is_faulty, first_month=first)
        return [gzip.decompress(path.read_bytes()) for path in sorted(files) if path.parent.name == LOG]


def log_file(kind: str, number: int, random: Random) -> bytes:
    """A month of a portal's log; good where the fault is one of rows."""
    months = _logs(random.randint(1, 3), kind == "broken lines")
    header, *lines = months[number % len(months)].splitlines(keepends=True)
    lines = random.sample(lines, int(len(lines) * random.uniform(0.8, 1)))
    times = {"lines sent twice": 2, "lines sent three times": 3}.get(kind, 1)
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", 3, packed, mtime=0) as file:
        file.write(header + b"".join(lines * times))
    return packed.getvalue()


def spoil_rows(kind: str, staged: Path, random: Random) -> None:
    """Put the fault of a rule into some staged rows: a few, or so many that the whole load is held back."""
    table = pq.read_table(staged)
    rows = table.to_pylist()
    if len(rows) < 2:
        return
    shape, rule = kind.split(": ")
    count = random.choice([1, 2, 3, max(len(rows) // 30, 1), len(rows) // 3])
    for at in random.sample(range(1, len(rows)), min(count, len(rows) - 1)):
        place = {name: rows[at][name] for name in ("row_no", "cell", "load_id", "source_id") if name in rows[at]}
        rows[at] = {**_spoilt(shape, rule, rows[at], rows[at - 1], random), **place}
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), staged, store_schema=False)


def _spoilt(shape: str, rule: str, row: dict[str, Any], before: dict[str, Any], random: Random) -> dict[str, Any]:
    if rule == "row_is_not_repeated":
        return before
    if rule == "key_has_one_value":
        return before | {"value": Decimal(random.randint(1, 10**6)), "value_text": "khác"}
    if shape == "transactions":
        (fails,) = (random.choice([c.fails for c in test_transactions.ROW_CASES if c.rule == rule]),)
        found = {**row, **log_rows.GOOD, **fails}
        times = {name: datetime.fromisoformat(found[name]) for name in log_rows.TIMES.split() if _is_text(found[name])}
        return {**found, **times, "fee_vnd": None if found["fee_vnd"] is None else Decimal(found["fee_vnd"])}
    cases = [case.fails for case in test_every_rule.ROW_CASES if case.rule == rule and shape in case.shapes]
    found = {**row, **sheet_rows.GOOD[shape], **random.choice(cases), "sheet": row["sheet"]}
    numbers = ("value", "value_upper", "min_value", "max_value")
    return {**found, **{name: None if found[name] is None else Decimal(str(found[name])) for name in numbers}}


def _is_text(value: object) -> bool:
    return isinstance(value, str)
