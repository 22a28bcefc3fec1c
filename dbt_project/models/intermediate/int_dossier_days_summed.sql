with days as (
    select * from {{ ref('int_dossier_days') }}
),

days_by_month as (
    select
        province_id,
        resolved_month,
        processing_days,
        cast(sum(dossier_count) as bigint) as dossier_count
    from days
    group by province_id, resolved_month, processing_days
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
            as days_p90
    from days_cumulated
    group by province_id, resolved_month
),

percentiles_cast as (
    select
        province_id,
        event_month,
        cast(cast(lower_middle + upper_middle as decimal(18, 1)) * 0.5 as decimal(28, 10))
            as days_median,
        cast(days_p90 as decimal(28, 10)) as days_p90
    from percentiles
)

select * from percentiles_cast
