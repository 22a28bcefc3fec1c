"""Two builds of the star side by side: every row that differs, with its one cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.changes.evidence import (
    Touched,
    declared,
    touched_loads,
    waits,
    write_days,
    write_loads,
    write_moved_sources,
    write_rules,
    write_statements,
)
from warehouse.content import CLOCK_COLUMNS, TABLE_KEYS, identifier, main_tables
from warehouse.ledger import Ledger
from warehouse.load_records import load_records
from warehouse.paths import HomePaths
from warehouse.sql import quoted

if TYPE_CHECKING:
    import duckdb

UNEXPLAINED = "unexplained"
# where a figure was read and how many other ways lead to it: they may change while it stays the same
PROVENANCE = frozenset(
    {"source_id", "load_id", "file_sha256", "sheet", "cell", "value_text", "quote", "candidate_count"}
)
# moments, and how many statements came before: what came and went between two releases counts there
NOT_COMPARED = CLOCK_COLUMNS | {"vintage_no"}
_Columns = dict[str, dict[str, str]]
_STEPS = ("reach", "stated", "counted", "derived", "judged", "owed", "catalogue", "compiled")
# columns of `changes` beside key and change: those of the row that is there, and those told before and after
_OF_THE_ROW = ("province_id", "indicator_code", "period_id", "basis", "breakdown", "source_id", "due_on")
_BEFORE_AND_AFTER = ("load_id", "sheet", "cell", "correction", "coverage_of", "held_load_id")


@dataclass(frozen=True)
class Side:
    """One of the two builds.

    Attributes:
        database: its closed database; the star is in schema `main`.
        seeds: folder of the seeds it was made with; None where none were kept.
        ledger_entry: entry up to which its inputs were read.
        code_version: of the code that made it.
        rules: fingerprints, see `Rules.as_facts`; empty for a release made before they were kept.
        table_hashes: table to hash; tables alike in both are not looked at.
    """

    database: Path
    seeds: Path | None
    ledger_entry: int
    code_version: str
    rules: Mapping[str, Any]
    table_hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """What a comparison was made of, beside the tables it leaves in its connection.

    Attributes:
        touched: loads that began or ceased to count.
        schema: what was added, removed or retyped, one sentence each, as `table` or `table.column`.
        is_other_code: whether other code made the later build.
    """

    touched: list[Touched]
    schema: dict[str, list[str]]
    is_other_code: bool


def compare(
    connection: "duckdb.DuckDBPyConnection", paths: HomePaths, ledger: Ledger, before: Side, after: Side
) -> Compared:
    """Makes table `labelled`: one row per row of the compared tables that was added, removed or altered.

    The cost follows what differs: tables of equal hash are not read, and causes are sought for changed rows alone.

    Args:
        connection: an empty database; both builds are attached to it as `old` and `new`.
        paths: the home, for the lake files of the loads that came or went.
        ledger: tells which these are.
        before: the earlier build.
        after: the later build.
    """
    make_tables(connection)
    for name, side in (("old", before), ("new", after)):
        connection.execute(f"attach {quoted(str(side.database))} as {name} (read_only)")
    old, new = (_columns(connection, side) for side in ("old", "new"))
    for table, how in declared("tables").items():
        is_alike = table in before.table_hashes and before.table_hashes[table] == after.table_hashes.get(table)
        if not is_alike and table in old and table in new:
            connection.execute(f"insert into changes by name {_rows_that_differ(table, how, old[table], new[table])}")
            _note_repeated_keys(connection, table, how)
    earlier, later = (load_records(ledger, side.ledger_entry) for side in (before, after))
    touched = touched_loads(earlier, later)
    write_loads(connection, "touched_loads", touched)
    write_loads(connection, "waiting_loads", touched_loads(earlier, later, waits))
    write_statements(connection, paths, touched)
    write_moved_sources(connection, later, before.ledger_entry)
    write_days(connection, earlier, later)
    seeds = after.seeds or after.database.parent / "seeds"
    write_rules(
        connection, (before.seeds, seeds), (before.rules, after.rules), (before.code_version, after.code_version)
    )
    for name in ("indicator_parts", "index_weights", "ranking_measures", "rank_choices"):
        source = f"read_csv({quoted(str(seeds / f'{name}.csv'))}, all_varchar = true, header = true)"
        connection.execute(f"create table {name} as from {source}")
    for step in _STEPS:
        _run(connection, step)
    label(connection)
    is_other_code = bool(connection.execute("from changed_code").fetchall())
    return Compared(touched, _schema(old, new), is_other_code)


def make_tables(connection: "duckdb.DuckDBPyConnection") -> None:
    """Makes the tables that changes and the evidence for their causes are written into."""
    told = [f"{name}_{when} varchar" for name in _BEFORE_AND_AFTER for when in ("before", "after")]
    columns = ["table_name varchar", "kind varchar", "key varchar", "names varchar[][]"]
    columns += [f"{name} varchar" for name in _OF_THE_ROW] + told
    columns += ["number_before decimal(28, 10)", "number_after decimal(28, 10)", "value_before varchar"]
    columns += ["value_after varchar", "change varchar", "changed_columns varchar"]
    connection.execute("create sequence change_ids")
    connection.execute(f"create table changes (change_id bigint default nextval('change_ids'), {', '.join(columns)})")
    connection.execute("create table evidence (change_id bigint, cause varchar, distance integer)")
    connection.execute("create table causes (cause varchar, place integer)")
    connection.executemany("insert into causes values (?, ?)", [[c, n] for n, c in enumerate(declared("causes"))])


def label(connection: "duckdb.DuckDBPyConnection") -> None:
    """Makes table `labelled` of what was found."""
    _run(connection, "labelled")


def _run(connection: "duckdb.DuckDBPyConnection", step: str) -> None:
    connection.execute((Path(__file__).parent / f"{step}.sql").read_text(encoding="utf-8"))


def _rows_that_differ(table: str, how: Mapping[str, Any], old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """A query with one row per key of the table whose rows differ, in columns that are no clocks."""
    names = [name for name in new if name in old and name not in NOT_COMPARED]
    key = how.get("key", TABLE_KEYS[table])
    rest = [name for name in names if name not in key]
    differs = {name: f"o.{identifier(name)} is distinct from n.{identifier(name)}" for name in rest}
    beyond = " or ".join(differs[name] for name in rest if name not in PROVENANCE) or "false"
    either = {name: f"coalesce(n.{identifier(name)}, o.{identifier(name)})" for name in key}
    value = how["value"]
    chosen = {
        "table_name": quoted(table),
        "kind": quoted(how["kind"]),
        "key": f"to_json(struct_pack({', '.join(f'{identifier(name)} := {either[name]}' for name in key)}))::varchar",
        "names": _names(how.get("named_by", [key] if how["kind"] == "reference" else [])),
        "value_before": f"o.{value}::varchar",
        "value_after": f"n.{value}::varchar",
        "number_before": f"try_cast(o.{value} as decimal(28, 10))",
        "number_after": f"try_cast(n.{value} as decimal(28, 10))",
        "change": f"case when o.{key[0]} is null then 'added' when n.{key[0]} is null then 'removed' "
        f"when {beyond} then 'altered' else 'provenance' end",
        "changed_columns": "case when o.{0} is not null and n.{0} is not null then concat_ws(';', {1}) end".format(
            key[0], ", ".join(f"case when {sql} then {quoted(name)} end" for name, sql in differs.items())
        ),
    }
    chosen |= {name: f"coalesce(n.{name}, o.{name})" for name in _OF_THE_ROW if name in names}
    for name in (each for each in _BEFORE_AND_AFTER if each in names):
        chosen |= {f"{name}_before": f"o.{name}", f"{name}_after": f"n.{name}"}
    where = f"where {how['where']}" if "where" in how else ""
    joined = " and ".join(f"o.{identifier(name)} = n.{identifier(name)}" for name in key)
    return f"""
        select {", ".join(f"{text} as {name}" for name, text in chosen.items())}
        from (select * from old.main.{table} {where}) as o
        full join (select * from new.main.{table} {where}) as n on {joined}
        where o.{key[0]} is null or n.{key[0]} is null or {" or ".join(differs.values())}
    """


def _names(ways: Sequence[Sequence[str]]) -> str:
    """How a row of a seed may name a row that differs: all values of one way, as the row was or as it is."""
    if not ways:
        return "null"
    lists = [", ".join(f"{side}.{identifier(name)}::varchar" for name in way) for way in ways for side in ("o", "n")]
    return "[{}]".format(", ".join(f"list_filter([{texts}], lambda text: text is not null)" for texts in lists))


def _note_repeated_keys(connection: "duckdb.DuckDBPyConnection", table: str, how: Mapping[str, Any]) -> None:
    """Adds a change that nothing can explain where a row was put in twice: a join by key does not see it."""
    where = f"where {how['where']}" if "where" in how else ""
    connection.execute(f"""
        insert into changes by name
        select {quoted(table)} as table_name, {quoted(how["kind"])} as kind, '"a key is there twice"' as key,
            'altered' as change
        where (select count(*) from new.main.{table} {where}) - (select count(*) from old.main.{table} {where})
            <> (select count(*) filter (change = 'added') - count(*) filter (change = 'removed')
                from changes where table_name = {quoted(table)})
    """)


def _schema(old: _Columns, new: _Columns) -> dict[str, list[str]]:
    """Columns that were added, removed or retyped, as `table.column`."""
    before, after = ({f"{t}.{c}": kind for t in side for c, kind in side[t].items()} for side in (old, new))
    return {
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "retyped": sorted(name for name in before.keys() & after.keys() if before[name] != after[name]),
    }


def _columns(connection: "duckdb.DuckDBPyConnection", side: str) -> _Columns:
    """Every table of a side with the types of its columns, in their order."""
    found: _Columns = {table: {} for table in main_tables(connection, side)}
    for table, name, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = ? and schema_name = 'main' order by table_name, column_index",
        [side],
    ).fetchall():
        if table in found:
            found[table][name] = kind
    return found
