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
        ratios.factor,
        ratios.unit,
        -- Yearly context figures come late: an earlier year may stand in for the denominator.
        indicator_parts.role = 'denominator'
        and substr(indicator_parts.part_code, 1, 4) = 'ctx_'
        and part_indicators.periodicity = 'year' as may_be_older
    from indicator_parts
    inner join ratios
        on indicator_parts.indicator_code = ratios.indicator_code
    inner join indicators as part_indicators
        on indicator_parts.part_code = part_indicators.indicator_code
),

-- A ratio is asked for wherever one of its numerators is known, so that a missing part shows.
ratio_keys as (
    select distinct
        parts.indicator_code,
        part_values.province_id,
        part_values.period_id,
        periods.year
    from part_values
    inner join parts
        on part_values.indicator_code = parts.part_code
    inner join periods
        on part_values.period_id = periods.period_id
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
        parts.factor,
        parts.unit,
        parts.may_be_older
    from ratio_keys
    inner join parts
        on ratio_keys.indicator_code = parts.indicator_code
),

same_period_parts as (
    select
        required_parts.*,
        part_values.period_id as part_period_id,
        part_values.value,
        part_values.is_inexact,
        part_values.known_from,
        -1 as age_years
    from required_parts
    left join part_values
        on
            required_parts.province_id = part_values.province_id
            and required_parts.part_code = part_values.indicator_code
            and required_parts.period_id = part_values.period_id
),

older_parts as (
    select
        required_parts.*,
        part_values.period_id as part_period_id,
        part_values.value,
        part_values.is_inexact,
        part_values.known_from,
        required_parts.year - part_periods.year as age_years
    from required_parts
    inner join part_values
        on
            required_parts.province_id = part_values.province_id
            and required_parts.part_code = part_values.indicator_code
    inner join periods as part_periods
        on part_values.period_id = part_periods.period_id
    where
        required_parts.may_be_older
        and part_periods.period_type = 'year'
        and part_values.period_id <> required_parts.period_id
        and part_values.value is not null
        and required_parts.year - part_periods.year between 0
        and {{ var('max_denominator_age_years') }}
),

parts_found as (
    select * from same_period_parts
    union all
    select * from older_parts
),

parts_ordered as (
    select
        parts_found.*,
        row_number() over (
            partition by province_id, indicator_code, period_id, role, part_code
            order by
                case when value is null then 1 else 0 end nulls last,
                age_years nulls last,
                part_period_id nulls last
        ) as part_order
    from parts_found
),

ratio_sums as (
    select
        province_id,
        indicator_code,
        period_id,
        unit,
        factor,
        sum(case when role = 'numerator' then value end) as numerator,
        sum(case when role = 'denominator' then value end) as denominator,
        max(case when role = 'denominator' then part_period_id end) as denominator_period_id,
        sum(case when role = 'numerator' and part_period_id is null then 1 else 0 end)
            as missing_numerators,
        sum(case when role = 'denominator' and part_period_id is null then 1 else 0 end)
            as missing_denominators,
        sum(case when role = 'numerator' and value is null then 1 else 0 end) as null_numerators,
        sum(case when role = 'denominator' and value is null then 1 else 0 end)
            as null_denominators,
        sum(case when role = 'denominator' then 1 else 0 end) as denominator_parts,
        max(case when is_inexact then 1 else 0 end) as inexact_flag,
        max(case when age_years > 0 then 1 else 0 end) as older_flag,
        max(known_from) as known_from
    from parts_ordered
    where part_order = 1
    group by province_id, indicator_code, period_id, unit, factor
),

ratios_judged as (
    select
        ratio_sums.*,
        case
            when missing_numerators > 0 then 'missing_numerator'
            when missing_denominators > 0 or denominator_parts = 0 then 'missing_denominator'
            when null_numerators > 0 then 'null_numerator'
            when null_denominators > 0 then 'null_denominator'
            when denominator = 0 then 'zero_denominator'
        end as reason_code
    from ratio_sums
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
        inexact_flag,
        older_flag,
        numerator,
        denominator,
        factor,
        denominator_period_id,
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
            when inexact_flag = 1 or older_flag = 1 then 'E'
            else 'A'
        end as status,
        case
            when reason_code is not null then null
            when inexact_flag = 1 then 'approx'
            else 'exact'
        end as qualifier,
        reason_code,
        case when reason_code is null then denominator_period_id end as denominator_period_id,
        known_from,
        numerator,
        denominator,
        factor
    from ratios_explained
)

select * from ratio_values
