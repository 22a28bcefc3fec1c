"""One OS lock per home: from receive to publish only one run works in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.errors import LockHeld, clear_errors
from warehouse.paths import HomePaths

if TYPE_CHECKING:
    from filelock import FileLock

# one object per lock file and process: its own counter makes the lock reentrant, also between threads of one run
_LOCKS: dict[Path, "FileLock"] = {}


@contextmanager
def home_lock(paths: HomePaths, wait_seconds: float = 0) -> Iterator[None]:
    """Holds the home's lock; entering again in the same process is fine. The kernel frees it when the process dies.

    Args:
        paths: the home.
        wait_seconds: how long to wait for another run; 0 = not at all.

    Raises:
        LockHeld: another process holds it.
        StoreError: the lock file cannot be made.
    """
    from filelock import FileLock, Timeout

    with clear_errors(f"khóa {paths.lock}", f"locking {paths.lock}"):
        paths.home.mkdir(parents=True, exist_ok=True)
        key = paths.lock.resolve()
        lock = _LOCKS.setdefault(key, FileLock(key, thread_local=False))
        try:
            lock.acquire(timeout=wait_seconds, poll_interval=0.1)
        except Timeout:
            raise _held(holder(paths)) from None
    try:
        if lock.lock_counter == 1:
            with clear_errors(f"khóa {paths.lock}", f"locking {paths.lock}"):
                paths.lock_pid.write_text(f"{os.getpid()}\n", encoding="ascii")
        yield
    finally:
        if lock.lock_counter == 1:
            paths.lock_pid.unlink(missing_ok=True)
        lock.release()


def holder(paths: HomePaths) -> int | None:
    """Process id that last took the lock and has not given it back; it may have died since."""
    try:
        return int(paths.lock_pid.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _held(pid: int | None) -> LockHeld:
    vi = f" (tiến trình {pid})" if pid else ""
    en = f" (process {pid})" if pid else ""
    return LockHeld(
        f"Một lượt chạy khác{vi} đang giữ khóa của kho này. Hãy đợi nó xong, hoặc dùng --wait SECONDS.",
        f"Another run{en} holds the lock of this home. Wait for it to end, or use --wait SECONDS.",
        pid,
    )
