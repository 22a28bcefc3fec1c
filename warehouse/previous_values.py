"""What the source said last about the figures of a load: their own previous values, for rules about magnitude."""

from pathlib import Path

from warehouse.errors import clear_errors
from warehouse.load_records import Load, LoadRecord
from warehouse.paths import HomePaths
from warehouse.sql import parquet, quoted

# One row per figure of the load that has a previous value: of the same place, indicator, basis and breakdown, and of
# the same period where the previous load has it (a revised table), else the nearest earlier one, else the next later
# one. A month is never held against a year.
_PAIRS = """
    copy (
        with figures as (
            select row_no, period_id, province_id, indicator_code, basis, breakdown,
                regexp_replace(period_id, '[0-9]', '9', 'g') as form
            from {rows} where kind = 'observation' and value is not null
        ), before as (
            select value as previous_value, period_id as previous_period_id, province_id, indicator_code, basis,
                breakdown, regexp_replace(period_id, '[0-9]', '9', 'g') as form
            from {before} where kind = 'observation' and value is not null
        )
        select row_no, previous_value, previous_period_id
        from figures join before using (province_id, indicator_code, basis, breakdown, form)
        qualify row_number() over (
            partition by row_no
            order by
                previous_period_id = period_id desc,
                previous_period_id < period_id desc,
                case when previous_period_id < period_id then previous_period_id end desc,
                previous_period_id asc
        ) = 1
    ) to {target} (format parquet)
"""


def write_previous_values(paths: HomePaths, load: Load, previous: LoadRecord | None) -> Path | None:
    """Write `staged/<load_id>/previous_values.parquet`: `row_no, previous_value, previous_period_id`.

    Args:
        paths: the home.
        load: the load; its rows must be staged.
        previous: the accepted load before it.

    Returns:
        The file; None without a previous load, and where its lake files are gone: then nothing can be compared, and
        `verify` tells of them.

    Raises:
        StoreError: disk full or not writable.
    """
    files = [paths.home / name for name in previous.payload["lake_files"]] if previous else []
    if not files or not all(file.is_file() for file in files):
        return None
    import duckdb

    target = paths.staged_previous_values(load.load_id)
    rows = paths.staged_rows(load.load_id)
    doing = (f"so lượt nạp {load.load_id} với lần trước", f"comparing load {load.load_id} with the previous one")
    with clear_errors(*doing), duckdb.connect() as connection:
        connection.execute(_PAIRS.format(rows=parquet(rows), before=parquet(*files), target=quoted(str(target))))
    return target
