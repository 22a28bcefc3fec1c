with loads as (
    select * from {{ ref('stg_loads') }}
),

final as (
    select
        cast(load_id as string) as load_id,
        cast(source_id as string) as source_id,
        cast(shape as string) as shape,
        cast(file_name as string) as file_name,
        cast(file_sha256 as string) as file_sha256,
        cast(file_bytes as bigint) as file_bytes,
        cast(received_at as timestamp) as received_at,
        cast(verdict as string) as verdict,
        cast(reason_vi as string) as reason_vi,
        cast(reason_en as string) as reason_en,
        cast(rows_read as bigint) as rows_read,
        cast(rows_accepted as bigint) as rows_accepted,
        cast(rows_rejected as bigint) as rows_rejected,
        cast(rows_superseded as bigint) as rows_superseded,
        cast(first_period_id as string) as first_period_id,
        cast(last_period_id as string) as last_period_id,
        cast(first_release_id as string) as first_release_id,
        cast(superseded_by as string) as superseded_by,
        cast(superseded_from as timestamp) as superseded_from,
        cast(decision as string) as decision,
        cast(decided_by as string) as decided_by,
        cast(accept_no as bigint) as accept_no
    from loads
)

select * from final
