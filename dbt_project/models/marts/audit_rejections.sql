with rejected_rows as (
    select * from {{ ref('stg_rejected_rows') }}
),

final as (
    select
        cast(load_id as string) as load_id,
        cast(sheet as string) as sheet,
        cast(reason_code as string) as reason_code,
        cast(count(*) as bigint) as rejected_count
    from rejected_rows
    group by load_id, sheet, reason_code
)

select * from final
