with log_loads as (
    select * from {{ ref('int_dossier_loads') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

sources as (
    select
        log_loads.source_id,
        max(log_loads.last_event_on) as as_of_date,
        max(loads.known_from) as known_from
    from log_loads
    left join loads
        on log_loads.load_id = loads.load_id
    group by log_loads.source_id
),

sources_dated as (
    select
        source_id,
        as_of_date,
        cast(date_trunc('month', as_of_date) as date) as last_month,
        known_from
    from sources
)

select * from sources_dated
