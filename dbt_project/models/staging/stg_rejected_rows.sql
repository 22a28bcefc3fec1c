with source as (
    select * from {{ source('inputs', 'rejected_rows') }}
),

renamed as (
    select
        ---------- ids
        cast(load_id as string) as load_id,
        cast(row_no as bigint) as row_no,
        cast(source_id as string) as source_id,

        ---------- texts
        cast(sheet as string) as sheet,
        cast(cell as string) as cell,
        cast(field as string) as field,
        cast(raw_value as string) as raw_value,
        cast(reason_code as string) as reason_code,
        cast(reasons as string) as reasons,
        cast(reason_vi as string) as reason_vi,
        cast(reason_en as string) as reason_en
    from source
)

select * from renamed
