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
    cases = [fails for fails in _failing(shape, rule) if _fits(fails, table.schema)]
    count = random.choice([1, 2, 3, max(len(rows) // 30, 1), len(rows) // 3])
    for at in random.sample(range(1, len(rows)), min(count, len(rows) - 1)):
        place = {name: rows[at][name] for name in ("row_no", "cell", "load_id", "source_id") if name in rows[at]}
        if rule == "row_is_not_repeated":
            spoilt = rows[at - 1]
        elif rule == "key_has_one_value":
            spoilt = {**rows[at - 1], "value": Decimal(random.randint(1, 10**6)), "value_text": "khác"}
        else:
            spoilt = {**rows[at], **random.choice(cases)}
        rows[at] = {**spoilt, **place}
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), staged, store_schema=False)


def _failing(shape: str, rule: str) -> list[dict[str, Any]]:
    """Contents of rows that break a rule, as its own tests have them."""
    if shape == "transactions":
        return [_of_log({**log_rows.GOOD, **case.fails}) for case in test_transactions.ROW_CASES if case.rule == rule]
    good = {name: value for name, value in sheet_rows.GOOD[shape].items() if name != "sheet"}
    cases = [case.fails for case in test_every_rule.ROW_CASES if case.rule == rule and shape in case.shapes]
    return [_of_sheet({**good, **fails}) for fails in cases]


def _of_log(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: row[name] and datetime.fromisoformat(row[name]) for name in log_rows.TIMES.split()}
    own = {name: value for name, value in row.items() if name != "dossier_key"}
    return {**own, **times, "fee_vnd": Decimal(row["fee_vnd"])}


def _of_sheet(row: dict[str, Any]) -> dict[str, Any]:
    numbers = ("value", "value_upper", "min_value", "max_value")
    return {**row, **{name: None if row[name] is None else Decimal(str(row[name])) for name in numbers}}


def _fits(row: Mapping[str, Any], schema: pa.Schema) -> bool:
    """Whether a reader could stage such a row: what it never leaves empty is there."""
    return all(row[name] is not None or schema.field(name).nullable for name in row)
