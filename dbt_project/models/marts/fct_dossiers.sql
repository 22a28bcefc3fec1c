-- The shape `transactions` is not loaded yet: the table keeps its contract and has no rows.
with no_dossiers as (
    select
        cast(null as string) as province_id,
        cast(null as string) as procedure_code,
        cast(null as string) as service_level,
        cast(null as string) as channel,
        cast(null as string) as period_id,
        cast(null as string) as source_id,
        cast(null as bigint) as submitted_count,
        cast(null as bigint) as received_count,
        cast(null as bigint) as resolved_count,
        cast(null as bigint) as on_time_count,
        cast(null as bigint) as late_count,
        cast(null as bigint) as returned_count,
        cast(null as bigint) as pending_count,
        cast(null as bigint) as pending_late_count,
        cast(null as bigint) as online_payment_count,
        cast(null as decimal(28, 10)) as fee_vnd,
        cast(null as date) as as_of_date
),

final as (
    select * from no_dossiers
    where 1 = 0
)

select * from final
