-- Of each key at most one vintage is the latest; the latest has no end, every other has one.
select
    province_id,
    indicator_code,
    period_id,
    basis,
    breakdown,
    source_id
from {{ ref('fct_observations') }}
group by province_id, indicator_code, period_id, basis, breakdown, source_id
having
    sum(case when is_latest then 1 else 0 end) > 1
    or sum(case when is_latest = (known_to is not null) then 1 else 0 end) > 0
    or sum(case when known_to < known_from then 1 else 0 end) > 0
