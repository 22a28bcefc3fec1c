with area_values as (
    select * from {{ ref('int_area_values') }}
),

rollups as (
    select * from {{ ref('int_rollups') }}
),

-- Months are nearly all there is, and nothing makes a month: they are left out before figures are
-- compared.
longer_periods as (
    select {{ code('period_id') }} as period_id from {{ ref('int_periods') }}
    where period_type <> 'month'
),

-- What was stated for the period itself comes before what shorter ones make, but for a null.
double_keys as (
    select
        area_values.province_id,
        area_values.indicator_code,
        area_values.period_id,
        area_values.value is null and rollups.value is not null as is_rolled
    from area_values
    semi join longer_periods
        on area_values.period_id = longer_periods.period_id
    inner join rollups
        on
            area_values.province_id = rollups.province_id
            and area_values.indicator_code = rollups.indicator_code
            and area_values.period_id = rollups.period_id
)

select * from double_keys
