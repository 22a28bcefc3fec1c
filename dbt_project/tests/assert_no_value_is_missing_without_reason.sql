-- A null in the centre explains itself: a reported null by a status that says missing (L, M, O or
-- Q), a derived one by its reason. A value never carries a reason.
select
    province_id,
    indicator_code,
    period_id,
    method
from {{ ref('fct_indicator_values') }}
where
    (value is not null and reason_code is not null)
    or (method = 'not_derivable' and (value is not null or reason_code is null))
    or (method in ('breakdown_sum', 'ratio', 'composite') and value is null)
    or (
        method = 'reported'
        and value is null
        and ';' || coalesce(status, '') || ';' not like '%;L;%'
        and ';' || coalesce(status, '') || ';' not like '%;M;%'
        and ';' || coalesce(status, '') || ';' not like '%;O;%'
        and ';' || coalesce(status, '') || ';' not like '%;Q;%'
    )
