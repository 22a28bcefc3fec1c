with indicators as (
    select * from {{ ref('indicators') }}
),

indicator_parts as (
    select * from {{ ref('indicator_parts') }}
),

part_values as (
    select area_values.* from {{ ref('int_part_values') }} as area_values
    where area_values.indicator_code in (select indicator_parts.part_code from indicator_parts)
),

periods as (
    select * from {{ ref('int_periods') }}
),

area_rules as (
    select * from {{ ref('int_area_rules') }}
),

ratios as (
    select
        indicators.indicator_code,
        indicators.unit,
        indicators.factor,
        sum(case when indicator_parts.role = 'numerator' then 1 else 0 end) as numerator_parts,
        sum(case when indicator_parts.role = 'denominator' then 1 else 0 end) as denominator_parts
    from indicators
    inner join indicator_parts
        on indicators.indicator_code = indicator_parts.indicator_code
    where indicators.kind = 'ratio' and indicators.factor is not null
    group by indicators.indicator_code, indicators.unit, indicators.factor
),

denominator_parts as (
    select
        indicator_code,
        part_code,
        max_age_years
    from indicator_parts
    where role = 'denominator'
),

-- A ratio is asked for wherever one of its numerators is known, so that a missing part shows.
numerator_sums as (
    select
        part_values.province_id,
        indicator_parts.indicator_code,
        part_values.period_id,
        periods.year,
        sum(part_values.value) as numerator,
        count(*) as numerators_found,
        count(part_values.value) as numerators_known,
        max(case when part_values.is_inexact then 1 else 0 end) as inexact_flag,
        max(case when part_values.crosses_boundary then 1 else 0 end) as crossing_flag,
        max(part_values.known_from) as known_from
    from part_values
    inner join indicator_parts
        on part_values.indicator_code = indicator_parts.part_code
    inner join periods
        on part_values.period_id = periods.period_id
    where
        indicator_parts.role = 'numerator'
        and periods.period_type <> 'undated'
    group by
        part_values.province_id,
        indicator_parts.indicator_code,
        part_values.period_id,
        periods.year
),

-- Figures of a year that come late: the nearest earlier year stands in, no later one ever does.
-- Ids of years sort as the years do.
nearest_years as (
    select
        part_values.province_id,
        denominator_parts.indicator_code,
        denominator_parts.part_code,
        years.year,
        max(part_values.period_id) as part_period_id,
        max(part_years.year) as part_year
    from part_values
    inner join denominator_parts
        on part_values.indicator_code = denominator_parts.part_code
    inner join periods as part_years
        on part_values.period_id = part_years.period_id
    inner join periods as years
        on
            part_years.year <= years.year
            and part_years.year + denominator_parts.max_age_years >= years.year
    where
        part_values.value is not null
        and part_years.period_type = 'year'
        and years.period_type = 'year'
    group by
        part_values.province_id,
        denominator_parts.indicator_code,
        denominator_parts.part_code,
        years.year
),

nearest_values as (
    select
        nearest_years.*,
        part_values.value,
        part_values.is_inexact,
        part_values.crosses_boundary,
        part_values.known_from
    from nearest_years
    inner join part_values
        on
            nearest_years.province_id = part_values.province_id
            and nearest_years.part_code = part_values.indicator_code
            and nearest_years.part_period_id = part_values.period_id
),

denominators_found as (
    select
        numerator_sums.*,
        coalesce(same_period.value, nearest.value) as denominator,
        case
            when same_period.value is null
                then coalesce(nearest.part_period_id, same_period.period_id)
            else same_period.period_id
        end as denominator_period_id,
        case when same_period.value is null then numerator_sums.year - nearest.part_year else 0 end
            as denominator_age_years,
        case when same_period.value is null then nearest.is_inexact else same_period.is_inexact end
            as is_denominator_inexact,
        case
            when same_period.value is null
                then coalesce(nearest.crosses_boundary, same_period.crosses_boundary)
            else same_period.crosses_boundary
        end as crosses_denominator_boundary,
        case
            when same_period.value is null
                then coalesce(nearest.known_from, same_period.known_from)
            else same_period.known_from
        end as denominator_known_from
    from numerator_sums
    left join denominator_parts
        on numerator_sums.indicator_code = denominator_parts.indicator_code
    left join part_values as same_period
        on
            numerator_sums.province_id = same_period.province_id
            and denominator_parts.part_code = same_period.indicator_code
            and numerator_sums.period_id = same_period.period_id
    left join nearest_values as nearest
        on
            numerator_sums.province_id = nearest.province_id
            and denominator_parts.indicator_code = nearest.indicator_code
            and denominator_parts.part_code = nearest.part_code
            and numerator_sums.year = nearest.year
),

-- One row per ratio again: what its numerators came to is the same in each of its rows.
ratio_sums as (
    select
        province_id,
        indicator_code,
        period_id,
        year,
        max(numerator) as numerator,
        max(numerators_found) as numerators_found,
        max(numerators_known) as numerators_known,
        sum(denominator) as denominator,
        count(denominator_period_id) as denominators_found,
        count(denominator) as denominators_known,
        max(denominator_period_id) as denominator_period_id,
        cast(max(denominator_age_years) as int) as denominator_age_years,
        max(case when is_denominator_inexact then 1 else inexact_flag end) as inexact_flag,
        max(case when crosses_denominator_boundary then 1 else crossing_flag end) as crossing_flag,
        max(greatest(known_from, coalesce(denominator_known_from, known_from))) as known_from
    from denominators_found
    group by province_id, indicator_code, period_id, year
),

-- Parts that came over a boundary make a ratio of the new area only where its rule says so.
ratios_judged as (
    select
        ratio_sums.*,
        ratio_sums.crossing_flag = 1 as crosses_boundary,
        ratios.unit,
        ratios.factor,
        case
            when ratio_sums.numerators_found < ratios.numerator_parts then 'missing_numerator'
            when
                ratios.denominator_parts = 0
                or ratio_sums.denominators_found < ratios.denominator_parts
                then 'missing_denominator'
            when ratio_sums.numerators_known < ratios.numerator_parts then 'null_numerator'
            when ratio_sums.denominators_known < ratios.denominator_parts then 'null_denominator'
            when ratio_sums.denominator = 0 then 'zero_denominator'
        end as reason_code
    from ratio_sums
    inner join ratios
        on ratio_sums.indicator_code = ratios.indicator_code
    left join area_rules
        on
            ratio_sums.indicator_code = area_rules.indicator_code
            and ratio_sums.year = area_rules.year
    where ratio_sums.crossing_flag = 0 or area_rules.area_rule = 'recompute'
),

-- Divided outside of any case: inside one, engines work out repeated terms again and again.
ratios_divided as (
    select
        ratios_judged.*,
        {{ exact_ratio('numerator', 'denominator', 'factor') }} as quotient
    from ratios_judged
),

ratios_valued as (
    select
        ratios_divided.*,
        case when reason_code is null then quotient end as value
    from ratios_divided
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
        factor,
        denominator_period_id,
        denominator_age_years,
        crosses_boundary,
        known_from
    from ratios_valued
),

ratio_values as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        unit,
        {{ derived_status(
            'reason_code',
            'inexact_flag = 1 or denominator_age_years > 0'
        ) }} as status,
        {{ derived_qualifier('reason_code', 'inexact_flag = 1') }} as qualifier,
        reason_code,
        numerator,
        denominator,
        case when reason_code is null then denominator_period_id end as denominator_period_id,
        case when reason_code is null then denominator_age_years end as denominator_age_years,
        crosses_boundary,
        known_from,
        factor
    from ratios_explained
)

select * from ratio_values
