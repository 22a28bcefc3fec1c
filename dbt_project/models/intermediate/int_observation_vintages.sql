with observations as (
    select * from {{ ref('int_observations_unioned') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

sources as (
    select * from {{ ref('stg_sources') }}
),

observations_with_loads as (
    select
        observations.*,
        sources.rank as source_rank,
        loads.file_sha256,
        loads.known_from,
        loads.superseded_from,
        loads.is_superseded,
        loads.accept_no,
        loads.file_order_no
    from observations
    inner join loads
        on observations.load_id = loads.load_id
    left join sources
        on observations.source_id = sources.source_id
),

vintages_ordered as (
    select
        observations_with_loads.*,
        row_number() over (
            partition by province_id, indicator_code, period_id, basis, breakdown, source_id
            order by file_order_no nulls last, accept_no nulls last, load_id
        ) as vintage_no,
        min(known_from) over (
            partition by province_id, indicator_code, period_id, basis, breakdown, source_id
            order by file_order_no nulls last, accept_no nulls last, load_id
            rows between 1 following and unbounded following
        ) as overtaken_from,
        row_number() over (
            partition by province_id, indicator_code, period_id, basis, breakdown, source_id
            order by
                is_superseded asc,
                file_order_no desc nulls last,
                accept_no desc nulls last,
                load_id desc
        ) as newest_first_no
    from observations_with_loads
),

vintages_flagged as (
    select
        vintages_ordered.*,
        not is_superseded and newest_first_no = 1 as is_latest
    from vintages_ordered
),

-- What overtook a vintage is the next one of its key or the end of its load, whichever came first.
-- A file read again behind a younger one was never the latest: its interval is empty, not negative.
vintages_dated as (
    select
        vintages_flagged.*,
        case
            when is_latest then null
            else
                greatest(
                    known_from,
                    least(
                        coalesce(overtaken_from, superseded_from),
                        coalesce(superseded_from, overtaken_from)
                    )
                )
        end as known_to
    from vintages_flagged
)

select * from vintages_dated
