with area_values as (
    select * from {{ ref('int_area_values') }}
),

rollups as (
    select * from {{ ref('int_rollups') }}
),

double_keys as (
    select * from {{ ref('int_part_double_keys') }}
),

part_values as (
    select
        area_values.province_id,
        area_values.indicator_code,
        area_values.period_id,
        area_values.value,
        area_values.is_inexact,
        area_values.crosses_boundary,
        area_values.known_from
    from area_values
    left join double_keys
        on
            area_values.province_id = double_keys.province_id
            and area_values.indicator_code = double_keys.indicator_code
            and area_values.period_id = double_keys.period_id
    where not coalesce(double_keys.is_rolled, false)
    union all
    select
        rollups.province_id,
        rollups.indicator_code,
        rollups.period_id,
        rollups.value,
        rollups.is_inexact,
        rollups.crosses_boundary,
        rollups.known_from
    from rollups
    left join double_keys
        on
            rollups.province_id = double_keys.province_id
            and rollups.indicator_code = double_keys.indicator_code
            and rollups.period_id = double_keys.period_id
    where coalesce(double_keys.is_rolled, true)
)

select * from part_values
