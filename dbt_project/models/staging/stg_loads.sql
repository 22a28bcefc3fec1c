with source as (
    select * from {{ source('inputs', 'loads') }}
),

renamed as (
    select
        ---------- ids
        cast(load_id as string) as load_id,
        cast(source_id as string) as source_id,
        cast(superseded_by as string) as superseded_by,
        cast(first_release_id as string) as first_release_id,
        cast(accept_no as bigint) as accept_no,

        ---------- texts
        cast(shape as string) as shape,
        cast(file_name as string) as file_name,
        cast(file_sha256 as string) as file_sha256,
        cast(verdict as string) as verdict,
        cast(reason_vi as string) as reason_vi,
        cast(reason_en as string) as reason_en,
        cast(first_period_id as string) as first_period_id,
        cast(last_period_id as string) as last_period_id,
        cast(decision as string) as decision,
        cast(decided_by as string) as decided_by,

        ---------- numerics
        cast(file_bytes as bigint) as file_bytes,
        cast(rows_read as bigint) as rows_read,
        cast(rows_accepted as bigint) as rows_accepted,
        cast(rows_rejected as bigint) as rows_rejected,
        cast(rows_superseded as bigint) as rows_superseded,

        ---------- timestamps
        cast(received_at as timestamp) as received_at,
        cast(known_from as timestamp) as known_from,
        cast(superseded_from as timestamp) as superseded_from
    from source
)

select * from renamed
