"""Takes a home made by older code to the version this code works with: copy first, then change, the version last.

Every step can be done twice, so a migration killed anywhere is simply run again.
"""

import io
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from orchestration.home import Home, home_folder
from warehouse.errors import clear_errors
from warehouse.files import put_in_place, remove_leftovers, sync_tree, temporary
from warehouse.home_version import HOME_VERSION, home_version, newer, write_version
from warehouse.lock import home_lock
from warehouse.paths import HomePaths, ensure_home
from warehouse.settings import commented, load_settings, unmentioned

# `dagster.yaml` as version 0 wrote it: a home that still has it never changed anything there
INSTANCE_YAML_0 = """\
# Written by sotinh once; yours to change. Runs and events stay in SQLite files beside this file.
telemetry:
  enabled: false
nux:
  enabled: false
"""


@dataclass(frozen=True)
class Migration:
    """What a migration would do, or did.

    Attributes:
        from_version: the home's version before.
        to_version: the version this code works with.
        steps: one sentence each, Vietnamese and English; empty when the home is up to date.
        is_done: whether it was carried out.
        backup: the folder with the copies of what was changed; None where nothing was.
    """

    from_version: int
    to_version: int
    steps: list[dict[str, str]] = field(default_factory=list)
    is_done: bool = False
    backup: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the migration as plain values."""
        return asdict(self)


class Step(NamedTuple):
    """One change of a home: the version it leads to, what it does (None: nothing in this home), and how."""

    to_version: int
    told: Callable[[HomePaths], tuple[str, str] | None]
    run: Callable[[HomePaths], None]


def migrate(folder: Path | None, now: datetime, *, yes: bool, wait_seconds: float = 0) -> Migration:
    """Show what would be changed in a home, or, with `yes`, copy and change it under its lock.

    Args:
        folder: the home; see `home_folder`.
        now: names the backup.
        yes: do it.
        wait_seconds: how long to wait for another run to give the lock back.

    Raises:
        warehouse.errors.StoreError: the home is newer than this code, its settings cannot be read, or it cannot be
            written.
        warehouse.lock.LockHeld: another run holds the lock.
    """
    paths = HomePaths(home_folder(folder))
    with home_lock(paths, wait_seconds) if yes else nullcontext():
        found = home_version(paths)
        if found > HOME_VERSION:
            raise newer(paths, found)
        load_settings(paths.home)  # a file that nobody can read must not be written to
        pending = [(step, step.told(paths)) for step in STEPS if step.to_version > found]
        told = [{"vi": words[0], "en": words[1]} for _, words in pending if words]
        if found == HOME_VERSION or not yes:
            return Migration(found, HOME_VERSION, told)
        backup = _back_up(paths, found, now)
        ensure_home(paths)
        for step, words in pending:
            if words:
                step.run(paths)
        write_version(paths)
        return Migration(found, HOME_VERSION, told, is_done=True, backup=str(backup))


def _back_up(paths: HomePaths, version: int, now: datetime) -> Path:
    """Copy ledger, settings and Dagster's storage into `backups/`; the folder appears whole or not at all.

    A ledger in PostgreSQL is its administrator's to copy; no step so far changes a ledger.
    """
    with clear_errors(f"sao lưu vào {paths.backups}", f"backing up to {paths.backups}"):
        paths.backups.mkdir(mode=0o700, exist_ok=True)
        remove_leftovers(paths.backups)
        target = paths.backups / f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-v{version}"
        part = temporary(target)
        part.mkdir(mode=0o700)
        if paths.ledger_db.exists():
            # SQLite's own copy: whole, even while another program reads the ledger
            with (
                closing(sqlite3.connect(paths.ledger_db)) as ledger,
                closing(sqlite3.connect(part / paths.ledger_db.name)) as copy,
            ):
                ledger.backup(copy)
        if paths.settings_file.exists():
            shutil.copy2(paths.settings_file, part)
        if paths.dagster.is_dir():
            shutil.copytree(paths.dagster, part / paths.dagster.name, symlinks=True)
        sync_tree(part)
        put_in_place(part, target)
    return target


def _told_settings(paths: HomePaths) -> tuple[str, str] | None:
    if not paths.settings_file.exists():
        return None  # `ensure_home` writes a whole one
    names = ", ".join(unmentioned(paths.settings_file.read_text(encoding="utf-8")))
    if not names:
        return None
    return (
        f"{paths.settings_file}: thêm các cấu hình mới, để trong chú thích: {names}",
        f"{paths.settings_file}: add the new settings, commented out: {names}",
    )


def _add_settings(paths: HomePaths) -> None:
    """Add settings the file does not mention, commented out, before its first table; what is written there stays."""
    text = paths.settings_file.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    at = next((number for number, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    own = "".join(lines[:at])
    ending = "" if own.endswith("\n") or not own else "\n"
    _replace(paths.settings_file, own + ending + "".join(map(commented, unmentioned(text))) + "".join(lines[at:]))


def _told_dagster_yaml(paths: HomePaths) -> tuple[str, str] | None:
    settings = paths.dagster / "dagster.yaml"
    if not settings.exists() or settings.read_text(encoding="utf-8") != INSTANCE_YAML_0:
        return None
    return (
        f"{settings}: thêm thời hạn giữ nhật ký của lịch và cảm biến (tệp chưa từng được sửa)",
        f"{settings}: add how long the history of schedule and sensor is kept (the file was never edited)",
    )


def _renew_dagster_yaml(paths: HomePaths) -> None:
    from orchestration.run import INSTANCE_YAML

    _replace(paths.dagster / "dagster.yaml", INSTANCE_YAML)


def _told_dagster_storage(paths: HomePaths) -> tuple[str, str] | None:
    if not (paths.dagster / "history").is_dir():
        return None
    return (
        f"{paths.dagster}: nâng cấp kho lưu lượt chạy của Dagster",
        f"{paths.dagster}: bring Dagster's storage of runs up to date",
    )


def _upgrade_dagster_storage(paths: HomePaths) -> None:
    from orchestration.run import open_instance

    home = Home(paths, load_settings(paths.home), only_inbox="")
    told = io.StringIO()  # Dagster prints what it does, which is no part of our output
    with open_instance(home) as instance, redirect_stdout(told), redirect_stderr(told):
        instance.upgrade()


def _replace(path: Path, text: str) -> None:
    part = temporary(path)
    part.write_text(text, encoding="utf-8")
    shutil.copymode(path, part)
    put_in_place(part, path)


STEPS = (
    Step(1, _told_settings, _add_settings),
    Step(1, _told_dagster_yaml, _renew_dagster_yaml),
    Step(1, _told_dagster_storage, _upgrade_dagster_storage),
)
