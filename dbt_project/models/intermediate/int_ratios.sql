with indicators as (
    select * from {{ ref('indicators') }}
),

indicator_parts as (
    select * from {{ ref('indicator_parts') }}
),

part_values as (
    select * from {{ ref('int_part_values') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

area_rules as (
    select * from {{ ref('int_area_rules') }}
),

ratios as (
    select
        indicator_code,
        unit,
        factor
    from indicators
    where kind = 'ratio' and factor is not null
),

parts as (
    select
        indicator_parts.indicator_code,
        indicator_parts.role,
        indicator_parts.part_code,
        indicator_parts.max_age_years,
        ratios.factor,
        ratios.unit
    from indicator_parts
    inner join ratios
        on indicator_parts.indicator_code = ratios.indicator_code
),

-- A ratio is asked for wherever one of its numerators is known, so that a missing part shows.
ratio_keys as (
    select distinct
        parts.indicator_code,
        part_values.province_id,
        part_values.period_id,
        periods.year,
        area_rules.area_rule
    from part_values
    inner join parts
        on part_values.indicator_code = parts.part_code
    inner join periods
        on part_values.period_id = periods.period_id
    left join area_rules
        on
            parts.indicator_code = area_rules.indicator_code
            and periods.year = area_rules.year
    where
        parts.role = 'numerator'
        and periods.period_type <> 'undated'
),

required_parts as (
    select
        ratio_keys.province_id,
        ratio_keys.indicator_code,
        ratio_keys.period_id,
        ratio_keys.year,
        parts.role,
        parts.part_code,
        ratio_keys.area_rule,
        parts.factor,
        parts.unit
    from ratio_keys
    inner join parts
        on ratio_keys.indicator_code = parts.indicator_code
),

-- Figures of a year that come late: the nearest earlier year stands in, no later one ever does.
-- Ids of years sort as the years do.
nearest_years as (
    select
        part_values.province_id,
        parts.indicator_code,
        parts.part_code,
        years.year,
        max(part_values.period_id) as part_period_id,
        max(part_years.year) as part_year
    from part_values
    inner join parts
        on part_values.indicator_code = parts.part_code
    inner join periods as part_years
        on part_values.period_id = part_years.period_id
    inner join periods as years
        on
            part_years.year <= years.year
            and part_years.year + parts.max_age_years >= years.year
    where
        part_values.value is not null
        and part_years.period_type = 'year'
        and years.period_type = 'year'
    group by part_values.province_id, parts.indicator_code, parts.part_code, years.year
),

parts_found as (
    select
        required_parts.*,
        coalesce(same_period.value, nearest.value) as value,
        case
            when same_period.value is null
                then coalesce(nearest.period_id, same_period.period_id)
            else same_period.period_id
        end as part_period_id,
        case
            when same_period.value is null then required_parts.year - nearest_years.part_year
            else 0
        end as age_years,
        case when same_period.value is null then nearest.is_inexact else same_period.is_inexact end
            as is_inexact,
        case
            when same_period.value is null
                then coalesce(nearest.crosses_boundary, same_period.crosses_boundary)
            else same_period.crosses_boundary
        end as crosses_boundary,
        case
            when same_period.value is null
                then coalesce(nearest.known_from, same_period.known_from)
            else same_period.known_from
        end as known_from
    from required_parts
    left join part_values as same_period
        on
            required_parts.province_id = same_period.province_id
            and required_parts.part_code = same_period.indicator_code
            and required_parts.period_id = same_period.period_id
    left join nearest_years
        on
            required_parts.province_id = nearest_years.province_id
            and required_parts.indicator_code = nearest_years.indicator_code
            and required_parts.part_code = nearest_years.part_code
            and required_parts.year = nearest_years.year
    left join part_values as nearest
        on
            nearest_years.province_id = nearest.province_id
            and nearest_years.part_code = nearest.indicator_code
            and nearest_years.part_period_id = nearest.period_id
),

ratio_sums as (
    select
        province_id,
        indicator_code,
        period_id,
        unit,
        factor,
        area_rule,
        sum(case when role = 'numerator' then value end) as numerator,
        sum(case when role = 'denominator' then value end) as denominator,
        max(case when role = 'denominator' then part_period_id end) as denominator_period_id,
        cast(max(case when role = 'denominator' then age_years end) as int)
            as denominator_age_years,
        sum(case when role = 'numerator' and part_period_id is null then 1 else 0 end)
            as missing_numerators,
        sum(case when role = 'denominator' and part_period_id is null then 1 else 0 end)
            as missing_denominators,
        sum(case when role = 'numerator' and value is null then 1 else 0 end) as null_numerators,
        sum(case when role = 'denominator' and value is null then 1 else 0 end)
            as null_denominators,
        sum(case when role = 'denominator' then 1 else 0 end) as denominator_parts,
        max(case when is_inexact then 1 else 0 end) as inexact_flag,
        max(case when crosses_boundary then 1 else 0 end) as crossing_flag,
        max(known_from) as known_from
    from parts_found
    group by province_id, indicator_code, period_id, unit, factor, area_rule
),

-- Parts that came over a boundary make a ratio of the new area only where its rule says so.
ratios_judged as (
    select
        ratio_sums.*,
        crossing_flag = 1 as crosses_boundary,
        case
            when missing_numerators > 0 then 'missing_numerator'
            when missing_denominators > 0 or denominator_parts = 0 then 'missing_denominator'
            when null_numerators > 0 then 'null_numerator'
            when null_denominators > 0 then 'null_denominator'
            when denominator = 0 then 'zero_denominator'
        end as reason_code
    from ratio_sums
    where crossing_flag = 0 or area_rule = 'recompute'
),

ratios_divided as (
    select
        ratios_judged.*,
        case
            when reason_code is null
                then {{ exact_ratio('numerator', 'denominator', 'factor') }}
        end as value
    from ratios_judged
),

ratios_explained as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        unit,
        coalesce(reason_code, case when value is null then 'out_of_range' end) as reason_code,
        numerator,
        denominator,
        inexact_flag,
        crosses_boundary,
        denominator_period_id,
        denominator_age_years,
        known_from
    from ratios_divided
),

ratio_values as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        unit,
        case
            when reason_code is not null then 'O'
            when inexact_flag = 1 or denominator_age_years > 0 then 'E'
            else 'A'
        end as status,
        case
            when reason_code is not null then null
            when inexact_flag = 1 then 'approx'
            else 'exact'
        end as qualifier,
        reason_code,
        numerator,
        denominator,
        case when reason_code is null then denominator_period_id end as denominator_period_id,
        case when reason_code is null then denominator_age_years end as denominator_age_years,
        crosses_boundary,
        known_from
    from ratios_explained
)

select * from ratio_values
