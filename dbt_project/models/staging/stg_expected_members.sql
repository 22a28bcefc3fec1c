with source as (
    select * from {{ source('inputs', 'expected_members') }}
),

renamed as (
    select
        ---------- ids
        cast(source_id as string) as source_id,
        cast(indicator_code as string) as indicator_code,

        ---------- texts
        cast(breakdown as string) as breakdown,
        cast(expected_from as string) as expected_from,
        cast(expected_to as string) as expected_to
    from source
)

select * from renamed
