-- A ratio that the centre computed is the quotient of the parts beside it. Below 1000 a double is
-- true to far less than a hundredth of the tenth decimal: what lies within 0.49 of it is rounded
-- right, and only the others are divided exactly.
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
    and not coalesce(
        abs(value) < 1000
        and abs(
            cast(value as double)
            - cast(numerator as double) * cast(factor as double)
            / nullif(cast(denominator as double), 0)
        )
        < 0.000000000049,
        false
    )
    and value <> {{ exact_ratio('numerator', 'denominator', 'factor') }}
