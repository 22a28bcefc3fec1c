with indicators as (
    select * from {{ ref('indicators') }}
),

final as (
    select
        cast(indicator_code as string) as indicator_code,
        cast(parent_code as string) as parent_code,
        cast(name_vi as string) as name_vi,
        cast(name_en as string) as name_en,
        cast(unit as string) as unit,
        cast(direction as string) as direction,
        cast(kind as string) as kind,
        cast(factor as decimal(28, 10)) as factor,
        cast(area_rule as string) as area_rule,
        cast(area_weight_code as string) as area_weight_code,
        cast(time_rule as string) as time_rule,
        cast(periodicity as string) as periodicity,
        cast(definition_source as string) as definition_source,
        cast(note as string) as note
    from indicators
)

select * from final
