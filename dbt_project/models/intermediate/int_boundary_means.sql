with boundary_carried as (
    select * from {{ ref('int_boundary_carried') }}
),

boundary_sums as (
    select * from {{ ref('int_boundary_sums') }}
),

base_values as (
    select * from {{ ref('int_base_values') }}
),

part_values as (
    select * from {{ ref('int_part_values') }}
),

ratios as (
    select * from {{ ref('int_ratios') }}
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

weighted as (
    select * from boundary_carried
    where area_rule = 'weighted_mean'
),

-- The weights of one period, all predecessors': of the same one, else of the nearest earlier year,
-- as for the denominator of a ratio. One missing weight leaves no sum of weights.
weights as (
    select
        weighted.province_id,
        weighted.indicator_code,
        weighted.period_id,
        weighted.steps,
        weighted.area_weight_code,
        boundary_sums.period_id as weight_period_id,
        boundary_sums.value as weight_sum,
        boundary_sums.known_from as weight_known_from,
        row_number() over (
            partition by weighted.province_id, weighted.indicator_code, weighted.period_id
            order by
                case when boundary_sums.period_id = weighted.period_id then 0 else 1 end nulls last,
                weight_periods.year desc nulls last
        ) as weight_order
    from weighted
    inner join boundary_sums
        on
            weighted.province_id = boundary_sums.province_id
            and weighted.area_weight_code = boundary_sums.indicator_code
            and weighted.steps = boundary_sums.steps
    inner join indicators
        on weighted.area_weight_code = indicators.indicator_code
    inner join periods as weight_periods
        on boundary_sums.period_id = weight_periods.period_id
    where
        boundary_sums.value is not null
        and (
            boundary_sums.period_id = weighted.period_id
            or (
                indicators.periodicity = 'year'
                and weight_periods.period_type = 'year'
                and weighted.year - weight_periods.year between 0
                and {{ var('max_weight_age_years') }}
            )
        )
),

weight_periods as (
    select * from weights
    where weight_order = 1
),

-- Six decimals of a ratio and three of a weight: their product is exact and fits.
weighted_sums as (
    select
        weight_periods.province_id,
        weight_periods.indicator_code,
        weight_periods.period_id,
        weight_periods.weight_period_id,
        weight_periods.weight_sum,
        weight_periods.weight_known_from,
        count(part_values.value) - count(
            try_cast(part_values.value as decimal(16, 6))
            * try_cast(base_values.value as decimal(18, 3))
        ) as lost_count,
        sum(
            try_cast(part_values.value as decimal(16, 6))
            * try_cast(base_values.value as decimal(18, 3))
        ) as weighted_sum
    from weight_periods
    inner join successions
        on
            weight_periods.province_id = successions.area_id
            and weight_periods.steps = successions.steps
    inner join part_values
        on
            successions.ancestor_id = part_values.province_id
            and weight_periods.indicator_code = part_values.indicator_code
            and weight_periods.period_id = part_values.period_id
    inner join base_values
        on
            successions.ancestor_id = base_values.province_id
            and weight_periods.area_weight_code = base_values.indicator_code
            and weight_periods.weight_period_id = base_values.period_id
    group by
        weight_periods.province_id,
        weight_periods.indicator_code,
        weight_periods.period_id,
        weight_periods.weight_period_id,
        weight_periods.weight_sum,
        weight_periods.weight_known_from
),

-- A ratio that is recomputed on the later area needs no word about those reported on the earlier.
means as (
    select
        boundary_carried.*,
        weighted_sums.weight_period_id,
        weighted_sums.weight_known_from,
        case
            when boundary_carried.area_rule = 'simple_mean' then boundary_carried.value_sum
            when weighted_sums.lost_count = 0 then weighted_sums.weighted_sum
        end as numerator,
        case
            when boundary_carried.area_rule = 'simple_mean'
                then cast(boundary_carried.coverage_expected as decimal(28, 10))
            else weighted_sums.weight_sum
        end as denominator
    from boundary_carried
    left join weighted_sums
        on
            boundary_carried.province_id = weighted_sums.province_id
            and boundary_carried.indicator_code = weighted_sums.indicator_code
            and boundary_carried.period_id = weighted_sums.period_id
    left join ratios
        on
            boundary_carried.area_rule = 'recompute'
            and boundary_carried.province_id = ratios.province_id
            and boundary_carried.indicator_code = ratios.indicator_code
            and boundary_carried.period_id = ratios.period_id
    where ratios.province_id is null
),

means_judged as (
    select
        means.*,
        case
            when area_rule = 'none' then 'not_transferable'
            when area_rule = 'recompute' then 'missing_parts'
            when unknown_count > 0 then 'unknown_share'
            when coverage_count < coverage_expected then 'incomplete_coverage'
            when denominator is null then 'missing_weight'
            when denominator = 0 then 'zero_denominator'
        end as reason_code
    from means
),

means_divided as (
    select
        means_judged.*,
        case
            when reason_code is null then {{ exact_ratio('numerator', 'denominator', '1') }}
        end as value
    from means_judged
),

means_explained as (
    select
        province_id,
        indicator_code,
        period_id,
        case area_rule
            when 'simple_mean' then 'boundary_mean'
            when 'weighted_mean' then 'boundary_weighted'
            when 'recompute' then 'boundary_ratio'
            else 'boundary_none'
        end as derivation,
        area_rule in ('simple_mean', 'weighted_mean') as is_mean,
        value,
        unit,
        coverage_count,
        coverage_expected,
        weight_period_id,
        weight_known_from,
        known_from,
        coalesce(reason_code, case when value is null then 'out_of_range' end) as reason_code
    from means_divided
),

-- A mean over areas is an estimate, however exact its parts are.
boundary_means as (
    select
        province_id,
        indicator_code,
        period_id,
        derivation,
        cast(null as string) as basis,
        value,
        unit,
        case when reason_code is null then 'E' else 'O' end as status,
        case when reason_code is null then 'approx' end as qualifier,
        reason_code,
        case when is_mean then 'province' end as coverage_of,
        case when is_mean then coverage_count end as coverage_count,
        case when is_mean then coverage_expected end as coverage_expected,
        case when reason_code is null then weight_period_id end as denominator_period_id,
        greatest(known_from, weight_known_from) as known_from
    from means_explained
)

select * from boundary_means
