-- A ratio that the centre computed is the quotient of the parts beside it; only what doubles cannot
-- tell is divided again.
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
    and not {{ is_surely_exact_ratio('value', 'numerator', 'denominator', 'factor') }}
    and value <> {{ exact_ratio('numerator', 'denominator', 'factor') }}
