with load_sheets as (
    select * from {{ ref('stg_load_sheets') }}
),

final as (
    select
        cast(load_id as string) as load_id,
        cast(sheet as string) as sheet,
        cast(rows_read as bigint) as rows_read,
        cast(rows_accepted as bigint) as rows_accepted,
        cast(rows_rejected as bigint) as rows_rejected,
        cast(rows_superseded as bigint) as rows_superseded
    from load_sheets
)

select * from final
