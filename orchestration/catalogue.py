"""What Dagster's pages tell a reader about the assets: groups in the order of the flow, owners, links, figures.

Figures have the names that the same figures have in `audit_loads`; `seconds` is the time a step took.
"""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from ingestion.source import Source
from orchestration.home import DBT_PROJECT, Home
from warehouse.columns import ROW_COUNTS
from warehouse.load_records import LoadRecord, live_loads
from warehouse.paths import HomePaths
from warehouse.releases import Published

FLOW = ("landing", "sources", "inputs", "seeds", "staging", "intermediate", "marts", "release")
OWNERS = ["team:data"]
ROW_COUNT = "dagster/row_count"
COLUMN_SCHEMA = "dagster/column_schema"
SOURCE_FIELDS = ("publisher", "legal_basis", "licence", "contact", "rank", "due_day", "boundary_set")


class TableFacts(NamedTuple):
    """A table as it was built: its rows, None for a view, and its columns with their types."""

    rows: int | None
    columns: Sequence[tuple[str, str]]


def group(layer: str) -> str:
    """Return the group of a layer of FLOW; Dagster lists groups by name, so the number keeps them in order."""
    return f"{FLOW.index(layer) + 1}_{layer}"


def written_in(path: Path) -> dict[str, Any]:
    """Link an asset to the file that declares it."""
    with warnings.catch_warnings(action="ignore", category=dg.BetaWarning):
        reference = dg.LocalFileCodeReference(file_path=str(path.resolve()))
        return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[reference])}


def seconds_since(started: float) -> float:
    """Seconds since a reading of `perf_counter`."""
    return round(perf_counter() - started, 3)


class FolderTranslator(DagsterDbtTranslator):
    """A dbt folder is a Dagster group, so that the graph shows the flow from seeds to marts."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the group of the first folder below models/, or of the seeds."""
        return group("seeds" if dbt_resource_props["resource_type"] == "seed" else dbt_resource_props["fqn"][1])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Return the team that answers for every model."""
        return OWNERS

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return what a row is; the SQL is one click away."""
        return str(dbt_resource_props["description"])

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the file of the model or seed to what dbt knows of it."""
        file = DBT_PROJECT / dbt_resource_props["original_file_path"]
        return {**super().get_metadata(dbt_resource_props), **written_in(file)}

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """Describe a check as dbt describes the test, or else the macro the test is an instance of."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        test = manifest["nodes"][unique_id]
        macro = manifest["macros"].get(test["depends_on"]["macros"][0], {}) if test["depends_on"]["macros"] else {}
        return spec and spec._replace(description=test["description"] or macro.get("description"))


def source_facts(source: Source) -> dict[str, Any]:
    """What is declared about a source, as its asset shows it: Dagster's arguments of the same names."""
    declared = {name: value for name in SOURCE_FIELDS if (value := getattr(source, name)) not in ("", None)}
    page = {"url": dg.MetadataValue.url(source.url)} if source.url else {}
    return {
        "description": "\n\n".join([f"**{source.title}** — {source.publisher}", source.description.strip()]),
        "kinds": {source.format},
        "tags": {"shape": source.shape, "frequency": source.frequency},
        "metadata": {**declared, **page, **written_in(source.path)},
    }


def load_facts(home: Home, source: Source, loads: Sequence[LoadRecord]) -> dict[str, Any]:
    """Tonight's loads of a source: their number, the sums of their rows, and one line per file.

    The row count of the asset itself is that of all loads of the source that count now.
    """
    sums = {name: sum(load.payload[name] for load in loads) for name in ROW_COUNTS}
    live = [load for load in live_loads(home.ledger, source.source_id) if load.is_accepted]
    rows = sum(load.payload["rows_accepted"] for load in live)
    lines = [
        {"file_name": load.payload["file_name"], "verdict": load.verdict, **{n: load.payload[n] for n in ROW_COUNTS}}
        for load in loads
    ]
    return {"loads_new": len(loads), **sums, ROW_COUNT: rows, **as_table("loads", lines)}


def model_facts(paths: HomePaths, node: Mapping[str, Any], built: TableFacts) -> dict[str, Any]:
    """What a build made of a dbt node: its rows, unless it is a view; its columns; where the release has it."""
    described = {name: column["description"] for name, column in node["columns"].items()}
    columns = [dg.TableColumn(name, kind, described.get(name)) for name, kind in built.columns]
    rows = {} if built.rows is None else {ROW_COUNT: built.rows}
    file = paths.current / "parquet" / f"{node['alias']}.parquet"
    released = {"release_path": dg.MetadataValue.path(file)} if node["schema"] == "main" else {}
    return {**rows, **released, COLUMN_SCHEMA: dg.TableSchema(columns)}


def release_facts(paths: HomePaths, published: Published) -> dict[str, Any]:
    """The release that users read now, or the one that is held, and the rows of each of its tables."""
    folder = (paths.held if published.held_for else paths.releases) / published.release_id
    return {
        "release_id": published.release_id,
        "is_new": published.is_new,
        "content_hash": published.content_hash,
        "release_path": dg.MetadataValue.path(folder),
        "manifest": dg.MetadataValue.path(folder / "manifest.json"),
        "database_bytes": sum(path.stat().st_size for path in folder.glob("*.duckdb")),
        "tables": len(published.row_counts),
        ROW_COUNT: sum(published.row_counts.values()),
        **as_table("rows_by_table", [{"table": name, "rows": rows} for name, rows in published.row_counts.items()]),
    }


def as_table(name: str, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return lines as one table under a name; nothing where there is none."""
    return {name: dg.MetadataValue.table([dg.TableRecord(line) for line in lines])} if lines else {}
