-- At a moment after every release exactly the latest vintages are known, each key once.
with known as (
    {{ as_known_at("cast('9999-12-31' as timestamp)") }}
),

latest as (
    select * from {{ ref('fct_observations') }}
    where is_latest
)

select
    known.load_id as known_load_id,
    latest.load_id as latest_load_id
from known
full outer join latest
    on
        known.province_id = latest.province_id
        and known.indicator_code = latest.indicator_code
        and known.period_id = latest.period_id
        and known.basis = latest.basis
        and known.breakdown = latest.breakdown
        and known.source_id = latest.source_id
        and known.load_id = latest.load_id
where known.load_id is null or latest.load_id is null
