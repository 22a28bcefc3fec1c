with source as (
    select * from {{ source('inputs', 'load_sheets') }}
),

renamed as (
    select
        ---------- ids
        cast(load_id as string) as load_id,
        cast(sheet as string) as sheet,

        ---------- numerics
        cast(rows_read as bigint) as rows_read,
        cast(rows_accepted as bigint) as rows_accepted,
        cast(rows_rejected as bigint) as rows_rejected,
        cast(rows_superseded as bigint) as rows_superseded
    from source
)

select * from renamed
