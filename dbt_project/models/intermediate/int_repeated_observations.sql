with observations as (
    select * from {{ ref('int_observations_unioned') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

file_replacements as (
    select * from {{ ref('int_file_replacements') }}
),

observation_hashes as (
    select
        {{ key_hash([
            'province_id', 'indicator_code', 'period_id', 'basis', 'breakdown', 'source_id'
        ]) }}
            as key_hash
    from {{ ref('int_observations_unioned') }}
),

-- Nearly every figure was given once. Only those given again are put in order: a window over all
-- observations would carry their texts along.
shared_hashes as (
    select key_hash from observation_hashes
    group by key_hash
    having count(*) > 1
),

observations_sharing as (
    select observations.*
    from observations
    semi join shared_hashes
        on
            {{ key_hash([
                'observations.province_id', 'observations.indicator_code', 'observations.period_id',
                'observations.basis', 'observations.breakdown', 'observations.source_id'
            ]) }}
            = shared_hashes.key_hash
),

observation_keys as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        breakdown,
        source_id,
        load_id,
        count(*) over (
            partition by province_id, indicator_code, period_id, basis, breakdown, source_id
        ) as given_count
    from observations_sharing
),

repeated_observations as (
    select
        observation_keys.*,
        loads.known_from,
        loads.accept_no,
        loads.file_order_no,
        loads.is_superseded or coalesce(file_replacements.is_replaced, false) as is_withdrawn
    from observation_keys
    inner join loads
        on observation_keys.load_id = loads.load_id
    left join file_replacements
        on
            observation_keys.load_id = file_replacements.load_id
            and observation_keys.period_id = file_replacements.period_id
    where observation_keys.given_count > 1
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
