with days as (
    select * from {{ ref('int_dossier_days') }}
),

periods as (
    select * from {{ ref('int_periods') }}
    where period_type = 'month'
),

final as (
    select
        cast(days.province_id as string) as province_id,
        cast(periods.period_id as string) as period_id,
        cast(days.source_id as string) as source_id,
        cast(days.processing_days as int) as processing_days,
        cast(sum(days.dossier_count) as bigint) as dossier_count
    from days
    inner join periods
        on days.resolved_month = periods.start_date
    group by days.province_id, periods.period_id, days.source_id, days.processing_days
)

select * from final
