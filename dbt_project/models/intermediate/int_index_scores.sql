with index_weights as (
    select * from {{ ref('int_index_weights') }}
),

measures as (
    select * from {{ ref('ranking_measures') }}
),

choices as (
    select * from {{ ref('rank_choices') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

index_parts as (
    select * from {{ ref('int_index_parts') }}
),

part_values as (
    select * from {{ ref('int_part_values') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

succession as (
    select * from {{ ref('province_succession') }}
),

merge_rules as (
    select distinct coalesce(merge_weight_code, 'simple_mean') as merge_rule from choices
),

-- Eight decimals are more than any index prints, and leave room for exact products.
scores as (
    select
        index_parts.province_id,
        index_weights.indicator_code,
        index_parts.period_id,
        periods.year,
        index_weights.part_code,
        indicators.area_rule,
        try_cast(index_parts.value as decimal(16, 8)) as score,
        index_parts.is_preliminary
    from index_parts
    inner join periods
        on index_parts.period_id = periods.period_id
    inner join index_weights
        on
            index_parts.indicator_code = index_weights.part_code
            and periods.year = index_weights.year
    inner join indicators
        on index_weights.part_code = indicators.indicator_code
    where
        index_weights.indicator_code in (select measures.ranked_code from measures)
        and try_cast(index_parts.value as decimal(16, 8)) is not null
),

score_years as (
    select distinct year from scores
),

-- What weighs the scores of merged areas: the nearest earlier year counts, as for denominators.
-- Twenty digits, because DuckDB multiplies shorter decimals in 18.
merge_weights_ordered as (
    select
        part_values.province_id,
        merge_rules.merge_rule,
        score_years.year,
        try_cast(part_values.value as decimal(20, 2)) as merge_weight,
        row_number() over (
            partition by part_values.province_id, merge_rules.merge_rule, score_years.year
            order by periods.year desc nulls last
        ) as age_order
    from part_values
    inner join merge_rules
        on part_values.indicator_code = merge_rules.merge_rule
    inner join periods
        on part_values.period_id = periods.period_id
    inner join score_years
        on score_years.year - periods.year between 0 and {{ var('max_weight_age_years') }}
    where periods.period_type = 'year' and part_values.value > 0
),

merge_weights as (
    select * from merge_weights_ordered
    where age_order = 1
),

weighed_scores as (
    select
        scores.province_id,
        scores.indicator_code,
        scores.period_id,
        scores.part_code,
        scores.is_preliminary,
        scores.score,
        merge_rules.merge_rule,
        case
            when merge_rules.merge_rule = 'simple_mean' then cast(1 as decimal(20, 2))
            else merge_weights.merge_weight
        end as merge_weight
    from scores
    cross join merge_rules
    left join merge_weights
        on
            scores.province_id = merge_weights.province_id
            and scores.year = merge_weights.year
            and merge_rules.merge_rule = merge_weights.merge_rule
    where scores.area_rule = 'simple_mean'
),

predecessor_counts as (
    select
        successor_id,
        count(*) as predecessor_count,
        sum(case when share = 1 then 1 else 0 end) as whole_count
    from succession
    group by successor_id
),

-- Scores of the areas that came later: where every predecessor passed on whole and has its own.
merged_scores as (
    select
        succession.successor_id as province_id,
        weighed_scores.indicator_code,
        weighed_scores.period_id,
        weighed_scores.part_code,
        weighed_scores.merge_rule,
        sum(weighed_scores.merge_weight * weighed_scores.score) as weighed_sum,
        sum(weighed_scores.merge_weight) as weight_sum,
        count(weighed_scores.merge_weight) as weighed_count,
        max(predecessor_counts.predecessor_count) as predecessor_count,
        max(case when weighed_scores.is_preliminary then 1 else 0 end) as preliminary_flag
    from weighed_scores
    inner join succession
        on weighed_scores.province_id = succession.predecessor_id
    inner join predecessor_counts
        on succession.successor_id = predecessor_counts.successor_id
    where predecessor_counts.whole_count = predecessor_counts.predecessor_count
    group by
        succession.successor_id,
        weighed_scores.indicator_code,
        weighed_scores.period_id,
        weighed_scores.part_code,
        weighed_scores.merge_rule
),

index_scores as (
    select
        scores.province_id,
        scores.indicator_code,
        scores.period_id,
        scores.part_code,
        merge_rules.merge_rule,
        scores.score,
        scores.is_preliminary
    from scores
    cross join merge_rules
    union all
    select
        merged_scores.province_id,
        merged_scores.indicator_code,
        merged_scores.period_id,
        merged_scores.part_code,
        merged_scores.merge_rule,
        cast(
            {{ exact_ratio('merged_scores.weighed_sum', 'merged_scores.weight_sum', '1') }}
            as decimal(16, 8)
        ) as score,
        merged_scores.preliminary_flag = 1 as is_preliminary
    from merged_scores
    left join scores
        on
            merged_scores.province_id = scores.province_id
            and merged_scores.indicator_code = scores.indicator_code
            and merged_scores.period_id = scores.period_id
            and merged_scores.part_code = scores.part_code
    where
        merged_scores.weighed_count = merged_scores.predecessor_count
        and scores.part_code is null
)

select * from index_scores
