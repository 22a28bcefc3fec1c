"""A canary for Great Expectations on DuckDB: known rows must give known answers before any verdict is believed.

A dialect or an update that breaks Great Expectations makes good loads look bad, or bad ones good. The canary runs one
rule of each kind that suites use on a good batch, where all must hold, and on a bad one, where each must fail with
exactly the rows planted.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations import gx_run
from expectations.report import LoadFacts, OnFail
from expectations.suite import Column, Rule

_GOOD = "(1, 'a', 0.5), (2, 'b', 1.0), (3, 'c', null), (4, 'd', 2.0)"
_BAD = "(1, 'a', 0.5), (2, 'a', -1.0), (3, 'x', null), (4, null, -2.0)"

# Rule name to the rows it must find in the bad batch.
_PLANTED = {
    "word_is_known": (3,),
    "word_is_present": (4,),
    "value_not_negative": (2, 4),
    "flag_holds": (2, 4),
    "word_is_unique": (1, 2),
    "row_count_is_enough": (),
}


class CanaryError(Exception):
    """Great Expectations gave a wrong answer on known rows: no verdict of this process can be trusted."""


def _rule(name: str, expectation: str, on_fail: OnFail = "reject_rows", **kwargs: Any) -> Rule:
    return Rule(
        name=name,
        why="",
        severity="critical",
        on_fail=on_fail,
        tolerated_share=0.0,
        rule_vi=name,
        rule_en=name,
        row_vi=name,
        row_en=name,
        reason_code=name,
        field="word",
        needs=None,
        elements=None,
        expectation=expectation,
        kwargs=kwargs,
    )


def _rules(least_rows: int) -> list[Rule]:
    repeated = "select row_no from {batch} qualify count(*) over (partition by word) > 1 and word is not null"
    return [
        _rule("word_is_known", "expect_column_values_to_be_in_set", column="word", value_set=["a", "b", "c", "d"]),
        _rule("word_is_present", "expect_column_values_to_not_be_null", column="word"),
        _rule("value_not_negative", "expect_column_values_to_be_between", column="value", min_value=0),
        _rule("flag_holds", "expect_column_values_to_be_in_set", column="flag", value_set=[True]),
        _rule("word_is_unique", "unexpected_rows_expectation", unexpected_rows_query=repeated),
        _rule("row_count_is_enough", "expect_table_row_count_to_be_between", "quarantine_load", min_value=least_rows),
    ]


def canary() -> None:
    """Check Great Expectations on known rows; about 0.3 s after its import, so once per night is cheap.

    Raises:
        CanaryError: A rule could not run, failed on good rows, or did not find exactly the planted bad ones.
    """
    facts = LoadFacts("canary", "canary", datetime(2022, 1, 1, tzinfo=UTC))
    columns = [Column("flag", "coalesce(value >= 0, true)")]
    with tempfile.TemporaryDirectory() as folder:
        for batch, values, least_rows in (("good", _GOOD, 4), ("bad", _BAD, 5)):
            path = Path(folder) / f"{batch}.parquet"
            duckdb.connect().execute(
                f"copy (select * from (values {values}) as t(row_no, word, value)) to '{path}' (format parquet)"
            ).close()
            with gx_run.open_load(path, columns, facts) as view:
                outcomes = gx_run.run_rules(view, _rules(least_rows), facts)
            _compare(batch, outcomes)


def _compare(batch: str, outcomes: list[gx_run.Outcome]) -> None:
    if [outcome.rule.name for outcome in outcomes] != list(_PLANTED):
        raise CanaryError(f"On the {batch} batch not every rule gave an answer")
    for outcome in outcomes:
        name = outcome.rule.name
        if outcome.error is not None:
            raise CanaryError(f"On the {batch} batch the rule {name} could not run: {outcome.error}")
        expected = () if batch == "good" else _PLANTED[name]
        if outcome.success != (batch == "good") or outcome.row_nos != expected:
            raise CanaryError(
                f"On the {batch} batch the rule {name} found rows {list(outcome.row_nos)} instead of {list(expected)}"
            )
