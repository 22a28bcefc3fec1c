with sources as (
    select * from {{ ref('stg_sources') }}
),

expected_members as (
    select * from {{ ref('stg_expected_members') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

-- Today, as everywhere, is the day in Viet Nam when something was last received.
last_receipt as (
    select {{ day_in_viet_nam('max(received_at)') }} as judged_on
    from loads
),

log_sources as (
    select * from {{ ref('int_dossier_sources') }}
),

-- Files of a log may come every day: what is owed is the log of a month.
sources_owing as (
    select
        source_id,
        boundary_set,
        due_day,
        shape = 'transactions' as is_log,
        case
            when shape = 'transactions' and frequency in ('day', 'week') then 'month'
            else frequency
        end as period_type
    from sources
    where due_day is not null
),

promises as (
    select distinct
        sources_owing.source_id,
        sources_owing.boundary_set,
        sources_owing.is_log,
        sources_owing.period_type,
        sources_owing.due_day,
        case
            when expected_members.expected_from like '%-adm' then 'administrative'
            else 'calendar'
        end as calendar,
        first_periods.start_date as promised_from,
        last_periods.end_date as promised_to
    from expected_members
    inner join sources_owing
        on expected_members.source_id = sources_owing.source_id
    inner join periods as first_periods
        on expected_members.expected_from = first_periods.period_id
    left join periods as last_periods
        on expected_members.expected_to = last_periods.period_id
    where sources_owing.period_type in ('month', 'quarter', 'half', 'year')
),

-- A period is owed when it is over; its figures are due some days later.
owed_periods as (
    select
        promises.source_id,
        promises.boundary_set,
        promises.is_log,
        periods.period_id,
        periods.start_date,
        periods.end_date,
        {{ days_after('promises.due_day', 'periods.end_date') }} as due_on,
        last_receipt.judged_on
    from promises
    inner join periods
        on
            promises.period_type = periods.period_type
            and promises.calendar = periods.calendar
            and promises.promised_from <= periods.end_date
            and (promises.promised_to is null or promises.promised_to >= periods.end_date)
    cross join last_receipt
    where periods.end_date < last_receipt.judged_on
),

-- What came for a period: files that count, and files that wait for a decision.
loads_spanned as (
    select
        loads.load_id,
        loads.source_id,
        loads.verdict,
        first_periods.start_date as first_date,
        last_periods.end_date as last_date
    from loads
    inner join periods as first_periods
        on loads.first_period_id = first_periods.period_id
    inner join periods as last_periods
        on loads.last_period_id = last_periods.period_id
    where
        loads.superseded_by is null
        and loads.verdict in ('accepted', 'accepted_with_warnings', 'quarantined')
),

periods_spoken_of as (
    select
        owed_periods.source_id,
        owed_periods.period_id,
        max(case when loads_spanned.verdict <> 'quarantined' then 1 else 0 end) as came_flag,
        max(
            case when loads_spanned.verdict = 'quarantined' then loads_spanned.load_id end
        ) as held_load_id
    from owed_periods
    inner join loads_spanned
        on
            owed_periods.source_id = loads_spanned.source_id
            and owed_periods.start_date <= loads_spanned.last_date
            and owed_periods.end_date >= loads_spanned.first_date
    group by owed_periods.source_id, owed_periods.period_id
),

-- The log of a month has come when it reaches the month's last day.
owed_periods_seen as (
    select
        owed_periods.source_id,
        owed_periods.boundary_set,
        owed_periods.period_id,
        owed_periods.start_date,
        owed_periods.end_date,
        owed_periods.due_on,
        owed_periods.judged_on,
        coalesce(
            case
                when owed_periods.is_log then log_sources.as_of_date >= owed_periods.end_date
                else periods_spoken_of.came_flag = 1
            end,
            false
        ) as has_come,
        periods_spoken_of.held_load_id
    from owed_periods
    left join periods_spoken_of
        on
            owed_periods.source_id = periods_spoken_of.source_id
            and owed_periods.period_id = periods_spoken_of.period_id
    left join log_sources
        on owed_periods.source_id = log_sources.source_id
)

select * from owed_periods_seen
