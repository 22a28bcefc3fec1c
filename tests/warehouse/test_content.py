"""The content hash: equal content, equal hash, and nothing else."""

import duckdb
import pytest

from warehouse.content import content_hash

BASE = (
    "create table t(a varchar, n decimal(28, 10), known_from timestamp);"
    "insert into t values ('x', 1.5, '2022-01-01'), (null, 2, null)"
)


def hash_of(*statements, threads=1):
    with duckdb.connect(":memory:", config={"threads": threads}) as connection:
        for statement in statements:
            connection.execute(statement)
        return content_hash(connection).content_hash


@pytest.mark.parametrize(
    "change",
    [
        "update t set known_from = now()",
        "create table again as select * from t order by a desc; drop table t; alter table again rename to t",
        "create schema other; create table other.u as select 1 as x",
        "create view v as select 1 as x",
        "create table audit_releases as select 1 as x",
        "comment on table t is 'words'",
        "set TimeZone = 'Asia/Ho_Chi_Minh'",
    ],
)
def test_clocks_order_other_schemas_views_and_comments_do_not_change_it(change):
    assert hash_of(BASE, change) == hash_of(BASE)


@pytest.mark.parametrize(
    "change",
    [
        "update t set a = 'y' where a = 'x'",
        "update t set a = '' where a is null",
        "update t set a = 'null' where a is null",
        "update t set n = n + 0.0000000001",
        "insert into t select * from t",
        "delete from t where a is null",
        "alter table t rename a to b",
        "alter table t alter n type decimal(28, 9)",
        "create table u as select 1 as x",
        "alter table t rename to u",
    ],
)
def test_values_nulls_names_types_rows_and_tables_change_it(change):
    assert hash_of(BASE, change) != hash_of(BASE)


def test_the_border_between_columns_counts():
    one = hash_of("create table t as select 'a' as x, 'b,c' as y")
    assert one != hash_of("create table t as select 'a,b' as x, 'c' as y")


def test_threads_and_the_order_of_insertion_do_not_change_it():
    many = "create table t as select i, md5(i::varchar) as text, i / 7 as share from range(300000) as r(i)"
    assert hash_of(many, threads=1) == hash_of(f"{many} order by text", threads=4)


def test_a_time_with_zone_is_hashed_by_its_instant():
    table = "create table t as select timestamptz '2022-01-01 00:00:00+00' as moment"
    assert hash_of("set TimeZone = 'UTC'", table) == hash_of("set TimeZone = 'Asia/Ho_Chi_Minh'", table)


def test_rows_are_counted_for_every_table(tmp_path):
    with duckdb.connect(tmp_path / "x.duckdb") as connection:
        connection.execute(BASE)
        connection.execute("create table audit_releases as select * from range(3)")
    content = content_hash(tmp_path / "x.duckdb")
    assert content.row_counts == {"t": 2, "audit_releases": 3}
    assert list(content.table_hashes) == ["t"]
