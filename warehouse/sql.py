"""Small pieces of SQL text: literals, and Parquet files as a relation."""

from collections.abc import Iterable
from pathlib import Path


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def file_list(files: Iterable[Path | str]) -> str:
    """A SQL list of files, taken literally: DuckDB reads glob signs in a path as patterns, and a home may hold some."""
    return f"[{', '.join(quoted(_unglobbed(str(file))) for file in files)}]"


def parquet(*files: Path | str) -> str:
    """Parquet files as a relation with the columns they store; folder names do not become columns."""
    return f"read_parquet({file_list(files)}, hive_partitioning = false)"


def _unglobbed(path: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)
