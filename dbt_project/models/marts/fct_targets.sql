with targets as (
    select * from {{ ref('int_targets') }}
),

final as (
    select
        cast(target_id as string) as target_id,
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,
        cast(breakdown as string) as breakdown,
        cast(comparator as string) as comparator,
        cast(value as decimal(28, 10)) as value,
        cast(value_upper as decimal(28, 10)) as value_upper,
        cast(target_status as string) as target_status,
        cast(source_id as string) as source_id,
        cast(load_id as string) as load_id,
        cast(sheet as string) as sheet,
        cast(cell as string) as cell,
        cast(unit as string) as unit,
        cast(area_level as string) as area_level,
        cast(quote as string) as quote,
        cast(correction as string) as correction,
        cast(known_from as timestamp) as known_from,
        cast(base_period_id as string) as base_period_id
    from targets
)

select * from final
