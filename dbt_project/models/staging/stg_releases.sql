with source as (
    select * from {{ source('inputs', 'releases') }}
),

renamed as (
    select
        ---------- ids
        cast(release_id as string) as release_id,
        cast(previous_release_id as string) as previous_release_id,
        cast(ledger_entry as bigint) as ledger_entry,

        ---------- texts
        cast(code_version as string) as code_version,
        cast(content_hash as string) as content_hash,
        cast(row_counts as string) as row_counts,

        ---------- timestamps
        cast(published_at as timestamp) as published_at
    from source
)

select * from renamed
