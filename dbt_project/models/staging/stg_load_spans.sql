with source as (
    select * from {{ source('inputs', 'load_spans') }}
),

renamed as (
    select
        ---------- ids
        cast(load_id as string) as load_id,

        ---------- timestamps
        cast(known_from as timestamp) as known_from,
        cast(known_to as timestamp) as known_to
    from source
)

select * from renamed
