"""What a figure was the last time: the same period of a revised table, else the nearest earlier one, else the next."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from warehouse.load_records import Load, LoadRecord
from warehouse.paths import HomePaths
from warehouse.previous_values import write_previous_values

LOAD = Load("new", "viettel", "subscribers", "new.xlsx", "aa", 1, datetime(2022, 10, 5, tzinfo=UTC))


def write(path: Path, *rows: tuple[str, str, int | None]) -> None:
    """Figures of a place and period."""
    listed = ", ".join(
        f"({number}, {place!r}, {period!r}, {'null' if value is None else value})"
        for number, (place, period, value) in enumerate(rows, 1)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(
        f"""
        copy (
            select n as row_no, 'observation' as kind, place as province_id, 'tel_mobile_sub' as indicator_code,
                'point' as basis, 'total' as breakdown, period as period_id, value::decimal(28, 10) as value
            from (values {listed}) as given(n, place, period, value)
        ) to '{path}' (format parquet)
        """
    )


def previous(*files: str) -> LoadRecord:
    return LoadRecord("old", 2, 2, {"lake_files": list(files)}, None, [])


def pairs(home: HomePaths, *files: str) -> list[tuple[int, int, str]]:
    file = write_previous_values(home, LOAD, previous(*files))
    found = duckdb.execute(f"select row_no, previous_value::int, previous_period_id from '{file}' order by 1")
    return found.fetchall()


@pytest.fixture
def home(tmp_path: Path) -> HomePaths:
    return HomePaths(tmp_path / "a home [1]")


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2022-08", (108, "2022-08")),
        ("2022-09", (108, "2022-08")),
        ("2022-05", (103, "2022-03")),
        ("2022-01", (103, "2022-03")),
        ("2022", (2021, "2021")),
    ],
)
def test_each_figure_is_held_against_the_nearest_period_of_its_own_length(home, period, before):
    write(home.staged_rows("new"), ("P63-26", period, 5))
    write(home.home / "lake/old_1.parquet", ("P63-26", "2022-03", 103), ("P63-26", "2021", 2021))
    write(home.home / "lake/old_2.parquet", ("P63-26", "2022-08", 108), ("P63-27", "2022-09", 7))
    assert pairs(home, "lake/old_1.parquet", "lake/old_2.parquet") == [(1, *before)]


def test_a_figure_that_is_new_or_was_missing_has_no_previous_value(home):
    write(home.staged_rows("new"), ("P63-26", "2022-09", 5), ("P63-27", "2022-09", 6), ("P63-28", "2022-09", None))
    write(home.home / "lake/old.parquet", ("P63-26", "2022-08", None), ("P63-28", "2022-08", 4))
    assert pairs(home, "lake/old.parquet") == []


def test_without_a_previous_load_or_without_its_files_nothing_is_compared(home):
    write(home.staged_rows("new"), ("P63-26", "2022-09", 5))
    assert write_previous_values(home, LOAD, None) is None
    assert write_previous_values(home, LOAD, previous("lake/gone.parquet")) is None
