"""Rejected rows of a large load: from the rules' queries straight into a Parquet file, never as Python objects.

The file has one row per rejected row, by `row_no`: `row_no BIGINT, field, raw_value, reason_code, reasons (JSON array
of all codes), reason_vi, reason_en` — what `RejectedRow` holds for small loads.
"""

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from expectations import gx_run
from expectations.gx_run import Outcome
from expectations.suite import Rule, sql_literal


def write_rejected(
    view: str, rows_parquet: Path, outcomes: Sequence[Outcome], rejected_path: Path
) -> tuple[list[Outcome], bool]:
    """Write every row that breaks a reject_rows rule, with its reasons in the order of the outcomes.

    Args:
        view: the load as `open_load` made it.
        rows_parquet: its rows, whose columns the sentences may show.
        outcomes: what the rules found.
        rejected_path: the file to write; untouched when no row is rejected.

    Returns:
        The outcomes, those marked as not run whose query does not find as many rows as the expectation counted; and
        whether there is a file.
    """
    queries = {place: outcome.rows_query for place, outcome in enumerate(outcomes) if outcome.rows_query}
    if not queries:
        return list(outcomes), False
    cursor = gx_run.new_cursor()
    # numbers first, so that each query runs once and all of them may spill to disk
    parts = [f"select row_no, {place}::tinyint as place from ({query})" for place, query in queries.items()]
    cursor.execute(f"create or replace temp table broken as {' union all '.join(parts)}")
    found = dict(cursor.execute("select place, count(*) from broken group by place").fetchall())
    judged = [
        _compared(outcome, found.get(place, 0)) if place in queries else outcome
        for place, outcome in enumerate(outcomes)
    ]
    rules = {place: outcome.rule for place, outcome in enumerate(judged) if outcome.rows_query}
    if rules:
        target = f"{sql_literal(str(rejected_path))} (format parquet, compression zstd)"
        cursor.execute(f"copy ({_rejected_sql(view, rows_parquet, rules)}) to {target}")
    cursor.execute("drop table broken")
    return judged, bool(rules)


def _compared(outcome: Outcome, found: int) -> Outcome:
    if found == outcome.unexpected_count:
        return outcome
    message = f"the expectation counts {outcome.unexpected_count}, the query behind it finds {found}"
    return replace(outcome, error=message, unexpected_count=0, rows_query=None)


def _rejected_sql(view: str, rows_parquet: Path, rules: Mapping[int, Rule]) -> str:
    listed = ", ".join(str(place) for place in rules)
    return f"""
        with reasons as (
            select row_no, min(place) as first_place, list(place) as places
            from (select distinct row_no, place from broken where place in ({listed})) group by row_no
        )
        select
            row_no,
            {_by_place(rules, lambda rule: sql_literal(rule.field))} as field,
            {_by_place(rules, lambda rule: f"cast({rule.field} as varchar)")} as raw_value,
            {_by_place(rules, lambda rule: sql_literal(rule.reason_code))} as reason_code,
            '[' || {_all_places(rules, lambda rule: sql_literal(f'"{rule.reason_code}"'), ", ")} || ']' as reasons,
            {_all_places(rules, lambda rule: _sentence(rule.row_vi), " ")} as reason_vi,
            {_all_places(rules, lambda rule: _sentence(rule.row_en), " ")} as reason_en
        from reasons inner join {view} using (row_no) inner join {gx_run.parquet(rows_parquet)} using (row_no)
        order by row_no
    """


def _by_place(rules: Mapping[int, Rule], said: Callable[[Rule], str]) -> str:
    """SQL of what the first broken rule says."""
    return f"case first_place {' '.join(f'when {place} then {said(rule)}' for place, rule in rules.items())} end"


def _all_places(rules: Mapping[int, Rule], said: Callable[[Rule], str], between: str) -> str:
    """SQL of what all broken rules say, in the order of the suite."""
    each = (f"case when list_contains(places, {place}) then {said(rule)} end" for place, rule in rules.items())
    return f"concat_ws({sql_literal(between)}, {', '.join(each)})"


def _sentence(text: str) -> str:
    """SQL of a row's sentence with its {column}s filled in; an empty one shows as a dash."""
    parts = []
    for said, column, _, _ in string.Formatter().parse(text):
        parts += [sql_literal(said)] if said else []
        parts += [f"coalesce(cast({column} as varchar), '–')"] if column else []
    return " || ".join(parts)
