"""The canary sings on a sound dialect and falls silent on a broken one."""

from collections.abc import Iterator
from typing import Any

import duckdb_engine
import pytest

from expectations import duckdb_dialect, gx_run
from expectations.validate import CanaryError, canary

pytestmark = pytest.mark.slow


@pytest.fixture
def fresh_engine() -> Iterator[None]:
    """A data source of this test alone, so that no pooled connection hides a broken dialect."""
    gx_run._datasource.cache_clear()
    yield
    gx_run._datasource.cache_clear()


def test_the_canary_sings() -> None:
    canary()


def test_the_canary_notices_that_every_expectation_errors(monkeypatch: pytest.MonkeyPatch, fresh_engine: None) -> None:
    def refuse(self: Any, statement: str, parameters: Any = None, context: Any = None) -> None:
        if "count" in statement.lower() or "sum(" in statement.lower():
            raise RuntimeError("broken on purpose")
        self._statement = self.connection.database.cursor()
        self._statement.execute(statement, parameters or None)

    monkeypatch.setattr(duckdb_dialect._StatementCursor, "execute", refuse)
    with pytest.raises(CanaryError, match="good batch .* could not run"):
        canary()


def test_the_canary_notices_the_cursor_of_the_stock_dialect(
    monkeypatch: pytest.MonkeyPatch, fresh_engine: None
) -> None:
    monkeypatch.setattr(duckdb_dialect._Connection, "cursor", duckdb_engine.ConnectionWrapper.cursor)
    with pytest.raises(CanaryError):
        canary()


def test_the_canary_notices_expectations_that_always_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    validate = gx_run._validate

    def hold(*arguments: Any) -> dict[str, Any]:
        results = validate(*arguments)
        for result in results.values():
            result.success = True
        return results

    monkeypatch.setattr(gx_run, "_validate", hold)
    with pytest.raises(CanaryError, match="bad batch .* word_is_known"):
        canary()
