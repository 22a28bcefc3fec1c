"""The assets, made by factories from the declared sources and the dbt project; they wire and transform nothing.

No `from __future__ import annotations` here: Dagster reads the annotations of its contexts.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets
from ingestion.source import Source
from warehouse import export, landing, releases

from orchestration.dbt_build import FolderTranslator, ParsedProject, build
from orchestration.home import Home
from orchestration.loading import load_source
from orchestration.resources import HomeResource

OWNERS = ["team:data"]
INBOX = dg.AssetKey("inbox")
RELEASE = dg.AssetKey("release")
VERDICT_ORDER = ["duplicate", "accepted", "accepted_with_warnings", "quarantined", "failed"]


@dg.asset(key=INBOX, group_name="landing", owners=OWNERS, kinds={"file"})
def inbox(context: dg.AssetExecutionContext, store: HomeResource) -> dg.MaterializeResult:
    """Every settled file of the inbox, moved untouched into landing and entered in the ledger with its sha256."""
    received = landing.receive(
        store.home.paths, store.home.engine, store.home.settings, store.home.source_ids, store.home.inbox, store.now()
    )
    return dg.MaterializeResult(metadata={"files_new": len(received), "files": [file.file_name for file in received]})


def source_asset(source: Source) -> dg.AssetsDefinition:
    """Make the asset of one source: its new files, each accepted, quarantined or refused.

    It is materialised in every run, also when there is nothing new: a skipped asset would skip what follows.
    """
    key = dg.AssetKey([source.shape, source.source_id])
    verdict = dg.AssetCheckSpec("worst_verdict", asset=key, description="The worst verdict over tonight's loads.")

    @dg.asset(
        key=key,
        deps=[INBOX],
        group_name="sources",
        owners=OWNERS,
        kinds={source.format},
        description=f"{source.title} — {source.publisher}",
        metadata={"frequency": source.frequency, "licence": source.licence, "rank": source.rank},
        check_specs=[verdict],
    )
    def load(context: dg.AssetExecutionContext, store: HomeResource) -> dg.MaterializeResult:
        loads = load_source(store.home, source, store.now(), context.run_id)
        return dg.MaterializeResult(metadata=_load_metadata(loads), check_results=[_verdict_result(verdict, loads)])

    return load


def inputs_assets(sources: Sequence[Source]) -> dg.AssetsDefinition:
    """Make the assets of the build's inputs: the ledger and the list of lake files, frozen at one ledger entry."""
    by_table = {
        table: [dg.AssetKey([s.shape, s.source_id]) for s in sources if table not in export.SHAPES or s.shape == table]
        for table in export.TABLES
    }
    specs = [
        dg.AssetSpec(["inputs", table], deps=deps, group_name="inputs", owners=OWNERS, kinds={"parquet"})
        for table, deps in by_table.items()
    ]
    balance = dg.AssetCheckSpec(
        "balance",
        asset=["inputs", "loads"],
        blocking=True,
        description="rows_read = rows_accepted + rows_rejected + rows_superseded for every load.",
    )

    @dg.multi_asset(specs=specs, check_specs=[balance], name="inputs")
    def inputs(context: dg.AssetExecutionContext, store: HomeResource) -> Iterator[Any]:
        exported = export_inputs(store.home, store.now())
        for table, rows in exported.row_counts.items():
            yield dg.MaterializeResult(asset_key=["inputs", table], metadata={"dagster/row_count": rows})
        unbalanced = exported.unbalanced_loads
        yield dg.AssetCheckResult(
            asset_key=["inputs", "loads"], check_name="balance", passed=not unbalanced, metadata={"loads": unbalanced}
        )

    return inputs


def dbt_models(project: ParsedProject) -> dg.AssetsDefinition:
    """Make one asset per seed and model and one check per dbt test."""

    @dbt_assets(manifest=project.manifest_json, dagster_dbt_translator=FolderTranslator(), name="dbt")
    def models(context: dg.AssetExecutionContext, store: HomeResource) -> Iterator[Any]:
        yield from build(store.home, context)

    return models


def release_asset(models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """Make the asset of the published release, which waits for every model."""

    @dg.asset(key=RELEASE, deps=list(models.keys), group_name="release", owners=OWNERS, kinds={"duckdb", "parquet"})
    def release(context: dg.AssetExecutionContext, store: HomeResource) -> dg.MaterializeResult:
        """The published star: a folder that never changes, and the pointer `current` switched to it at once."""
        published = publish(store.home)
        return dg.MaterializeResult(metadata=published)

    return release


def _load_metadata(loads: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts = {name: sum(load[name] for load in loads) for name in ("rows_read", "rows_accepted", "rows_rejected")}
    verdicts = {load["file_name"]: load["verdict"] for load in loads}
    return {"loads_new": len(loads), "verdicts": verdicts, **counts}


def _verdict_result(spec: dg.AssetCheckSpec, loads: Sequence[dict[str, Any]]) -> dg.AssetCheckResult:
    worst = max((load["verdict"] for load in loads), key=VERDICT_ORDER.index, default="nothing new")
    return dg.AssetCheckResult(
        check_name=spec.name,
        passed=worst not in ("quarantined", "failed", "accepted_with_warnings"),
        severity=dg.AssetCheckSeverity.WARN if worst == "accepted_with_warnings" else dg.AssetCheckSeverity.ERROR,
        metadata={"worst_verdict": worst, "reasons": [load["reason_vi"] for load in loads if load["reason_vi"]]},
    )
