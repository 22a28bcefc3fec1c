"""One short name for the state of everything that decides a build's content."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

_FOLDERS = ("orchestration", "ingestion", "expectations", "warehouse", "dbt_project")
_LOCK = "requirements.lock"  # another DuckDB or reader of workbooks could make another content
_SUFFIXES = (".py", ".sql", ".yml", ".yaml", ".csv", ".json")
# what users add to by data alone
RULES = ("dbt_project/seeds/", "ingestion/sources/", "ingestion/corrections.yml")
_GENERATED = frozenset({"__pycache__", "target", "logs", "dbt_packages"})


def code_version(project_root: Path, overlays: Sequence[Path] = (), left_out: tuple[str, ...] = ()) -> str:
    """First 12 hex digits of a hash over the names and bytes of `code_files`.

    Moving the project or the home does not change it; file times do not count.

    Args:
        project_root: the folder that holds `ingestion/`, `dbt_project/` …
        overlays: `<home>/sources`, `<home>/seeds`, `<home>/corrections.yml`; missing ones are empty.
        left_out: beginnings of names that do not count, as `RULES` of which each has a fingerprint of its own.
    """
    files = code_files(project_root, overlays)
    return code_hash({name: path for name, path in files.items() if not name.startswith(left_out)})[:12]


def code_hash(files: Mapping[str, str]) -> str:
    """SHA-256 over the names and bytes of files.

    Args:
        files: name to path.
    """
    digest = hashlib.sha256()
    for name in sorted(files):
        with open(files[name], "rb") as stream:
            content = stream.read()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def code_files(project_root: Path, overlays: Sequence[Path] = ()) -> dict[str, str]:
    """Our code, rules, seeds, sources and pinned packages, and the user's overlay, each file by its name.

    A name is `ingestion/read.py` or `overlay/seeds/units.csv`, and leads to the file's path.

    Args:
        project_root: as for `code_version`.
        overlays: as for `code_version`.
    """
    found: dict[str, str] = {}
    for folder in _FOLDERS:
        _find(found, project_root / folder, folder)
    for overlay in overlays:
        _find(found, overlay, f"overlay/{overlay.name}")
    _find(found, project_root / _LOCK, _LOCK)
    return found


def _find(found: dict[str, str], root: Path, label: str) -> None:
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [name for name in subfolders if name not in _GENERATED and not name.startswith(".")]
        inside = os.path.relpath(folder, root).replace(os.sep, "/")
        begin = label if inside == "." else f"{label}/{inside}"
        chosen = (name for name in names if name.endswith(_SUFFIXES) and not name.startswith("."))
        found |= {f"{begin}/{name}": os.path.join(folder, name) for name in chosen}
    if os.path.isfile(root):
        found[label] = os.fspath(root)
