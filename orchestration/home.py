"""One home, opened: everything a command or an asset works with. It reads where the home is from the environment."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.changes.rules import Rules
from warehouse.files import sha256_of
from warehouse.home_version import require_version
from warehouse.inbox_address import inbox_address
from warehouse.inboxes import Inbox
from warehouse.ledger import Ledger, home_ledger
from warehouse.paths import HomePaths, ensure_home
from warehouse.settings import Settings, load_settings

if TYPE_CHECKING:
    from ingestion.reference import Reference
    from ingestion.seeds import Row
    from ingestion.source import Source

PROJECT_DIR = Path(__file__).resolve().parents[1]
DBT_PROJECT = PROJECT_DIR / "dbt_project"
DEFAULT_HOME = "data"


@dataclass(frozen=True)
class Home:
    """A home and what belongs to it; the heavy parts are opened when first asked for.

    Attributes:
        paths: where everything lies.
        settings: `sotinh.toml` over the documented defaults.
        only_inbox: folder or URL that is read instead of all inboxes of the home; empty when none was given.
    """

    paths: HomePaths
    settings: Settings
    only_inbox: str = ""

    @cached_property
    def inboxes(self) -> list[Inbox]:
        """What publishers write into: the home's own folder and those of the settings, unless one was given.

        Raises:
            warehouse.errors.StoreError: an address of the settings cannot be used.
        """
        if self.only_inbox:
            return [inbox_address(self.only_inbox, Path.cwd())]
        return [self.paths.inbox, *(inbox_address(text, self.paths.home) for text in self.settings.inboxes)]

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, by default the SQLite file of the home."""
        return home_ledger(self.paths, self.settings)

    @cached_property
    def source_dirs(self) -> list[Path]:
        """Folders of source YAML files: ours, then the home's own, which win."""
        return [PROJECT_DIR / "ingestion" / "sources", self.paths.sources]

    @cached_property
    def seed_dirs(self) -> list[Path]:
        """Folders of seeds: ours, then the home's own, which win by key."""
        return [DBT_PROJECT / "seeds", self.paths.seeds]

    @cached_property
    def source_ids(self) -> list[str]:
        """Ids of all declared sources, by file name alone: cheap enough for a quiet night."""
        return sorted({path.stem for folder in self.source_dirs for path in folder.glob("*.yml")})

    @cached_property
    def seed(self) -> "Callable[[str], list[Row]]":
        """Rows of a seed table by its name, ours with the home's own laid over; each is read once."""
        from ingestion.seeds import read_seed

        return cache(partial(read_seed, seed_dirs=self.seed_dirs))

    @cached_property
    def sources(self) -> Mapping[str, "Source"]:
        """Every declared source, validated, by id."""
        from ingestion.source import load_sources

        return load_sources(self.source_dirs)

    @property
    def correction_registers(self) -> list[Path]:
        """Registers of known errors of publishers: ours, then the home's own, which wins by id."""
        return [PROJECT_DIR / "ingestion" / "corrections.yml", self.paths.corrections]

    @cached_property
    def reference(self) -> "Reference":
        """Areas, aliases, indicators, units and known errors as the readers ask for them."""
        from ingestion.corrections import load_corrections
        from ingestion.reference import load_reference

        reference = load_reference(self.seed_dirs)
        return replace(reference, corrections=load_corrections(self.correction_registers, reference, self.source_ids))

    @cached_property
    def promises(self) -> dict[str, list[dict[str, Any]]]:
        """What the sources promise: rows of each table that dbt reads of it, see `ingestion.promises`."""
        from ingestion.promises import promises_of

        return promises_of(self.sources, self.reference.areas, self.reference.indicators)

    @cached_property
    def dossier_key(self) -> bytes:
        """The private key of this home's dossiers, made when first asked for; see `warehouse.dossier_key`."""
        from warehouse.dossier_key import KEY_BYTES, dossier_key

        return dossier_key(self.paths, self.ledger, lambda: secrets.token_bytes(KEY_BYTES))

    @cached_property
    def merged_seeds(self) -> Path:
        """Folder of the seeds dbt loads: ours, or ours with the home's own rows laid over."""
        from ingestion.seeds import merge_seeds

        has_own = self.paths.seeds.is_dir() and any(self.paths.seeds.glob("*.csv"))
        # a folder per state of the seeds: another process may be reading an older one
        target = self.paths.merged_seeds / self.code_version
        return merge_seeds(self.seed_dirs, target) if has_own else self.seed_dirs[0]

    @cached_property
    def code_version(self) -> str:
        """Short hash of our code and of the home's own sources, seeds and corrections."""
        from warehouse.code_version import code_version

        return code_version(PROJECT_DIR, [self.paths.sources, self.paths.seeds, self.paths.corrections])

    @cached_property
    def rules(self) -> Rules:
        """What a build of this home is made with beside its loads."""
        from warehouse.code_version import RULES, code_version

        promised: dict[str, set[str]] = {}
        for row in self.promises["expected_members"]:
            promised.setdefault(str(row["source_id"]), set()).add(str(row["indicator_code"]))
        return Rules(
            seeds=self.merged_seeds,
            code=code_version(PROJECT_DIR, left_out=RULES),
            sources={source_id: source.yaml_sha256 for source_id, source in sorted(self.sources.items())},
            promised={source_id: sorted(codes) for source_id, codes in promised.items()},
            corrections=[sha256_of(path) for path in self.correction_registers if path.is_file()],
        )


def home_folder(home: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of a home: the one given, else `SOTINH_HOME`, else `./data`."""
    return Path(home or os.environ.get("SOTINH_HOME") or DEFAULT_HOME).resolve()


def open_home(home: str | os.PathLike[str] | None = None, inbox: str | os.PathLike[str] | None = None) -> Home:
    """Open a home, making its folders where they are missing.

    Args:
        home: the folder; without it `SOTINH_HOME`, else `./data`.
        inbox: folder or URL read instead of all inboxes of the home; without it `SOTINH_INBOX`.

    Raises:
        warehouse.errors.StoreError: the home cannot be made or is of another version, or `sotinh.toml` holds an
            unknown key or a wrong value.
    """
    paths = HomePaths(home_folder(home))
    require_version(paths)
    ensure_home(paths)
    return look_at_home(home, inbox)


def look_at_home(home: str | os.PathLike[str] | None = None, inbox: str | os.PathLike[str] | None = None) -> Home:
    """Open a home without making anything: it may not be there yet, and then has our sources, seeds and defaults."""
    paths = HomePaths(home_folder(home))
    require_version(paths)
    only_inbox = inbox or os.environ.get("SOTINH_INBOX") or ""
    return Home(paths, load_settings(paths.home), str(only_inbox))
