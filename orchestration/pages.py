"""Dagster's pages and daemon for one home, on this machine only."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from filelock import FileLock, Timeout

from orchestration.home import Home
from orchestration.run import instance_folder
from warehouse.errors import StoreError

HOST = "127.0.0.1"
END_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
GRACE_SECONDS = 20


def serve(home: Home, port: int, announce: Callable[[str], None]) -> int:
    """Serve until a signal ends it, and then leave no process behind, not even a night that a page started.

    Args:
        home: the open home.
        port: port on the loopback address.
        announce: called with the address once the pages answer.

    Returns:
        0 when a signal ended it, 1 when Dagster ended by itself.

    Raises:
        StoreError: the port is taken, or this home's pages are being served already.
    """
    url = f"http://{HOST}:{port}"
    os.environ["SOTINH_HOME"], os.environ["SOTINH_INBOX"] = str(home.paths.home), home.only_inbox
    lock = FileLock(os.path.join(instance_folder(home), "pages.lock"), timeout=0)
    try:
        with lock:
            _refuse_taken(port)
            return _supervise(port, lambda: announce(url))
    except Timeout:
        raise StoreError(
            f"Trang của kho {home.paths.home} đang được phục vụ rồi; hãy mở trang đó hoặc dừng nó trước.",
            f"The pages of {home.paths.home} are being served already; open those or end them first.",
        ) from None


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just given back is free
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StoreError(
                f"Không dùng được cổng {port} ({error.strerror}); hãy chọn cổng khác bằng --port.",
                f"Port {port} cannot be used ({error.strerror}); choose another with --port.",
            ) from error


def _supervise(port: int, announce: Callable[[], None]) -> int:
    """Run Dagster's webserver, daemon and code server in a session of their own, which ends with this function."""
    for number in END_SIGNALS:  # before the start: Dagster would inherit that a shell had them ignored
        signal.signal(number, _end)
    quiet = [sys.executable, "-W", "ignore", "-m", "dagster", "dev", "--log-level", "warning"]
    command = [*quiet, "-m", "orchestration.definitions", "-h", HOST, "-p", str(port)]
    dagster = subprocess.Popen(command, start_new_session=True)
    try:
        while dagster.poll() is None and not _answers(port):
            time.sleep(0.2)
        if dagster.poll() is None:
            announce()
        dagster.wait()
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        _end_session(dagster)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _end_session(dagster: subprocess.Popen[bytes]) -> None:
    """Ask Dagster to end its children, and end what is still there after the grace time or a second signal."""
    try:
        dagster.terminate()
        dagster.wait(GRACE_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(dagster.pid, signal.SIGKILL)
        dagster.wait()
