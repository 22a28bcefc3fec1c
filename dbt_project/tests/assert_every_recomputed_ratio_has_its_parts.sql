-- A ratio with a factor has at least one numerator and one denominator, and its factor is a whole
-- number of at most 10 000 (exact_ratio relies on it). Parts are never themselves recomputed.
with part_counts as (
    select
        parts.indicator_code,
        sum(case when parts.role = 'numerator' then 1 else 0 end) as numerator_count,
        sum(case when parts.role = 'denominator' then 1 else 0 end) as denominator_count,
        sum(case when part_indicators.factor is not null then 1 else 0 end) as derived_part_count
    from {{ ref('bridge_indicator_parts') }} as parts
    left join {{ ref('dim_indicators') }} as part_indicators
        on parts.part_code = part_indicators.indicator_code
    group by parts.indicator_code
)

select
    indicators.indicator_code,
    indicators.factor
from {{ ref('dim_indicators') }} as indicators
left join part_counts
    on indicators.indicator_code = part_counts.indicator_code
where
    indicators.kind = 'ratio'
    and indicators.factor is not null
    and (
        coalesce(part_counts.numerator_count, 0) = 0
        or coalesce(part_counts.denominator_count, 0) = 0
        or part_counts.derived_part_count > 0
        or indicators.factor <> floor(indicators.factor)
        or indicators.factor < 1
        or indicators.factor > 10000
    )
