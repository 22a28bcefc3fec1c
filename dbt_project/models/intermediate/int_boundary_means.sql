with boundary_carried as (
    select * from {{ ref('int_boundary_carried') }}
),

boundary_weights as (
    select * from {{ ref('int_boundary_weights') }}
),

ratios as (
    select * from {{ ref('int_ratios') }}
),

-- A ratio that is recomputed on the later area needs no word about those reported on the earlier.
means as (
    select
        boundary_carried.*,
        boundary_weights.weight_period_id,
        boundary_weights.known_from as weight_known_from,
        case
            when boundary_carried.area_rule = 'simple_mean' then boundary_carried.value_sum
            else boundary_weights.weighted_sum
        end as numerator,
        case
            when boundary_carried.area_rule = 'simple_mean'
                then cast(boundary_carried.coverage_expected as decimal(28, 10))
            else boundary_weights.weight_sum
        end as denominator
    from boundary_carried
    left join boundary_weights
        on
            boundary_carried.province_id = boundary_weights.province_id
            and boundary_carried.indicator_code = boundary_weights.indicator_code
            and boundary_carried.period_id = boundary_weights.period_id
    left join ratios
        on
            boundary_carried.province_id = ratios.province_id
            and boundary_carried.indicator_code = ratios.indicator_code
            and boundary_carried.period_id = ratios.period_id
    where boundary_carried.area_rule <> 'recompute' or ratios.province_id is null
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
