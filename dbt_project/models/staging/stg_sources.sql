with source as (
    select * from {{ source('inputs', 'sources') }}
),

renamed as (
    select
        ---------- ids
        cast(source_id as string) as source_id,

        ---------- texts
        cast(publisher as string) as publisher,
        cast(title as string) as title,
        cast(shape as string) as shape,
        cast(licence as string) as licence,
        cast(frequency as string) as frequency,
        cast(boundary_set as string) as boundary_set,
        cast(legal_basis as string) as legal_basis,
        cast(url as string) as url,
        cast(description as string) as description,

        ---------- numerics
        cast(rank as int) as rank,
        cast(due_day as int) as due_day
    from source
)

select * from renamed
