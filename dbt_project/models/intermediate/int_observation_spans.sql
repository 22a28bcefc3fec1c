with observations as (
    select * from {{ ref('int_observations_unioned') }}
),

loads as (
    select * from {{ ref('int_loads_ordered') }}
),

load_period_spans as (
    select * from {{ ref('int_load_period_spans') }}
),

-- What a load says of a period and always counted since needs no second look, unless another load
-- states the same figure.
steady as (
    select
        load_id,
        period_id
    from load_period_spans
    group by load_id, period_id
    having count(*) = 1 and count(known_to) = 0
),

-- What another load says of the same figure is looked at again, steady or not.
repeated_observations as (
    select * from {{ ref('int_repeated_observations') }}
),

unsteady_observations as (
    select
        observations.province_id,
        observations.indicator_code,
        observations.period_id,
        observations.basis,
        observations.breakdown,
        observations.source_id,
        observations.load_id
    from observations
    anti join steady
        on
            observations.load_id = steady.load_id
            and observations.period_id = steady.period_id
    union
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        breakdown,
        source_id,
        load_id
    from repeated_observations
),

unsteady as (
    select
        observations.province_id,
        observations.indicator_code,
        observations.period_id,
        observations.basis,
        observations.breakdown,
        observations.source_id,
        observations.load_id,
        loads.file_order_no,
        loads.accept_no,
        spans.known_from,
        spans.known_to
    from unsteady_observations as observations
    inner join loads
        on observations.load_id = loads.load_id
    inner join load_period_spans as spans
        on
            observations.load_id = spans.load_id
            and observations.period_id = spans.period_id
),

moments as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        breakdown,
        source_id,
        known_from as moment
    from unsteady
    union
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        breakdown,
        source_id,
        known_to as moment
    from unsteady
),

-- Between two neighbouring moments nothing changes.
pieces as (
    select
        moments.*,
        lead(moment) over (
            partition by province_id, indicator_code, period_id, basis, breakdown, source_id
            order by moment asc nulls last
        ) as next_moment
    from moments
    where moment is not null
),

-- Of those that counted in a piece of time the youngest file was the latest.
pieces_won as (
    select
        unsteady.province_id,
        unsteady.indicator_code,
        unsteady.period_id,
        unsteady.basis,
        unsteady.breakdown,
        unsteady.source_id,
        unsteady.load_id,
        pieces.moment as latest_from,
        pieces.next_moment as latest_to,
        row_number() over (
            partition by
                unsteady.province_id,
                unsteady.indicator_code,
                unsteady.period_id,
                unsteady.basis,
                unsteady.breakdown,
                unsteady.source_id,
                pieces.moment
            order by
                unsteady.file_order_no desc nulls last,
                unsteady.accept_no desc nulls last,
                unsteady.load_id desc nulls last
        ) as place
    from pieces
    inner join unsteady
        on
            pieces.province_id = unsteady.province_id
            and pieces.indicator_code = unsteady.indicator_code
            and pieces.period_id = unsteady.period_id
            and pieces.basis = unsteady.basis
            and pieces.breakdown = unsteady.breakdown
            and pieces.source_id = unsteady.source_id
            and pieces.moment >= unsteady.known_from
            and (unsteady.known_to is null or pieces.moment < unsteady.known_to)
),

latest_pieces as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        breakdown,
        source_id,
        load_id,
        latest_from,
        latest_to
    from pieces_won
    where place = 1
)

select * from latest_pieces
