with source as (
    select * from {{ source('inputs', 'dossier_partitions') }}
),

renamed as (
    select
        ---------- ids
        cast(dossier_month as string) as dossier_month,

        ---------- texts
        cast(files_hash as string) as files_hash
    from source
)

select * from renamed
