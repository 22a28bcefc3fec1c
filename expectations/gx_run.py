"""Runs rules on one Parquet file with Great Expectations and says, per rule, what it found.

One ephemeral context and one in-memory DuckDB database serve all validations of the process. A load becomes a relation
there: its rows with the suite's worked-out columns, so that expectations on columns share one scan.
Great Expectations is imported inside functions only: it costs seconds.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from expectations import duckdb_dialect
from expectations.report import LoadFacts
from expectations.suite import Column, Rule, bind_kwargs, bind_sql, sql_literal, to_gx

# A *named* in-memory database is one and the same for all connections of the process.
_DATABASE = ":memory:sotinh_expectations"
SHOWN = 5

# Loads up to this size are copied into memory with their worked-out columns (some 50 MB at most); longer ones stay a
# view, read from Parquet by each query. A small query on the view costs 8 ms for its expressions alone, copied 1 ms.
_ROWS_COPIED = 100_000

_COMPLETE = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": 0,
    "unexpected_index_column_names": ["row_no"],
}

_view_numbers = count(1)


@dataclass(frozen=True)
class Outcome:
    """What one rule found on one load.

    Attributes:
        rule: The rule.
        success: Whether it held; False when it could not run.
        error: Why it could not run; None when it ran.
        unexpected_count: Rows (of a query: result rows) that break it.
        element_count: Rows of the load, or what the rule says it looks at.
        measured: What a table expectation measured, with its limits; None for others.
        row_nos: Numbers of all offending rows; of reject_rows rules only, and empty on large loads.
        rows_query: On large loads instead: the query whose first column is the numbers of the offending rows.
        examples: The first few offenders of the other rules, as text.
    """

    rule: Rule
    success: bool
    error: str | None
    unexpected_count: int
    element_count: int
    measured: str | None = None
    row_nos: tuple[int, ...] = ()
    rows_query: str | None = None
    examples: tuple[str, ...] = ()


@cache
def _spill_folder() -> tempfile.TemporaryDirectory[str]:
    """Private folder for what does not fit into memory; removed when the process ends."""
    return tempfile.TemporaryDirectory(prefix="sotinh-expectations-")


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """The connection that keeps the shared database alive; nothing is installed or loaded from outside."""
    connection = duckdb.connect(_DATABASE)
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    # By default a database in memory spills into a folder beneath the working directory.
    connection.execute(f"set temp_directory = {sql_literal(_spill_folder().name)}")
    return connection


@cache
def _datasource() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    duckdb_dialect.register()
    _connection()
    context = gx.get_context(mode="ephemeral")
    # Bars would be drawn over the night's own progress; the keys are those of GX's ProgressBarsConfig.
    context.variables.progress_bars = {"globally": False}
    return context.data_sources.add_sql("loads", connection_string=f"{duckdb_dialect.NAME}:///{_DATABASE}")


def set_limits(limits: Mapping[str, Any]) -> None:
    """Bind the engine to the home's limits: `memory_limit`, `threads` and `temp_directory`, each where given.

    DuckDB refuses to move its temporary folder once it has written there; then the private one stays.
    """
    for name, value in limits.items():
        with suppress(duckdb.NotImplementedException) if name == "temp_directory" else nullcontext():
            _connection().execute(f"set global {name} = {sql_literal(value)}")


@contextmanager
def open_load(rows_parquet: Path, columns: Sequence[Column], facts: LoadFacts, is_large: bool = False) -> Iterator[str]:
    """The load's rows with the worked-out columns as a relation (its name) that lives as long as the block.

    Of a large load only `row_no` and the worked-out columns are kept, as a table that may spill to disk: after one
    scan of the rows, a rule costs milliseconds per million rows.

    Raises:
        duckdb.Error: The file is missing, no Parquet, or lacks a column the suite is written on.
    """
    view = f"load_{next(_view_numbers)}"
    names = "".join(f", {bind_sql(column.sql, facts)} as {column.name}" for column in columns)
    cursor = _connection().cursor()
    source = parquet(rows_parquet)
    kind = "table" if is_large or _count(source) <= _ROWS_COPIED else "view"
    kept = "row_no" if is_large else "*"
    cursor.execute(f"create {kind} {view} as select {kept}{names} from {source}")
    try:
        yield view
    finally:
        cursor.execute(f"drop {kind} if exists {view}")


def parquet(path: Path) -> str:
    """A Parquet file as a relation."""
    return f"read_parquet({sql_literal(path)}, hive_partitioning = false)"


def run_rules(view: str, rules: Sequence[Rule], facts: LoadFacts, is_large: bool = False) -> list[Outcome]:
    """Apply the rules to the view with Great Expectations; one outcome per rule, in their order.

    All rules run once for a plain yes or no, which costs the fewest queries; those that failed run again for numbers.
    The rows behind a failed rule come from a query of our own, because results of Great Expectations on SQL are
    capped; if that query and the expectation disagree on the number, the rule counts as not run. On large loads the
    query is handed on instead of its rows: see `large_load.write_rejected`.
    """
    row_count = _count(view)
    with _open_batch(view) as batch:
        answers = _validate(batch, rules, facts, {"result_format": "BOOLEAN_ONLY"})
        failed = [rule for rule in rules if not answers[rule.name].success and _error(answers[rule.name]) is None]
        numbers = _validate(batch, failed, facts, _COMPLETE) if failed else {}
    found = [(rule, numbers.get(rule.name, answers[rule.name])) for rule in rules]
    return [_outcome(view, rule, result, facts, row_count, is_large) for rule, result in found]


@contextmanager
def _open_batch(view: str) -> Iterator[Any]:
    datasource = _datasource()
    asset = datasource.add_table_asset(view, table_name=view)
    try:
        yield asset.add_batch_definition_whole_table("whole").get_batch()
    finally:
        datasource.delete_asset(view)


def _validate(batch: Any, rules: Sequence[Rule], facts: LoadFacts, result_format: Mapping[str, Any]) -> dict[str, Any]:
    """Great Expectations' results by check name."""
    validation = batch.validate(to_gx(rules, facts), result_format=dict(result_format))
    return {result.expectation_config.meta["check_name"]: result for result in validation.results}


