"""Targets and figures drawn at random, with what a report on them must say in plain Python."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

SOURCE = "plan_drawn"
SCORE, RANK = ("par_index", "point of 100"), ("pci_rank", "rank")  # neither is summed, carried on or ranked by us
COMPARATORS = ("ge", "gt", "le", "lt", "eq", "range", "top_n")
WORDS = ("exact", "exact", "exact", "approx", "almost", "more_than", "at_least", "less_than", "at_most")
BREAKDOWNS = ("total", "total", "admin_level:province", "admin_level:commune", "admin_level:district")


@dataclass(frozen=True)
class Figure:
    """What a source says of one province, member and year; `month` where it is of a month only."""

    year: int
    month: int | None
    value: int
    qualifier: str

    @property
    def period_id(self) -> str:
        return str(self.year) if self.month is None else f"{self.year}-{self.month:02}"

    @property
    def end(self) -> tuple[int, int]:
        return self.year, self.month or 12


@dataclass(frozen=True)
class Case:
    """One target with the figures of its province."""

    province_id: str
    breakdown: str
    year: int
    comparator: str
    value: int
    upper: int | None
    status: str
    figures: tuple[Figure, ...]

    @property
    def indicator(self) -> tuple[str, str]:
        return RANK if self.comparator == "top_n" else SCORE

    @property
    def key(self) -> tuple[str, str, str, str, str, str]:
        return (self.province_id, self.indicator[0], str(self.year), self.breakdown, self.comparator, self.status)


def draw(seed: int, provinces: list[str]) -> list[Case]:
    """One case per province and comparator; figures of a province are shared by its targets of one indicator."""
    random = Random(seed)
    cases = []
    for province_id in provinces:
        breakdown = random.choice(BREAKDOWNS)
        shared = {code: _figures(random) for code in (SCORE[0], RANK[0])}
        for comparator in COMPARATORS:
            value = random.randint(1, 8)
            cases.append(
                Case(
                    province_id=province_id,
                    breakdown=breakdown,
                    year=random.choice((2012, 2013)),
                    comparator=comparator,
                    value=value,
                    upper=value + random.randint(0, 2) if comparator == "range" else None,
                    status=random.choice(("draft", "proposed", "adopted")),
                    figures=shared[(RANK if comparator == "top_n" else SCORE)[0]],
                )
            )
    return cases


def _figures(random: Random) -> tuple[Figure, ...]:
    spans = [(year, month) for year in range(2011, 2015) for month in (6, 12, None)]
    return tuple(
        Figure(year, month, random.randint(1, 8), random.choice(WORDS))
        for year, month in sorted(random.sample(spans, random.randint(0, 7)), key=str)
    )


def rows_of(cases: list[Case], row: Any) -> list[dict[str, Any]]:
    """The accepted rows that say all this; `row` makes one."""
    said: dict[tuple[Any, ...], dict[str, Any]] = {}
    for case in cases:
        code, unit = case.indicator
        common = {"unit": unit, "breakdown": case.breakdown, "basis": "period", "source_id": SOURCE}
        for figure in case.figures:
            key = (case.province_id, code, figure.period_id)
            said[key] = row(
                f"load_{SOURCE}", len(said) + 1 if key not in said else said[key]["row_no"], case.province_id, code,
                figure.period_id, figure.value, qualifier=figure.qualifier, decimals=0, **common,
            )  # fmt: skip
    observations = list(said.values())
    targets = [
        row(f"load_{SOURCE}", number, case.province_id, case.indicator[0], str(case.year), case.value, kind="target",
            comparator=case.comparator, value_upper=case.upper, target_status=case.status, unit=case.indicator[1],
            breakdown=case.breakdown, basis="period", source_id=SOURCE)
        for number, case in enumerate(cases, start=len(observations) + 1)
    ]  # fmt: skip
    return observations + targets


def judge(case: Case) -> dict[str, Any]:
    """What the report must say of a case: the figure it is held against, how far off, and whether it is met."""
    known = [figure for figure in case.figures if figure.end <= (case.year, 12)]
    if not known:
        return {"actual_period_id": None, "gap": None, "is_met": None, "reason_code": "no_actual"}
    figure = max(known, key=lambda one: (one.end, one.month is None))
    said = {"actual_period_id": figure.period_id, "gap": None, "is_met": None}
    if figure.year < case.year:
        return {**said, "reason_code": "actual_before_target_period"}
    said["gap"] = Decimal(_gap(case, figure.value))
    if figure.end < (case.year, 12):
        return {**said, "reason_code": "period_still_open"}
    if figure.qualifier == "approx" and abs(said["gap"]) <= 1:
        return {**said, "reason_code": "approximate"}
    return {**said, "is_met": _is_met(case, figure), "reason_code": None}


def _gap(case: Case, actual: int) -> int:
    if case.comparator == "range":
        assert case.upper is not None
        return min(actual - case.value, case.upper - actual)
    if case.comparator == "eq":
        return -abs(actual - case.value)
    return actual - case.value if case.comparator in ("ge", "gt") else case.value - actual


def _is_met(case: Case, figure: Figure) -> bool:
    """Whether the figure, taken a hair to the side its wording says, is what was asked."""
    hair = {"almost": -1, "less_than": -1, "more_than": 1}.get(figure.qualifier, 0)
    about = Decimal(figure.value) + Decimal(hair) / 10
    low, high = Decimal(case.value), Decimal(case.upper if case.upper is not None else case.value)
    return {
        "ge": about >= low,
        "gt": about > low,
        "le": about <= low,
        "lt": about < low,
        "top_n": about <= low,
        "eq": about == low,
        "range": low <= about <= high,
    }[case.comparator]
