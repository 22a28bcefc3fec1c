"""Periods as they are written, the pattern that a person would declare for each, what the YAML then says of it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.ingestion.generated.truth import Book

ROMAN = ("I", "II", "III", "IV")
# First and last year whose whole year lies in the boundary set.
YEARS = {"64": (2005, 2007), "63": (2009, 2024), "34": (2026, 2026)}
YEARS |= {"fixed_64": (2009, 2024), "fixed_63": (2026, 2026), "fixed_34": (2019, 2024)}


@dataclass(frozen=True)
class Written:
    """A period, as a text, the pattern that a person would declare for it, what else the YAML then says of it."""

    period_id: str
    text: str
    pattern: str
    expect: str
    basis: str = "period"
    status: str = "A"
    is_administrative: bool = False
    # Whether the text says nothing but the period.
    is_whole: bool = True


def _month(r: Random, year: int) -> Written:
    month = r.randint(1, 12)
    text, pattern = r.choice(
        [
            (f"Tháng {month} năm {year}", "Tháng {month} năm {year}"),
            (f"THÁNG {month:02d} NĂM {year}", "Tháng {month} năm {year}"),
            (f"Tháng {month}-{year}", "{period}"),
            (f"T{month}-{year}", "{period}"),
            (f"{month:02d}-{year}", "{month}-{year}"),
            (f"Báo cáo tháng {month:02d}-{year} (số liệu chính thức)", "Báo cáo tháng {month}-{year} {any}"),
            (f"Kỳ báo cáo: Tháng {month} năm {year}", "Kỳ báo cáo: {period}"),
        ]
    )
    return Written(f"{year}-{month:02d}", text, pattern, "month", is_whole="áo" not in text)


def _quarter(r: Random, year: int) -> Written:
    quarter = r.randint(1, 4)
    text, pattern = r.choice(
        [
            (f"Quý {ROMAN[quarter - 1]} năm {year}", "Quý {quarter} năm {year}"),
            (f"Quý {quarter}-{year}", "Quý {quarter}-{year}"),
            (f"QUÝ {ROMAN[quarter - 1]}-{year}", "{period}"),
            (f"Q{quarter}-{year}", "{period}"),
        ]
    )
    return Written(f"{year}-Q{quarter}", text, pattern, "quarter")


def _administrative(r: Random, year: int) -> Written:
    quarter = r.randint(1, 4)
    first, last = (12, year - 1) if quarter == 1 else (3 * quarter - 3, year), 3 * quarter
    span = f"15/{first[0]:02d}/{first[1]} - 14/{last:02d}/{year}"
    text = r.choice([f"Quý {ROMAN[quarter - 1]}/{year} ({span})", f"Quý {ROMAN[quarter - 1]} năm {year}"])
    return Written(f"{year}-Q{quarter}-adm", text, "{period}", "quarter", is_administrative=True)


def _year(r: Random, year: int) -> Written:
    text, pattern = r.choice(
        [
            (f"Năm {year}", "Năm {year}"),
            (f"{year}", "{period}"),
            (f"NIÊN GIÁM THỐNG KÊ {year}", "Niên giám thống kê {year}"),
        ]
    )
    return Written(f"{year}", text, pattern, "year", is_whole="GIÁM" not in text)


def _half(r: Random, year: int) -> Written:
    half = r.randint(1, 2)
    text, pattern = r.choice(
        [("6 tháng cuối năm {}", "{period}"), ("Nửa năm {} của năm {}", "Nửa năm {half} của năm {year}")]
    )
    if pattern == "{period}":
        return Written(f"{year}-H2", text.format(year), pattern, "half")
    return Written(f"{year}-H{half}", text.format(half, year), pattern, "half", is_whole=False)


def _undated(_: Random, __: int) -> Written:
    return Written("undated", "undated", "{period}", "undated")


def _preliminary(r: Random, year: int) -> Written:
    text = r.choice([f"Sơ bộ {year}", f"Sơ bộ - Prel. {year}", f"Prel. {year}", f"{year} (*)"])
    return Written(f"{year}", text, "{period}", "year", status="P")


def _to_date(r: Random, year: int) -> Written:
    month = r.randint(1, 12)
    text = r.choice([f"Đến cuối tháng {month}-{year}", f"Tính đến hết tháng {month} năm {year}"])
    return Written(f"{year}-{month:02d}", text, "{period}", "month", basis="point")


def _year_to_date(r: Random, year: int) -> Written:
    month = r.choice([2, 6, 9, 11])
    text = f"6 tháng đầu năm {year}" if month == 6 else f"{month} tháng năm {year}"
    return Written(f"{year}-{month:02d}", text, "{period}", "month", basis="ytd")


def _day(r: Random, year: int) -> Written:
    month, day = r.randint(1, 12), r.randint(1, 28)
    text, pattern = r.choice(
        [
            (f"Tính đến {day:02d}-{month:02d}-{year}", "Tính đến {day}-{month}-{year}"),
            (f"Tính đến ngày {day} tháng {month} năm {year}", "{period}"),
        ]
    )
    return Written(f"{year}-{month:02d}-{day:02d}", text, pattern, "day", basis="point")


PERIODS: dict[str, Callable[[Random, int], Written]] = {
    "month": _month,
    "quarter": _quarter,
    "administrative": _administrative,
    "year": _year,
    "half": _half,
    "undated": _undated,
    "preliminary": _preliminary,
    "to_date": _to_date,
    "year_to_date": _year_to_date,
    "day": _day,
}


def draw_period(book: Book) -> Written:
    """A period by the plan; where no pattern takes it out of its text, one whose text says nothing else."""
    first, last = YEARS[book.plan["boundaries"]]
    needs_whole = book.has("period_of", "column", "constant")
    drawn = (PERIODS[book.plan["period"]](book.random, book.random.randint(first, last)) for _ in range(100))
    return next(each for each in drawn if each.is_whole or not needs_whole)


def alike_periods(book: Book, count: int) -> list[Written]:
    """Different periods that one pattern reads, the last among them that of the book."""
    period = book.once("period", lambda: draw_period(book))
    drawn = [draw_period(book) for _ in range(200)]
    alike = {each.period_id: each for each in [period, *drawn] if each.pattern == period.pattern}
    return list(alike.values())[:count]
