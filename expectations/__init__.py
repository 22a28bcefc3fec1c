"""Judges one load before it counts: Great Expectations suites as YAML, one per shape, behind `expectations.validate`.

Nothing here imports Dagster, and Great Expectations (seconds to import) is imported only inside functions.
"""
