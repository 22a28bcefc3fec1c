with base_values as (
    select * from {{ ref('int_base_values') }}
),

area_rules as (
    select * from {{ ref('int_area_rules') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

successions as (
    select * from {{ ref('int_area_successions') }}
),

dossier_indicators as (
    select * from {{ ref('int_dossier_indicators') }}
),

-- An undated figure has no year, and figures of unknown times are never added.
summable_values as (
    select
        base_values.*,
        area_rules.unit
    from base_values
    inner join periods
        on base_values.period_id = periods.period_id
    inner join area_rules
        on
            base_values.indicator_code = area_rules.indicator_code
            and periods.year = area_rules.year
    where area_rules.area_rule = 'sum'
),

-- Every figure is asked for on all later areas, whatever the period: a set may be reported on
-- before it began and after it ended. What passes in part only is counted and never added.
sums as (
    select
        successions.area_id as province_id,
        summable_values.indicator_code,
        summable_values.period_id,
        summable_values.basis,
        summable_values.unit,
        successions.steps,
        successions.ancestor_count as coverage_expected,
        successions.unknown_count,
        count(summable_values.value) as number_count,
        cast(
            count(case when successions.is_whole then summable_values.value end) as int
        ) as coverage_count,
        try_cast(
            sum(case when successions.is_whole then summable_values.value end) as decimal(28, 10)
        ) as partial_value,
        max(
            case when summable_values.is_inexact and summable_values.value is not null then 1 end
        ) as inexact_flag,
        max(summable_values.known_from) as known_from
    from summable_values
    inner join successions
        on summable_values.province_id = successions.ancestor_id
    group by
        successions.area_id,
        summable_values.indicator_code,
        summable_values.period_id,
        summable_values.basis,
        summable_values.unit,
        successions.steps,
        successions.ancestor_count,
        successions.unknown_count
),

sums_ordered as (
    select
        sums.*,
        {{ nearest_set_order() }} as set_order
    from sums
),

-- Where a log counts an area, it counts what its predecessors still have with it: to add theirs
-- again would be another figure for the same dossiers.
sums_judged as (
    select
        sums_ordered.*,
        case
            when sums_ordered.unknown_count > 0 then 'unknown_share'
            when sums_ordered.coverage_count < sums_ordered.coverage_expected
                then 'incomplete_coverage'
            when sums_ordered.partial_value is null then 'out_of_range'
        end as reason_code
    from sums_ordered
    left join dossier_indicators
        on
            sums_ordered.province_id = dossier_indicators.province_id
            and sums_ordered.indicator_code = dossier_indicators.indicator_code
            and sums_ordered.period_id = dossier_indicators.period_id
    where
        sums_ordered.set_order = 1
        and dossier_indicators.province_id is null
),

-- A partial sum is never shown as a total: it keeps its coverage and its reason, not its number.
boundary_sums as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        steps,
        'province' as coverage_of,
        coverage_count,
        coverage_expected,
        reason_code,
        partial_value,
        case when reason_code is null then partial_value end as value,
        unit,
        {{ derived_status('reason_code', 'inexact_flag = 1') }} as status,
        {{ derived_qualifier('reason_code', 'inexact_flag = 1') }} as qualifier,
        known_from
    from sums_judged
)

select * from boundary_sums
