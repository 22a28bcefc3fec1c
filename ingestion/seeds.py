"""The seed tables and their keys, and how a home's own rows are laid over ours."""

import contextlib
import csv
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ingestion.errors import ReferenceFault

Row = Mapping[str, str]

# Table -> its key columns: the same key in a later folder replaces the row, other rows are added.
SEED_KEYS: Mapping[str, tuple[str, ...]] = {
    "absence_statuses": ("status",),
    "area_rule_years": ("indicator_code", "first_year"),
    "base_year_indicators": ("indicator_code",),
    "breakdown_dimensions": ("dimension",),
    "breakdown_members": ("dimension", "code"),
    "dossier_channels": ("channel",),
    "dossier_fields": ("field_code",),
    "dossier_states": ("state",),
    "ended_members": ("dimension", "code"),
    "index_weights": ("indicator_code", "part_code", "first_year"),
    "indicator_bounds": ("indicator_code",),
    "indicator_editions": ("indicator_code", "edition"),
    "indicator_parts": ("indicator_code", "role", "part_code"),
    "indicators": ("indicator_code",),
    "non_additive_breakdowns": ("indicator_code", "dimension"),
    "obligation_states": ("state",),
    "province_aliases": ("alias",),
    "province_external_codes": ("scheme", "code"),
    "province_sort": ("province_id",),
    "province_succession": ("predecessor_id", "successor_id"),
    "province_versions": ("province_id", "valid_from"),
    "provinces": ("province_id",),
    "rank_choices": ("choice_code",),
    "ranking_measures": ("ranked_code", "measure"),
    "region_labels": ("label",),
    "service_levels": ("service_level",),
    "target_reasons": ("reason_code",),
    "unit_aliases": ("label",),
    "units": ("unit",),
}


def read_seed(name: str, seed_dirs: Sequence[Path]) -> list[Row]:
    """Read one seed table from all folders that hold it, the later laid over the earlier.

    Raises:
        ReferenceFault: no folder holds it, its columns differ between folders, or a line is malformed: not as many
            fields as the header, no key, or the key of an earlier line of the same file.
    """
    paths = [path for path in (folder / f"{name}.csv" for folder in seed_dirs) if path.is_file()]
    if not paths:
        folders = ", ".join(str(folder) for folder in seed_dirs)
        raise ReferenceFault(f"seed table {name}.csv is in none of: {folders}")
    rows: dict[tuple[str, ...], Row] = {}
    columns: list[str] = []
    for path in paths:
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file)
                columns = columns or list(reader.fieldnames or ())
                if sorted(columns) != sorted(reader.fieldnames or ()):
                    raise ReferenceFault(f"{path}: columns must be {', '.join(columns)}; found {reader.fieldnames}")
                rows |= _rows_by_key(path, reader, SEED_KEYS[name], columns)
        except (UnicodeDecodeError, csv.Error) as error:
            raise ReferenceFault(f"{path}: no CSV in UTF-8 ({error}); save it again as one") from error
    return list(rows.values())


def _rows_by_key(
    path: Path, reader: "csv.DictReader[str]", key_columns: Sequence[str], columns: Sequence[str]
) -> dict[tuple[str, ...], Row]:
    found: dict[tuple[str, ...], Row] = {}
    for row in reader:
        if None in row or None in row.values():
            raise ReferenceFault(f"{path}, line {reader.line_num}: not as many fields as the header has")
        key = tuple(row[column] for column in key_columns)
        told = f"{', '.join(key_columns)} = {', '.join(key)}"
        if not all(part.strip() for part in key):
            raise ReferenceFault(f"{path}, line {reader.line_num}: the key is empty ({told})")
        if key in found:
            raise ReferenceFault(f"{path}, line {reader.line_num}: {told} is there twice; keep one of the lines")
        found[key] = {column: row[column] for column in columns}
    return found


def check_names(seed_dirs: Sequence[Path]) -> None:
    """Refuse a file that would be passed over in silence.

    Raises:
        ReferenceFault: a CSV that is no seed table of ours, or a table of ours as something else (`units.xlsx`).
    """
    known = {f"{name}.csv" for name in SEED_KEYS}
    files = [path for folder in seed_dirs for path in sorted(folder.glob("*")) if path.name not in known]
    strangers = [path for path in files if path.suffix.lower() == ".csv" or path.stem.lower() in SEED_KEYS]
    if strangers:
        names = ", ".join(str(path) for path in strangers)
        raise ReferenceFault(f"no seed table of ours: {names}; known: {', '.join(sorted(known))}")


def merge_seeds(seed_dirs: Sequence[Path], target: Path) -> Path:
    """Write every seed table, merged, into a folder for dbt; it appears whole or not at all, and once made it stays.

    Args:
        seed_dirs: Folders of seeds, the later laid over the earlier.
        target: Folder named after the state of the seeds.

    Raises:
        ReferenceFault: see `read_seed` and `check_names`.
    """
    check_names(seed_dirs)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".seeds-", dir=target.parent))
    for name in SEED_KEYS:
        rows = read_seed(name, seed_dirs)
        with (work / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    with contextlib.suppress(OSError):  # another process was quicker, with the same rows
        work.rename(target)
    shutil.rmtree(work, ignore_errors=True)
    return target
