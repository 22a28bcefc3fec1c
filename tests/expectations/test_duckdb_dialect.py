"""The dialect keeps results and columns that the stock one loses. SQLAlchemy only, no Great Expectations."""

from collections.abc import Iterator

import duckdb
import pytest
import sqlalchemy as sa

from expectations import duckdb_dialect


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    name = f":memory:{request.node.name}"
    duckdb_dialect.register()
    with duckdb.connect(name) as database:
        database.execute(
            "create view three as select i as number, 'x' as word, 1.5::decimal(28,10) as amount from range(3) t(i)"
        )
        engine = sa.create_engine(f"duckdbgx:///{name}")
        yield engine
        engine.dispose()


def test_a_result_can_be_read_after_its_connection_went_back_to_the_pool(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        result = connection.execute(sa.text("select number from three order by number"))
    assert result.fetchall() == [(0,), (1,), (2,)]


def test_two_results_of_one_connection_do_not_disturb_each_other(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        first = connection.execute(sa.text("select number from three order by number"))
        second = connection.execute(sa.text("select count(*) from three"))
        assert first.fetchmany(2) == [(0,), (1,)]
        assert second.scalar() == 3
        assert first.fetchone() == (2,)


def test_columns_of_a_view_are_found(engine: sa.Engine) -> None:
    columns = sa.inspect(engine).get_columns("three")
    assert [column["name"] for column in columns] == ["number", "word", "amount"]
    assert isinstance(columns[0]["type"], sa.BigInteger)
    assert isinstance(columns[1]["type"], sa.String)


def test_parameters_are_bound_and_errors_are_raised(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(sa.text("select :word || '%'"), {"word": "a'b"}).scalar() == "a'b%"
        with pytest.raises(sa.exc.DBAPIError, match="no_such_table"):
            connection.execute(sa.text("select * from no_such_table"))
