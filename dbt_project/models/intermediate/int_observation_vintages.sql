with observations as (
    select * from {{ ref('int_observations_unioned') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

file_replacements as (
    select * from {{ ref('int_file_replacements') }}
),

repeated_observations as (
    select * from {{ ref('int_repeated_observations') }}
),

latest_spans as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        breakdown,
        source_id,
        load_id,
        max(latest_to) as last_latest_to
    from {{ ref('int_observation_spans') }}
    group by province_id, indicator_code, period_id, basis, breakdown, source_id, load_id
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

vintages as (
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
        loads.is_superseded,
        loads.accept_no,
        loads.file_order_no,
        loads.is_superseded or coalesce(file_replacements.is_replaced, false) as is_withdrawn,
        coalesce(repeated_observations.vintage_no, 1) as vintage_no,
        coalesce(repeated_observations.newest_first_no, 1) as newest_first_no
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
    left join repeated_observations
        on
            observations.province_id = repeated_observations.province_id
            and observations.indicator_code = repeated_observations.indicator_code
            and observations.period_id = repeated_observations.period_id
            and observations.basis = repeated_observations.basis
            and observations.breakdown = repeated_observations.breakdown
            and observations.source_id = repeated_observations.source_id
            and observations.load_id = repeated_observations.load_id
),

vintages_flagged as (
    select
        vintages.*,
        not is_withdrawn and newest_first_no = 1 as is_latest
    from vintages
),

-- One that was never the latest, as an old file read again behind a younger one, has no time in
-- which it was known: it ends when it begins.
vintages_dated as (
    select
        vintages_flagged.*,
        case
            when vintages_flagged.is_latest then null
            else coalesce(latest_spans.last_latest_to, vintages_flagged.known_from)
        end as known_to
    from vintages_flagged
    left join latest_spans
        on
            vintages_flagged.province_id = latest_spans.province_id
            and vintages_flagged.indicator_code = latest_spans.indicator_code
            and vintages_flagged.period_id = latest_spans.period_id
            and vintages_flagged.basis = latest_spans.basis
            and vintages_flagged.breakdown = latest_spans.breakdown
            and vintages_flagged.source_id = latest_spans.source_id
            and vintages_flagged.load_id = latest_spans.load_id
)

select * from vintages_dated
