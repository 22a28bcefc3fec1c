-- Rules of the catalogue that contradict each other, with the name of what is wrong. The words
-- themselves are closed vocabularies; this is about how they go together.
with indicators as (
    select * from {{ ref('dim_indicators') }}
),

parts as (
    select * from {{ ref('bridge_indicator_parts') }}
),

bounds as (
    select * from {{ ref('indicator_bounds') }}
),

measures as (
    select * from {{ ref('ranking_measures') }}
),

index_weights as (
    select * from {{ ref('index_weights') }}
),

faults as (
    select
        indicator_code,
        'a name, unit or rule is missing' as fault
    from indicators
    where
        name_vi is null
        or name_en is null
        or unit is null
        or direction is null
        or kind is null
        or area_rule is null
        or time_rule is null
        or periodicity is null
        or definition_source is null
    union all
    select
        indicator_code,
        'only a ratio has a factor' as fault
    from indicators
    where factor is not null and kind <> 'ratio'
    union all
    select
        indicator_code,
        'without parts nothing is recomputed over areas' as fault
    from indicators
    where area_rule = 'recompute' and factor is null
    union all
    select
        indicator_code,
        'only stocks and flows add up over areas' as fault
    from indicators
    where area_rule = 'sum' and kind not in ('stock', 'flow')
    union all
    select
        indicator_code,
        'only flows add up over time, and a stock is taken at an end' as fault
    from indicators
    where
        (time_rule = 'sum' and kind <> 'flow')
        or (kind = 'stock' and time_rule not in ('first', 'last', 'none'))
    union all
    select
        indicator_code,
        'a rank is never aggregated, a score at most averaged over areas' as fault
    from indicators
    where
        (kind = 'rank' and (area_rule <> 'none' or time_rule <> 'none'))
        or (kind = 'score' and area_rule not in ('none', 'simple_mean'))
        or (kind = 'score' and time_rule not in ('none', 'last'))
    union all
    select
        indicators.indicator_code,
        'a weighted mean has a weight that adds up, and nothing else has one' as fault
    from indicators
    left join indicators as weights
        on indicators.area_weight_code = weights.indicator_code
    where
        (indicators.area_rule = 'weighted_mean' and coalesce(weights.area_rule, '') <> 'sum')
        or (indicators.area_rule <> 'weighted_mean' and indicators.area_weight_code is not null)
    union all
    select
        parts.indicator_code,
        'a ratio is made of stocks and flows' as fault
    from parts
    inner join indicators as ratios
        on parts.indicator_code = ratios.indicator_code
    inner join indicators as part_indicators
        on parts.part_code = part_indicators.indicator_code
    where ratios.factor is not null and part_indicators.kind not in ('stock', 'flow')
    union all
    select
        indicator_code,
        'the least value is above the greatest' as fault
    from bounds
    where min_value > max_value
    union all
    select
        measures.indicator_code,
        'what is ranked is a score, and a rank tells its place' as fault
    from measures
    inner join indicators as ranked
        on measures.ranked_code = ranked.indicator_code
    inner join indicators as telling
        on measures.indicator_code = telling.indicator_code
    where
        ranked.kind <> 'score'
        or (measures.measure in ('rank', 'rank_change') and telling.kind <> 'rank')
    union all
    select
        index_weights.indicator_code,
        'an index is a score made of other scores' as fault
    from index_weights
    inner join indicators as totals
        on index_weights.indicator_code = totals.indicator_code
    inner join indicators as part_indicators
        on index_weights.part_code = part_indicators.indicator_code
    where
        totals.kind <> 'score'
        or part_indicators.kind <> 'score'
        or index_weights.part_code = index_weights.indicator_code
        or index_weights.weight < 0
        or index_weights.first_year > index_weights.last_year
)

select
    indicator_code,
    fault
from faults
