"""A home beside a real one, to try something in: its declarations, no data, gone afterwards."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestration.home import Home
from warehouse.paths import HomePaths, ensure_home


@contextmanager
def trial_home(home: Home, purpose: str) -> Iterator[Home]:
    """An empty home with the sources, seeds, corrections, settings and key of another, and a ledger file of its own.

    Args:
        home: the other home; it is only read.
        purpose: a word for the name of the folder.
    """
    with TemporaryDirectory(prefix=f"sotinh-{purpose}-") as folder:
        paths = HomePaths(Path(folder))
        for overlay in (home.paths.sources, home.paths.seeds, home.paths.corrections):
            if overlay.exists():
                (paths.home / overlay.name).symlink_to(overlay)
        ensure_home(paths)
        if home.paths.dossier_key.is_file():
            shutil.copy2(home.paths.dossier_key, paths.dossier_key)
        yield Home(paths, replace(home.settings, ledger_url=None))
