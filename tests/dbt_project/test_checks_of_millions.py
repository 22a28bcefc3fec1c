"""Checks that are written to be cheap on millions of rows find every broken row: each on a table of a few."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.dbt_project.conftest import Build

pytestmark = pytest.mark.slow

KEY = "primary_key_fct_indicator_values_province_id__indicator_code__period_id"
SUMS = "assert_boundary_sums_are_those_of_their_predecessors"
RATIOS = "assert_ratios_of_the_centre_are_those_of_their_parts"
COLUMNS = {
    "main.fct_indicator_values": "province_id text, indicator_code text, period_id text, method text, value text",
    "main.bridge_province_succession": "predecessor_id text, successor_id text, share int",
    "main.fct_ratio_parts": "province_id text, indicator_code text, period_id text, method text, value text,"
    " numerator text, denominator text, factor text",
    "intermediate.int_periods": "period_id text",
}
MONTHS = [f"{year}-{month:02}" for year in range(1998, 2009) for month in range(1, 13)]  # more than two words of bits


def found(build: Build, check: str, tables: Mapping[str, Sequence[Sequence[Any]]]) -> list[dict[str, Any]]:
    """The offenders that the check's SQL, as dbt ran it, finds in other tables."""
    [result] = [one for one in build.results.values() if one.node.name == check]
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse; create schema intermediate")
        for table, rows in tables.items():
            columns = COLUMNS[table].replace("value text", "value decimal(28,10)")
            for part in ("numerator", "denominator", "factor"):
                columns = columns.replace(f"{part} text", f"{part} decimal(28,10)")
            connection.execute(f"create table {table} ({columns})")
            for row in rows:
                connection.execute(f"insert into {table} values ({', '.join('?' * len(row))})", row)
        offenders = connection.execute(result.node.compiled_code)
        names = [column[0] for column in offenders.description or []]
        return [dict(zip(names, row, strict=True)) for row in offenders.fetchall()]


def keys_found(build: Build, *keys: tuple[str | None, str | None, str | None]) -> list[dict[str, Any]]:
    """What the check of the centre's key finds among keys, where all MONTHS are listed."""
    centre = [(*key, "reported", Decimal(1)) for key in keys]
    periods = [(month,) for month in MONTHS]
    return found(build, KEY, {"main.fct_indicator_values": centre, "intermediate.int_periods": periods})


def test_keys_of_many_months_and_of_a_period_nobody_lists_are_no_offenders_while_each_is_given_once(
    build: Build,
) -> None:
    series = [("P63-01", code, month) for code in ("x", "y") for month in [*MONTHS, "2031-01", "2031-02"]]
    assert keys_found(build, *series) == []


@pytest.mark.parametrize("period", [MONTHS[0], MONTHS[58], MONTHS[59], MONTHS[-1], "2031-01"])
@pytest.mark.parametrize("times", [2, 3])
def test_a_key_given_again_is_found_in_any_month_and_in_a_period_nobody_lists(
    build: Build, period: str, times: int
) -> None:
    series = [("P63-01", "x", month) for month in [*MONTHS, "2031-01"]]
    [offender] = keys_found(build, *series, *[("P63-01", "x", period)] * (times - 1))
    assert (offender["province_id"], offender["indicator_code"]) == ("P63-01", "x")
    assert offender["first_period_id"] <= period <= offender["last_period_id"]


@pytest.mark.parametrize(
    "key", [(None, "x", "2008-01"), ("P63-01", None, "2008-01"), ("P63-01", "x", None), (None, None, None)]
)
def test_a_key_with_a_null_in_it_is_an_offender(build: Build, key: tuple[str | None, str | None, str | None]) -> None:
    assert len(keys_found(build, ("P63-01", "x", "2008-02"), key)) == 1


def sums_found(
    build: Build, value: int, predecessors: Mapping[str, tuple[str, int | None]], shares: Mapping[str, int | None]
) -> list[dict[str, Any]]:
    """What the check of sums finds for P34-25, of predecessors given by method and value and by share."""
    centre = [("P34-25", "x", "2016", "boundary_sum", value)]
    centre += [(area, "x", "2016", method, number) for area, (method, number) in predecessors.items()]
    succession = [(area, "P34-25", share) for area, share in shares.items()]
    return found(build, SUMS, {"main.fct_indicator_values": centre, "main.bridge_province_succession": succession})


WHOLE = {"P63-25": 1, "P63-26": 1}


def test_a_sum_is_the_one_of_its_predecessors(build: Build) -> None:
    assert sums_found(build, 30, {"P63-25": ("reported", 10), "P63-26": ("reported", 20)}, WHOLE) == []


@pytest.mark.parametrize(
    ("predecessors", "shares"),
    [
        ({"P63-25": ("reported", 10), "P63-26": ("reported", 21)}, WHOLE),  # another figure
        ({"P63-25": ("reported", 10)}, WHOLE),  # one is missing
        ({"P63-25": ("reported", 30), "P63-26": ("reported", None)}, WHOLE),  # one is a null
        ({"P63-25": ("reported", 10), "P63-26": ("reported", 20)}, {"P63-25": 1, "P63-26": None}),  # a part ceded
        ({"P63-25": ("reported", 10), "P63-26": ("reported", 20)}, {}),  # no predecessors at all
    ],
)
def test_a_sum_that_is_another_or_lacks_a_predecessor_is_found(
    build: Build, predecessors: Mapping[str, tuple[str, int | None]], shares: Mapping[str, int | None]
) -> None:
    assert [one["value"] for one in sums_found(build, 30, predecessors, shares)] == [30]


def test_a_sum_beside_a_figure_rolled_up_over_time_is_not_asked(build: Build) -> None:
    assert sums_found(build, 30, {"P63-25": ("reported", 10), "P63-26": ("rollup", 21)}, WHOLE) == []


def ratio_found(build: Build, value: str, numerator: str, denominator: str, factor: int = 100) -> bool:
    """Whether the check of ratios finds this one."""
    row = ("P63-26", "x", "2022-09", "ratio", value, numerator, denominator, factor)
    return bool(found(build, RATIOS, {"main.fct_ratio_parts": [row]}))


@pytest.mark.parametrize(
    ("numerator", "denominator", "factor", "value", "next_value"),
    [
        ("940000", "1171200", 100, "80.2595628415", "80.2595628416"),
        ("1", "2048", 1, "0.0004882813", "0.0004882812"),  # 0.00048828125, half of the last digit: away from zero
        ("1234567", "3", 100, "41152233.3333333333", "41152233.3333333334"),  # more digits than a double has
        ("-1", "3", 100, "-33.3333333333", "-33.3333333334"),
    ],
)
def test_a_ratio_is_right_to_its_last_digit(
    build: Build, numerator: str, denominator: str, factor: int, value: str, next_value: str
) -> None:
    assert not ratio_found(build, value, numerator, denominator, factor)
    assert ratio_found(build, next_value, numerator, denominator, factor)
