-- Totals counted from logs of dossiers are the centre's wherever it makes them of the same log: of
-- areas for which, and for whose predecessors, no sheet prints such a figure. What the centre never
-- carries over a boundary, as a median, is counted from the log of the later area all the same.
with totals as (
    select * from {{ ref('rpt_online_services') }}
    where dimension = 'total'
),

centre as (
    select * from {{ ref('fct_indicator_values') }}
),

printed as (
    select distinct province_id
    from {{ ref('int_observation_vintages') }}
    where
        is_latest
        and indicator_code in (select distinct totals.indicator_code from totals)
),

printed_and_later as (
    select province_id from printed
    union
    select successions.area_id as province_id
    from {{ ref('int_area_successions') }} as successions
    inner join printed
        on successions.ancestor_id = printed.province_id
)

select
    totals.province_id,
    totals.indicator_code,
    totals.period_id,
    totals.value,
    centre.value as centre_value
from totals
left join centre
    on
        totals.province_id = centre.province_id
        and totals.indicator_code = centre.indicator_code
        and totals.period_id = centre.period_id
where
    totals.province_id not in (select printed_and_later.province_id from printed_and_later)
    and coalesce(centre.reason_code, '') <> 'not_transferable'
    and (
        totals.value <> centre.value
        or (totals.value is null and centre.value is not null)
        or (totals.value is not null and centre.value is null)
    )
