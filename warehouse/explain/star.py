"""What a release tells, as the evaluator asks for it: small tables whole, figures by indicator and year."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from warehouse.sql import Row, rows

if TYPE_CHECKING:
    import duckdb

Question = ParamSpec("Question")
Answer = TypeVar("Answer")

_OBSERVED = (
    "province_id, period_id, basis, breakdown, source_id, load_id, value, unit, status, qualifier, decimals, "
    "file_sha256, sheet, cell, value_text, quote, correction, vintage_no"
)


@dataclass(frozen=True)
class Period:
    """A period of the star; `undated` has no days and no year."""

    period_id: str
    period_type: str
    calendar: str
    start_date: date | None
    end_date: date | None
    year: int | None


@dataclass(frozen=True)
class Ancestors:
    """Who stands behind an area a number of changes back: area to the share of it that passed on, None if unknown."""

    steps: int
    shares: Mapping[str, Fraction | None]

    @property
    def unknown_count(self) -> int:
        """How many did not pass on whole."""
        return sum(share != 1 for share in self.shares.values())


@dataclass(frozen=True)
class Star:
    """One release, opened; rows by their keys, and what was worked out already.

    Attributes:
        parts: (indicator, role) to part and how many years older a denominator may be.
        rules: type of rule to its rows of `dim_rules`.
        ancestors: area to what stands behind it, the nearest change first.
        periods_by_end: (calendar, last day) to the periods that end then.
        online: channels of dossiers that are online.
        online_levels: service levels at which a part of a service, or all of it, is done online.
    """

    connection: "duckdb.DuckDBPyConnection"
    provinces: Mapping[str, Row]
    indicators: Mapping[str, Row]
    periods: Mapping[str, Period]
    sources: Mapping[str, Row]
    loads: Mapping[str, Row]
    parts: Mapping[tuple[str, str], list[tuple[str, int | None]]]
    rules: Mapping[str, list[Row]]
    ancestors: Mapping[str, list[Ancestors]]
    year_starts: Mapping[tuple[str, int | None], date]
    online: frozenset[str]
    online_levels: frozenset[str]
    memory: dict[Any, Any] = field(default_factory=dict)


def remembered(
    function: Callable[Concatenate[Star, Question], Answer],
) -> Callable[Concatenate[Star, Question], Answer]:
    """Work out each answer about a star once."""

    @wraps(function)
    def ask(star: Star, *question: Question.args, **named: Question.kwargs) -> Answer:
        key = (function, question)
        if key not in star.memory:
            star.memory[key] = function(star, *question, **named)
        answer: Answer = star.memory[key]
        return answer

    return ask


def tells_its_rules(connection: "duckdb.DuckDBPyConnection") -> bool:
    """Whether a release holds what explains it; those published before did not."""
    return bool(rows(connection, "select 1 as found from duckdb_tables() where table_name = 'dim_rules'"))


def read_star(connection: "duckdb.DuckDBPyConnection") -> Star:
    """Read the small tables of an open release."""
    periods = {
        row["period_id"]: Period(**row)
        for row in rows(
            connection, "select period_id, period_type, calendar, start_date, end_date, year from dim_periods"
        )
    }
    parts: dict[tuple[str, str], list[tuple[str, int | None]]] = defaultdict(list)
    for row in rows(connection, "from bridge_indicator_parts order by part_code"):
        parts[row["indicator_code"], row["role"]].append((row["part_code"], row["max_age_years"]))
    rules: dict[str, list[Row]] = defaultdict(list)
    for row in rows(connection, "from dim_rules order by rule_id"):
        rules[row["rule_type"]].append(row)
    channels = rows(connection, "select code from dim_members where dimension = 'channel' and mapped_to = 'online'")
    levels = "select code from dim_members where dimension = 'service_level' and mapped_to in ('partial', 'full')"
    return Star(
        connection,
        provinces=_by_key(connection, "dim_provinces", "province_id"),
        indicators=_by_key(connection, "dim_indicators", "indicator_code"),
        periods=periods,
        sources=_by_key(connection, "dim_sources", "source_id"),
        loads=_by_key(connection, "audit_loads", "load_id"),
        parts=parts,
        rules=rules,
        ancestors=_ancestors(rows(connection, "from bridge_province_succession")),
        year_starts=_year_starts(periods),
        online=frozenset(row["code"] for row in channels),
        online_levels=frozenset(row["code"] for row in rows(connection, levels)),
    )


def _by_key(connection: "duckdb.DuckDBPyConnection", table: str, key: str) -> dict[str, Row]:
    return {row[key]: row for row in rows(connection, f"from {table}")}


def _ancestors(successions: list[Row]) -> dict[str, list[Ancestors]]:
    """Every area to who stood behind it: each change is older than the one it leads to."""
    before: dict[str, list[Row]] = defaultdict(list)
    for row in successions:
        before[row["successor_id"]].append(row)
    found = {}
    for area in before:
        ways: list[tuple[str, Fraction | None, date]] = [(area, Fraction(1), date.max)]
        generations: list[Ancestors] = []
        while ways := [
            (row["predecessor_id"], _product(share, row["share"]), row["effective_date"])
            for later, share, day in ways
            for row in before.get(later, ())
            if row["effective_date"] < day
        ]:
            shares: dict[str, Fraction | None] = {}
            for ancestor, share, _ in ways:
                shares[ancestor] = _sum(shares.get(ancestor, Fraction(0)), share)
            generations.append(Ancestors(len(generations) + 1, dict(sorted(shares.items()))))
        found[area] = generations
    return found


def _product(share: Fraction | None, other: Decimal | None) -> Fraction | None:
    return None if share is None or other is None else share * Fraction(other)


def _sum(share: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if share is None or other is None else share + other


def _year_starts(periods: Mapping[str, Period]) -> dict[tuple[str, int | None], date]:
    starts: dict[tuple[str, int | None], date] = {}
    for each in periods.values():
        if each.start_date is not None and each.period_type in ("month", "quarter", "half", "year"):
            key = each.calendar, each.year
            starts[key] = min(each.start_date, starts.get(key, date.max))
    return starts


def observations(star: Star, province_id: str, indicator_code: str, period_id: str) -> list[Row]:
    """The latest observations of one key of the centre."""
    return _of_year(star, indicator_code, period_id[:4]).get(province_id, {}).get(period_id, [])


def observations_of_year(star: Star, province_id: str, indicator_code: str, year: int) -> Mapping[str, list[Row]]:
    """Period to the latest observations of a series in a year."""
    return _of_year(star, indicator_code, str(year)).get(province_id, {})


@remembered
def _of_year(star: Star, indicator_code: str, prefix: str) -> Mapping[str, Mapping[str, list[Row]]]:
    """Area and period to observations; all areas at once, because places and boundaries ask for many of them."""
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows(
        star.connection,
        f"select {_OBSERVED} from fct_observations "
        "where indicator_code = ? and starts_with(period_id, ?) and is_latest "
        "order by province_id, period_id, basis, breakdown, source_id, load_id",
        [indicator_code, prefix],
    ):
        found[row["province_id"]][row["period_id"]].append(row)
    return found


def published(star: Star, province_id: str, indicator_code: str, period_id: str) -> Row | None:
    """The row of the star's centre."""
    found = rows(
        star.connection,
        "from fct_indicator_values where province_id = ? and indicator_code = ? and period_id = ?",
        [province_id, indicator_code, period_id],
    )
    return found[0] if found else None


def rules_of(star: Star, rule_type: str, indicator_code: str | None) -> list[Row]:
    """Rules of a type about an indicator."""
    return [row for row in star.rules.get(rule_type, ()) if row["indicator_code"] == indicator_code]


def holds_in(rule: Row, year: int | None) -> bool:
    """Whether a rule that names years holds in a year."""
    return year is not None and int(rule["first_period_id"]) <= year <= int(rule["last_period_id"] or 9999)
