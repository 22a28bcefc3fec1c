"""What lies in the inbox and is ready. Looks only: nothing is moved or written here."""

import os
import stat
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from warehouse.settings import Settings

DAY_SECONDS = 86_400


@dataclass(frozen=True)
class InboxFile:
    """One name in the inbox that is not hidden.

    Attributes:
        folder: the folder in the inbox; empty for what lies directly in it.
        name: the file's name, NFC-normalised and safe to print; a folder's ends with a slash.
        path: where it lies; `Path()` for a file on another machine that was not fetched.
        odd: None for a regular file, else what it is (`symlink`, `special`, `unreadable`, `folder` for one inside a
            folder; on another machine also `no_name`, `too_large`).
        origin: address of the inbox on another machine, without user; empty for a folder of this one.
        fetch: brings the bytes of a file on another machine into a new file here and returns their SHA-256, None when
            the file changed meanwhile.
    """

    folder: str
    name: str
    path: Path
    bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    links: int
    odd: str | None
    origin: str = ""
    fetch: Callable[[Path], str | None] | None = None

    @property
    def label(self) -> str:
        """`folder/name`."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def place(self) -> str:
        """`label`, with the address of its inbox where that is on another machine."""
        return f"{self.origin}/{self.label}" if self.origin else self.label

    @property
    def look(self) -> str:
        """Name, size and time: what tells a file seen before from another one of its name."""
        return f"{self.place}|{self.odd or 'file'}|{self.bytes}|{self.mtime_ns}"

    @property
    def body(self) -> str:
        """`look` and inode: survives a change of mode, so it knows a file whose move was begun."""
        return f"{self.look}|{self.inode}"

    @property
    def identity(self) -> str:
        """`body` and time of change: tells a file from a later one that got the inode of a removed one."""
        return f"{self.body}|{self.ctime_ns}"


def scan(inbox: Path) -> list[InboxFile]:
    """All visible names, oldest first (then by name); hidden names and `.part` files are left out.

    A folder inside a folder is one name, found where it holds something: what lies in it is never looked at.
    """
    found: list[InboxFile | None] = []
    for entry in _visible(inbox):
        if not entry.is_dir(follow_symlinks=False):
            found.append(_look(entry, ""))
            continue
        try:
            found += [
                _look(inner, printable(entry.name))
                for inner in _visible(Path(entry.path))
                if not inner.is_dir(follow_symlinks=False) or _holds_something(Path(inner.path))
            ]
        except PermissionError:
            found.append(_look(entry, ""))
    return sorted(filter(None, found), key=lambda file: (file.mtime_ns, file.label))


def is_settled(file: InboxFile, settings: Settings, now: datetime) -> bool:
    """Whether a file was left alone long enough to be whole; `now` with zone."""
    age = now.timestamp() - file.mtime_ns / 1e9
    if age < 0:  # a file dated in the future would wait for ever
        if not file.origin:  # then the time of its last change on this disk decides
            age = now.timestamp() - file.ctime_ns / 1e9
        elif age < -DAY_SECONDS:  # a server's clock may be ahead, not by days: somebody set this date
            return True
    return settings.settle_seconds == 0 or age >= settings.settle_seconds


def is_visible(name: str) -> bool:
    """Whether a name is for us: hidden ones and `.part`, still being written, are not."""
    return not name.startswith(".") and not name.lower().endswith(".part")


def printable(name: str) -> str:
    """A name as text: NFC, control characters and bytes that are not UTF-8 replaced by U+FFFD."""
    text = os.fsencode(name).decode("utf-8", "replace")
    safe = ("\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in {"Cc", "Cf", "Cs"} else char for char in text)
    return unicodedata.normalize("NFC", "".join(safe))


def _visible(folder: Path) -> list[os.DirEntry[str]]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as listing:
        return [entry for entry in listing if is_visible(entry.name)]


def _holds_something(folder: Path) -> bool:
    try:
        return bool(_visible(folder))
    except PermissionError:
        return True


def _look(entry: os.DirEntry[str], folder: str) -> InboxFile | None:
    try:
        facts = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # taken away since the folder was listed
        return None
    name, odd = printable(entry.name), None
    if stat.S_ISLNK(facts.st_mode):
        odd = "symlink"
    elif stat.S_ISDIR(facts.st_mode):
        name, odd = f"{name}/", "folder" if folder else "unreadable"
    elif not stat.S_ISREG(facts.st_mode):
        odd = "special"
    elif not os.access(entry.path, os.R_OK):
        odd = "unreadable"
    return InboxFile(
        folder=folder,
        name=name,
        path=Path(entry.path),
        bytes=facts.st_size,
        mtime_ns=facts.st_mtime_ns,
        ctime_ns=facts.st_ctime_ns,
        inode=facts.st_ino,
        links=facts.st_nlink,
        odd=odd,
    )
