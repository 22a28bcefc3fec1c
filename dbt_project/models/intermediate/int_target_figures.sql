with targets as (
    select * from {{ ref('int_targets') }}
),

candidates as (
    select * from {{ ref('int_value_candidates') }}
),

vintages as (
    select * from {{ ref('int_observation_vintages') }}
),

heirs as (
    select * from {{ ref('int_area_heirs') }}
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
        unit,
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
        unit,
        status,
        qualifier,
        decimals,
        'reported' as method
    from members_ordered
    where member_order = 1
),

figures as (
    select * from totals
    union all
    select * from members
),

-- A flow of another length is another quantity, and so is a ratio of flows: a month never answers
-- for a year.
figures_by_target as (
    select
        targets.target_id,
        heirs.relation,
        heirs.heir_id as province_id,
        figures.period_id,
        figures.value,
        figures.unit,
        figures.status,
        figures.qualifier,
        figures.decimals,
        figures.method,
        figure_periods.start_date,
        figure_periods.end_date,
        figures.period_id = targets.period_id as is_own_period,
        figure_periods.start_date >= target_periods.start_date as is_inside,
        figure_periods.end_date = target_periods.end_date as is_at_end
    from targets
    inner join heirs
        on targets.province_id = heirs.province_id
    inner join periods as target_periods
        on targets.period_id = target_periods.period_id
    inner join figures
        on
            heirs.heir_id = figures.province_id
            and targets.indicator_code = figures.indicator_code
            and targets.breakdown = figures.breakdown
    inner join periods as figure_periods
        on figures.period_id = figure_periods.period_id
    left join flows
        on targets.indicator_code = flows.indicator_code
    where
        figure_periods.end_date <= target_periods.end_date
        and (
            flows.indicator_code is null
            or figure_periods.period_type = target_periods.period_type
        )
)

select * from figures_by_target
