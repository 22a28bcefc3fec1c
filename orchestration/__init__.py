"""Wires and schedules: Dagster's definitions and the `sotinh` command line. Transforms nothing."""
