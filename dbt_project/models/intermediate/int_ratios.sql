with indicators as (
    select * from {{ ref('indicators') }}
),

indicator_parts as (
    select
        {{ code('indicator_code') }} as indicator_code,
        {{ code('part_code') }} as part_code,
        role,
        max_age_years
    from {{ ref('indicator_parts') }}
),

periods as (
    select
        {{ code('period_id') }} as period_id,
        period_type,
        year
    from {{ ref('int_periods') }}
),

recomputed_years as (
    select
        indicator_code,
        year
    from {{ ref('int_area_rules') }}
    where area_rule = 'recompute'
),

ratios as (
    select
        indicator_parts.indicator_code,
        indicators.factor,
        sum(case when indicator_parts.role = 'numerator' then 1 else 0 end) as numerator_parts,
        sum(case when indicator_parts.role = 'denominator' then 1 else 0 end) as denominator_parts
    from indicators
    inner join indicator_parts
        on indicators.indicator_code = indicator_parts.indicator_code
    where indicators.kind = 'ratio' and indicators.factor is not null
    group by indicator_parts.indicator_code, indicators.factor
),

years as (
    select distinct year from periods
),

-- What millions of sums are joined to is one small table: of several, engines build the large side.
ratio_years as (
    select
        ratios.*,
        years.year,
        recomputed_years.year is not null as is_recomputed
    from ratios
    cross join years
    left join recomputed_years
        on
            ratios.indicator_code = recomputed_years.indicator_code
            and years.year = recomputed_years.year
),

denominator_parts as (
    select
        indicator_code,
        part_code,
        max_age_years
    from indicator_parts
    where role = 'denominator'
),

parts_found as (
    select
        part_values.*,
        indicator_parts.indicator_code as ratio_code,
        indicator_parts.role = 'numerator' as is_numerator,
        periods.year
    from {{ ref('int_part_values') }} as part_values
    inner join indicator_parts
        on part_values.indicator_code = indicator_parts.part_code
    inner join periods
        on part_values.period_id = periods.period_id
    where
        indicator_parts.role in ('numerator', 'denominator')
        and periods.period_type <> 'undated'
),

-- Numerators and denominators of one period, each in columns of their own.
parts_added as (
    select
        province_id,
        ratio_code as indicator_code,
        period_id,
        max(year) as year,
        sum(case when is_numerator then value end) as numerator,
        count(case when is_numerator then 1 end) as numerators_found,
        count(case when is_numerator then value end) as numerators_known,
        bool_or(is_numerator and is_inexact) as is_numerator_inexact,
        bool_or(is_numerator and crosses_boundary) as crosses_numerator_boundary,
        max(case when is_numerator then known_from end) as numerator_known_from,
        sum(case when not is_numerator then value end) as denominator,
        count(case when not is_numerator then 1 end) as denominators_found,
        count(case when not is_numerator then value end) as denominators_known,
        bool_or(not is_numerator and is_inexact) as is_denominator_inexact,
        bool_or(not is_numerator and crosses_boundary) as crosses_denominator_boundary,
        max(case when not is_numerator then known_from end) as denominator_known_from
    from parts_found
    group by province_id, ratio_code, period_id
),

-- A ratio is asked for wherever one of its numerators is known, so that a missing part shows.
numerator_sums as (
    select
        parts_added.*,
        parts_added.denominators_known >= ratios.denominator_parts as is_complete
    from parts_added
    inner join ratios
        on parts_added.indicator_code = ratios.indicator_code
    where parts_added.numerators_found > 0
),

-- Figures of a year that come late: the nearest earlier year stands in, no later one ever does.
-- Ids of years sort as the years do.
year_values as (
    select
        part_values.*,
        denominator_parts.indicator_code as ratio_code,
        denominator_parts.max_age_years,
        periods.year
    from {{ ref('int_part_values') }} as part_values
    inner join denominator_parts
        on part_values.indicator_code = denominator_parts.part_code
    inner join periods
        on part_values.period_id = periods.period_id
    where
        denominator_parts.max_age_years is not null
        and part_values.value is not null
        and periods.period_type = 'year'
),

nearest_years as (
    select
        year_values.province_id,
        year_values.ratio_code,
        year_values.indicator_code as part_code,
        years.year,
        max(year_values.period_id) as part_period_id
    from year_values
    inner join periods as years
        on
            year_values.year <= years.year
            and year_values.year + year_values.max_age_years >= years.year
    where years.period_type = 'year'
    group by
        year_values.province_id, year_values.ratio_code, year_values.indicator_code, years.year
),

nearest_values as (
    select
        nearest_years.*,
        year_values.value,
        year_values.year as part_year,
        year_values.is_inexact,
        year_values.crosses_boundary,
        year_values.known_from
    from nearest_years
    inner join year_values
        on
            nearest_years.province_id = year_values.province_id
            and nearest_years.ratio_code = year_values.ratio_code
            and nearest_years.part_code = year_values.indicator_code
            and nearest_years.part_period_id = year_values.period_id
),

