-- Opening + received = resolved + returned + closing, where the opening is the closing of the month
-- before as published (no row: nothing was pending); and no stock ends before its log does.
with months as (
    select
        dossiers.*,
        cast(substr(period_id, 1, 4) as int) * 12 + cast(substr(period_id, 6, 2) as int)
            as month_number
    from {{ ref('fct_dossiers') }} as dossiers
),

neighbours as (
    select
        months.*,
        lag(month_number) over (
            partition by province_id, procedure_code, service_level, channel, source_id
            order by month_number nulls last
        ) as month_number_before,
        lag(pending_count) over (
            partition by province_id, procedure_code, service_level, channel, source_id
            order by month_number nulls last
        ) as pending_before,
        lead(month_number) over (
            partition by province_id, procedure_code, service_level, channel, source_id
            order by month_number nulls last
        ) as month_number_after,
        max(month_number) over (partition by source_id) as last_month_number
    from months
)

select
    province_id,
    procedure_code,
    service_level,
    channel,
    period_id,
    source_id
from neighbours
where
    case when month_number_before = month_number - 1 then pending_before else 0 end
    + received_count
    <> resolved_count + returned_count + pending_count
    or carried_over_count + received_count <> resolved_count + returned_count + pending_count
    or (
        pending_count <> 0
        and month_number < last_month_number
        and coalesce(month_number_after, 0) <> month_number + 1
    )
