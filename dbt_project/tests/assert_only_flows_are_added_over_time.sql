-- A longer period is the sum of its parts for flows alone; of a stock one part counts, the last or
-- the first. Ranks are made of nothing.
select
    centre.province_id,
    centre.indicator_code,
    centre.period_id,
    centre.coverage_of,
    centre.coverage_expected
from {{ ref('fct_indicator_values') }} as centre
inner join {{ ref('dim_indicators') }} as indicators
    on centre.indicator_code = indicators.indicator_code
where
    centre.method = 'rollup'
    and (
        indicators.kind = 'rank'
        or indicators.time_rule = 'none'
        or (indicators.kind = 'ratio' and indicators.time_rule = 'recompute')
        or (indicators.kind <> 'flow' and centre.coverage_expected <> 1)
        or (indicators.kind <> 'flow' and indicators.time_rule = 'sum')
    )
