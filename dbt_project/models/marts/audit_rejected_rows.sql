with rejected_rows as (
    select * from {{ ref('stg_rejected_rows') }}
),

final as (
    select
        cast(load_id as string) as load_id,
        cast(row_no as bigint) as row_no,
        cast(source_id as string) as source_id,
        cast(sheet as string) as sheet,
        cast(cell as string) as cell,
        cast(field as string) as field,
        cast(raw_value as string) as raw_value,
        cast(reason_code as string) as reason_code,
        cast(reasons as string) as reasons,
        cast(reason_vi as string) as reason_vi,
        cast(reason_en as string) as reason_en
    from rejected_rows
)

select * from final
