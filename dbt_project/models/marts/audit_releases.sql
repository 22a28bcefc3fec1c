with releases as (
    select * from {{ ref('stg_releases') }}
),

final as (
    select
        cast(release_id as string) as release_id,
        cast(published_at as timestamp) as published_at,
        cast(code_version as string) as code_version,
        cast(ledger_entry as bigint) as ledger_entry,
        cast(previous_release_id as string) as previous_release_id,
        cast(content_hash as string) as content_hash,
        cast(row_counts as string) as row_counts
    from releases
)

select * from final
