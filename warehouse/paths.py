"""Where everything lies inside one home. Nothing else in the project joins these names."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PRIVATE = ("inbox", "landing", "staged", "lake", "build", "logs", "dagster")
_SHARED = ("releases", "sources", "seeds")


@dataclass(frozen=True)
class HomePaths:
    """The places inside `<home>`; `home` is absolute.

    Attributes:
        home: the folder.
        aside: where to build instead of `<home>/build`: what was known earlier is built beside the night's work.
    """

    home: Path
    aside: Path | None = None

    def __post_init__(self) -> None:
        """Makes `home` absolute, so that a change of working directory changes nothing."""
        object.__setattr__(self, "home", self.home.expanduser().absolute())

    @property
    def inbox(self) -> Path:
        """`inbox/<source_id>/*`: what publishers send."""
        return self.home / "inbox"

    @property
    def landing(self) -> Path:
        """`landing/<source_id>/<sha256>`: the bytes as received, never changed."""
        return self.home / "landing"

    @property
    def staged(self) -> Path:
        """`staged/<load_id>/`: rows read but not judged, and the rows of quarantined loads."""
        return self.home / "staged"

    def staged_rows(self, load_id: str) -> Path:
        """Parquet of the readable rows of a load under way or in quarantine."""
        return self.staged / load_id / "rows.parquet"

    def staged_rejected(self, load_id: str) -> Path:
        """Parquet of the rows the reader rejected."""
        return self.staged / load_id / "rejected.parquet"

    def staged_totals(self, load_id: str) -> Path:
        """Parquet of the printed totals that the rows of a load under way can be checked against."""
        return self.staged / load_id / "totals.parquet"

    def staged_previous_values(self, load_id: str) -> Path:
        """Parquet of what the source said last about the figures of a load under way."""
        return self.staged / load_id / "previous_values.parquet"

    def staged_series(self, load_id: str) -> Path:
        """Parquet of the past of the series of a load under way, see `series_history.py`."""
        return self.staged / load_id / "series.parquet"

    def staged_steady(self, load_id: str) -> Path:
        """Parquet of the series that every load of the source had of late, and whether this one has them."""
        return self.staged / load_id / "steady.parquet"

    def staged_others(self, load_id: str) -> Path:
        """Parquet of what other sources tell about the places and periods of a load under way."""
        return self.staged / load_id / "others.parquet"

    @property
    def lake(self) -> Path:
        """`lake/<shape>/…`: Parquet of accepted rows; `lake/rejected/<shape>/…`: of rejected ones."""
        return self.home / "lake"

    @property
    def build(self) -> Path:
        """Private work of the night under way; may be deleted between nights."""
        return self.aside or self.home / "build"

    @property
    def export(self) -> Path:
        """The ledger's export as Parquet, for engines other than DuckDB."""
        return self.build / "export"

    @property
    def inputs_db(self) -> Path:
        """The database dbt reads (attached read-only as `inputs`)."""
        return self.build / "inputs.duckdb"

    @property
    def warehouse_db(self) -> Path:
        """The database dbt builds; never read by users."""
        return self.build / "warehouse.duckdb"

    @property
    def build_note(self) -> Path:
        """JSON: ledger entry, moment and code version of the inputs the build under way was given."""
        return self.build / "note.json"

    @property
    def build_checks(self) -> Path:
        """JSON: the results of all tests of the build under way, and the run; absent where it was not tested."""
        return self.build / "checks.json"

    @property
    def dbt_target(self) -> Path:
        """Target folder of dbt."""
        return self.build / "dbt"

    @property
    def merged_seeds(self) -> Path:
        """Our seeds with the home's own rows laid over, for dbt: the same for every build of one code."""
        return self.home / "build" / "seeds"

    @property
    def diff(self) -> Path:
        """What the build under way changes for users: `diff.json`, `changes.parquet` and the seeds it was made with."""
        return self.build / "diff"

    @property
    def held(self) -> Path:
        """`held/<release_id>/`: a build that waits for a person's approval."""
        return self.home / "build" / "held"

    @property
    def tmp(self) -> Path:
        """Where DuckDB puts what does not fit in memory."""
        return self.build / "tmp"

    @property
    def releases(self) -> Path:
        """`releases/<release_id>/`: published, read-only."""
        return self.home / "releases"

    @property
    def drills(self) -> Path:
        """`drills/<run_id>.json`: how well the checks saw seeded faults, and the files of those they missed."""
        return self.home / "drills"

    @property
    def current(self) -> Path:
        """Symlink to the release that users read."""
        return self.home / "current"

    @property
    def site(self) -> Path:
        """The auditors' pages where they were made again, beside those of each release."""
        return self.home / "site"

    @property
    def ledger_db(self) -> Path:
        """SQLite file of the ledger (when it is not in PostgreSQL)."""
        return self.home / "ledger.db"

    @property
    def dossier_key(self) -> Path:
        """The private key of this home's dossiers; a backup without it cannot go on with them."""
        return self.home / "dossier.key"

    @property
    def lock(self) -> Path:
        """The file whose OS lock one run holds from receive to publish."""
        return self.home / "lock"

    @property
    def lock_pid(self) -> Path:
        """Process id of the holder, beside the lock because locking empties the lock file."""
        return self.home / "lock.pid"

    @property
    def settings_file(self) -> Path:
        """`sotinh.toml`, see `settings.py`."""
        return self.home / "sotinh.toml"

    @property
    def version(self) -> Path:
        """One whole number: how this home is laid out, see `home_version.py`."""
        return self.home / "version"

    @property
    def backups(self) -> Path:
        """`backups/<moment>-v<version>/`: what `sotinh migrate` copied before it changed it."""
        return self.home / "backups"

    @property
    def sources(self) -> Path:
        """The user's own source YAMLs, laid over ours."""
        return self.home / "sources"

    @property
    def seeds(self) -> Path:
        """The user's own seed rows, laid over ours."""
        return self.home / "seeds"

    @property
    def corrections(self) -> Path:
        """The user's own register of known errors of publishers, laid over ours."""
        return self.home / "corrections.yml"

    @property
    def logs(self) -> Path:
        """One JSON log per run."""
        return self.home / "logs"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.home / "dagster"


def ensure_home(paths: HomePaths) -> None:
    """Makes the folders that are missing: 0700 where files can be personal, the usual mode where users read.

    An existing folder keeps its mode: an administrator may have opened the inbox to the SFTP group. A home without
    `sotinh.toml` gets one in which every setting is explained and commented out. A new home gets its version before
    anything else, so that one made half-way is never taken for one of an older version.

    Raises:
        StoreError: when the home cannot be made.
    """
    from warehouse.errors import clear_errors
    from warehouse.home_version import is_new, write_version
    from warehouse.settings import settings_template

    with clear_errors(f"tạo thư mục {paths.home}", f"making the home folder {paths.home}"):
        paths.home.mkdir(parents=True, exist_ok=True)
        if is_new(paths):
            write_version(paths)
        for name in _PRIVATE:
            (paths.home / name).mkdir(mode=0o700, exist_ok=True)
        for name in _SHARED:
            (paths.home / name).mkdir(exist_ok=True)
        if not paths.settings_file.exists():
            # exclusive: what an administrator writes at this moment is never overwritten
            with suppress(FileExistsError), open(paths.settings_file, "x", encoding="utf-8") as file:
                file.write(settings_template())
