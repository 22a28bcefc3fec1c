with observations as (
    select * from {{ ref('int_observations_unioned') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

file_replacements as (
    select * from {{ ref('int_file_replacements') }}
),

sources as (
    select * from {{ ref('stg_sources') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

promised_members as (
    select distinct
        source_id,
        indicator_code,
        breakdown
    from {{ ref('stg_expected_members') }}
),

observations_with_loads as (
    select
        observations.*,
        sources.rank as source_rank,
        promised_members.source_id is not null as is_promised,
        -- A flow is the figure over the period, a stock the one at its end.
        coalesce(
            (indicators.kind = 'flow' and observations.basis = 'period')
            or (indicators.kind = 'stock' and observations.basis = 'point'),
            false
        ) as is_natural_basis,
        loads.file_sha256,
        loads.known_from,
        loads.superseded_from,
        loads.is_superseded,
        loads.accept_no,
        loads.file_order_no,
        file_replacements.replaced_from,
        loads.is_superseded or coalesce(file_replacements.is_replaced, false) as is_withdrawn
    from observations
    inner join loads
        on observations.load_id = loads.load_id
    left join file_replacements
        on
            observations.load_id = file_replacements.load_id
            and observations.period_id = file_replacements.period_id
    left join sources
        on observations.source_id = sources.source_id
    left join indicators
        on observations.indicator_code = indicators.indicator_code
    left join promised_members
        on
            observations.source_id = promised_members.source_id
            and observations.indicator_code = promised_members.indicator_code
            and observations.breakdown = promised_members.breakdown
),

vintages_ordered as (
    select
        observations_with_loads.*,
        row_number() over (
            partition by province_id, indicator_code, period_id, basis, breakdown, source_id
            order by file_order_no nulls last, accept_no nulls last, load_id nulls last
        ) as vintage_no,
        min(known_from) over (
            partition by province_id, indicator_code, period_id, basis, breakdown, source_id
            order by file_order_no nulls last, accept_no nulls last, load_id nulls last
            rows between 1 following and unbounded following
        ) as overtaken_from,
        row_number() over (
            partition by province_id, indicator_code, period_id, basis, breakdown, source_id
            order by
                is_withdrawn asc nulls last,
                file_order_no desc nulls last,
                accept_no desc nulls last,
                load_id desc nulls last
        ) as newest_first_no
    from observations_with_loads
),

vintages_flagged as (
    select
        vintages_ordered.*,
        not is_withdrawn and newest_first_no = 1 as is_latest
    from vintages_ordered
),

-- What overtook a vintage is the next one of its key, the younger file of its name or the end of
-- its load, whichever came first (`least` passes over nulls). A file read again behind a younger
-- one was never the latest: its interval is empty, not negative.
vintages_dated as (
    select
        vintages_flagged.*,
        case
            when is_latest then null
            else greatest(known_from, least(overtaken_from, replaced_from, superseded_from))
        end as known_to
    from vintages_flagged
)

select * from vintages_dated
