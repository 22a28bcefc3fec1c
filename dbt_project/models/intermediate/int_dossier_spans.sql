with coverage as (
    select * from {{ ref('int_dossier_coverage') }}
),

periods as (
    select * from {{ ref('int_periods') }}
    where
        calendar = 'calendar'
        and period_type in ('month', 'quarter', 'half', 'year')
),

spans as (
    select
        coverage.province_id,
        periods.period_id,
        periods.period_type,
        periods.start_date,
        periods.end_date,
        cast(
            case periods.period_type
                when 'month' then 1 when 'quarter' then 3 when 'half' then 6 else 12
            end as int
        ) as month_count,
        cast(sum(case when coverage.reason_code is null then 1 else 0 end) as int) as known_count,
        max(
            case
                when coverage.reason_code is null and coverage.event_month = periods.start_date
                    then 1
                else 0
            end
        ) as first_flag,
        max(
            case
                when
                    coverage.reason_code is null
                    and last_day(coverage.event_month) = periods.end_date
                    then 1
                else 0
            end
        ) as last_flag,
        max(case when coverage.steps > 0 then 1 else 0 end) as carried_flag,
        -- of a month alone: what it is known of
        max(coverage.coverage_of) as month_coverage_of,
        max(coverage.coverage_count) as month_coverage_count,
        max(coverage.coverage_expected) as month_coverage_expected,
        max(coverage.reason_code) as month_reason_code,
        max(coverage.unfinished_flag) as unfinished_flag,
        max(coverage.known_from) as known_from
    from coverage
    inner join periods
        on coverage.event_month between periods.start_date and periods.end_date
    group by
        coverage.province_id,
        periods.period_id,
        periods.period_type,
        periods.start_date,
        periods.end_date
)

select * from spans
