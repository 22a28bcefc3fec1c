with observations as (
    select * from {{ ref('int_observations_unioned') }}
),

targets as (
    select * from {{ ref('int_targets_unioned') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

load_spans as (
    select * from {{ ref('stg_load_spans') }}
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

live as (
    select
        load_periods.load_id,
        load_periods.period_id,
        loads.source_id,
        loads.file_name,
        loads.file_order_no,
        load_spans.known_from,
        load_spans.known_to
    from load_periods
    inner join loads
        on load_periods.load_id = loads.load_id
    inner join load_spans
        on load_periods.load_id = load_spans.load_id
),

-- While a younger file of the same name that speaks of the period counted, this one did not.
hidden as (
    select
        older.load_id,
        older.period_id,
        younger.known_from,
        younger.known_to
    from live as older
    inner join live as younger
        on
            older.source_id = younger.source_id
            and older.file_name = younger.file_name
            and older.period_id = younger.period_id
            and older.file_order_no < younger.file_order_no
),

moments as (
    select
        load_id,
        period_id,
        known_from as moment
    from live
    union
    select
        load_id,
        period_id,
        known_to as moment
    from live
    union
    select
        load_id,
        period_id,
        known_from as moment
    from hidden
    union
    select
        load_id,
        period_id,
        known_to as moment
    from hidden
),

-- Between two neighbouring moments nothing changes.
pieces as (
    select
        load_id,
        period_id,
        moment as known_from,
        lead(moment) over (
            partition by load_id, period_id order by moment asc nulls last
        ) as known_to
    from moments
    where moment is not null
),

visible as (
    select distinct
        pieces.load_id,
        pieces.period_id,
        pieces.known_from,
        pieces.known_to
    from pieces
    inner join live
        on
            pieces.load_id = live.load_id
            and pieces.period_id = live.period_id
            and pieces.known_from >= live.known_from
            and (live.known_to is null or pieces.known_from < live.known_to)
    left join hidden
        on
            pieces.load_id = hidden.load_id
            and pieces.period_id = hidden.period_id
            and pieces.known_from >= hidden.known_from
            and (hidden.known_to is null or pieces.known_from < hidden.known_to)
    where hidden.load_id is null
)

select * from visible
