with base_values as (
    select * from {{ ref('int_base_values') }}
),

rollups as (
    select * from {{ ref('int_rollups') }}
),

known_base_values as (
    select * from base_values
    where value is not null
),

-- What was stated for the period itself comes before what its parts make, a number before a null.
known_values as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        is_inexact,
        known_from
    from known_base_values
    union all
    select
        rollups.province_id,
        rollups.indicator_code,
        rollups.period_id,
        rollups.value,
        {{ is_inexact('rollups.status', 'rollups.qualifier') }} as is_inexact,
        rollups.known_from
    from rollups
    left join known_base_values
        on
            rollups.province_id = known_base_values.province_id
            and rollups.indicator_code = known_base_values.indicator_code
            and rollups.period_id = known_base_values.period_id
    where
        rollups.value is not null
        and known_base_values.province_id is null
),

nulls as (
    select
        province_id,
        indicator_code,
        period_id,
        known_from
    from base_values
    where value is null
    union all
    select
        province_id,
        indicator_code,
        period_id,
        known_from
    from rollups
    where value is null
),

missing_values as (
    select
        nulls.province_id,
        nulls.indicator_code,
        nulls.period_id,
        max(nulls.known_from) as known_from
    from nulls
    left join known_values
        on
            nulls.province_id = known_values.province_id
            and nulls.indicator_code = known_values.indicator_code
            and nulls.period_id = known_values.period_id
    where known_values.province_id is null
    group by nulls.province_id, nulls.indicator_code, nulls.period_id
),

part_values as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        is_inexact,
        known_from
    from known_values
    union all
    select
        province_id,
        indicator_code,
        period_id,
        cast(null as decimal(28, 10)) as value,
        false as is_inexact,
        known_from
    from missing_values
)

select * from part_values
