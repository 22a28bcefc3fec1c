"""What of the last build a night may go on with."""

from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.slow


def built_by(code_version: str, database: Path) -> None:
    """A database as a build leaves it."""
    from orchestration.dbt_build import keep_or_drop

    keep_or_drop(database, code_version, {"main.sums"})
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table sums as select 1 as month")
        connection.execute("create schema staging")
        connection.execute("create view staging.logs as select * from sums")
        connection.execute("create table star as select * from staging.logs")


def test_of_a_database_of_the_same_code_the_sums_are_kept(tmp_path):
    from orchestration.dbt_build import keep_or_drop

    database = tmp_path / "warehouse.duckdb"
    assert not keep_or_drop(database, "v1", {"main.sums"})
    built_by("v1", database)
    assert keep_or_drop(database, "v1", {"main.sums"})
    with duckdb.connect(str(database)) as connection:
        assert connection.sql("select * from sums").fetchall() == [(1,)]
        assert connection.sql("select table_name from duckdb_tables()").fetchall() == [("sums",)]
        assert connection.sql("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]


def test_a_database_of_other_code_or_without_a_note_is_dropped(tmp_path):
    from orchestration.dbt_build import keep_or_drop

    database = tmp_path / "warehouse.duckdb"
    built_by("v1", database)
    assert not keep_or_drop(database, "v2", {"main.sums"})
    assert not database.exists()
    built_by("v2", database)
    (tmp_path / "warehouse.version").unlink()
    assert not keep_or_drop(database, "v2", {"main.sums"})
    assert not database.exists()


def test_a_broken_database_is_dropped(tmp_path):
    from orchestration.dbt_build import keep_or_drop

    database = tmp_path / "warehouse.duckdb"
    built_by("v1", database)
    database.write_bytes(b"not a database at all" * 1000)
    assert not keep_or_drop(database, "v1", {"main.sums"})
    assert not database.exists()


def test_a_write_ahead_log_left_by_a_kill_is_read(tmp_path):
    from orchestration.dbt_build import keep_or_drop

    database = tmp_path / "warehouse.duckdb"
    built_by("v1", database)
    open_one = duckdb.connect(str(database))
    open_one.execute("insert into sums values (2)")
    killed = tmp_path / "killed"
    killed.mkdir()
    for name in ("warehouse.duckdb", "warehouse.duckdb.wal", "warehouse.version"):
        (killed / name).write_bytes((tmp_path / name).read_bytes())
    open_one.close()
    assert keep_or_drop(killed / "warehouse.duckdb", "v1", {"main.sums"})
    with duckdb.connect(str(killed / "warehouse.duckdb")) as connection:
        assert connection.sql("select month from sums order by 1").fetchall() == [(1,), (2,)]


def test_an_enum_is_described_without_its_members(tmp_path):
    from orchestration.dbt_build import describe_tables

    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create type code as enum ('P34-25', '2022-09')")
        connection.execute("create table star as select 'P34-25'::code as area, 1.5::decimal(28, 10) as value")
    assert describe_tables(database)["main", "star"].columns == [("area", "ENUM"), ("value", "DECIMAL(28,10)")]
