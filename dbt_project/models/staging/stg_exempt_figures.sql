with source as (
    select * from {{ source('inputs', 'exempt_figures') }}
),

renamed as (
    select
        ---------- ids
        cast(source_id as string) as source_id,
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,

        ---------- texts
        cast(exempt_from as string) as exempt_from,
        cast(exempt_to as string) as exempt_to,
        cast(absence as string) as absence,
        cast(reason as string) as reason
    from source
)

select * from renamed
