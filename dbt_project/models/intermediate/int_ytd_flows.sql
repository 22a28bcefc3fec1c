with vintages as (
    select * from {{ ref('int_observation_vintages') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

edition_years as (
    select * from {{ ref('int_edition_years') }}
),

-- Two texts may name one day: 9 months and the third quarter both end on 30 September. Where their
-- figures differ, neither is taken.
running_totals as (
    select
        vintages.province_id,
        vintages.indicator_code,
        vintages.source_id,
        vintages.basis,
        vintages.source_rank,
        indicators.unit,
        periods.calendar,
        periods.end_date,
        edition_years.edition,
        min(vintages.value) as value,
        max(vintages.value) as highest_value,
        max(case when {{ is_inexact('vintages.status', 'vintages.qualifier') }} then 1 else 0 end)
            as inexact_flag,
        min(vintages.period_id) as period_id,
        max(vintages.load_id) as load_id,
        max(vintages.accept_no) as accept_no,
        max(vintages.known_from) as known_from
    from vintages
    inner join indicators
        on vintages.indicator_code = indicators.indicator_code
    inner join periods
        on vintages.period_id = periods.period_id
    left join edition_years
        on
            vintages.indicator_code = edition_years.indicator_code
            and periods.year = edition_years.year
    where
        vintages.is_latest
        and vintages.breakdown = 'total'
        and vintages.basis in ('ytd', 'cumulative')
        and vintages.value is not null
        and indicators.kind = 'flow'
        and indicators.time_rule = 'sum'
        and periods.end_date is not null
    group by
        vintages.province_id,
        vintages.indicator_code,
        vintages.source_id,
        vintages.basis,
        vintages.source_rank,
        indicators.unit,
        periods.calendar,
        periods.end_date,
        edition_years.edition
),

spans as (
    select
        period_id,
        calendar,
        year,
        start_date,
        end_date,
        cast(start_date - interval '1' day as date) as day_before
    from periods
    where period_type in ('month', 'quarter', 'half', 'year')
),

year_starts as (
    select
        calendar,
        year,
        min(start_date) as start_date
    from spans
    group by calendar, year
),

-- A total since the year's first day is itself the flow of a span that begins on it; of any other
-- span it is the difference to the total of the day before, and cumulative ones always are.
closings as (
    select
        running_totals.*,
        spans.period_id as span_id,
        case
            when running_totals.basis = 'cumulative' then spans.day_before
            when year_starts.start_date is null then spans.day_before
        end as opening_date
    from running_totals
    inner join spans
        on
            running_totals.calendar = spans.calendar
            and running_totals.end_date = spans.end_date
    left join year_starts
        on
            spans.calendar = year_starts.calendar
            and spans.year = year_starts.year
            and spans.start_date = year_starts.start_date
),

-- Never the difference of two sources.
flows as (
    select
        closings.province_id,
        closings.indicator_code,
        closings.span_id as period_id,
        closings.source_id,
        closings.source_rank,
        closings.load_id,
        closings.accept_no,
        closings.basis as coverage_of,
        closings.unit,
        openings.period_id as opening_period_id,
        closings.period_id as closing_period_id,
        closings.value - coalesce(openings.value, 0) as difference,
        openings.value is not null as is_difference,
        closings.value <> closings.highest_value
        or coalesce(openings.value <> openings.highest_value, false) as is_contradictory,
        openings.value is not null
        and coalesce(closings.edition, '') <> coalesce(openings.edition, '') as crosses_edition,
        greatest(closings.inexact_flag, coalesce(openings.inexact_flag, 0)) as inexact_flag,
        greatest(closings.known_from, coalesce(openings.known_from, closings.known_from))
            as known_from
    from closings
    left join running_totals as openings
        on
            closings.province_id = openings.province_id
            and closings.indicator_code = openings.indicator_code
            and closings.source_id = openings.source_id
            and closings.basis = openings.basis
            and closings.calendar = openings.calendar
            and closings.opening_date = openings.end_date
    where closings.opening_date is null or openings.end_date is not null
),

-- A total that fell was revised in between: how much flowed is not known, and nothing is cut
-- to zero.
flows_judged as (
    select
        flows.*,
        try_cast(difference as decimal(28, 10)) as partial_value,
        case
            when is_contradictory then 'contradictory_totals'
            when crosses_edition then 'crosses_edition'
            when is_difference and difference < 0 then 'negative_difference'
            when try_cast(difference as decimal(28, 10)) is null then 'out_of_range'
        end as reason_code
    from flows
),

ytd_flows as (
    select
        {{ code('province_id') }} as province_id,
        {{ code('indicator_code') }} as indicator_code,
        {{ code('period_id') }} as period_id,
        {{ code("'period'") }} as basis,
        true as is_natural_basis,
        source_id,
        source_rank,
        load_id,
        accept_no,
        opening_period_id,
        closing_period_id,
        coverage_of,
        cast(case when is_difference then 2 else 1 end as int) as coverage_count,
        cast(case when is_difference then 2 else 1 end as int) as coverage_expected,
        reason_code,
        partial_value,
        case when reason_code is null then partial_value end as value,
        unit,
        {{ derived_status('reason_code', 'inexact_flag = 1') }} as status,
        {{ derived_qualifier('reason_code', 'inexact_flag = 1') }} as qualifier,
        known_from
    from flows_judged
)

select * from ytd_flows
