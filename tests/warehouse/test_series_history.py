"""The past of a load's series: how they usually move, what was told of a period before, and what went away."""

from datetime import UTC, datetime
from math import log
from pathlib import Path

import duckdb
import pytest

from warehouse.load_records import Load, LoadRecord
from warehouse.paths import HomePaths
from warehouse.series_history import write_series_history

LOAD = Load("new", "viettel", "subscribers", "new.xlsx", "aa", 1, datetime(2022, 10, 5, tzinfo=UTC))

Row = tuple[str, str, int | None]


def write(path: Path, load_id: str, *rows: Row) -> None:
    """Figures of a place and period; the set of a place is in its id."""
    listed = ", ".join(
        f"({number}, '{place}', '{period}', {'null' if value is None else value})"
        for number, (place, period, value) in enumerate(rows, 1)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(
        f"""
        copy (
            select n as row_no, 'observation' as kind, place as province_id, 'tel_mobile_sub' as indicator_code,
                'point' as basis, 'total' as breakdown, place[2:3] as boundary_set, period as period_id,
                value::decimal(28, 10) as value, 0 as decimals, 'A' as status, '{load_id}' as load_id
            from (values {listed}) as given(n, place, period, value)
        ) to '{path}' (format parquet)
        """
    )


@pytest.fixture
def home(tmp_path: Path) -> HomePaths:
    return HomePaths(tmp_path / "a home [1]")


def history(home: HomePaths, new: list[Row], *loads: list[Row]):
    earlier = []
    for number, rows in enumerate(loads):
        write(home.home / f"lake/{number}.parquet", f"old{number}", *rows)
        earlier.append(LoadRecord(f"old{number}", number, number, {"lake_files": [f"lake/{number}.parquet"]}, None, []))
    write(home.staged_rows("new"), "new", *new)
    return write_series_history(home, LOAD, earlier)


def series(home: HomePaths, columns: str, new: list[Row], *loads: list[Row]) -> list[tuple]:
    file = history(home, new, *loads).series
    return duckdb.execute(f"select row_no, {columns} from '{file}' order by 1").fetchall()


def months(*values: int) -> list[list[Row]]:
    return [[("P63-26", f"2022-{number:02d}", value)] for number, value in enumerate(values, 1)]


def test_the_usual_change_is_the_median_of_the_past_and_the_spread_its_deviation(home):
    new: list[Row] = [("P63-26", "2022-06", 5000)]
    past = (1000, 1100, 1210, 1331, 1450)
    columns = "last_value::int, gap, change_count, usual_change, usual_spread"
    (found,) = series(home, columns, new, *months(*past))
    offset = 0.02 * (1210 + 1331) / 2  # 2 % of the column's median, tonight's figure with it
    levels = [log(value + offset) for value in past]
    changes = sorted(later - earlier for earlier, later in zip(levels, levels[1:], strict=False))
    middle = (changes[1] + changes[2]) / 2
    deviations = sorted(abs(change - middle) for change in changes)
    assert found[1:4] == (1450, 1, 4)
    assert found[4:] == pytest.approx((middle, 1.4826 * (deviations[1] + deviations[2]) / 2))


def test_a_month_is_never_held_against_a_year_and_a_gap_is_counted_in_periods(home):
    loads = [*months(1000, 1100), [("P63-26", "2021", 7)]]
    assert series(home, "last_period_id, gap", [("P63-26", "2022-05", 1300)], *loads) == [(1, "2022-02", 3)]
    assert series(home, "last_period_id, gap", [("P63-26", "2022", 9)], *loads) == [(1, "2021", 1)]


def test_what_was_told_of_the_same_period_before_is_the_latest_loads_figure(home):
    loads = [*months(1000, 1100), [("P63-26", "2022-02", 1150)]]
    assert series(home, "told_value::int, last_value::int", [("P63-26", "2022-02", 1160)], *loads) == [(1, 1150, 1000)]


def test_a_period_before_everything_told_has_only_a_next_one(home):
    found = series(home, "last_value, told_value, next_told_period_id", [("P63-26", "2021-01", 900)], *months(1000))
    assert found == [(1, None, None, "2022-01")]


def test_the_very_figure_of_an_earlier_period_is_named_with_the_period(home):
    found = series(home, "same_as, usual_unmoved", [("P63-26", "2022-04", 1100)], *months(1000, 1100, 1210))
    assert found == [(1, ["2022-02"], 0.0)]


def test_a_table_of_many_years_is_its_own_past(home):
    table: list[Row] = [("P63-26", str(2010 + year), 1000 + 10 * year) for year in range(5)]
    found = series(home, "last_value::int, change_count", table)
    assert found == [(2, 1000, 0), (3, 1010, 1), (4, 1020, 2), (5, 1030, 3)]


def test_places_of_a_load_without_any_past_have_no_row(home):
    assert series(home, "last_value", [("P63-27", "2022-03", 5)], *months(1000, 1100)) == []


def test_a_series_that_three_loads_had_is_absent_but_not_after_a_merger(home):
    both: list[list[Row]] = [[("P63-26", f"2022-0{month}", 5), ("P63-27", f"2022-0{month}", 6)] for month in (1, 2, 3)]
    steady = history(home, [("P63-26", "2022-04", 5), ("P63-27", "2022-04", None)], *both).steady
    query = f"select province_id, is_absent from '{steady}' order by 1"
    assert duckdb.execute(query).fetchall() == [("P63-26", False), ("P63-27", True)]
    assert history(home, [("P63-26", "2022-04", 5)], *both[:2]).steady is None
    merged = history(home, [("P34-25", "2025-07", 5)], *both).steady
    assert duckdb.execute(f"from '{merged}'").fetchall() == []


def test_a_load_whose_lake_files_are_gone_is_left_out(home):
    write(home.staged_rows("new"), "new", ("P63-26", "2022-02", 5))
    gone = LoadRecord("old", 1, 1, {"lake_files": ["lake/gone.parquet"]}, None, [])
    file = write_series_history(home, LOAD, [gone]).series
    assert duckdb.execute(f"from '{file}'").fetchall() == []
