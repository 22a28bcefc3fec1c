"""The small door: judge one load of one shape. See `report.py` for what goes in and what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from expectations import gx_run, large_load, verdict
from expectations.canary import CanaryError, canary
from expectations.report import CheckResult, DossierWords, LoadFacts, RejectedRow, Report
from expectations.suite import SUITES_DIR, Rule, Suite, SuiteError, applies, load_suite

__all__ = [
    "CanaryError",
    "CheckResult",
    "DossierWords",
    "LoadFacts",
    "RejectedRow",
    "Report",
    "SuiteError",
    "canary",
    "validate",
]


def validate(
    shape: str,
    rows_parquet: Path,
    facts: LoadFacts,
    suites_dir: Path = SUITES_DIR,
    *,
    rejected_path: Path | None = None,
    limits: Mapping[str, Any] | None = None,
) -> Report:
    """Run the suite of the shape on the rows of one load; imports Great Expectations on first use (seconds).

    Args:
        shape: `subscribers`, `indicators` or `transactions`; names the suite.
        rows_parquet: Rows of the load in the row schema of the shapes, without those the reader rejected.
        facts: What the rules may know about the load beyond its rows.
        suites_dir: Folder of the suites.
        rejected_path: Of a large suite: the Parquet file to write the rejected rows to, when there are any.
        limits: DuckDB's `memory_limit`, `threads` and `temp_directory`; its own defaults without.

    Returns:
        One check result per rule of the suite, the rejected rows with all their reasons, and the verdict.

    Raises:
        SuiteError: There is no such suite, or it is wrong.
        ValueError: The suite is large and no `rejected_path` is given.
        duckdb.Error: The rows cannot be read as Parquet of the row schema.
    """
    suite = load_suite(shape, suites_dir)
    applicable = [rule for rule in suite.rules if applies(rule, facts)]
    gx_run.set_limits(limits or {})
    if suite.is_large:
        return _validate_large(suite, applicable, rows_parquet, facts, rejected_path)
    with gx_run.open_load(rows_parquet, suite.columns, facts) as view:
        outcomes = gx_run.run_rules(view, applicable, facts)
        rejected = verdict.rejected_rows(outcomes, partial(gx_run.rows_by_number, view))
    return verdict.report(outcomes, _results(suite, outcomes, facts), rejected, facts.waivers)


def _validate_large(
    suite: Suite, rules: Sequence[Rule], rows_parquet: Path, facts: LoadFacts, rejected_path: Path | None
) -> Report:
    if rejected_path is None:
        raise ValueError(f"loads of the shape {suite.shape} are large: their rejected rows need a rejected_path")
    with gx_run.open_load(rows_parquet, suite.columns, facts, is_large=True) as view:
        outcomes = gx_run.run_rules(view, rules, facts, is_large=True)
        outcomes, is_written = large_load.write_rejected(view, rows_parquet, outcomes, rejected_path)
    judged = verdict.report(outcomes, _results(suite, outcomes, facts), [], facts.waivers)
    return replace(judged, rejected_file=rejected_path if is_written else None)


def _results(suite: Suite, outcomes: Sequence[gx_run.Outcome], facts: LoadFacts) -> list[CheckResult]:
    found = {outcome.rule.name: verdict.check_result(outcome, facts.waivers) for outcome in outcomes}
    return [found.get(rule.name) or verdict.not_applicable(rule) for rule in suite.rules]
