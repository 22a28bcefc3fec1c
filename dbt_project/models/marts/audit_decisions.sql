with decisions as (
    select * from {{ ref('stg_decisions') }}
),

final as (
    select
        cast(decision_no as bigint) as decision_no,
        cast(decided_at as timestamp) as decided_at,
        cast(decision as string) as decision,
        cast(subject_type as string) as subject_type,
        cast(subject_id as string) as subject_id,
        cast(decided_by as string) as decided_by,
        cast(reason as string) as reason,
        cast(valid_until as date) as valid_until
    from decisions
)

select * from final
