with observations as (
    select * from {{ ref('int_observations_unioned') }}
),

targets as (
    select * from {{ ref('int_targets_unioned') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

load_periods as (
    select
        load_id,
        period_id
    from observations
    union
    select
        load_id,
        period_id
    from targets
),

file_periods as (
    select
        load_periods.load_id,
        load_periods.period_id,
        loads.source_id,
        loads.file_name,
        loads.file_order_no,
        loads.is_superseded
    from load_periods
    inner join loads
        on load_periods.load_id = loads.load_id
),

-- A publisher who sends a file again under its name replaces what it said of a period, and what is
-- missing in the younger file is withdrawn. A name used again for another period replaces nothing,
-- and a replacing load that was itself superseded no longer does.
file_replacements as (
    select
        older.load_id,
        older.period_id,
        max(case when younger.is_superseded then 0 else 1 end) = 1 as is_replaced
    from file_periods as older
    inner join file_periods as younger
        on
            older.source_id = younger.source_id
            and older.file_name = younger.file_name
            and older.period_id = younger.period_id
            and older.file_order_no < younger.file_order_no
    group by older.load_id, older.period_id
)

select * from file_replacements
