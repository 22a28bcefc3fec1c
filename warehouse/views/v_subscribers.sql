with totals as (
    select centre.*
    from main.fct_indicator_values as centre
    inner join main.dim_indicators as indicators
        on centre.indicator_code = indicators.indicator_code
    inner join main.dim_periods as periods
        on centre.period_id = periods.period_id
    where
        indicators.unit = 'subscription'
        and periods.period_type = 'month'
        and centre.area_level = 'province'
),

operators_ordered as (
    select
        observations.province_id,
        observations.indicator_code,
        observations.period_id,
        split_part(observations.breakdown, ':', 2) as operator,
        observations.value,
        row_number() over (
            partition by
                observations.province_id,
                observations.indicator_code,
                observations.period_id,
                observations.breakdown
            order by
                sources.rank asc nulls last,
                observations.source_id asc nulls last,
                observations.load_id asc nulls last,
                observations.basis asc nulls last
        ) as first_no
    from main.fct_observations as observations
    left join main.dim_sources as sources
        on observations.source_id = sources.source_id
    where
        observations.is_latest
        and observations.basis in ('point', 'period')
        and observations.breakdown like 'operator:%'
        and observations.breakdown not like '%;%'
),

operators as (
    select
        operators_ordered.*,
        sum(value) over (
            partition by province_id, indicator_code, period_id
        ) as operators_total
    from operators_ordered
    where first_no = 1
),

-- Operators stand for a total only where they make it up; otherwise the total is one row, so that a
-- sum over the rows of a province is its value in the centre, and never a partial sum.
counts as (
    select
        totals.province_id,
        totals.indicator_code,
        totals.period_id,
        totals.boundary_set,
        totals.method,
        totals.reason_code,
        coalesce(operators.operator, '_all') as operator,
        case when operators.operator is null then totals.value else operators.value end
            as subscribers
    from totals
    left join operators
        on
            totals.province_id = operators.province_id
            and totals.indicator_code = operators.indicator_code
            and totals.period_id = operators.period_id
            and totals.method = 'breakdown_sum'
            and totals.value = operators.operators_total
)

select
    counts.boundary_set,
    counts.province_id,
    provinces.name_vi as province_vi,
    provinces.name_en as province_en,
    provinces.region_vi,
    counts.period_id,
    periods.end_date,
    periods.year,
    periods.quarter,
    periods.month,
    counts.indicator_code,
    indicators.name_vi as indicator_vi,
    indicators.name_en as indicator_en,
    counts.operator,
    coalesce(members.name_vi, 'Tất cả doanh nghiệp') as operator_vi,
    coalesce(members.name_en, 'All operators') as operator_en,
    counts.method,
    counts.reason_code,
    counts.subscribers
from counts
inner join main.dim_provinces as provinces
    on counts.province_id = provinces.province_id
inner join main.dim_periods as periods
    on counts.period_id = periods.period_id
inner join main.dim_indicators as indicators
    on counts.indicator_code = indicators.indicator_code
left join main.dim_members as members
    on members.dimension = 'operator' and counts.operator = members.code
