"""Vietnamese and machine-written periods to ids: `2022`, `2022-H1`, `2022-Q3`, `2022-Q3-adm`, `2022-09`, `2022-09-15`.

A text is read only as a whole: what is left over, or could mean two periods (`Dec-06`, `9/22`), is not read at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from ingestion.text import fold

UNDATED = "undated"
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
# No statistic lies in other years, and at both ends of Python's calendar a quarter or month has no neighbour.
_PERIOD_ID = re.compile(r"([1-8]\d{3})(?:-(?:H([12])|Q([1-4])(-adm)?|(\d{2})(?:-(\d{2}))?))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """A period, the basis its wording implies (`point`, `ytd` or nothing) and whether it is marked preliminary."""

    period_id: str
    basis: str | None = None
    is_preliminary: bool = False


_Y = r"(?P<year>(?:19|20)\d\d)"
_M = r"(?P<month>0?[1-9]|1[0-2])"
_D = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_Q = r"(?P<quarter>iv|iii|ii|i|[1-4])"
# Forms over the folded text, in which `/`, `-` and `.` are blanks: `Quý III/2022` is `quy iii 2022`.
_FORMS = tuple(
    (re.compile(pattern, re.ASCII), basis)
    for pattern, basis in (
        (rf"(?:nam )?{_Y}", None),
        (rf"(?:thang|t) ?{_M} (?:nam )?{_Y}", None),
        (rf"(?:quy|q) ?{_Q} (?:nam )?{_Y}", None),
        (rf"(?P<half>6) thang (?:dau |dau nam )(?:nam )?{_Y}", "ytd"),
        (rf"(?P<second_half>6) thang cuoi (?:nam )?{_Y}", None),
        (rf"{_M} thang (?:dau )?(?:nam )?{_Y}", "ytd"),
        (rf"(?:tinh )?den (?:het |cuoi |het ngay |ngay )?(?:thang |t)?{_M} (?:nam )?{_Y}", "point"),
        (rf"(?:tinh )?den (?:het |cuoi |het ngay |ngay )?{_D} (?:thang )?{_M} (?:nam )?{_Y}", "point"),
        (rf"(?:tinh )?den (?:het |cuoi )?nam {_Y}", "point"),
        (rf"(?:ngay )?{_D} (?:thang )?{_M} (?:nam )?{_Y}", None),
        (rf"{_M} {_Y}", None),
    )
)
_PRELIMINARY = re.compile(r"^(?:so bo)?(?: ?\b(?:prel|pre)\b)? ?", re.ASCII)
_ADM_MONTH = "0?3|0?6|0?9|12"
_ADM_SPAN = re.compile(
    rf"(?:tu )?(?:ngay )?15 (?P<m1>{_ADM_MONTH}) (?P<y1>\d{{4}}) (?:den )?(?:ngay )?14 (?P<m2>{_ADM_MONTH}) {_Y}",
    re.ASCII,
)
_MACHINE_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?", re.ASCII)
_CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?$", re.ASCII)


def read_period(cell: object, *, expect: str | None = None, administrative_quarters: bool = False) -> Period | None:
    """The period a cell states, or None when it states none, more than one, or not one of the type `expect`.

    A date cell is its day, or its month where a month is expected (spreadsheets show 2022-09-01 as 09/2022).
    """
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
        period = _valid(day.isoformat()[:7] if expect == "month" else day.isoformat())
    elif isinstance(cell, bool):
        return None
    elif isinstance(cell, int | float):
        period = read_text(str(int(cell)), administrative_quarters) if float(cell).is_integer() else None
    elif isinstance(cell, str):
        period = read_text(cell, administrative_quarters)
    else:
        return None
    if period is None or (expect is not None and period_type(period.period_id) != expect):
        return None
    return period


@lru_cache(maxsize=8_192)
def read_text(text: str, administrative_quarters: bool = False) -> Period | None:
    """The period a text states as a whole."""
    text = text.strip()
    if text == UNDATED:
        return Period(UNDATED)
    if is_period_id(text):
        return Period(text)
    # A clock time adds nothing to the day and would only look like more numbers.
    text = _CLOCK.sub("", text)
    if (machine := _MACHINE_DAY.fullmatch(text)) is not None:
        return _valid("-".join(machine.groups()))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return _valid(text)
    if "(" in text and (quarter := _administrative(text)) is not None:
        return quarter
    folded = fold(text)
    bare = _PRELIMINARY.sub("", folded)
    is_preliminary = bare != folded or text.endswith("(*)")
    for form, basis in _FORMS:
        match = form.fullmatch(bare)
        if match is not None:
            period_id = _period_id(match.groupdict(), administrative_quarters)
            return Period(period_id, basis, is_preliminary) if is_period_id(period_id) else None
    return None


def _administrative(text: str) -> Period | None:
    """`Quý I/2023 (15/12/2022 - 14/03/2023)`: the quarter whose own days say that it is the administrative one."""
    head, _, tail = text.partition("(")
    span, quarter = _ADM_SPAN.fullmatch(fold(tail)), read_text(head)
    if span is None or quarter is None or "-Q" not in quarter.period_id:
        return None
    period_id = quarter.period_id.removesuffix("-adm") + "-adm"
    first, last = first_day(period_id), last_day(period_id)
    said = ((int(span["y1"]), int(span["m1"])), (int(span["year"]), int(span["m2"])))
    return Period(period_id) if said == ((first.year, first.month), (last.year, last.month)) else None


def _period_id(found: dict[str, str | None], administrative_quarters: bool) -> str:
    year = found["year"]
    if found.get("quarter"):
        name = str(found["quarter"])
        return f"{year}-Q{_ROMAN.get(name) or int(name)}{'-adm' if administrative_quarters else ''}"
    if found.get("half"):
        return f"{year}-06"
    if found.get("second_half"):
        return f"{year}-H2"
    month, day = found.get("month"), found.get("day")
    return f"{year}" + (f"-{int(month):02d}" if month else "") + (f"-{int(day):02d}" if day else "")


def _valid(period_id: str) -> Period | None:
    return Period(period_id) if is_period_id(period_id) else None


def is_period_id(text: str) -> bool:
    """Whether the text is a period id of an existing period."""
    match = _PERIOD_ID.fullmatch(text)
    if match is None:
        return False
    year, _, _, _, month, day = match.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return False
    return True


def period_type(period_id: str) -> str:
    """`year`, `half`, `quarter`, `month`, `day` or `undated`."""
    if period_id == UNDATED:
        return UNDATED
    if "-Q" in period_id:
        return "quarter"
    return {4: "year", 7: "half" if "H" in period_id else "month", 10: "day"}[len(period_id)]


def first_day(period_id: str) -> date:
    """The first day of a period. An administrative quarter begins on a 15th: 2023-Q1-adm on 2022-12-15."""
    year = int(period_id[:4])
    if "-Q" in period_id:
        month = 3 * int(period_id[6]) - 2
        if not period_id.endswith("-adm"):
            return date(year, month, 1)
        return date(year - 1, 12, 15) if month == 1 else date(year, month - 1, 15)
    if "-H" in period_id:
        return date(year, 6 * int(period_id[6]) - 5, 1)
    month_day = [int(part) for part in period_id[5:].split("-") if part]
    return date(year, *(month_day + [1, 1])[:2])


def last_day(period_id: str) -> date:
    """The last day of a period: 2023-Q1-adm ends on 2023-03-14."""
    if period_id.endswith("-adm"):
        return date(int(period_id[:4]), 3 * int(period_id[6]), 14)
    first = first_day(period_id)
    months = {"year": 12, "half": 6, "quarter": 3, "month": 1}.get(period_type(period_id))
    if months is None:
        return first
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
