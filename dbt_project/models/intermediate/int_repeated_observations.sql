with observation_keys as (
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
)

select
    province_id,
    indicator_code,
    period_id,
    basis,
    breakdown,
    source_id,
    load_id,
    vintage_no,
    newest_first_no
from repeated_ordered
