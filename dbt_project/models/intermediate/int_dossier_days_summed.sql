with days as (
    select * from {{ ref('int_dossier_days') }}
),

areas as (
    select * from {{ ref('int_dossier_areas') }}
),

days_by_month as (
    select
        areas.province_id,
        days.resolved_month,
        days.processing_days,
        cast(
            sum(case when areas.is_whole then days.dossier_count else 0 end) as bigint
        ) as dossier_count,
        max(case when areas.is_whole then 0 else 1 end) as unknown_flag
    from days
    inner join areas
        on days.province_id = areas.filed_in
    group by areas.province_id, days.resolved_month, days.processing_days
),

-- How many dossiers took so many days or fewer, of how many: a percentile without the dossiers.
days_cumulated as (
    select
        days_by_month.*,
        cast(
            sum(dossier_count) over (
                partition by province_id, resolved_month
                order by processing_days nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) as dossiers_up_to_here,
        cast(
            sum(dossier_count) over (partition by province_id, resolved_month) as bigint
        ) as dossiers_in_all
    from days_by_month
),

-- The median is the middle one, or half-way between the middle two.
percentiles as (
    select
        province_id,
        resolved_month as event_month,
        min(case when 2 * dossiers_up_to_here >= dossiers_in_all then processing_days end)
            as lower_middle,
        min(case when 2 * dossiers_up_to_here > dossiers_in_all then processing_days end)
            as upper_middle,
        min(case when 10 * dossiers_up_to_here >= 9 * dossiers_in_all then processing_days end)
            as days_p90,
        max(unknown_flag) as unknown_flag
    from days_cumulated
    where dossiers_in_all > 0
    group by province_id, resolved_month
),

percentiles_cast as (
    select
        province_id,
        event_month,
        cast(cast(lower_middle + upper_middle as decimal(18, 1)) * 0.5 as decimal(28, 10))
            as days_median,
        cast(days_p90 as decimal(28, 10)) as days_p90,
        unknown_flag
    from percentiles
)

select * from percentiles_cast
