with source as (
    select * from {{ source('inputs', 'decisions') }}
),

renamed as (
    select
        ---------- ids
        cast(decision_no as bigint) as decision_no,
        cast(subject_type as string) as subject_type,
        cast(subject_id as string) as subject_id,

        ---------- texts
        cast(decision as string) as decision,
        cast(decided_by as string) as decided_by,
        cast(reason as string) as reason,

        ---------- timestamps
        cast(decided_at as timestamp) as decided_at,
        cast(valid_until as date) as valid_until
    from source
)

select * from renamed
