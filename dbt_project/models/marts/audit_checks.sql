with checks as (
    select * from {{ ref('stg_checks') }}
),

final as (
    select
        cast(subject_type as string) as subject_type,
        cast(subject_id as string) as subject_id,
        cast(check_name as string) as check_name,
        cast(run_id as string) as run_id,
        cast(rule_vi as string) as rule_vi,
        cast(rule_en as string) as rule_en,
        cast(severity as string) as severity,
        cast(on_fail as string) as on_fail,
        cast(success as boolean) as success,
        cast(errored as boolean) as errored,
        cast(observed as string) as observed,
        cast(unexpected_count as bigint) as unexpected_count,
        cast(element_count as bigint) as element_count,
        cast(checked_at as timestamp) as checked_at,
        cast(waiver as string) as waiver
    from checks
)

select * from final
