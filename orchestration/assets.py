"""The assets, made by factories from the declared sources and the dbt project; they wire and transform nothing.

No `from __future__ import annotations` here: Dagster reads the annotations of its contexts.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from ingestion.source import Source
from orchestration.catalogue import (
    OWNERS,
    ROW_COUNT,
    FolderTranslator,
    as_table,
    group,
    load_facts,
    release_facts,
    seconds_since,
    source_facts,
    written_in,
)
from orchestration.dbt_build import ParsedProject, build
from orchestration.lateness import late_periods
from orchestration.loading import load_source
from orchestration.releasing import freeze_inputs, publish_build
from orchestration.resources import HomeResource
from warehouse.export import TABLES
from warehouse.landing import receive
from warehouse.load_records import LoadRecord

INBOX = dg.AssetKey("inbox")
IN_REACH, OUT_OF_REACH = "in_reach", "out_of_reach"
RELEASE, GATE = dg.AssetKey("release"), "gate"
HERE = written_in(Path(__file__))
VERDICT_ORDER = ["duplicate", "accepted", "accepted_with_warnings", "quarantined", "failed"]


@dg.asset(
    key=INBOX,
    group_name=group("landing"),
    owners=OWNERS,
    kinds={"file"},
    metadata=HERE,
    check_specs=[dg.AssetCheckSpec(IN_REACH, asset=INBOX, description="Every inbox could be read.")],
)
def inbox(context: dg.AssetExecutionContext, store: HomeResource) -> dg.MaterializeResult:
    """Every settled file of the inboxes, brought untouched into landing and entered in the ledger with its sha256."""
    started, home = perf_counter(), store.home
    restored = store.restore()
    report = receive(home.paths, home.ledger, home.settings, home.source_ids, store.now, home.inboxes)
    counts = {"files_new": len(report.received), "duplicates": len(report.duplicates), "waiting": report.waiting}
    left = {f"{file.source_id}/{file.file_name}": file.reason_vi for file in [*report.unknown, *report.refused]}
    faults = [fault.as_row() for fault in report.faults]
    reached = dg.AssetCheckResult(check_name=IN_REACH, passed=not faults, metadata={OUT_OF_REACH: faults})
    told: dict[str, Any] = {
        "loads_restored": len(restored),
        "left_in_the_inbox": left,
        OUT_OF_REACH: faults,
        "seconds": seconds_since(started),
    }
    return dg.MaterializeResult(metadata={**counts, **told}, check_results=[reached])


def source_asset(source: Source) -> dg.AssetsDefinition:
    """Make the asset of one source: its new files, each accepted, quarantined or refused.

    It is materialised in every run, also when there is nothing new: a skipped asset would skip what follows.
    """
    key = dg.AssetKey([source.shape, source.source_id])
    verdict = dg.AssetCheckSpec("worst_verdict", asset=key, description="The worst verdict over tonight's loads.")
    in_time = dg.AssetCheckSpec("in_time", asset=key, description="Every period that is due by now has come.")

    @dg.asset(
        key=key,
        deps=[INBOX],
        group_name=group("sources"),
        owners=OWNERS,
        check_specs=[verdict, in_time],
        **source_facts(source),
    )
    def load(context: dg.AssetExecutionContext, store: HomeResource) -> dg.MaterializeResult:
        started = perf_counter()
        loads = load_source(store.home, source, store.now, context.run_id, store.again)
        late = late_periods(store.home, source, store.now)
        results = [_verdict_result(verdict, loads), _in_time_result(in_time, late)]
        facts = {**load_facts(store.home, source, loads), "seconds": seconds_since(started)}
        return dg.MaterializeResult(metadata=facts, check_results=results)

    return load


def inputs_assets(sources: Sequence[Source], project: ParsedProject) -> dg.AssetsDefinition:
    """Make the assets of the build's inputs: the ledger and the list of lake files, frozen at one ledger entry."""
    described = {each["name"]: each["description"] for each in project.manifest_json["sources"].values()}
    described["lake_files"] = (
        "Every lake file the tables above are made of, for engines that read the files themselves."
    )
    shapes = {source.shape for source in sources}
    by_table = {
        table: [dg.AssetKey([s.shape, s.source_id]) for s in sources if table not in shapes or s.shape == table]
        for table in TABLES
    }
    specs = [
        dg.AssetSpec(
            ["inputs", table],
            deps=deps,
            group_name=group("inputs"),
            owners=OWNERS,
            kinds={"parquet"},
            description=described[table],
            metadata=HERE,
        )
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
        started = perf_counter()
        frozen = freeze_inputs(store.home, store.now)
        seconds = seconds_since(started)
        for table, rows in frozen.row_counts.items():
            yield dg.MaterializeResult(asset_key=["inputs", table], metadata={ROW_COUNT: rows, "seconds": seconds})
        yield dg.AssetCheckResult(
            asset_key=["inputs", "loads"],
            check_name="balance",
            passed=not frozen.unbalanced,
            description=f"{len(frozen.unbalanced)} loads whose rows do not add up",
            metadata={"unbalanced": frozen.unbalanced},
        )

    return inputs


def dbt_models(project: ParsedProject) -> dg.AssetsDefinition:
    """Make one asset per seed and model and one check per dbt test."""

    @dbt_assets(manifest=project.manifest_json, dagster_dbt_translator=FolderTranslator(), name="dbt")
    def models(context: dg.AssetExecutionContext, store: HomeResource) -> Iterator[Any]:
        yield from build(store.home, context, store.again, store.now)

    return models


def release_asset(models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """Make the asset of the published release: it holds the marts, and waits for the whole build, which is one step."""
    marts = [key for key, name in models.group_names_by_key.items() if name == group("marts")]

    @dg.asset(
        key=RELEASE,
        deps=marts,
        group_name=group("release"),
        owners=OWNERS,
        kinds={"duckdb", "parquet"},
        metadata=HERE,
        check_specs=[dg.AssetCheckSpec(GATE, asset=RELEASE, description="Nothing it changes waits for approval.")],
    )
    def release(context: dg.AssetExecutionContext, store: HomeResource) -> dg.MaterializeResult:
        """The published star: a folder that never changes, and the pointer `current` switched to it at once."""
        started = perf_counter()
        published = publish_build(store.home)
        reasons = [dict(reason) for reason in published.held_for]
        gate = dg.AssetCheckResult(check_name=GATE, passed=not reasons, metadata={"held_for": reasons})
        facts = release_facts(store.home.paths, published)
        return dg.MaterializeResult(metadata={**facts, "seconds": seconds_since(started)}, check_results=[gate])

    return release


def _verdict_result(spec: dg.AssetCheckSpec, loads: Sequence[LoadRecord]) -> dg.AssetCheckResult:
    reasons = [reason for load in loads if (reason := load.payload["reason_vi"])]
    worst = max((str(load.payload["verdict"]) for load in loads), key=VERDICT_ORDER.index, default="nothing_new")
    return dg.AssetCheckResult(
        check_name=spec.name,
        description=f"{len(loads)} loads tonight: {worst}",
        passed=worst in ("nothing_new", "duplicate", "accepted"),
        severity=dg.AssetCheckSeverity.WARN if worst == "accepted_with_warnings" else dg.AssetCheckSeverity.ERROR,
        metadata={"loads_new": len(loads), "worst_verdict": worst, "reasons": reasons},
    )


def _in_time_result(spec: dg.AssetCheckSpec, late: Sequence[dict[str, Any]]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=spec.name,
        passed=not late,
        description=f"{len(late)} periods are late" if late else "nothing is late",
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"periods_late": len(late), **as_table("late", late)},
    )
