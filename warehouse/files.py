"""Durable file operations: what is written is on disk before the next step relies on it."""

import hashlib
import os
import shutil
import stat
from pathlib import Path

TEMPORARY = ".tmp-"
_CHUNK = 1 << 20


def sync_file(path: Path) -> None:
    """Waits until the file's bytes are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Waits until the names in the folder are on disk."""
    sync_file(path)


def sync_tree(root: Path) -> None:
    """Waits for every file and folder under `root`, and `root`."""
    for folder, _, names in os.walk(root):
        for name in names:
            sync_file(Path(folder) / name)
        sync_folder(Path(folder))


def make_folder(path: Path, mode: int = 0o700) -> None:
    """Makes a folder and its missing parents, all with `mode`."""
    if not path.parent.is_dir():
        make_folder(path.parent, mode)
    path.mkdir(mode=mode, exist_ok=True)


def temporary(path: Path) -> Path:
    """The name beside `path` under which it is written before it is renamed; sweeps know it by its beginning."""
    return path.with_name(TEMPORARY + path.name)


def put_in_place(temporary_path: Path, path: Path) -> None:
    """Makes a finished temporary file appear under its final name, all at once and durably."""
    sync_file(temporary_path)
    os.replace(temporary_path, path)
    sync_folder(path.parent)


def remove_tree(path: Path) -> None:
    """Removes a file or folder, read-only ones too; one that is not there is fine.

    A folder is renamed first: a removal cut short leaves a temporary folder, never half a release.
    """
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
        return
    if not path.exists():
        return
    doomed = path
    if not path.name.startswith(TEMPORARY):
        doomed = path.with_name(f"{TEMPORARY}removed-{path.name}")
        if doomed.exists():
            remove_tree(doomed)
        os.rename(path, doomed)
    for folder, _, _ in os.walk(doomed):
        os.chmod(folder, 0o700)
    shutil.rmtree(doomed)


def remove_leftovers(folder: Path) -> list[str]:
    """Removes interrupted temporary files and folders directly in `folder`; returns their names."""
    if not folder.is_dir():
        return []
    names = sorted(name for name in os.listdir(folder) if name.startswith(TEMPORARY))
    for name in names:
        remove_tree(folder / name)
    return names


def make_read_only(root: Path) -> None:
    """Files 0444, folders 0555, `root` last."""
    for folder, _, names in os.walk(root, topdown=False):
        for name in names:
            os.chmod(os.path.join(folder, name), 0o444)
        os.chmod(folder, 0o555)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces; a symlink is refused by the system."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "rb", buffering=0) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(f"not a regular file: {path}")
        digest = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
