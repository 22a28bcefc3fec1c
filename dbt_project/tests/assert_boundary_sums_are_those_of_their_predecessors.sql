-- A sum over predecessors is, to the last digit, what the centre shows of each of them, and all of
-- them passed on whole. Where one of them was rolled up over time, its own months were added there.
with sums as (
    select
        centre.province_id,
        centre.indicator_code,
        centre.period_id,
        centre.value,
        succession.predecessor_id,
        succession.share
    from {{ ref('fct_indicator_values') }} as centre
    left join {{ ref('bridge_province_succession') }} as succession
        on centre.province_id = succession.successor_id
    where centre.method = 'boundary_sum'
),

predecessors as (
    select * from {{ ref('fct_indicator_values') }}
),

-- The centre has one row of each key, so the greatest value of a sum is its value.
compared as (
    select
        sums.province_id,
        sums.indicator_code,
        sums.period_id,
        max(sums.value) as value,
        sum(predecessors.value) as predecessor_sum,
        count(*) as predecessor_count,
        count(case when sums.share = 1 then predecessors.value end) as whole_count,
        count(case when predecessors.method = 'rollup' then 1 end) as rollup_count
    from sums
    left join predecessors
        on
            sums.predecessor_id = predecessors.province_id
            and sums.indicator_code = predecessors.indicator_code
            and sums.period_id = predecessors.period_id
    group by sums.province_id, sums.indicator_code, sums.period_id
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
    and (whole_count < predecessor_count or value <> predecessor_sum)
