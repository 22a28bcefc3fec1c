with targets as (
    select * from {{ ref('int_targets') }}
),

candidates as (
    select * from {{ ref('int_value_candidates') }}
),

vintages as (
    select * from {{ ref('int_observation_vintages') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

indicator_parts as (
    select * from {{ ref('indicator_parts') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

-- Flows, and ratios with a flow among their parts.
flows as (
    select indicator_code
    from indicators
    where kind = 'flow'
    union
    select indicator_parts.indicator_code
    from indicator_parts
    inner join indicators
        on indicator_parts.part_code = indicators.indicator_code
    where indicators.kind = 'flow'
),

totals as (
    select
        province_id,
        indicator_code,
        period_id,
        'total' as breakdown,
        value,
        status,
        qualifier,
        decimals,
        method
    from candidates
    where is_winner and value is not null
),

members_ordered as (
    select
        vintages.*,
        row_number() over (
            partition by province_id, indicator_code, period_id, breakdown
            order by
                source_rank asc nulls last,
                is_promised desc nulls last,
                is_natural_basis desc nulls last,
                accept_no asc nulls last,
                source_id asc nulls last,
                load_id asc nulls last,
                basis asc nulls last
        ) as member_order
    from vintages
    where
        is_latest
        and breakdown <> 'total'
        and basis in ('point', 'period')
        and value is not null
),

members as (
    select
        province_id,
        indicator_code,
        period_id,
        breakdown,
        value,
        status,
        qualifier,
        decimals,
        'reported' as method
    from members_ordered
    where member_order = 1
),

actuals as (
    select * from totals
    union all
    select * from members
),

-- A flow of another length is another quantity, and so is a ratio of flows: a month never answers
-- for a year.
actuals_by_target as (
    select
        targets.target_id,
        actuals.value as actual_value,
        actuals.status as actual_status,
        actuals.qualifier as actual_qualifier,
        actuals.decimals as actual_decimals,
        actuals.method as actual_method,
        actuals.period_id as actual_period_id,
        actual_periods.start_date >= target_periods.start_date as is_inside,
        actual_periods.end_date = target_periods.end_date as is_at_end,
        row_number() over (
            partition by targets.target_id
            order by
                actual_periods.end_date desc nulls last,
                actual_periods.start_date asc nulls last,
                actuals.period_id asc nulls last
        ) as newest_first_no
    from targets
    inner join periods as target_periods
        on targets.period_id = target_periods.period_id
    inner join actuals
        on
            targets.province_id = actuals.province_id
            and targets.indicator_code = actuals.indicator_code
            and targets.breakdown = actuals.breakdown
    inner join periods as actual_periods
        on actuals.period_id = actual_periods.period_id
    left join flows
        on targets.indicator_code = flows.indicator_code
    where
        actual_periods.end_date <= target_periods.end_date
        and (
            flows.indicator_code is null
            or actual_periods.period_type = target_periods.period_type
        )
),

target_actuals as (
    select * from actuals_by_target
    where newest_first_no = 1
)

select * from target_actuals
