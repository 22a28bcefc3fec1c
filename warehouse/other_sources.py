"""What other sources tell about the places and periods of a load: totals beside its parts, and people to divide by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import clear_errors
from warehouse.ledger import Ledger, entries
from warehouse.load_records import Load, LoadRecord, summarise
from warehouse.partitions import months_of, partition_of
from warehouse.paths import HomePaths
from warehouse.sql import parquet, quoted

SHEETS = ("subscribers", "indicators")


@dataclass(frozen=True)
class Ratio:
    """A ratio of the catalogue, by its parts: `factor` × numerator ÷ denominator lies between the bounds.

    `max_age_years` is how much older than the numerator a denominator may be.
    """

    ratio_code: str
    numerator_code: str
    denominator_code: str
    factor: str
    max_age_years: int
    min_value: str | None
    max_value: str | None


# Of the figures of others the latest load of each source counts.
_OTHERS = """
    copy (
        with own as (
            select distinct province_id, indicator_code, period_id from {rows}
            where kind = 'observation' and value is not null
        ), ratios as (
            select * from (values {ratios})
                as given(ratio_code, numerator_code, denominator_code, factor, max_age, min_value, max_value)
        ), told as (
            select source_id, province_id, indicator_code, period_id, basis, breakdown, value::decimal(28, 10) as value
            from {others} join (values {loads}) as loads(load_id, place) using (load_id)
            where kind = 'observation' and value is not null and basis in ('point', 'period')
            qualify row_number() over (
                partition by source_id, province_id, indicator_code, period_id, basis, breakdown order by place desc
            ) = 1
        ), people as (
            select own.province_id, own.indicator_code, own.period_id, ratios.ratio_code, told.source_id,
                told.period_id as vintage, told.value, ratios.factor::double as factor,
                ratios.min_value::double as min_value, ratios.max_value::double as max_value
            from own join ratios on own.indicator_code = ratios.numerator_code
            join told on told.province_id = own.province_id and told.indicator_code = ratios.denominator_code
                and told.breakdown = 'total'
                and try_cast(left(own.period_id, 4) as int) - try_cast(left(told.period_id, 4) as int)
                    between 0 and ratios.max_age::int
            qualify row_number() over (
                partition by own.province_id, own.indicator_code, own.period_id, ratios.ratio_code
                order by told.period_id desc, told.source_id
            ) = 1
        )
        select 'figure' as role, source_id, province_id, indicator_code, period_id, basis, breakdown, value,
            null::varchar as ratio_code, null::varchar as vintage, null::double as factor,
            null::double as min_value, null::double as max_value
        from told join own using (province_id, indicator_code, period_id)
        union all
        select 'denominator', source_id, province_id, indicator_code, period_id, null, null, value,
            ratio_code, vintage, factor, min_value, max_value
        from people
        order by all
    ) to {target} (format parquet)
"""


def write_other_sources(paths: HomePaths, ledger: Ledger, load: Load, ratios: Sequence[Ratio]) -> Path | None:
    """Write `staged/<load_id>/others.parquet`: one row per figure of another source, or denominator, for the load.

    Columns: `role` (`figure`, `denominator`), `source_id, province_id, indicator_code, period_id, basis, breakdown,
    value`; of a denominator `indicator_code` is the numerator it is for, `vintage` the period it was told of, and
    `ratio_code, factor, min_value, max_value` those of the ratio.

    Args:
        paths: the home.
        ledger: says which loads count.
        load: the load; its rows must be staged.
        ratios: the ratios of the catalogue.

    Returns:
        The file; None where no other source has told anything.

    Raises:
        StoreError: disk full or not writable.
    """
    import duckdb

    rows = parquet(paths.staged_rows(load.load_id))
    periods = duckdb.execute(f"select distinct period_id from {rows} where kind = 'observation'").fetchall()
    labels = _partitions(
        [period_id for (period_id,) in periods], max((each.max_age_years for each in ratios), default=0)
    )
    found = [
        (record.load_id, [paths.home / name for name in record.lake_files if _is_in(name, labels)])
        for record in _loads_in(ledger, load.source_id, labels)
    ]
    present = [(load_id, files) for load_id, files in found if files and all(file.is_file() for file in files)]
    if not present:
        return None
    target = paths.staged_others(load.load_id)
    words = {
        "rows": rows,
        "others": parquet(*(file for _, files in present for file in files)),
        "loads": ", ".join(f"({quoted(load_id)}, {place})" for place, (load_id, _) in enumerate(present)),
        "ratios": ", ".join(_values(ratio) for ratio in ratios),
        "target": quoted(str(target)),
    }
    doing = (f"đối chiếu lượt nạp {load.load_id} với nguồn khác", f"comparing load {load.load_id} with other sources")
    with clear_errors(*doing), duckdb.connect() as connection:
        connection.execute(_OTHERS.format(**words))
    return target


def _values(ratio: Ratio) -> str:
    told = [str(value) if value is not None else None for value in vars(ratio).values()]
    return f"({', '.join('null' if value is None else quoted(value) for value in told)})"


def _partitions(period_ids: Sequence[str], years_before: int) -> list[str]:
    """Partitions that hold the figures of these periods, or of the years before that are divided by."""
    labels = {partition_of(shape, period_id) for shape in SHEETS for period_id in period_ids}
    years = {
        int(period_id[:4]) - by for period_id in period_ids if months_of(period_id) for by in range(years_before + 1)
    }
    return sorted(labels | {f"year={year}" for year in years})


def _is_in(lake_file: str, labels: Sequence[str]) -> bool:
    return any(f"/{label}/" in lake_file for label in labels)


def _loads_in(ledger: Ledger, source_id: str, labels: Sequence[str]) -> Iterator[LoadRecord]:
    """The loads of other sources that count and have rows in these partitions; only these are read from the ledger."""
    named = [entry for label in labels for entry in entries(ledger, "load", containing=f"/{label}/")]
    files = {entry.subject_id.rpartition("/")[0] for entry in named if entry.payload["shape"] in SHEETS}
    for file in sorted(file for file in files if not file.startswith(f"{source_id}/")):
        for record in summarise(entries(ledger, "load", subject_prefix=f"{file}/")):
            if record.is_accepted and not record.superseded_by:
                yield record
