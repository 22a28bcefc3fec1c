"""What happened between two builds, as tables a query can join: loads, what they state, seeds, sources, code."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.canonical import day_in_viet_nam, utc_time
from warehouse.load_records import LoadRecord
from warehouse.paths import HomePaths
from warehouse.sql import parquet, quoted

if TYPE_CHECKING:
    import duckdb

CATALOGUE = "formula_or_catalogue_change"
DROPPED = "corrected_drop"  # reason of rows that an entry of the register of known errors took out
_LOADS = (
    "load_id varchar, source_id varchar, shape varchar, file_name varchar, event varchar, other_id varchar, "
    "by_boundary boolean, by_catalogue boolean, by_correction boolean, cause varchar, first_period_id varchar, "
    "last_period_id varchar"
)
_STATED = ("load_id", "sheet", "cell", "province_id", "indicator_code", "period_id", "breakdown", "value")
_SEED_ROWS = (
    "seed varchar, row_key varchar, change varchar, cause varchar, table_name varchar, indicator_code varchar, "
    "province_id varchar, reaches_everything boolean, row_values varchar[]"
)


@dataclass(frozen=True)
class Touched:
    """A load that began or ceased to count between two builds.

    Attributes:
        load: the record as of the later build; as of the earlier one where it is gone.
        event: `new` or `gone`.
        other: the reading of the same bytes that it took the place of, or that took its place.
        answers: kinds of reference questions that the two readings answer otherwise.
        moved_areas: whether a place was read as another area.
    """

    load: LoadRecord
    event: str
    other: LoadRecord | None
    answers: frozenset[str] = frozenset()
    moved_areas: bool = False

    @property
    def by_boundary(self) -> bool:
        """The two readings differ by what the areas are."""
        return self.moved_areas or bool(self.answers & {"sets", "parts"})

    @property
    def by_correction(self) -> bool:
        """The two readings differ by entries of the register of known errors."""
        return "corrections" in self.answers

    @property
    def by_catalogue(self) -> bool:
        """The two readings differ by the source YAML, the catalogue, or the reader itself."""
        if self.other is None:
            return False
        is_declared_otherwise = self.load.payload["yaml_sha256"] != self.other.payload["yaml_sha256"]
        rest = self.answers - {"corrections", "sets", "parts"} - ({"area"} if self.moved_areas else set())
        return is_declared_otherwise or bool(rest) or not self.answers

    @property
    def cause(self) -> str:
        """What the load is the cause of where nothing was stated before it, or nothing is after it."""
        if self.other is None:
            return "new_period" if self.event == "new" else "deletion_at_source"
        if self.by_boundary:
            return "boundary_rebasing"
        return "registered_correction" if self.by_correction and not self.by_catalogue else CATALOGUE


@cache
def declared(name: str) -> Any:
    """One of the YAML tables beside this module: `causes`, `gate_checks`, `seeds` or `tables`."""
    import yaml  # a night with nothing to do imports this module and compares nothing

    return yaml.safe_load((Path(__file__).parent / f"{name}.yml").read_text(encoding="utf-8"))


def counts(record: LoadRecord) -> bool:
    """Whether the rows of a load count."""
    return record.is_accepted and not record.superseded_by


def waits(record: LoadRecord) -> bool:
    """Whether a load is held back until somebody decides."""
    return record.verdict == "quarantined"


def touched_loads(
    before: Iterable[LoadRecord], after: Iterable[LoadRecord], is_seen: Callable[[LoadRecord], bool] = counts
) -> list[Touched]:
    """Loads that are seen at one of two ledger entries and not at the other, in order of their ids.

    Args:
        before: every load as the ledger tells it up to the earlier entry.
        after: the same up to the later one.
        is_seen: `counts` or `waits`.
    """
    earlier = {record.load_id: record for record in before if is_seen(record)}
    later = {record.load_id: record for record in after if is_seen(record)}
    new = [later[load_id] for load_id in sorted(later.keys() - earlier.keys())]
    gone = [earlier[load_id] for load_id in sorted(earlier.keys() - later.keys())]
    return [_touched(record, "new", gone) for record in new] + [_touched(record, "gone", new) for record in gone]


def write_loads(connection: "duckdb.DuckDBPyConnection", table: str, touched: Sequence[Touched]) -> None:
    """Makes a table of loads: `touched_loads` of those that count, `waiting_loads` of those that wait."""
    rows = [
        (
            *(each.load.load_id, each.load.payload["source_id"], each.load.payload["shape"]),
            *(each.load.payload["file_name"], each.event, each.other.load_id if each.other else None),
            *(each.by_boundary, each.by_catalogue, each.by_correction, each.cause),
            *(each.load.payload["first_period_id"], each.load.payload["last_period_id"]),
        )
        for each in touched
    ]
    _table(connection, table, _LOADS, rows)


def write_days(
    connection: "duckdb.DuckDBPyConnection", earlier: Iterable[LoadRecord], later: Iterable[LoadRecord]
) -> None:
    """Makes `days_gone`, of one row where something was received on a later day than before, else of none.

    What sources owe and what targets ask for is judged on the day in Viet Nam when something was last received: from
    `first_day` to the day before `last_day` periods ended and figures fell due.
    """
    days = [
        max((day_in_viet_nam(utc_time(record.payload["received_at"])) for record in records), default=None)
        for records in (earlier, later)
    ]
    gone = [sorted(day for day in days if day)] if None not in days and days[0] != days[1] else []
    _table(connection, "days_gone", "first_day date, last_day date", gone)


def write_statements(connection: "duckdb.DuckDBPyConnection", paths: HomePaths, touched: Sequence[Touched]) -> None:
    """Makes `stated` (figures and targets of the loads) and `dropped` (cells that the register took out).

    Args:
        connection: the database of the comparison.
        paths: the home, for the lake files.
        touched: the loads.
    """
    sheets = [each.load for each in touched if each.load.payload["shape"] != "transactions"]
    files = [paths.home / name for load in sheets for name in load.lake_files]
    types = ("decimal(28, 10)" if name == "value" else "varchar" for name in _STATED)
    connection.execute(f"create table stated ({', '.join(map(' '.join, zip(_STATED, types, strict=True)))})")
    for group in _in_parts([file for file in files if file.is_file()]):
        connection.execute(f"insert into stated select {', '.join(_STATED)} from {parquet(*group)}")
    rejected = [paths.home / name for load in sheets if (name := load.payload["rejected_file"])]
    connection.execute("create table dropped (load_id varchar, sheet varchar, cell varchar)")
    for group in _in_parts([file for file in rejected if file.is_file()]):
        connection.execute(
            f"insert into dropped select load_id, sheet, cell from {parquet(*group)} where reason_code = ?", [DROPPED]
        )


def write_moved_sources(connection: "duckdb.DuckDBPyConnection", records: Iterable[LoadRecord], since: int) -> None:
    """Makes `moved_sources`: those of which a load began or ceased to count after an entry, be it for a while.

    Args:
        connection: the database of the comparison.
        records: every load as the ledger tells it up to the later entry.
        since: the earlier entry.
    """
    moved = {
        record.payload["source_id"]
        for record in records
        if any(edge is not None and edge > since for span in record.live_spans for edge in span)
    }
    _table(connection, "moved_sources", "source_id varchar", [(source_id,) for source_id in sorted(moved)])


def write_rules(
    connection: "duckdb.DuckDBPyConnection",
    seeds: tuple[Path | None, Path],
    rules: tuple[Mapping[str, Any], Mapping[str, Any]],
    versions: tuple[str, str],
) -> None:
    """Makes `seed_rows` (rows of seeds that differ), `changed_sources`, `changed_promises` and `changed_code`.

    Args:
        connection: the database of the comparison.
        seeds: folders of the seeds of both builds; of a release made before they were kept, None.
        rules: fingerprints of both, see `Rules.as_facts`; empty for such a release.
        versions: code versions of both.
    """
    before, after = rules
    connection.execute(f"create table seed_rows ({_SEED_ROWS})")
    if seeds[0] and before.get("seeds"):
        tables = before["seeds"].keys() & after["seeds"].keys()
        for name in sorted(name for name in tables if before["seeds"][name] != after["seeds"][name]):
            _write_seed_rows(connection, name, seeds[0] / f"{name}.csv", seeds[1] / f"{name}.csv")
    known = (before.get("sources") or {}, after.get("sources") or {})
    names = sorted(known[0].keys() | known[1].keys()) if before else []
    sources = [name for name in names if known[0].get(name) != known[1].get(name)]
    _table(connection, "changed_sources", "source_id varchar", [(name,) for name in sources])
    promised = [(name, code) for side in rules for name in sources for code in side.get("promised", {}).get(name, ())]
    _table(connection, "changed_promises", "source_id varchar, indicator_code varchar", promised)
    # a release that kept no fingerprints was made by other code
    is_other_code = before.get("code") != after.get("code") and versions[0] != versions[1]
    _table(connection, "changed_code", "before varchar, after varchar", [versions] if is_other_code else [])


def _touched(record: LoadRecord, event: str, others: Iterable[LoadRecord]) -> Touched:
    bytes_of = ("source_id", "file_sha256")
    same = [each for each in others if all(each.payload[name] == record.payload[name] for name in bytes_of)]
    if not same:
        return Touched(record, event, None)
    own, other = (_answers(each) for each in (record, same[-1]))
    differing = {question for question in own.keys() | other.keys() if own.get(question) != other.get(question)}
    moved = any(each[0] == "area" and own.get(each) and other.get(each) for each in differing)
    return Touched(record, event, same[-1], frozenset(kind for kind, _ in differing), moved)


def _answers(record: LoadRecord) -> dict[tuple[str, str], Any]:
    return {(kind, repr(list(args))): result for kind, args, result in record.payload["lookups"]}


def _write_seed_rows(connection: "duckdb.DuckDBPyConnection", name: str, before: Path, after: Path) -> None:
    """One row per differing row of a seed and thing it reaches; a changed row is told as it was and as it is."""
    reach = declared("seeds").get(name) or {"everything": True}
    columns = ", ".join(column for column in _header(after) if column in _header(before))
    sides = [f"select {columns} from read_csv({quoted(str(path))}, all_varchar = true)" for path in (before, after)]
    differing = f"""
        select 'removed' as change, * from ({sides[0]} except all {sides[1]})
        union all select 'added' as change, * from ({sides[1]} except all {sides[0]})
    """
    cause = quoted(reach.get("cause", CATALOGUE))
    for table, indicator, area, everything in _scopes(reach):
        connection.execute(
            f"insert into seed_rows select {quoted(name)}, to_json(rows)::varchar, change, {cause}, {table}, "
            f"{indicator}, {area}, {everything}, [*columns(* exclude (change))] from ({differing}) as rows"
        )


def _header(seed: Path) -> list[str]:
    with seed.open(encoding="utf-8", newline="") as stream:
        return next(csv.reader(stream))


def _scopes(reach: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """SQL of table name, indicator, area and whether everything is reached, one tuple per thing a row reaches."""
    scopes = [(quoted(table), "null", "null", "false") for table in reach.get("tables", ())]
    scopes += [("null", column, "null", "false") for column in reach.get("indicators", ())]
    scopes += [("null", "null", column, "false") for column in reach.get("areas", ())]
    return scopes + ([("null", "null", "null", "true")] if reach.get("everything") else [])


def _table(connection: "duckdb.DuckDBPyConnection", name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    connection.execute(f"create table {name} ({columns})")
    if rows:
        connection.executemany(f"insert into {name} values ({', '.join('?' for _ in rows[0])})", rows)


def _in_parts(files: Sequence[Path], size: int = 500) -> Iterable[Sequence[Path]]:
    return (files[start : start + size] for start in range(0, len(files), size))
