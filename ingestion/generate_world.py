"""The invented world of the synthetic logs: working days, procedures, provinces, persons. Nothing here is anybody's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

# First day of Tết: offices close from the day before for a week. Other years are left without it.
_TET = {2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6)}
_HOLIDAYS = {(1, 1), (4, 30), (5, 1), (9, 1), (9, 2)}

# Dossiers filed by month of the year, 100 = an average month: few around Tết, many before school begins.
_SEASON = (92, 72, 112, 105, 106, 110, 108, 118, 110, 103, 98, 86)
_GROWTH_PER_MONTH = 1  # percent of the first month

SHARES = 1000  # what the weights of procedures add up to

_FIELDS = (
    "Hộ tịch",
    "Chứng thực",
    "Đất đai",
    "Đăng ký kinh doanh",
    "Giao thông vận tải",
    "Lao động",
    "Xây dựng",
    "Y tế",
    "Giáo dục",
    "Bảo trợ xã hội",
)
_DEADLINES = (1, 3, 3, 5, 5, 7, 10, 15, 20, 30)
_FEES = (0, 0, 0, 8_000, 15_000, 25_000, 50_000, 150_000, 350_000, 1_500_000)
_LEVELS = (4, 4, 4, 4, 3, 3, 3, 2)

# The province of the provincial portal first. Their codes in dossier numbers were seen in real portals.
PROVINCES = (("Thanh Hóa", "H56"), ("Nghệ An", "H41"), ("Quảng Ngãi", "H48"), ("Lào Cai", "H38"))
OWN_SHARE = 76  # percent of all dossiers that are of the first province

FAMILY_NAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương")
MIDDLE_NAMES = ("Văn", "Thị", "Minh", "Thanh", "Ngọc", "Quốc", "Hữu", "Xuân", "Đức", "Thu", "Kim", "Bảo")
GIVEN_NAMES = {
    "An": "an",
    "Bình": "binh",
    "Châu": "chau",
    "Dũng": "dung",
    "Giang": "giang",
    "Hạnh": "hanh",
    "Hùng": "hung",
    "Khánh": "khanh",
    "Lan": "lan",
    "Linh": "linh",
    "Mai": "mai",
    "Nam": "nam",
    "Oanh": "oanh",
    "Phúc": "phuc",
    "Quyên": "quyen",
    "Sơn": "son",
    "Tâm": "tam",
    "Uyên": "uyen",
    "Việt": "viet",
    "Yến": "yen",
}


class Procedure(NamedTuple):
    """An invented procedure: `weight` of SHARES dossiers, `deadline` in working days, `fee` in đồng."""

    code: str
    name: str
    field_code: str
    field: str
    level: int
    deadline: int
    fee: int
    weight: int


class Month(NamedTuple):
    """A month of the log: days in it, its first working day and how many it has, and its share of all dossiers."""

    first_day: date
    days: int
    first_workday: int
    workdays: int
    weight: int


def procedures(count: int = 60) -> list[Procedure]:
    """The invented procedures, the most asked for first; the code says by its 9 that it is none of the register's."""
    shares = [1000 // (rank + 4) for rank in range(count)]
    weights = [max(share * SHARES // sum(shares), 1) for share in shares]
    weights[0] += SHARES - sum(weights)
    found = []
    for rank, weight in enumerate(weights):
        field = rank % len(_FIELDS)
        found.append(
            Procedure(
                code=f"{1 + rank % 3}.9{rank * 137 % 100000:05d}",
                name=f"[Mô phỏng] Thủ tục {rank + 1:02d} lĩnh vực {_FIELDS[field]}",
                field_code=f"LV{field + 1:02d}",
                field=_FIELDS[field],
                level=_LEVELS[rank * 5 % len(_LEVELS)],
                deadline=_DEADLINES[rank * 7 % len(_DEADLINES)],
                fee=_FEES[rank * 3 % len(_FEES)],
                weight=weight,
            )
        )
    return found


def is_workday(day: date) -> bool:
    """Whether offices are open: Monday to Friday, not on public holidays."""
    if day.weekday() >= 5 or (day.month, day.day) in _HOLIDAYS:
        return False
    tet = date(day.year, *_TET[day.year]) if day.year in _TET else None
    return tet is None or not tet - timedelta(days=1) <= day <= tet + timedelta(days=5)


def workdays(first: date, days: int) -> list[date]:
    """The working days among so many days."""
    return [day for day in (first + timedelta(days=n) for n in range(days)) if is_workday(day)]


def months(first: date, count: int, open_days: Sequence[date]) -> list[Month]:
    """The months of the log, from the first on; `open_days` are its working days, numbered from 1."""
    found, day = [], first.replace(day=1)
    for number in range(count):
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        inside = [n for n, each in enumerate(open_days, start=1) if day <= each < following]
        weight = _SEASON[day.month - 1] * (100 + _GROWTH_PER_MONTH * number)
        found.append(Month(day, (following - day).days, inside[0], len(inside), weight))
        day = following
    return found
