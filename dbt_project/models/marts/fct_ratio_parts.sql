with ratios as (
    select * from {{ ref('int_ratios') }}
),

centre as (
    select * from {{ ref('fct_indicator_values') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

-- Parts beyond what a value can hold made no ratio; they are no parts here either.
ratios_with_values as (
    select
        ratios.province_id,
        ratios.indicator_code,
        ratios.period_id,
        ratios.numerator,
        ratios.denominator,
        ratios.factor,
        ratios.denominator_period_id,
        centre.value,
        centre.method,
        centre.boundary_set,
        centre.area_level,
        periods.period_type,
        periods.end_date
    from ratios
    inner join centre
        on
            ratios.province_id = centre.province_id
            and ratios.indicator_code = centre.indicator_code
            and ratios.period_id = centre.period_id
    inner join periods
        on ratios.period_id = periods.period_id
    where ratios.reason_code is null
),

final as (
    select
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,
        try_cast(numerator as decimal(28, 10)) as numerator,
        try_cast(denominator as decimal(28, 10)) as denominator,
        cast(factor as decimal(28, 10)) as factor,
        cast(denominator_period_id as string) as denominator_period_id,
        cast(value as decimal(28, 10)) as value,
        cast(method as string) as method,
        cast(boundary_set as string) as boundary_set,
        cast(area_level as string) as area_level,
        cast(period_type as string) as period_type,
        cast(end_date as date) as end_date,
        -- A factor is whole: as such it leaves the decimals as they are, and nothing is rounded.
        try_cast(cast(factor as int) * numerator as decimal(38, 10)) as numerator_scaled
    from ratios_with_values
)

select * from final
