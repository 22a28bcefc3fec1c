-- A reported value of the centre is a latest observation of breakdown `total`, unchanged: never a
-- member, a year-to-date figure or an overtaken vintage.
select
    centre.province_id,
    centre.indicator_code,
    centre.period_id,
    centre.value
from {{ ref('fct_indicator_values') }} as centre
left join {{ ref('fct_observations') }} as observations
    on
        centre.province_id = observations.province_id
        and centre.indicator_code = observations.indicator_code
        and centre.period_id = observations.period_id
        and centre.source_id = observations.source_id
        and centre.load_id = observations.load_id
        and centre.basis = observations.basis
        and observations.breakdown = 'total'
        and observations.is_latest
where
    centre.method = 'reported'
    and (
        observations.province_id is null
        or coalesce(observations.value <> centre.value, false)
        or (observations.value is null) <> (centre.value is null)
    )
