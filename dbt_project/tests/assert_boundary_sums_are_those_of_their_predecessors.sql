-- A sum over predecessors is, to the last digit, what the centre shows of each of them, and all of
-- them passed on whole. Where one of them was rolled up over time, its own months were added there.
with centre as (
    select * from {{ ref('fct_indicator_values') }}
),

succession as (
    select * from {{ ref('bridge_province_succession') }}
),

compared as (
    select
        derived.province_id,
        derived.indicator_code,
        derived.period_id,
        derived.value,
        sum(predecessors.value) as predecessor_sum,
        sum(case when succession.share = 1 and predecessors.value is not null then 0 else 1 end)
            as missing_count,
        sum(case when predecessors.method = 'rollup' then 1 else 0 end) as rollup_count
    from centre as derived
    left join succession
        on derived.province_id = succession.successor_id
    left join centre as predecessors
        on
            succession.predecessor_id = predecessors.province_id
            and derived.indicator_code = predecessors.indicator_code
            and derived.period_id = predecessors.period_id
    where derived.method = 'boundary_sum'
    group by derived.province_id, derived.indicator_code, derived.period_id, derived.value
)

select
    province_id,
    indicator_code,
    period_id,
    value,
    predecessor_sum
from compared
where
    rollup_count = 0
    and (missing_count > 0 or value <> predecessor_sum)
