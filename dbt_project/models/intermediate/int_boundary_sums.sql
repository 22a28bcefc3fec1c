with base_values as (
    select * from {{ ref('int_base_values') }}
),

area_rules as (
    select
        {{ code('indicator_code') }} as indicator_code,
        year,
        area_rule
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

dossier_indicators as (
    select * from {{ ref('int_dossier_indicators') }}
),

-- An undated figure has no year, and figures of unknown times are never added.
summable_values as (
    select base_values.*
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
-- before it began and after it ended. What passes in part only is counted and never added. How many
-- predecessors a generation has is the same in each of its rows.
sums as (
    select
        successions.area_id as province_id,
        summable_values.indicator_code,
        summable_values.period_id,
        summable_values.basis,
        successions.steps,
        max(successions.ancestor_count) as coverage_expected,
        max(successions.unknown_count) as unknown_count,
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
        successions.steps
),

series as (
    select distinct
        province_id,
        indicator_code,
        basis
    from base_values
),

-- Where one generation alone speaks of an indicator, and on one basis, a period has one sum. Only
-- the others are put in order, for ordering all of them would cost more than adding them.
ambiguous_series as (
    select
        successions.area_id as province_id,
        series.indicator_code
    from series
    inner join successions
        on series.province_id = successions.ancestor_id
    group by successions.area_id, series.indicator_code
    having
        min(successions.steps) < max(successions.steps)
        or min(coalesce(series.basis, '')) < max(coalesce(series.basis, ''))
),

ambiguous_sums as (
    select
        sums.*,
        {{ nearest_set_order() }} as set_order
    from sums
    semi join ambiguous_series
        on
            sums.province_id = ambiguous_series.province_id
            and sums.indicator_code = ambiguous_series.indicator_code
),

nearest_sums as (
    select
        sums.*,
        cast(1 as bigint) as set_order
    from sums
    anti join ambiguous_series
        on
            sums.province_id = ambiguous_series.province_id
            and sums.indicator_code = ambiguous_series.indicator_code
    union all
    select * from ambiguous_sums
    where set_order = 1
),

-- Where a log counts an area, it counts what its predecessors still have with it: to add theirs
-- again would be another figure for the same dossiers.
sums_judged as (
    select
        nearest_sums.*,
        case
            when nearest_sums.unknown_count > 0 then 'unknown_share'
            when nearest_sums.coverage_count < nearest_sums.coverage_expected
                then 'incomplete_coverage'
            when nearest_sums.partial_value is null then 'out_of_range'
        end as reason_code
    from nearest_sums
    anti join dossier_indicators
        on
            nearest_sums.province_id = dossier_indicators.province_id
            and nearest_sums.indicator_code = dossier_indicators.indicator_code
            and nearest_sums.period_id = dossier_indicators.period_id
),

-- A partial sum is never shown as a total: it keeps its coverage and its reason, not its number.
boundary_sums as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        steps,
        coverage_count,
        coverage_expected,
        reason_code,
        partial_value,
        case when reason_code is null then partial_value end as value,
        reason_code is null and coalesce(inexact_flag, 0) = 1 as is_inexact,
        known_from
    from sums_judged
)

select * from boundary_sums
