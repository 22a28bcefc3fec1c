"""What a book is about: its periods as they are written, its measures, and the facts of its sheets."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from tests.ingestion.generated.truth import Book, Cell, Column, Fact
from tests.ingestion.generated.world import Province

ROMAN = ("I", "II", "III", "IV")
# First and last year whose whole year lies in the boundary set.
YEARS = {"64": (2005, 2007), "63": (2009, 2024), "34": (2026, 2026), "fixed_63": (2026, 2026), "fixed_34": (2019, 2024)}
LARGEST = {"%": 100, "index 0-1": 1, "rank": 63}


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


def _half(_: Random, year: int) -> Written:
    return Written(f"{year}-H2", f"6 tháng cuối năm {year}", "{period}", "half")


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


def set_of(book: Book) -> str:
    return book.plan["boundaries"].removeprefix("fixed_")


def draw_provinces(book: Book) -> list[Province]:
    known = book.world.provinces[set_of(book)]
    if book.has("places", "code", "code_and_name"):
        known = tuple(each for each in known if book.scheme in each.codes)
    return book.random.sample(known, book.random.randint(3, 8))


def draw_amount(random: Random, unit: str) -> tuple[Decimal, int]:
    """A figure as it might be printed, and its decimals; some are zero, some with zeros at the end."""
    decimals = 0 if unit == "rank" else random.choice([0, 0, 1, 2, 3])
    if random.random() < 0.04:
        return Decimal(0), 0
    largest = LARGEST.get(unit, random.choice([10, 1000, 10**5, 10**7, 10**9]))
    whole = random.randint(0 if decimals else 1, max(largest - 1, 1))
    parts = random.randint(0, 10**decimals - 1)
    sign = -1 if unit == "billion VND" and random.random() < 0.2 else 1
    return sign * (Decimal(whole) + Decimal(parts).scaleb(-decimals)), decimals


def fact_of(book: Book, area_id: str, column: Column) -> Cell:
    """A drawn figure with the fact it states."""
    measure = column.measure
    period: Written = measure["period"]
    amount, decimals = draw_amount(book.random, measure["unit"])
    amount = amount.quantize(Decimal(1).scaleb(-decimals))
    fact = Fact(
        province_id=area_id,
        indicator_code=measure["indicator_code"],
        period_id=period.period_id,
        breakdown=";".join(sorted(f"{key}:{value}" for key, value in measure["breakdown"].items())) or "total",
        basis=book.layout["basis"],
        unit=measure["unit"],
        value=amount * measure["multiplier"],
        decimals=decimals - measure["multiplier"].adjusted(),
        status=period.status,
    )
    return Cell(fact=fact, amount=amount)


def draw_measures(book: Book) -> list[Column]:
    """Columns of figures with their labels. Where the unit is the sheet's, all of them have the same one."""
    random, world = book.random, book.world
    first = random.choice([row for row in world.indicators if not book.has("numbers", "percent") or row["unit"] == "%"])
    others = [row for row in world.indicators if row is not first]
    has_own = book.has("unit_of", "measure", "header") or (book.has("unit_of", "column") and book.has("shape", "long"))
    if not has_own:
        others = [row for row in others if row["unit"] == first["unit"]]
    rows = [first, *random.sample(others, min(len(others), random.randint(0, 2)))]
    units = {row["unit"]: _unit_label(book, row["unit"]) for row in rows}
    columns = []
    for row in rows:
        label, multiplier = units[row["unit"]]
        plain = {
            "indicator_code": row["indicator_code"],
            "unit": row["unit"],
            "label": label,
            "multiplier": multiplier,
            "breakdown": {},
        }
        if book.has("shape", "groups") and (row is first or random.random() < 0.5):
            columns += _group(book, row, plain)
        else:
            columns.append(Column("value", (row["name_vi"],), row["name_en"], plain))
    return columns


def _group(book: Book, row: dict[str, str], plain: dict[str, Any]) -> list[Column]:
    """One label over the members of a dimension."""
    dimension = book.random.choice(sorted(book.world.members))
    members = book.random.sample(book.world.members[dimension], 2)
    return [
        Column(
            "value",
            (row["name_vi"], member["name_vi"]),
            f"{row['name_en']}, {member['name_en']}",
            {**plain, "breakdown": {dimension: member["code"]}},
        )
        for member in members
    ]


def _unit_label(book: Book, unit: str) -> tuple[str, Decimal]:
    labels = book.world.units[unit]
    wanted = [each for each in labels if (each[1] != 1) == book.has("scale", "multiplied")]
    return book.random.choice(wanted or labels)
