with boundary_carried as (
    select * from {{ ref('int_boundary_carried') }}
),

part_values as (
    select * from {{ ref('int_part_values') }}
),

base_values as (
    select * from {{ ref('int_base_values') }}
),

successions as (
    select * from {{ ref('int_area_successions') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

-- Each predecessor's own figure, where none is missing.
values_to_weigh as (
    select
        boundary_carried.province_id,
        boundary_carried.indicator_code,
        boundary_carried.period_id,
        boundary_carried.year,
        boundary_carried.area_weight_code,
        boundary_carried.coverage_expected,
        indicators.periodicity = 'year' as may_be_older,
        part_values.province_id as ancestor_id,
        part_values.value
    from boundary_carried
    inner join indicators
        on boundary_carried.area_weight_code = indicators.indicator_code
    inner join successions
        on
            boundary_carried.province_id = successions.area_id
            and boundary_carried.steps = successions.steps
    inner join part_values
        on
            successions.ancestor_id = part_values.province_id
            and boundary_carried.indicator_code = part_values.indicator_code
            and boundary_carried.period_id = part_values.period_id
    where
        boundary_carried.area_rule = 'weighted_mean'
        and boundary_carried.unknown_count = 0
        and boundary_carried.coverage_count = boundary_carried.coverage_expected
),

same_period_weights as (
    select
        values_to_weigh.*,
        base_values.period_id as weight_period_id,
        base_values.value as weight,
        base_values.known_from,
        -1 as age_years
    from values_to_weigh
    inner join base_values
        on
            values_to_weigh.ancestor_id = base_values.province_id
            and values_to_weigh.area_weight_code = base_values.indicator_code
            and values_to_weigh.period_id = base_values.period_id
),

-- As for the denominator of a ratio, an earlier year may stand in for a yearly weight.
older_weights as (
    select
        values_to_weigh.*,
        base_values.period_id as weight_period_id,
        base_values.value as weight,
        base_values.known_from,
        values_to_weigh.year - weight_periods.year as age_years
    from values_to_weigh
    inner join base_values
        on
            values_to_weigh.ancestor_id = base_values.province_id
            and values_to_weigh.area_weight_code = base_values.indicator_code
    inner join periods as weight_periods
        on base_values.period_id = weight_periods.period_id
    where
        values_to_weigh.may_be_older
        and weight_periods.period_type = 'year'
        and base_values.period_id <> values_to_weigh.period_id
        and values_to_weigh.year - weight_periods.year between 0
        and {{ var('max_weight_age_years') }}
),

weights as (
    select * from same_period_weights
    union all
    select * from older_weights
),

-- Six decimals of a figure and three of a weight: their product is exact in 38 digits.
products as (
    select
        weights.*,
        try_cast(value as decimal(19, 6)) * try_cast(weight as decimal(18, 3)) as product
    from weights
),

-- All weights are of one period, and every predecessor has its own.
weight_sums as (
    select
        province_id,
        indicator_code,
        period_id,
        weight_period_id,
        age_years,
        try_cast(sum(weight) as decimal(28, 10)) as weight_sum,
        case when count(product) = count(weight) then sum(product) end as weighted_sum,
        max(known_from) as known_from
    from products
    group by
        province_id, indicator_code, period_id, weight_period_id, age_years, coverage_expected
    having count(weight) = coverage_expected
),

weight_sums_ordered as (
    select
        weight_sums.*,
        row_number() over (
            partition by province_id, indicator_code, period_id
            order by age_years asc nulls last, weight_period_id asc nulls last
        ) as age_order
    from weight_sums
),

boundary_weights as (
    select
        province_id,
        indicator_code,
        period_id,
        weight_period_id,
        weight_sum,
        weighted_sum,
        known_from
    from weight_sums_ordered
    where age_order = 1
)

select * from boundary_weights
