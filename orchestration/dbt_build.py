"""dbt inside this process: parsed once, built, and each of its events turned into Dagster's.

dagster-dbt's own resource starts dbt as a subprocess and asks it for its version each time, which doubles the cost of a
night and reaches for the network. Its translation of dbt's events into Dagster's is used as it is.
"""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.constants import PARTIAL_PARSE_FILE_NAME
from dbt.contracts.graph.manifest import Manifest
from filelock import FileLock
from google.protobuf.json_format import MessageToDict

from orchestration.built_checks import results_of_tests
from orchestration.catalogue import FolderTranslator, TableFacts, model_facts
from orchestration.home import DBT_PROJECT, Home
from orchestration.rebuilding import Rebuild
from warehouse.build_checks import BuildChecks, keep_checks
from warehouse.build_database import drop, forget_months, keep_or_drop

log = logging.getLogger("sotinh.build")

RESULT_EVENTS = {"LogSeedResult", "LogModelResult", "LogTestResult"}


class ParsedProject(NamedTuple):
    """The dbt project as parsed for one home: dbt's own object, and the JSON that dagster-dbt reads."""

    manifest: Any
    manifest_json: dict[str, Any]


class DbtFailed(Exception):
    """dbt could not parse or build the project; the sentence names the nodes that failed."""


def _flags(home: Home, command: str, target: Path) -> list[str]:
    """Point dbt at this home by environment and flags; it prints nothing and writes nothing into the project folder."""
    os.environ["SOTINH_WAREHOUSE"] = str(home.paths.warehouse_db)
    os.environ["SOTINH_INPUTS"] = str(home.paths.inputs_db)
    os.environ["SOTINH_SEEDS"] = os.path.relpath(home.merged_seeds, DBT_PROJECT)
    os.environ["SOTINH_MEMORY_LIMIT"] = home.settings.memory_limit
    silent = ["--no-send-anonymous-usage-stats", "--log-level", "none", "--log-level-file", "none"]
    ours = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    return [*silent, "--log-path", str(home.paths.logs), command, *ours, "--target-path", str(target)]


@cache
def parse(home: Home) -> ParsedProject:
    """The project as parsed by this code for this home's seeds; parsed anew, which takes seconds, when either changed.

    dbt's own check whether anything changed costs more than a second of each night; the code version tells the same.
    Dagster's pages parse too, while a night may be running: hence a lock and a folder of its own.

    Raises:
        DbtFailed: the project does not parse.
    """
    target = home.paths.dbt_target / "parse"
    target.mkdir(parents=True, exist_ok=True)
    parsed_by = target / "code_version"
    with FileLock(target / "lock"):
        if parsed_by.is_file() and parsed_by.read_text(encoding="utf-8") == home.code_version:
            manifest = Manifest.from_msgpack((target / PARTIAL_PARSE_FILE_NAME).read_bytes())
        else:
            parsed_by.unlink(missing_ok=True)
            result = dbtRunner().invoke(_flags(home, "parse", target))
            if not result.success:
                raise DbtFailed(f"dbt cannot parse {DBT_PROJECT}: {result.exception}")
            manifest = result.result
            parsed_by.write_text(home.code_version, encoding="utf-8")
        return ParsedProject(manifest, json.loads((target / "manifest.json").read_text(encoding="utf-8")))