missing_denominators as (
    select
        numerator_sums.province_id,
        numerator_sums.indicator_code,
        numerator_sums.period_id,
        numerator_sums.year,
        denominator_parts.part_code
    from numerator_sums
    inner join denominator_parts
        on numerator_sums.indicator_code = denominator_parts.indicator_code
    where not numerator_sums.is_complete
),

same_period_values as (
    select
        part_values.*,
        missing_denominators.indicator_code as ratio_code
    from {{ ref('int_part_values') }} as part_values
    inner join missing_denominators
        on
            part_values.province_id = missing_denominators.province_id
            and part_values.indicator_code = missing_denominators.part_code
            and part_values.period_id = missing_denominators.period_id
),

denominators_found as (
    select
        missing.*,
        coalesce(same_period.value, nearest.value) as denominator,
        case
            when same_period.value is null
                then coalesce(nearest.part_period_id, same_period.period_id)
            else same_period.period_id
        end as denominator_period_id,
        case when same_period.value is null then missing.year - nearest.part_year else 0 end
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
    from missing_denominators as missing
    left join same_period_values as same_period
        on
            missing.province_id = same_period.province_id
            and missing.indicator_code = same_period.ratio_code
            and missing.part_code = same_period.indicator_code
            and missing.period_id = same_period.period_id
    left join nearest_values as nearest
        on
            missing.province_id = nearest.province_id
            and missing.indicator_code = nearest.ratio_code
            and missing.part_code = nearest.part_code
            and missing.year = nearest.year
),

denominator_sums as (
    select
        province_id,
        indicator_code,
        period_id,
        sum(denominator) as denominator,
        count(denominator_period_id) as denominators_found,
        count(denominator) as denominators_known,
        max(denominator_period_id) as denominator_period_id,
        cast(max(denominator_age_years) as int) as denominator_age_years,
        bool_or(is_denominator_inexact) as is_denominator_inexact,
        bool_or(crosses_denominator_boundary) as crosses_denominator_boundary,
        max(denominator_known_from) as known_from
    from denominators_found
    group by province_id, indicator_code, period_id
),

-- Where all denominators are of the period itself, nothing is looked for.
ratio_sums as (
    select
        province_id,
        indicator_code,
        period_id,
        year,
        numerator,
        numerators_found,
        numerators_known,
        denominator,
        denominators_found,
        denominators_known,
        period_id as denominator_period_id,
        0 as denominator_age_years,
        is_numerator_inexact or is_denominator_inexact as is_inexact,
        crosses_numerator_boundary or crosses_denominator_boundary as crosses_boundary,
        greatest(numerator_known_from, coalesce(denominator_known_from, numerator_known_from))
            as known_from
    from numerator_sums
    where is_complete
    union all
    select
        numerator_sums.province_id,
        numerator_sums.indicator_code,
        numerator_sums.period_id,
        numerator_sums.year,
        numerator_sums.numerator,
        numerator_sums.numerators_found,
        numerator_sums.numerators_known,
        found.denominator,
        found.denominators_found,
        found.denominators_known,
        found.denominator_period_id,
        found.denominator_age_years,
        numerator_sums.is_numerator_inexact or found.is_denominator_inexact as is_inexact,
        numerator_sums.crosses_numerator_boundary or found.crosses_denominator_boundary
            as crosses_boundary,
        greatest(
            numerator_sums.numerator_known_from,
            coalesce(found.known_from, numerator_sums.numerator_known_from)
        ) as known_from
    from numerator_sums
    inner join denominator_sums as found
        on
            numerator_sums.province_id = found.province_id
            and numerator_sums.indicator_code = found.indicator_code
            and numerator_sums.period_id = found.period_id
),

-- Parts that came over a boundary make a ratio of the new area only where its rule says so.
ratios_judged as (
    select
        ratio_sums.*,
        ratio_years.factor,
        case
            when ratio_sums.numerators_found < ratio_years.numerator_parts then 'missing_numerator'
            when
                ratio_years.denominator_parts = 0
                or ratio_sums.denominators_found < ratio_years.denominator_parts
                then 'missing_denominator'
            when ratio_sums.numerators_known < ratio_years.numerator_parts then 'null_numerator'
            when ratio_sums.denominators_known < ratio_years.denominator_parts
                then 'null_denominator'
            when ratio_sums.denominator = 0 then 'zero_denominator'
        end as reason_code
    from ratio_sums
    inner join ratio_years
        on
            ratio_sums.indicator_code = ratio_years.indicator_code
            and ratio_sums.year = ratio_years.year
    where not coalesce(ratio_sums.crosses_boundary, false) or ratio_years.is_recomputed
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
        coalesce(reason_code, case when value is null then 'out_of_range' end) as reason_code,
        numerator,
        denominator,
        is_inexact,
        factor,
        denominator_period_id,
        denominator_age_years,
        coalesce(crosses_boundary, false) as crosses_boundary,
        known_from
    from ratios_valued
),

ratio_values as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        coalesce(is_inexact, false) as is_inexact,
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
