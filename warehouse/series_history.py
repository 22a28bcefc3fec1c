"""What a source told before about the series of a load: their past, for rules about change, order and absence.

A series is one place, indicator, basis and breakdown; its figures of one length of period (months are never held
against years) come from the load itself and from the source's loads before it. Where several tell one period, the
load's own figure counts, else the latest load's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import clear_errors
from warehouse.load_records import Load, LoadRecord
from warehouse.paths import HomePaths
from warehouse.sql import parquet, quoted

# Two years of months: enough for a spread and for the month a year before, and what a night reads stays small.
LOADS_COMPARED = 24

# Periods of one length are counted on, so that the one after 2022-12 is 2023-01. Undated figures have no past.
_ORDINAL = """
    case
        when regexp_full_match(period_id, '[0-9]{4}') then cast(period_id as int)
        when regexp_full_match(period_id, '[0-9]{4}-H[12]') then 2 * cast(left(period_id, 4) as int)
            + cast(period_id[7] as int)
        when regexp_full_match(period_id, '[0-9]{4}-Q[1-4](-adm)?') then 4 * cast(left(period_id, 4) as int)
            + cast(period_id[7] as int)
        when regexp_full_match(period_id, '[0-9]{4}-[0-9]{2}') then 12 * cast(left(period_id, 4) as int)
            + cast(right(period_id, 2) as int)
        when regexp_full_match(period_id, '[0-9]{4}-[0-9]{2}-[0-9]{2}') then datediff('day', date '1970-01-01',
            try_cast(period_id as date))
    end
"""

# The level of a figure is the logarithm of figure + offset: changes are shares of what was there, and the offset (2 %
# of the column's median, three of its last digits at least) keeps a station more or less from being a doubling.
_TELL = """
    create temp table told as
        select coalesce(loads.place, {own}) as place, row_no, province_id, indicator_code, basis, breakdown,
            boundary_set, period_id, value, decimals, status,
            regexp_replace(period_id, '[0-9]', '9', 'g') as form, {ordinal} as ordinal
        from {files} left join (values {loads}) as loads(load_id, place) using (load_id)
        where kind = 'observation'
"""
_SERIES = """
    copy (
        with figures as (
            select * from told
            where value is not null and ordinal is not null
            qualify row_number() over (partition by {series}, ordinal, place order by row_no) = 1
        ), offsets as (
            select indicator_code, basis, breakdown, form,
                greatest(0.02 * median(abs(value::double)), 3 * pow(10, -max(coalesce(decimals, 0)))) as level_offset
            from figures group by all
        ), known as (
            select *, if(place = {own}, row_no, null) as own_row,
                first_value(if(place < {own}, value, null) ignore nulls) over same_period as told_value,
                first_value(if(place < {own}, status, null) ignore nulls) over same_period as told_status,
                if(value::double + level_offset > 0, ln(value::double + level_offset), null) as level
            from figures join offsets using (indicator_code, basis, breakdown, form)
            window same_period as (partition by {series}, ordinal order by place desc
                rows between unbounded preceding and unbounded following)
            qualify place = max(place) over same_period
        ), changes as (
            select *,
                lag(value) over by_time as last_value,
                lag(period_id) over by_time as last_period_id,
                lag(level) over by_time as last_level,
                ordinal - lag(ordinal) over by_time as gap,
                (level - lag(level) over by_time) / (ordinal - lag(ordinal) over by_time) as change,
                lead(if(place < {own}, period_id, null) ignore nulls) over by_time as next_told_period_id
            from known window by_time as (partition by {series} order by ordinal)
        ), judged as (
            select *,
                count(change) over past as change_count,
                median(change) over past as usual_change,
                1.4826 * mad(change) over past as usual_spread,
                avg(if(change = 0, 1.0, 0.0)) over past as usual_unmoved,
                max(gap) over past as usual_gap,
                list({{'period_id': period_id, 'value': value}}) over past as before
            from changes
            window past as (partition by {series} order by ordinal rows between {most} preceding and 1 preceding)
        )
        select own_row as row_no, level, last_value, last_period_id, last_level, gap, change_count,
            coalesce(usual_change, 0) as usual_change, usual_spread, usual_unmoved, usual_gap,
            exp(last_level + gap * if(change_count < 3, 0, usual_change)) - level_offset as expected_value,
            list_transform(list_filter(before, lambda each: each.value = judged.value),
                lambda each: each.period_id) as same_as,
            told_value, told_status, next_told_period_id
        from judged
        where own_row is not null
            and (last_value is not null or told_value is not null or next_told_period_id is not null)
        order by 1
    ) to {target} (format parquet)
