"""One short name for the state of everything that decides a build's content."""

import hashlib
import os
from collections.abc import Collection, Sequence
from pathlib import Path

_FOLDERS = ("orchestration", "ingestion", "expectations", "warehouse", "dbt_project")
_SUFFIXES = (".py", ".sql", ".yml", ".yaml", ".csv", ".json")
# what users add to by data alone
RULES = (Path("dbt_project/seeds"), Path("ingestion/sources"), Path("ingestion/corrections.yml"))
_GENERATED = frozenset({"__pycache__", "target", "logs", "dbt_packages"})


def code_version(project_root: Path, overlays: Sequence[Path] = (), left_out: Sequence[Path] = ()) -> str:
    """First 12 hex digits of a hash over the names and bytes of our code, seeds and sources and the user's overlay.

    Moving the project or the home does not change it; file times do not count.

    Args:
        project_root: the folder that holds `ingestion/`, `dbt_project/` …
        overlays: `<home>/sources`, `<home>/seeds`, `<home>/corrections.yml`; missing ones are empty.
        left_out: folders and files that do not count, as `RULES` of which each has a fingerprint of its own.
    """
    digest = hashlib.sha256()
    for folder in _FOLDERS:
        _add(digest, project_root / folder, folder, {os.fspath(project_root / path) for path in left_out})
    for overlay in overlays:
        _add(digest, overlay, f"overlay/{overlay.name}")
    return digest.hexdigest()[:12]


def _add(digest: "hashlib._Hash", root: Path, label: str, left_out: Collection[str] = ()) -> None:
    found: list[tuple[str, str]] = []
    for folder, subfolders, names in os.walk(root):
        if folder in left_out:
            subfolders.clear()
            continue
        subfolders[:] = [name for name in subfolders if name not in _GENERATED and not name.startswith(".")]
        inside = os.path.relpath(folder, root)
        found += [
            (f"{label}/{inside}/{name}", os.path.join(folder, name))
            for name in names
            if name.endswith(_SUFFIXES) and not name.startswith(".") and os.path.join(folder, name) not in left_out
        ]
    if os.path.isfile(root):
        found = [(label, os.fspath(root))]
    for name, path in sorted(found):
        with open(path, "rb") as stream:
            content = stream.read()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