def build(home: Home, context: dg.AssetExecutionContext, again: Rebuild, now: datetime) -> Iterator[Any]:
    """Build and test every model in `build/warehouse.duckdb`, yielding one Dagster event per dbt result.

    Tables are built afresh, but for the sums of dossier logs: of those only the months whose files changed, when the
    database is one that this code made. A build that fails on such a database is done again from nothing, at once.

    Unit tests are left to the test suite: a night judges data, not code. What the data tests found is left for the
    release in `build_checks`; of a build that failed it goes into the ledger at once, as of `now`.

    Raises:
        DbtFailed: a model or an invariant of ours failed; the events before it are yielded first.
    """
    project = parse(home)
    if again.everything:
        drop(home.paths.warehouse_db)
    elif again.months:
        forget_months(home.paths.warehouse_db, *again.months)
    is_kept = keep_or_drop(home.paths.warehouse_db, home.code_version, _incremental_tables(project))
    result, events = run_dbt(home, project)
    if is_kept and not result.success:
        log.warning("built again from nothing: %s", _failure_sentence(result))
        drop(home.paths.warehouse_db)
        keep_or_drop(home.paths.warehouse_db, home.code_version, set())
        result, events = run_dbt(home, project)
    checks = BuildChecks(context.run_id, list(results_of_tests(result.result or (), project.manifest_json)))
    home.paths.build_checks.write_text(json.dumps(asdict(checks)), encoding="utf-8")
    if checks.results and not result.success:
        keep_checks(home.ledger, context.run_id, checks, now)
    tables = describe_tables(home.paths.warehouse_db)
    translator = FolderTranslator()
    for raw_event in events:
        message = DbtCoreCliEventMessage(raw_event, {})
        node = project.manifest_json["nodes"][raw_event["data"]["node_info"]["unique_id"]]
        table = tables.get((node["schema"], node["alias"]))
        for event in message.to_default_asset_events(project.manifest_json, translator, context):
            yield _with_facts(event, model_facts(home.paths, node, table)) if table else event
    if not result.success:
        raise DbtFailed(_failure_sentence(result))


def _incremental_tables(project: ParsedProject) -> set[str]:
    nodes = project.manifest_json["nodes"].values()
    return {f"{node['schema']}.{node['alias']}" for node in nodes if node["config"]["materialized"] == "incremental"}


def run_dbt(
    home: Home, project: ParsedProject, leave_out: Sequence[str] = ("unit_test",)
) -> tuple[dbtRunnerResult, list[dict[str, Any]]]:
    """Run `dbt build` on the inputs of a home, into its `warehouse.duckdb`, which is closed afterwards.

    Args:
        home: where inputs and database lie.
        project: as parsed for this home's code and seeds.
        leave_out: kinds of nodes that are not run.

    Returns:
        dbt's result, and the events of its nodes.
    """
    events: list[dict[str, Any]] = []
    runner = dbtRunner(manifest=project.manifest, callbacks=[lambda event: _collect(event, events)])
    flags = _flags(home, "build", home.paths.dbt_target)
    result = runner.invoke([*flags, *(word for kind in leave_out for word in ("--exclude-resource-type", kind))])
    # dbt-duckdb keeps the file open for the life of the process; the publisher opens it read-only
    DuckDBConnectionManager.close_all_connections()
    return result, events


def describe_tables(database: Path) -> dict[tuple[str, str], TableFacts]:
    """Rows and columns of every table and view of a DuckDB file, by schema and name.

    Of the type of an enum its thousands of members are left out.
    """
    import duckdb

    if not database.exists():
        return {}
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.sql("""
            select
                schema_name,
                table_name,
                any_value(estimated_size),
                list((column_name, split_part(data_type, '(''', 1)) order by column_index)
            from duckdb_columns() left join duckdb_tables() using (schema_name, table_name)
            where not duckdb_columns.internal
            group by schema_name, table_name
        """)
        return {(schema, name): TableFacts(rows, columns) for schema, name, rows, columns in found.fetchall()}


def _collect(event: Any, events: list[dict[str, Any]]) -> None:
    if event.info.name not in RESULT_EVENTS:
        return
    raw_event = MessageToDict(event, preserving_proto_field_name=True)
    events.append(raw_event)
    log.debug("dbt: %s", raw_event["data"]["node_info"]["node_name"], extra={"step": "build"})


def _with_facts(event: Any, facts: Mapping[str, Any]) -> Any:
    """Add the facts to the event of a table that was built; the one of a test stays as it is."""
    if not isinstance(event, dg.Output):
        return event
    metadata = dict(event.metadata)
    seconds = metadata.pop("Execution Duration", None)  # the name that every other asset gives it
    return event.with_metadata({**metadata, **({} if seconds is None else {"seconds": seconds}), **facts})


def _failure_sentence(result: dbtRunnerResult) -> str:
    failed = [f"{each.node.name} ({each.message})" for each in result.result or () if each.status in ("error", "fail")]
    return f"dbt failed in {'; '.join(failed) or result.exception}"
