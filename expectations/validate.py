"""The small door: judge one load of one shape. See `report.py` for what goes in and what comes out."""

from functools import partial
from pathlib import Path

from expectations import gx_run, verdict
from expectations.canary import CanaryError, canary
from expectations.report import CheckResult, LoadFacts, RejectedRow, Report
from expectations.suite import SUITES_DIR, SuiteError, applies, load_suite

__all__ = [
    "CanaryError",
    "CheckResult",
    "LoadFacts",
    "RejectedRow",
    "Report",
    "SuiteError",
    "canary",
    "validate",
]


def validate(shape: str, rows_parquet: Path, facts: LoadFacts, suites_dir: Path = SUITES_DIR) -> Report:
    """Run the suite of the shape on the rows of one load; imports Great Expectations on first use (seconds).

    Args:
        shape: `subscribers` or `indicators`; names the suite.
        rows_parquet: Rows of the load in the row schema of the shapes, without those the reader rejected.
        facts: What the rules may know about the load beyond its rows.
        suites_dir: Folder of the suites.

    Returns:
        One check result per rule of the suite, the rejected rows with all their reasons, and the verdict.

    Raises:
        SuiteError: There is no such suite, or it is wrong.
        duckdb.Error: The rows cannot be read as Parquet of the row schema.
    """
    suite = load_suite(shape, suites_dir)
    applicable = [rule for rule in suite.rules if applies(rule, facts)]
    with gx_run.open_load(rows_parquet, suite.columns, facts) as view:
        outcomes = gx_run.run_rules(view, applicable, facts)
        rejected = verdict.rejected_rows(outcomes, partial(gx_run.rows_by_number, view))
    found = {outcome.rule.name: verdict.check_result(outcome) for outcome in outcomes}
    results = [found.get(rule.name) or verdict.not_applicable(rule) for rule in suite.rules]
    return verdict.report(outcomes, results, rejected)
