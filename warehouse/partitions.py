"""Which lake partition a period belongs to, and which of two periods is earlier."""

import re

_PERIOD = re.compile(
    r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])(?P<adm>-adm)?|H(?P<half>[12])|(?P<month>0[1-9]|1[0-2])(?:-\d{2})?))?"
)
UNDATED = "undated"
_MONTHLY_SHAPES = ("subscribers", "transactions")
_MONTH_FOLDER = re.compile(r"/month=(\d{4}-\d{2})/")


def months_of(period_id: str | None) -> tuple[str, str] | None:
    """First and last month (`YYYY-MM`) a period touches; None for `undated` and what is no period."""
    match = _PERIOD.fullmatch(period_id or "")
    if not match:
        return None
    year = int(match["year"])
    if match["month"]:
        first = last = int(match["month"])
    elif match["quarter"]:
        last = int(match["quarter"]) * 3
        first = last - (3 if match["adm"] else 2)  # an administrative quarter begins on the 15th of the month before
    elif match["half"]:
        last = int(match["half"]) * 6
        first = last - 5
    else:
        first, last = 1, 12
    return (f"{year:04d}-{first:02d}" if first else f"{year - 1:04d}-12", f"{year:04d}-{last:02d}")


def partition_of(shape: str, period_id: str | None) -> str:
    """Folder inside `lake/<shape>/`: `month=YYYY-MM` (the last month touched) or `year=YYYY`; `…=undated`."""
    months = months_of(period_id)
    if shape in _MONTHLY_SHAPES:
        return f"month={months[1] if months else UNDATED}"
    return f"year={months[1][:4] if months else UNDATED}"


def month_of(lake_file: str) -> str:
    """The month in the name of a monthly lake file (`lake/<shape>/month=YYYY-MM/<load_id>.parquet`).

    Raises:
        ValueError: there is none.
    """
    match = _MONTH_FOLDER.search(lake_file)
    if match is None:
        raise ValueError(f"no monthly lake file: {lake_file}")
    return match[1]


def period_range(period_ids: list[str]) -> tuple[str | None, str | None]:
    """The period that begins first and the one that ends last; undated ones only when there is nothing else."""
    dated = [(months, period_id) for period_id in set(period_ids) if (months := months_of(period_id))]
    if not dated:
        undated = sorted({period_id for period_id in period_ids if period_id})
        return (undated[0], undated[-1]) if undated else (None, None)
    first = min(dated, key=lambda item: (item[0][0], item[0][1], item[1]))
    last = max(dated, key=lambda item: (item[0][1], item[0][0], item[1]))
    return first[1], last[1]
