"""Inboxes on other machines, through fsspec: what lies there, and its bytes brought here. Nothing there is changed.

The names a server gives are never used as local paths. A connection is made when first needed, kept for what follows,
and made anew after a fault that may pass; libraries of a protocol are imported only where an inbox speaks it.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from warehouse.errors import InboxFault, StoreError, clear_errors
from warehouse.inbox import InboxFile, is_visible, printable
from warehouse.inbox_address import RemoteAddress
from warehouse.settings import Settings

log = logging.getLogger("sotinh.inbox")

CHUNK = 1 << 20
LONGEST_WAIT_SECONDS = 60
LONGEST_MESSAGE = 200
SERVERS = {"sftp": "warehouse.sftp_server", "s3": "warehouse.s3_server"}

FETCHING = ("tải tệp từ máy chủ", "fetching a file from a server")
OUT_OF_REACH = ("Không truy cập được: {}.", "Out of reach: {}.")
REASONS: dict[type[Exception], tuple[str, str]] = {
    FileNotFoundError: (
        "Không có thư mục hoặc bucket này trên máy chủ.",
        "There is no such folder or bucket on the server.",
    ),
    PermissionError: ("Máy chủ không cho phép đọc.", "The server gives no permission to read it."),
    UnicodeDecodeError: (
        "Có tên không viết bằng UTF-8; hãy đổi tên trên máy chủ.",
        "A name in it is not UTF-8; rename it on the server.",
    ),
}

T = TypeVar("T")


@dataclass
class RemoteInbox:
    """One inbox on another machine while it is being read.

    Attributes:
        address: where it is.
        settings: attempts, waits and the largest file.
    """

    address: RemoteAddress
    settings: Settings

    @cached_property
    def server(self) -> Any:
        """The module that speaks the server's protocol."""
        return import_module(SERVERS[self.address.scheme])

    @cached_property
    def files(self) -> Any:
        """The server's file system, connected."""
        return self.server.connect(self.address)

    def close(self) -> None:
        """End the connection, if there is one."""
        if "files" in vars(self):
            with suppress(Exception):  # it may be broken already
                self.files.close()
            del self.files

    def scan(self, source_ids: Collection[str]) -> tuple[list[InboxFile], list[InboxFault]]:
        """All visible names, and the folders that could not be listed.

        A folder without a source is one name, never looked into: on a server it may be anybody's and of any size.

        Raises:
            InboxFault: the inbox is out of reach.
        """
        found: list[InboxFile] = []
        faults: list[InboxFault] = []
        for info in self._list(self.address.root):
            folder = _base(info, self.address.root)
            if not is_visible(folder):
                continue
            if info["type"] != "directory" or folder not in source_ids:
                found.append(self._look(info, "", self.address.root))
                continue
            try:
                inner = self._list(info["name"])
            except InboxFault as fault:
                if fault.is_whole:
                    raise
                faults.append(fault)
                continue
            found += [self._look(file, folder, info["name"]) for file in inner if is_visible(_base(file, info["name"]))]
        return found, faults

    def fetch(self, path: str, size: int, mtime_ns: int, target: Path) -> str | None:
        """Bring the bytes of a file into a new file here.

        Args:
            path: the file on the server.
            size: its size when it was listed; not more than one byte beyond is read.
            mtime_ns: its time when it was listed.
            target: a new file of this machine.

        Returns:
            SHA-256; None when the file is gone or has another size or time now.

        Raises:
            InboxFault: the file cannot be had.
        """
        return self._ask(path, partial(self._fetch_once, path, size, mtime_ns, target))

    def _fetch_once(self, path: str, size: int, mtime_ns: int, target: Path) -> str | None:
        digest, missing = hashlib.sha256(), size + 1
        with clear_errors(*FETCHING):  # faults of our own disk are no faults of the server
            here = open(target, "wb")  # noqa: SIM115
        try:
            with here, self.server.open_file(self.files, path, size) as there:
                while missing > 0 and (chunk := there.read(min(CHUNK, missing))):
                    missing -= len(chunk)
                    digest.update(chunk)
                    with clear_errors(*FETCHING):
                        here.write(chunk)
                        here.flush()
            after = self.files.info(path)
        except FileNotFoundError:
            return None
        return digest.hexdigest() if missing == 1 and (after["size"], _time_ns(after)) == (size, mtime_ns) else None

    def _list(self, folder: str) -> list[dict[str, Any]]:
        return self._ask(folder, lambda: self._list_once(folder))

    def _list_once(self, folder: str) -> list[dict[str, Any]]:
        try:
            listed: list[dict[str, Any]] = self.files.ls(folder, detail=True)
        except FileNotFoundError as error:
            if self.server.is_error(error):
                raise
            return []
        # the mark that some programs put into a bucket for an empty folder
        return [info for info in listed if info["type"] == "directory" or not info["name"].endswith("/")]

    def _look(self, info: dict[str, Any], folder: str, parent: str) -> InboxFile:
        base = _base(info, parent)
        name, size, mtime_ns, odd = printable(base), int(info["size"]), 0, _odd(info, base)
        if info["type"] == "directory":  # without size and time: reported once, whatever comes to lie in it
            folder, name, size, odd = (folder, f"{name}/", 0, "folder") if folder else (name, "", 0, odd)
        else:
            mtime_ns = _time_ns(info)
        if odd is None and size > self.settings.remote_file_limit_mb * 1_000_000:
            odd = "too_large"
        fetch = partial(self.fetch, info["name"], size, mtime_ns)
        return InboxFile(folder, name, Path(), size, mtime_ns, 0, 0, 1, odd, str(self.address), fetch)

    def _ask(self, path: str, action: Callable[[], T]) -> T:
        """Ask until there is an answer, at most so many times, each after a longer wait.

        Raises:
            InboxFault: there was none; the inbox is out of reach, or this folder or file in it.
        """
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

        wait = wait_exponential(self.settings.remote_first_wait_seconds, max=LONGEST_WAIT_SECONDS)
        retrying = Retrying(
            stop=stop_after_attempt(self.settings.remote_attempts),
            wait=wait,
            retry=retry_if_exception(self.server.is_passing),
            before_sleep=self._forget_connection,
            reraise=True,
        )
        try:
            return retrying(action)
        except StoreError:
            raise
        except Exception as error:
            raise self._fault(path, error) from error

    def _forget_connection(self, attempt: Any) -> None:
        error, wait = attempt.outcome.exception(), attempt.next_action.sleep
        told = (self.address, attempt.attempt_number, _told(error), wait)
        log.warning("%s: attempt %d failed (%s); again in %g s", *told)
        self.close()

    def _fault(self, path: str, error: Exception) -> InboxFault:
        is_whole = path == self.address.root or self.server.is_passing(error)
        place = str(self.address) if is_whole else f"{self.address}{printable(path.removeprefix(self.address.root))}"
        reasons = [told for kind, told in REASONS.items() if isinstance(error, kind)]
        vi, en = reasons[0] if reasons else (OUT_OF_REACH[0].format(_told(error)), OUT_OF_REACH[1].format(_told(error)))
        return InboxFault(place, vi, en, is_whole=is_whole)


def _base(info: dict[str, Any], parent: str) -> str:
    return str(info["name"]).removeprefix(f"{parent.rstrip('/')}/")


def _odd(info: dict[str, Any], base: str) -> str | None:
    """What is odd about a name as the server gives it; a `/` or the mark of a version in it would lead elsewhere."""
    if not base or "/" in base or "?versionId=" in base:
        return "no_name"
    return {"link": "symlink", "other": "special"}.get(info["type"])


def _time_ns(info: dict[str, Any]) -> int:
    """The server's time of a file, to the second: S3 says more in a listing than of one object."""
    moment: datetime = info["mtime"] if "mtime" in info else info["LastModified"]
    return int(moment.timestamp()) * 1_000_000_000


def _told(error: BaseException) -> str:
    """An error in one short line, printable and without the user of a URL."""
    text = printable(f"{type(error).__name__}: {error}")[:LONGEST_MESSAGE]
    return re.sub(r"//[^/@\s]*@", "//***@", text)
