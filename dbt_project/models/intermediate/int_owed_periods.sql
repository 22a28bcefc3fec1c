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

promises as (
    select distinct
        sources.source_id,
        sources.boundary_set,
        sources.frequency,
        sources.due_day,
        case
            when expected_members.expected_from like '%-adm' then 'administrative'
            else 'calendar'
        end as calendar,
        first_periods.start_date as promised_from,
        last_periods.end_date as promised_to
    from expected_members
    inner join sources
        on expected_members.source_id = sources.source_id
    inner join periods as first_periods
        on expected_members.expected_from = first_periods.period_id
    left join periods as last_periods
        on expected_members.expected_to = last_periods.period_id
    where
        sources.due_day is not null
        and sources.frequency in ('month', 'quarter', 'half', 'year')
),

-- A period is owed when it is over; its figures are due some days later.
owed_periods as (
    select
        promises.source_id,
        promises.boundary_set,
        periods.period_id,
        periods.start_date,
        periods.end_date,
        {{ days_after('promises.due_day', 'periods.end_date') }} as due_on,
        last_receipt.judged_on
    from promises
    inner join periods
        on
            promises.frequency = periods.period_type
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
            max(case when loads_spanned.verdict <> 'quarantined' then 1 else 0 end), 0
        ) = 1 as has_come,
        max(
            case when loads_spanned.verdict = 'quarantined' then loads_spanned.load_id end
        ) as held_load_id
    from owed_periods
    left join loads_spanned
        on
            owed_periods.source_id = loads_spanned.source_id
            and owed_periods.start_date <= loads_spanned.last_date
            and owed_periods.end_date >= loads_spanned.first_date
    group by
        owed_periods.source_id,
        owed_periods.boundary_set,
        owed_periods.period_id,
        owed_periods.start_date,
        owed_periods.end_date,
        owed_periods.due_on,
        owed_periods.judged_on
)

select * from owed_periods_seen
