"""The one resource of every asset: the home of the run, held under its lock from receive to publish."""

import logging
from contextlib import ExitStack
from datetime import UTC, datetime

import dagster as dg
from pydantic import Field, PrivateAttr

from orchestration.home import Home, open_home
from orchestration.logs import log_of_run
from orchestration.nightly import mend
from orchestration.rebuilding import Rebuild, months_between
from orchestration.restoring import restore_lake
from orchestration.retention import clear_out
from orchestration.run import fail_dead_runs
from warehouse.lock import home_lock
from warehouse.sweep import sweep

log = logging.getLogger("sotinh.run")


class HomeResource(dg.ConfigurableResource):
    """Opens the home and holds its lock for the whole run.

    The executor runs in one process, so the resource is set up once per run: the lock spans every step. A run that the
    command line starts already holds the lock in this process and enters it again.
    """

    folder: str = ""
    inbox: str = ""
    sources: list[str] = Field(default=[], description="Rebuild: sources whose files are read again from landing.")
    months: str = Field(default="", description="Rebuild: `2022-07..2022-09`, the months to do again.")
    everything: bool = Field(default=False, description="Rebuild: all sources, and the warehouse from nothing.")
    moment: str = Field(default="", description="The moment of the night, ISO with zone; by default the clock's.")
    _home: Home | None = PrivateAttr(default=None)
    _now: datetime | None = PrivateAttr(default=None)
    _restored: list[str] = PrivateAttr(default_factory=list)
    _held: ExitStack = PrivateAttr(default_factory=ExitStack)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Open the home, take its lock, and mend what a killed run left, whoever started this run.

        A run that the schedule or the sensor started gets its log here; the command line has opened its own.
        """
        self._now = datetime.fromisoformat(self.moment) if self.moment else datetime.now(UTC)
        self._home = open_home(self.folder or None, self.inbox or None)
        name = context.run.job_name if context.run else "resource"
        self._held.enter_context(log_of_run(self._home.paths.logs, name, self.now, self._home.settings))
        self._held.enter_context(home_lock(self._home.paths))
        mend(self._home)
        for removed in sweep(self._home.paths, self._home.ledger):
            log.warning("after a killed run: removed %s", removed)
        if context.instance and context.run:
            fail_dead_runs(context.instance, context.run.run_id)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Clear out what is older than the settings keep, and give the lock back."""
        with self._held:
            if self._home and context.instance:
                clear_out(self._home, context.instance, self.now)

    @property
    def home(self) -> Home:
        """The open home."""
        if self._home is None:
            raise RuntimeError("the home is open only inside a run")
        return self._home

    @property
    def again(self) -> Rebuild:
        """What this run does again although nothing changed."""
        return Rebuild(self.sources, months_between(self.months), self.everything, self._restored)

    def restore(self) -> list[str]:
        """Where everything is done again: make what the lake lacks, and remember it; returns the loads' ids."""
        if self.everything:
            self._restored = restore_lake(self.home, self.now)
        return self._restored

    @property
    def now(self) -> datetime:
        """The moment of the run, the same in every step: the only clock that assets read."""
        if self._now is None:
            raise RuntimeError("the moment is known only inside a run")
        return self._now


@dg.logger({}, description="Dagster's events, in the JSON log of the run instead of on the console.")
def run_log(_context: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger that writes to the log file of the command."""
    return logging.getLogger("sotinh.dagster")