"""
_SERIES_KEY = "province_id, indicator_code, basis, breakdown, form"

# Series with a figure in each of the last three loads and none in this one; places of a boundary set that the load
# does not speak of are gone by a merger.
_ABSENT = """
    copy (
        with had as (
            select distinct place, province_id, boundary_set, indicator_code, basis, breakdown
            from told where value is not null
        ), steady as (
            select province_id, indicator_code, basis, breakdown from had
            where place between {own} - 3 and {own} - 1
                and boundary_set in (select boundary_set from had where place = {own})
            group by all having count(distinct place) = 3
        )
        select steady.*, had.place is null as is_absent
        from steady left join had
            on had.place = {own} and had.province_id = steady.province_id
            and had.indicator_code = steady.indicator_code and had.basis = steady.basis
            and had.breakdown = steady.breakdown
        order by all
    ) to {target} (format parquet)
"""


@dataclass(frozen=True)
class SeriesHistory:
    """Two Parquet files beside the staged rows.

    Attributes:
        series: one row per figure with a past: `row_no, level, last_value, last_period_id, last_level, gap` (periods
            since the last), `change_count, usual_change, usual_spread` (median and 1.4826 × median absolute deviation
            of its past changes of level per period), `usual_unmoved` (share of past changes that were none),
            `usual_gap, expected_value, same_as` (earlier periods with the very same figure), `told_value, told_status`
            (what was told of the same period before), `next_told_period_id`.
        steady: one row per series told by each of the last three loads, and whether it `is_absent` now; None with
            fewer loads.
    """

    series: Path
    steady: Path | None


def write_series_history(paths: HomePaths, load: Load, earlier: Sequence[LoadRecord]) -> SeriesHistory:
    """Write the past of a load's series into its staged folder.

    Args:
        paths: the home.
        load: the load; its rows must be staged.
        earlier: the source's accepted loads before it, the oldest first; those whose lake files are gone are left out,
            and `verify` tells of them.

    Raises:
        StoreError: disk full or not writable.
    """
    import duckdb

    loads = [(record, files) for record in earlier[-LOADS_COMPARED:] if (files := _files(paths, record))]
    own = len(loads) + 1
    places = ", ".join(f"({quoted(record.load_id)}, {number})" for number, (record, _) in enumerate(loads, 1))
    told = [paths.staged_rows(load.load_id), *(file for _, files in loads for file in files)]
    words = {"own": own, "series": _SERIES_KEY, "most": LOADS_COMPARED, "ordinal": _ORDINAL}
    history = SeriesHistory(
        series=paths.staged_series(load.load_id), steady=paths.staged_steady(load.load_id) if own > 3 else None
    )
    doing = (f"so lượt nạp {load.load_id} với các lần trước", f"comparing load {load.load_id} with those before it")
    with clear_errors(*doing), duckdb.connect() as connection:
        connection.execute(_TELL.format(files=parquet(*told), loads=places or "(null, 0)", **words))
        connection.execute(_SERIES.format(target=quoted(str(history.series)), **words))
        if history.steady:
            connection.execute(_ABSENT.format(target=quoted(str(history.steady)), **words))
    return history


def _files(paths: HomePaths, record: LoadRecord) -> list[Path]:
    files = [paths.home / name for name in record.payload["lake_files"]]
    return files if all(file.is_file() for file in files) else []