def _error(result: Any) -> str | None:
    """Why an expectation could not run. Great Expectations tells it flat, or nested by metric id."""
    info = result.exception_info or {}
    nested = [info] if "raised_exception" in info else list(info.values())
    messages = [str(entry.get("exception_message")) for entry in nested if entry.get("raised_exception")]
    return messages[0] if messages else None


def _outcome(view: str, rule: Rule, result: Any, facts: LoadFacts, row_count: int, is_large: bool) -> Outcome:
    error = _error(result)
    if error is not None:
        return Outcome(rule, False, error, 0, row_count)
    elements = row_count
    if rule.elements is not None:
        elements = int(_rows(_on_view(rule.elements, view, facts))[0][0])
    measures_table = rule.expectation.startswith("expect_table_")
    if result.success or measures_table:
        measured = _measured(rule, row_count, facts) if measures_table else None
        return Outcome(rule, result.success, None, 0, elements, measured=measured)
    return _failure(view, rule, result.result, facts, elements, is_large)


def _measured(rule: Rule, row_count: int, facts: LoadFacts) -> str:
    """The number of rows and the limits it was held against."""
    bounds = bind_kwargs(rule.kwargs, facts)
    signs = (("≥", bounds.get("min_value")), ("≤", bounds.get("max_value")))
    return f"{row_count} ({', '.join(f'{sign} {bound}' for sign, bound in signs if bound is not None)})"


def _failure(
    view: str, rule: Rule, numbers: Mapping[str, Any], facts: LoadFacts, elements: int, is_large: bool
) -> Outcome:
    """Outcome of a failed rule on rows, or of a failed query, with what broke it."""
    if rule.is_query:
        counted, query = numbers["observed_value"], _on_view(rule.kwargs["unexpected_rows_query"], view, facts)
    else:
        counted, query = numbers["unexpected_count"], numbers["unexpected_index_query"]
    query = query.rstrip().rstrip(";")
    if is_large and rule.on_fail == "reject_rows":
        return Outcome(rule, False, None, counted, elements, rows_query=query)
    if is_large:
        shown = tuple(f"row_no {row[0]}" for row in _rows(f"select * from ({query}) limit {SHOWN}"))
        return Outcome(rule, False, None, counted, elements, examples=shown)
    found = _rows(query)
    if len(found) != counted:
        message = f"the expectation counts {counted}, the query behind it finds {len(found)}"
        return Outcome(rule, False, message, 0, elements)
    row_nos = tuple(sorted(int(row[0]) for row in found)) if rule.on_fail == "reject_rows" else ()
    examples = () if row_nos else tuple(" ".join(str(value) for value in row) for row in found[:SHOWN])
    return Outcome(rule, False, None, counted, elements, row_nos=row_nos, examples=examples)


def _on_view(query: str, view: str, facts: LoadFacts) -> str:
    return bind_sql(query, facts).replace("{batch}", view)


def rows_by_number(view: str, row_nos: Sequence[int], columns: Sequence[str]) -> dict[int, dict[str, Any]]:
    """The given columns of the given rows of the view, by `row_no`."""
    wanted = sorted(set(columns))
    cursor = _connection().cursor()
    listed = ", ".join(wanted)
    cursor.execute(
        f"select row_no, {listed} from {view} semi join (select unnest(?) as row_no) using (row_no)", [list(row_nos)]
    )
    return {row[0]: dict(zip(wanted, row[1:], strict=True)) for row in cursor.fetchall()}


def new_cursor() -> duckdb.DuckDBPyConnection:
    """A connection of its own to the shared database, for work that keeps temporary tables."""
    return _connection().cursor()


def _count(relation: str) -> int:
    return int(_rows(f"select count(*) from {relation}")[0][0])


def _rows(query: str) -> list[tuple[Any, ...]]:
    return _connection().cursor().execute(query).fetchall()
