with dossier_months as (
    select * from {{ ref('int_dossier_months') }}
),

final as (
    select
        cast(province_id as string) as province_id,
        cast(procedure_code as string) as procedure_code,
        cast(service_level as string) as service_level,
        cast(channel as string) as channel,
        cast(period_id as string) as period_id,
        cast(source_id as string) as source_id,
        cast(submitted_count as bigint) as submitted_count,
        cast(received_count as bigint) as received_count,
        cast(resolved_count as bigint) as resolved_count,
        cast(on_time_count as bigint) as on_time_count,
        cast(late_count as bigint) as late_count,
        cast(returned_count as bigint) as returned_count,
        cast(pending_count as bigint) as pending_count,
        cast(pending_late_count as bigint) as pending_late_count,
        cast(online_payment_count as bigint) as online_payment_count,
        cast(fee_vnd as decimal(28, 10)) as fee_vnd,
        cast(as_of_date as date) as as_of_date,
        cast(early_count as bigint) as early_count,
        cast(refused_count as bigint) as refused_count,
        cast(carried_over_count as bigint) as carried_over_count
    from dossier_months
)

select * from final
