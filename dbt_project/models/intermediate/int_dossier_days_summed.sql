with days as (
    select * from {{ ref('int_dossier_days') }}
),

service_levels as (
    select * from {{ ref('service_levels') }}
),

area_months as (
    select * from {{ ref('int_dossier_area_months') }}
),

spans as (
    select * from {{ ref('int_dossier_spans') }}
),

days_named as (
    select
        days.*,
        coalesce(service_levels.mapped_to, '_unknown') as service_kind
    from days
    left join service_levels
        on days.service_level = service_levels.service_level
),

days_by_month as (
    {{ by_dossier_dimension(
        'days_named',
        ['province_id', 'resolved_month', 'processing_days'],
        {'dossier_count': 'sum(dossier_count)'},
    ) }}
),

days_by_span as (
    select
        area_months.province_id,
        spans.period_id,
        days_by_month.dimension,
        days_by_month.member,
        days_by_month.processing_days,
        sum(case when area_months.is_whole then days_by_month.dossier_count else 0 end)
            as dossier_count,
        max(case when area_months.is_whole then 0 else 1 end) as unknown_flag
    from days_by_month
    inner join area_months
        on
            days_by_month.province_id = area_months.filed_in
            and days_by_month.resolved_month = area_months.event_month
    inner join spans
        on
            area_months.province_id = spans.province_id
            and days_by_month.resolved_month between spans.start_date and spans.end_date
    group by
        area_months.province_id,
        spans.period_id,
        days_by_month.dimension,
        days_by_month.member,
        days_by_month.processing_days
),

-- How many dossiers took so many days or fewer, of how many: a percentile without the dossiers.
days_cumulated as (
    select
        days_by_span.*,
        cast(
            sum(dossier_count) over (
                partition by province_id, period_id, dimension, member
                order by processing_days nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) as dossiers_up_to_here,
        cast(
            sum(dossier_count) over (
                partition by province_id, period_id, dimension, member
            ) as bigint
        ) as dossiers_in_all
    from days_by_span
),

-- The median is the middle one, or half-way between the middle two.
percentiles as (
    select
        province_id,
        period_id,
        dimension,
        member,
        min(case when 2 * dossiers_up_to_here >= dossiers_in_all then processing_days end)
            as lower_middle,
        min(case when 2 * dossiers_up_to_here > dossiers_in_all then processing_days end)
            as upper_middle,
        min(case when 10 * dossiers_up_to_here >= 9 * dossiers_in_all then processing_days end)
            as days_p90,
        max(unknown_flag) as unknown_flag
    from days_cumulated
    where dossiers_in_all > 0
    group by province_id, period_id, dimension, member
),

percentiles_cast as (
    select
        province_id,
        period_id,
        dimension,
        member,
        cast(cast(lower_middle + upper_middle as decimal(18, 1)) * 0.5 as decimal(28, 10))
            as days_median,
        cast(days_p90 as decimal(28, 10)) as days_p90,
        unknown_flag
    from percentiles
)

select * from percentiles_cast
