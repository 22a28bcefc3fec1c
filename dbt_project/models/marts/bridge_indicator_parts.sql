with indicator_parts as (
    select * from {{ ref('indicator_parts') }}
),

final as (
    select
        cast(indicator_code as string) as indicator_code,
        cast(role as string) as role,
        cast(part_code as string) as part_code,
        cast(max_age_years as int) as max_age_years
    from indicator_parts
)

select * from final
