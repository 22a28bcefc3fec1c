with observations as (
    select * from {{ ref('int_observations_unioned') }}
),

observation_keys as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        breakdown,
        source_id,
        load_id
    from {{ ref('int_observations_unioned') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

file_replacements as (
    select * from {{ ref('int_file_replacements') }}
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

-- Nearly every figure was given once. Only the keys of those given again are put in order: a window
-- over all observations would carry their texts along.
repeated_keys as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        breakdown,
        source_id
    from observation_keys
    group by province_id, indicator_code, period_id, basis, breakdown, source_id
    having count(*) > 1
),

repeated_observations as (
    select
        observation_keys.*,
        loads.known_from,
        loads.accept_no,
        loads.file_order_no,
        loads.is_superseded or coalesce(file_replacements.is_replaced, false) as is_withdrawn
    from observation_keys
    semi join repeated_keys
        on
            observation_keys.province_id = repeated_keys.province_id
            and observation_keys.indicator_code = repeated_keys.indicator_code
            and observation_keys.period_id = repeated_keys.period_id
            and observation_keys.basis = repeated_keys.basis
            and observation_keys.breakdown = repeated_keys.breakdown
            and observation_keys.source_id = repeated_keys.source_id
    inner join loads
        on observation_keys.load_id = loads.load_id
    left join file_replacements
        on
            observation_keys.load_id = file_replacements.load_id
            and observation_keys.period_id = file_replacements.period_id
),

repeated_ordered as (
    select
        repeated_observations.*,
        row_number() over (
            partition by province_id, indicator_code, period_id, basis, breakdown, source_id
            order by file_order_no nulls last, accept_no nulls last, load_id nulls last
        ) as vintage_no,
        row_number() over (
            partition by province_id, indicator_code, period_id, basis, breakdown, source_id
            order by
                is_withdrawn asc nulls last,
                file_order_no desc nulls last,
                accept_no desc nulls last,
                load_id desc nulls last
        ) as newest_first_no
    from repeated_observations
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
        coalesce(repeated_ordered.vintage_no, 1) as vintage_no,
        coalesce(repeated_ordered.newest_first_no, 1) as newest_first_no
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
    left join repeated_ordered
        on
            observations.province_id = repeated_ordered.province_id
            and observations.indicator_code = repeated_ordered.indicator_code
            and observations.period_id = repeated_ordered.period_id
            and observations.basis = repeated_ordered.basis
            and observations.breakdown = repeated_ordered.breakdown
            and observations.source_id = repeated_ordered.source_id
            and observations.load_id = repeated_ordered.load_id
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
