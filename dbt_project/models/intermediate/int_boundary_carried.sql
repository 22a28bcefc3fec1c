with part_values as (
    select * from {{ ref('int_part_values') }}
),

ratios as (
    select * from {{ ref('int_ratios') }}
),

area_rules as (
    select
        {{ code('indicator_code') }} as indicator_code,
        year,
        area_rule,
        area_weight_code,
        unit
    from {{ ref('int_area_rules') }}
),

periods as (
    select
        {{ code('period_id') }} as period_id,
        year
    from {{ ref('int_periods') }}
),

successions as (
    select
        {{ code('ancestor_id') }} as ancestor_id,
        {{ code('area_id') }} as area_id,
        steps,
        is_whole,
        ancestor_count,
        unknown_count
    from {{ ref('int_area_successions') }}
),

-- A recomputed ratio is recomputed on later areas too, unless nothing of it can be carried.
own_values as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        known_from,
        false as is_recomputed
    from part_values
    where not crosses_boundary
    union all
    select
        province_id,
        indicator_code,
        period_id,
        value,
        known_from,
        true as is_recomputed
    from ratios
    where not crosses_boundary
),

ruled_values as (
    select
        own_values.*,
        periods.year,
        area_rules.area_rule,
        area_rules.area_weight_code,
        area_rules.unit
    from own_values
    inner join periods
        on own_values.period_id = periods.period_id
    inner join area_rules
        on
            own_values.indicator_code = area_rules.indicator_code
            and periods.year = area_rules.year
    where
        area_rules.area_rule <> 'sum'
        and (not own_values.is_recomputed or area_rules.area_rule = 'none')
),

carried as (
    select
        successions.area_id as province_id,
        ruled_values.indicator_code,
        ruled_values.period_id,
        ruled_values.year,
        ruled_values.area_rule,
        ruled_values.area_weight_code,
        ruled_values.unit,
        successions.steps,
        successions.ancestor_count as coverage_expected,
        successions.unknown_count,
        cast(null as string) as basis,
        count(ruled_values.value) as number_count,
        cast(
            count(case when successions.is_whole then ruled_values.value end) as int
        ) as coverage_count,
        try_cast(
            sum(case when successions.is_whole then ruled_values.value end) as decimal(28, 10)
        ) as value_sum,
        max(ruled_values.known_from) as known_from
    from ruled_values
    inner join successions
        on ruled_values.province_id = successions.ancestor_id
    group by
        successions.area_id,
        ruled_values.indicator_code,
        ruled_values.period_id,
        ruled_values.year,
        ruled_values.area_rule,
        ruled_values.area_weight_code,
        ruled_values.unit,
        successions.steps,
        successions.ancestor_count,
        successions.unknown_count
),

carried_ordered as (
    select
        carried.*,
        {{ nearest_set_order() }} as set_order
    from carried
),

boundary_carried as (
    select
        province_id,
        indicator_code,
        period_id,
        year,
        area_rule,
        area_weight_code,
        unit,
        steps,
        coverage_count,
        coverage_expected,
        unknown_count,
        value_sum,
        known_from
    from carried_ordered
    where set_order = 1
)

select * from boundary_carried
