-- Over areas, counts are added, ratios recomputed (or weighted, as an estimate), scores averaged,
-- and ranks nothing at all.
select
    centre.province_id,
    centre.indicator_code,
    centre.period_id,
    centre.method,
    indicators.kind
from {{ ref('fct_indicator_values') }} as centre
inner join {{ ref('dim_indicators') }} as indicators
    on centre.indicator_code = indicators.indicator_code
where
    (centre.method = 'boundary_sum' and indicators.kind not in ('stock', 'flow'))
    or (centre.method = 'boundary_ratio' and indicators.kind <> 'ratio')
    or (centre.method = 'boundary_weighted' and indicators.kind not in ('ratio', 'survey'))
    or (centre.method = 'boundary_mean' and indicators.kind <> 'score')
    or (centre.method in ('boundary_mean', 'boundary_weighted') and centre.status <> 'E')
    or (indicators.kind = 'rank' and centre.method not in ('reported', 'not_derivable'))
