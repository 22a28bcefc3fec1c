"""The one resource of every asset: the home of the run, held under its lock from receive to publish."""

import logging
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from pydantic import PrivateAttr

from orchestration.home import Home, open_home
from warehouse.lock import home_lock


class HomeResource(dg.ConfigurableResource):
    """Opens the home and holds its lock for the whole run.

    The executor runs in one process, so the resource is set up once per run: the lock spans every step. A run that the
    command line starts already holds the lock in this process and enters it again.
    """

    folder: str = ""
    inbox: str = ""
    _home: Home | None = PrivateAttr(default=None)
    _lock: Any = PrivateAttr(default=None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Take the lock, then open the home."""
        self._home = open_home(self.folder or None, self.inbox or None)
        self._lock = home_lock(self._home.paths)
        self._lock.__enter__()

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self._lock.__exit__(None, None, None)

    @property
    def home(self) -> Home:
        """The open home."""
        if self._home is None:
            raise RuntimeError("the home is open only inside a run")
        return self._home

    def now(self) -> datetime:
        """Return the moment of the run: the only clock that assets read."""
        return datetime.now(UTC)


@dg.logger({}, description="Dagster's events, in the JSON log of the run instead of on the console.")
def run_log(_context: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger that writes to the log file of the command."""
    return logging.getLogger("sotinh.dagster")
