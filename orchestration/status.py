"""What stands: each source with its last load, what is quarantined, and the current release."""

from dataclasses import dataclass
from typing import Any

from warehouse import loads, releases

from orchestration.home import Home

SOURCE_COLUMNS = ("source_id", "shape", "frequency", "last_file", "received_at", "verdict", "rows_accepted", "rows_rejected", "last_period_id")
LOAD_COLUMNS = ("load_id", "source_id", "file_name", "verdict", "rows_read", "reason")


@dataclass(frozen=True)
class Status:
    """The state of a home.

    Attributes:
        release: the current release, or None before the first.
        rolled_back: the current release is not the newest one.
        sources: one row per declared source with its last load.
        open_loads: quarantined and failed loads that no later load of the same file has settled.
    """

    release: dict[str, Any] | None
    rolled_back: bool
    sources: list[dict[str, Any]]
    open_loads: list[dict[str, Any]]
