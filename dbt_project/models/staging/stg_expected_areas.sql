with source as (
    select * from {{ source('inputs', 'expected_areas') }}
),

renamed as (
    select
        ---------- ids
        cast(source_id as string) as source_id,
        cast(province_id as string) as province_id
    from source
)

select * from renamed
