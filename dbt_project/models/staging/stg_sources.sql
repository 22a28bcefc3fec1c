with source as (
    select * from {{ source('inputs', 'sources') }}
),

renamed as (
    select
        ---------- ids
        cast(source_id as string) as source_id,

        ---------- texts (a field left empty in a declaration says nothing)
        nullif(trim(cast(publisher as string)), '') as publisher,
        nullif(trim(cast(title as string)), '') as title,
        nullif(trim(cast(shape as string)), '') as shape,
        nullif(trim(cast(licence as string)), '') as licence,
        nullif(trim(cast(frequency as string)), '') as frequency,
        nullif(trim(cast(boundary_set as string)), '') as boundary_set,
        nullif(trim(cast(legal_basis as string)), '') as legal_basis,
        nullif(trim(cast(url as string)), '') as url,
        nullif(trim(cast(description as string)), '') as description,

        ---------- numerics
        cast(rank as int) as rank,
        cast(due_day as int) as due_day
    from source
)

select * from renamed
