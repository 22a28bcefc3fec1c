-- At the moment of each release every figure of a source was known at most once.
with releases as (
    select distinct known_from as moment
    from {{ ref('stg_load_spans') }}
),

observations as (
    select * from {{ ref('fct_observations') }}
),

gaps as (
    select * from {{ ref('fct_observation_gaps') }}
),

known as (
    select
        observations.*,
        releases.moment
    from observations
    inner join releases
        on
            releases.moment >= observations.known_from
            and (observations.known_to is null or releases.moment < observations.known_to)
    left join gaps
        on
            observations.province_id = gaps.province_id
            and observations.indicator_code = gaps.indicator_code
            and observations.period_id = gaps.period_id
            and observations.basis = gaps.basis
            and observations.breakdown = gaps.breakdown
            and observations.source_id = gaps.source_id
            and observations.load_id = gaps.load_id
            and gaps.gap_from <= releases.moment
            and gaps.gap_to > releases.moment
    where gaps.load_id is null
)

select
    province_id,
    indicator_code,
    period_id,
    basis,
    breakdown,
    source_id,
    moment
from known
group by province_id, indicator_code, period_id, basis, breakdown, source_id, moment
having count(*) > 1
