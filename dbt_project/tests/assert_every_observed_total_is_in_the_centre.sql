-- No reported total is lost on the way: each key of a latest total at a point or over a period is
-- a key of the centre.
select distinct
    observations.province_id,
    observations.indicator_code,
    observations.period_id
from {{ ref('fct_observations') }} as observations
left join {{ ref('fct_indicator_values') }} as centre
    on
        observations.province_id = centre.province_id
        and observations.indicator_code = centre.indicator_code
        and observations.period_id = centre.period_id
where
    observations.is_latest
    and observations.breakdown = 'total'
    and observations.basis in ('point', 'period')
    and centre.province_id is null
