with owed_figures as (
    select * from {{ ref('int_owed_figures') }}
),

owed_periods as (
    select * from {{ ref('int_owed_periods') }}
),

log_loads as (
    select * from {{ ref('int_dossier_loads') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

log_parts as (
    select
        log_loads.source_id,
        log_loads.province_id,
        loads.accept_no,
        min(try_cast(log_loads.dossier_month || '-01' as date)) as first_month,
        max(log_loads.last_event_on) as last_event_on
    from log_loads
    inner join loads
        on log_loads.load_id = loads.load_id
    group by log_loads.source_id, log_loads.province_id, loads.accept_no
),

-- The first load with which the log reaches the last day of the period, of whatever province.
reached as (
    select
        owed_periods.source_id,
        owed_periods.period_id,
        min(log_parts.accept_no) as reached_no
    from owed_periods
    inner join log_parts
        on
            owed_periods.source_id = log_parts.source_id
            and owed_periods.end_date <= log_parts.last_event_on
    group by owed_periods.source_id, owed_periods.period_id
),

-- Of a province the log must tell from before the end of the period to after its beginning: days
-- without a dossier are days on which nothing was filed, a whole period of them at the end is not.
told as (
    select
        owed_periods.source_id,
        owed_periods.period_id,
        log_parts.province_id,
        min(
            case when owed_periods.end_date >= log_parts.first_month then log_parts.accept_no end
        ) as begun_no,
        min(
            case
                when owed_periods.start_date <= log_parts.last_event_on then log_parts.accept_no
            end
        ) as continued_no
    from owed_periods
    inner join log_parts
        on owed_periods.source_id = log_parts.source_id
    group by owed_periods.source_id, owed_periods.period_id, log_parts.province_id
),

whole as (
    select
        told.source_id,
        told.period_id,
        told.province_id,
        greatest(reached.reached_no, told.begun_no, told.continued_no) as accept_no
    from told
    inner join reached
        on
            told.source_id = reached.source_id
            and told.period_id = reached.period_id
    where
        told.begun_no is not null
        and told.continued_no is not null
),

deliveries as (
    select
        owed_figures.source_id,
        owed_figures.indicator_code,
        owed_figures.breakdown,
        owed_figures.period_id,
        owed_figures.province_id,
        {{ day_in_viet_nam('loads.received_at') }} as first_delivered_on,
        loads.load_id
    from owed_figures
    inner join whole
        on
            owed_figures.source_id = whole.source_id
            and owed_figures.period_id = whole.period_id
            and owed_figures.province_id = whole.province_id
    inner join loads
        on
            whole.source_id = loads.source_id
            and whole.accept_no = loads.accept_no
)

select * from deliveries
