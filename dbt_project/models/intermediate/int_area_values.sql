with base_values as (
    select * from {{ ref('int_base_values') }}
),

boundary_sums as (
    select * from {{ ref('int_boundary_sums') }}
),

double_keys as (
    select * from {{ ref('int_area_double_keys') }}
),

area_values as (
    select
        base_values.province_id,
        base_values.indicator_code,
        base_values.period_id,
        base_values.basis,
        base_values.value,
        base_values.is_inexact,
        false as crosses_boundary,
        base_values.known_from
    from base_values
    left join double_keys
        on
            base_values.province_id = double_keys.province_id
            and base_values.indicator_code = double_keys.indicator_code
            and base_values.period_id = double_keys.period_id
    where not coalesce(double_keys.crosses_boundary, false)
    union all
    select
        boundary_sums.province_id,
        boundary_sums.indicator_code,
        boundary_sums.period_id,
        boundary_sums.basis,
        boundary_sums.value,
        boundary_sums.is_inexact,
        true as crosses_boundary,
        boundary_sums.known_from
    from boundary_sums
    left join double_keys
        on
            boundary_sums.province_id = double_keys.province_id
            and boundary_sums.indicator_code = double_keys.indicator_code
            and boundary_sums.period_id = double_keys.period_id
    where coalesce(double_keys.crosses_boundary, true)
)

select * from area_values
