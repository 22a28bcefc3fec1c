"""Synthetic subscriber and station figures: a formula, no statistics and no random state.

One figure per operator, province, month and measure. The same question always has the same answer, so workbooks made
today and in ten years are equal. Rates are chosen so that large provinces get large figures and that the three
operators of Vĩnh Phúc in September 2022 come near (never exactly to) what a published article says of that month.
"""

import csv
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

PROVINCES_CSV = Path(__file__).parent / "operator_provinces.csv"

MEASURES = (
    "fixed",
    "mobile",
    "prepaid",
    "postpaid",
    "smartphone",
    "fixed_broadband",
    "mobile_broadband",
    "bts_2g",
    "bts_3g",
    "bts_4g",
    "bts_5g",
)

# Per operator: subscriptions and stations for one unit of `size`, September 2022; stations in thousandths.
RATES = {
    "viettel": {"fixed": 70, "mobile": 5720, "fixed_broadband": 890, "bts_2g": 3000, "bts_3g": 3400, "bts_4g": 4900},
    "vnpt": {"fixed": 190, "mobile": 2620, "fixed_broadband": 1070, "bts_2g": 2200, "bts_3g": 2300, "bts_4g": 2900},
    "mobifone": {"fixed": 0, "mobile": 2230, "fixed_broadband": 0, "bts_2g": 1900, "bts_3g": 2000, "bts_4g": 2600},
}
# Monthly growth in hundredths of a percent, lowest and highest: always under 2 % a month.
GROWTH = {
    "fixed": (-60, -20),
    "mobile": (10, 90),
    "fixed_broadband": (40, 120),
    "bts_2g": (-40, 0),
    "bts_3g": (-20, 10),
    "bts_4g": (20, 80),
}
# Stations of the fifth generation were trials in 2022: none below this size, except the two an article tells of.
SMALLEST_SIZE_WITH_5G = {"viettel": 150, "vnpt": 300, "mobifone": 500}
STATIONS_5G_TOLD_OF = {("viettel", "26"): 2}


@dataclass(frozen=True)
class Province:
    """A province of the 63 as the sample workbooks print it.

    Attributes:
        gso_code: Code of the General Statistics Office in the set of 63.
        name_vi: Plain Vietnamese name in 2022, used by viettel and vnpt.
        viettel_code: Three-letter code in the scheme `viettelpost_code3`.
        vnpt_code: Three-letter code in the scheme `vnpt_code3` (Bà Rịa - Vũng Tàu, absent there: the common `VTU`).
        mobifone_name: Name in a spelling met in public files (`Hoà Bình`, `TP. Hồ Chí Minh`).
        size: Rough size without unit; only scales the formula.
    """

    gso_code: str
    name_vi: str
    viettel_code: str
    vnpt_code: str
    mobifone_name: str
    size: int


@cache
def provinces() -> tuple[Province, ...]:
    """Return the 63 provinces in the order of their GSO codes."""
    with PROVINCES_CSV.open(encoding="utf-8", newline="") as file:
        return tuple(
            Province(
                gso_code=row["gso_code"],
                name_vi=row["name_vi"],
                viettel_code=row["viettel_code"],
                vnpt_code=row["vnpt_code"],
                mobifone_name=row["mobifone_name"],
                size=int(row["size"]),
            )
            for row in csv.DictReader(file)
        )


def figures(operator: str, province: Province, year: int, month: int) -> dict[str, int]:
    """Return the synthetic figures of one operator in one province at the end of one month.

    Args:
        operator: `viettel`, `vnpt` or `mobifone`.
        province: The province.
        year: Year of the month; figures are meant for months near 2022-09.
        month: 1 to 12.

    Returns:
        One whole number per measure of `MEASURES`: subscriptions, and stations for `bts_*`. `mobile` is `prepaid` plus
        `postpaid`; `smartphone` and `mobile_broadband` are below `mobile`. Zeros are real zeros.
    """

    def drawn(measure: str, low: int, high: int) -> int:
        return _drawn(low, high, operator, province.gso_code, measure)

    def grown(measure: str) -> int:
        base = RATES[operator][measure] * province.size * drawn(measure, 970, 1030) // 1000
        months_since_base = (year - 2022) * 12 + month - 9
        return base * (10_000 + months_since_base * drawn(f"growth of {measure}", *GROWTH[measure])) // 10_000

    mobile = grown("mobile")
    prepaid = mobile * drawn("prepaid", 860, 900) // 1000
    return {
        "fixed": grown("fixed"),
        "mobile": mobile,
        "prepaid": prepaid,
        "postpaid": mobile - prepaid,
        "smartphone": mobile * drawn("smartphone", 750, 800) // 1000,
        "fixed_broadband": grown("fixed_broadband"),
        "mobile_broadband": mobile * drawn("mobile_broadband", 650, 690) // 1000,
        "bts_2g": grown("bts_2g") // 1000,
        "bts_3g": grown("bts_3g") // 1000,
        "bts_4g": grown("bts_4g") // 1000,
        "bts_5g": _stations_5g(operator, province),
    }


def _drawn(low: int, high: int, *key: str) -> int:
    """Return a whole number from `low` to `high` that depends on the key only."""
    digest = sha256("|".join(key).encode()).digest()
    return low + int.from_bytes(digest[:8], "big") % (high - low + 1)


def _stations_5g(operator: str, province: Province) -> int:
    """Return the stations of the fifth generation: the same in every month, 0 in most provinces."""
    told_of = STATIONS_5G_TOLD_OF.get((operator, province.gso_code))
    if told_of is not None:
        return told_of
    return province.size // 12 if province.size >= SMALLEST_SIZE_WITH_5G[operator] else 0
