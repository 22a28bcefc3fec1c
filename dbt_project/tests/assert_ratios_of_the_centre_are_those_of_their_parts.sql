-- A ratio that the centre computed is the quotient of the parts beside it.
select
    province_id,
    indicator_code,
    period_id,
    value,
    numerator,
    denominator
from {{ ref('fct_ratio_parts') }}
where
    method in ('ratio', 'boundary_ratio')
    and value <> {{ exact_ratio('numerator', 'denominator', 'factor') }}
