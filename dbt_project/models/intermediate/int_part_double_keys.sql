with area_values as (
    select * from {{ ref('int_area_values') }}
),

rollups as (
    select * from {{ ref('int_rollups') }}
),

-- What was stated for the period itself comes before what shorter ones make, but for a null.
double_keys as (
    select
        area_values.province_id,
        area_values.indicator_code,
        area_values.period_id,
        area_values.value is null and rollups.value is not null as is_rolled
    from area_values
    inner join rollups
        on
            area_values.province_id = rollups.province_id
            and area_values.indicator_code = rollups.indicator_code
            and area_values.period_id = rollups.period_id
)

select * from double_keys
