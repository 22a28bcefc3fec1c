"""Runs rules on one Parquet file with Great Expectations and says, per rule, what it found.

One ephemeral context and one in-memory DuckDB database serve all validations of the process. A load is a view over its
Parquet file with the suite's worked-out columns, so expectations on columns share one scan and nothing is copied.
Great Expectations is imported inside functions only: it costs seconds.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from expectations import duckdb_dialect
from expectations.report import LoadFacts
from expectations.suite import Column, Rule, bind_sql, sql_literal, to_gx

# A *named* in-memory database is one and the same for all connections of the process.
_DATABASE = ":memory:sotinh_expectations"
_SHOWN = 5

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
        observed_value: What a table expectation measured, such as the number of rows; None for others.
        row_nos: Numbers of all offending rows; of reject_rows rules only.
        examples: The first few offenders of a load-level query, as text.
    """

    rule: Rule
    success: bool
    error: str | None
    unexpected_count: int
    element_count: int
    observed_value: int | None = None
    row_nos: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """The connection that keeps the shared database alive; nothing is installed or loaded from outside."""
    connection = duckdb.connect(_DATABASE)
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    return connection


@cache
def _datasource() -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    duckdb_dialect.register()
    _connection()
    context = gx.get_context(mode="ephemeral")
    # Bars would be drawn over the night's own progress; the keys are those of GX's ProgressBarsConfig.
    context.variables.progress_bars = {"globally": False}
    return context.data_sources.add_sql("loads", connection_string=f"{duckdb_dialect.NAME}:///{_DATABASE}")


@contextmanager
def open_view(rows_parquet: Path, columns: Sequence[Column], facts: LoadFacts) -> Iterator[str]:
    """A view of the load's rows with the worked-out columns; its name, which lives as long as the block.

    Raises:
        duckdb.Error: The file is missing, no Parquet, or lacks a column the suite is written on.
    """
    view = f"load_{next(_view_numbers)}"
    names = "".join(f", {bind_sql(column.sql, facts)} as {column.name}" for column in columns)
    cursor = _connection().cursor()
    # DuckDB reads glob signs in a path as patterns; a home folder may hold some.
    path = sql_literal(_unglobbed(rows_parquet))
    cursor.execute(f"create view {view} as select *{names} from read_parquet({path}, hive_partitioning = false)")
    try:
        yield view
    finally:
        cursor.execute(f"drop view if exists {view}")


def _unglobbed(path: Path) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in str(path))


def run_rules(view: str, rules: Sequence[Rule], facts: LoadFacts) -> list[Outcome]:
    """Apply the rules to the view in one run of Great Expectations; one outcome per rule, in their order.

    The rows behind a failed reject_rows rule are fetched by a query of our own, because results of Great Expectations
    on SQL are capped; if that query and the expectation disagree on the number, the rule counts as not run.
    """
    if not rules:
        return []
    row_count = _scalar(f"select count(*) from {view}")
    results = _validate(view, rules, facts, {"result_format": "BASIC", "partial_unexpected_count": 0})
    failed = [rule for rule in rules if _needs_rows(rule, results[rule.name])]
    row_queries = _row_queries(view, failed, facts)
    return [_outcome(view, rule, results[rule.name], facts, row_count, row_queries.get(rule.name)) for rule in rules]


def _validate(view: str, rules: Sequence[Rule], facts: LoadFacts, result_format: Mapping[str, Any]) -> dict[str, Any]:
    """GX results by check name."""
    datasource = _datasource()
    asset = datasource.add_table_asset(view, table_name=view)
    try:
        batch = asset.add_batch_definition_whole_table("whole").get_batch()
        validation = batch.validate(to_gx(rules, facts), result_format=dict(result_format))
    finally:
        datasource.delete_asset(view)
    return {result.expectation_config.meta["check_name"]: result for result in validation.results}


def _error(result: Any) -> str | None:
    """Why an expectation could not run. GX tells it flat, or nested by metric id."""
    info = result.exception_info or {}
    nested = [info] if "raised_exception" in info else list(info.values())
    messages = [str(entry.get("exception_message")) for entry in nested if entry.get("raised_exception")]
    return messages[0] if messages else None


def _needs_rows(rule: Rule, result: Any) -> bool:
    return rule.on_fail == "reject_rows" and not result.success and _error(result) is None


def _row_queries(view: str, rules: Sequence[Rule], facts: LoadFacts) -> dict[str, str]:
    """Per failed rule, the SQL whose first column is the number of every offending row."""
    queries = {rule.name: _own_query(rule, view, facts) for rule in rules if rule.is_query}
    on_columns = [rule for rule in rules if not rule.is_query]
    if on_columns:
        complete = {
            "result_format": "COMPLETE",
            "partial_unexpected_count": 0,
            "unexpected_index_column_names": ["row_no"],
        }
        results = _validate(view, on_columns, facts, complete)
        queries |= {name: result.result["unexpected_index_query"] for name, result in results.items()}
    return queries


def _own_query(rule: Rule, view: str, facts: LoadFacts) -> str:
    return bind_sql(rule.kwargs["unexpected_rows_query"], facts).replace("{batch}", view)


def _outcome(view: str, rule: Rule, result: Any, facts: LoadFacts, row_count: int, row_query: str | None) -> Outcome:
    error = _error(result)
    if error is not None:
        return Outcome(rule, False, error, 0, row_count)
    elements = row_count
    if rule.elements is not None:
        elements = _scalar(bind_sql(rule.elements, facts).replace("{batch}", view))
    measured = result.result.get("observed_value")
    unexpected = int((measured if rule.is_query else result.result.get("unexpected_count")) or 0)
    if row_query is not None:
        row_nos = tuple(sorted({int(row[0]) for row in _rows(row_query)}))
        if len(row_nos) != unexpected:
            message = f"the expectation counts {unexpected} rows, the query behind it finds {len(row_nos)}"
            return Outcome(rule, False, message, 0, row_count)
        return Outcome(rule, False, None, unexpected, elements, row_nos=row_nos)
    if rule.is_query:
        shown = [] if result.success else _rows(f"{_own_query(rule, view, facts)} limit {_SHOWN}")
        examples = tuple(" ".join(str(value) for value in row) for row in shown)
        return Outcome(rule, result.success, None, unexpected, elements, examples=examples)
    return Outcome(rule, result.success, None, unexpected, elements, observed_value=measured)


def rows_by_number(view: str, row_nos: Sequence[int], columns: Sequence[str]) -> dict[int, dict[str, Any]]:
    """The given columns of the given rows of the view, by `row_no`."""
    wanted = sorted(set(columns))
    cursor = _connection().cursor()
    listed = ", ".join(wanted)
    cursor.execute(
        f"select row_no, {listed} from {view} semi join (select unnest(?) as row_no) using (row_no)", [list(row_nos)]
    )
    return {row[0]: dict(zip(wanted, row[1:], strict=True)) for row in cursor.fetchall()}


def _rows(query: str) -> list[tuple[Any, ...]]:
    return _connection().cursor().execute(query).fetchall()


def _scalar(query: str) -> int:
    return int(_rows(query)[0][0])
