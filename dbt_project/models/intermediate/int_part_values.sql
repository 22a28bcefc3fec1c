with area_values as (
    select * from {{ ref('int_area_values') }}
),

rollups as (
    select * from {{ ref('int_rollups') }}
),

-- What was stated for the period itself comes before what shorter ones make, but for a null.
values_compared as (
    select
        coalesce(area_values.province_id, rollups.province_id) as province_id,
        coalesce(area_values.indicator_code, rollups.indicator_code) as indicator_code,
        coalesce(area_values.period_id, rollups.period_id) as period_id,
        area_values.value as area_value,
        area_values.is_inexact as is_area_inexact,
        area_values.crosses_boundary as crosses_area_boundary,
        area_values.known_from as area_known_from,
        rollups.value as rollup_value,
        {{ is_inexact('rollups.status', 'rollups.qualifier') }} as is_rollup_inexact,
        rollups.crosses_boundary as crosses_rollup_boundary,
        rollups.known_from as rollup_known_from,
        area_values.province_id is null
        or (area_values.value is null and rollups.value is not null) as is_rolled
    from area_values
    full outer join rollups
        on
            area_values.province_id = rollups.province_id
            and area_values.indicator_code = rollups.indicator_code
            and area_values.period_id = rollups.period_id
),

part_values as (
    select
        province_id,
        indicator_code,
        period_id,
        case when is_rolled then rollup_value else area_value end as value,
        case when is_rolled then is_rollup_inexact else is_area_inexact end as is_inexact,
        case when is_rolled then crosses_rollup_boundary else crosses_area_boundary end
            as crosses_boundary,
        case when is_rolled then rollup_known_from else area_known_from end as known_from
    from values_compared
)

select * from part_values
