with choices as (
    select * from {{ ref('rank_choices') }}
),

index_scores as (
    select * from {{ ref('int_index_scores') }}
),

index_weights as (
    select * from {{ ref('int_index_weights') }}
),

weight_draws as (
    select * from {{ ref('int_weight_draws') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

provinces as (
    select * from {{ ref('provinces') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

set_sizes as (
    select
        boundary_set,
        count(*) as area_count
    from provinces
    where area_level = 'province'
    group by boundary_set
),

usable_scores as (
    select
        choices.choice_code,
        choices.missing_rule,
        index_scores.province_id,
        index_scores.indicator_code,
        index_scores.period_id,
        index_scores.part_code,
        index_scores.score,
        provinces.boundary_set
    from index_scores
    inner join choices
        on
            index_scores.merge_rule = coalesce(choices.merge_weight_code, 'simple_mean')
            and (choices.uses_preliminary or not index_scores.is_preliminary)
    inner join provinces
        on index_scores.province_id = provinces.province_id
    where provinces.area_level = 'province'
),

scored_areas as (
    select distinct
        choice_code,
        missing_rule,
        indicator_code,
        period_id,
        boundary_set,
        province_id
    from usable_scores
),

-- A place needs all others: a set is ranked only where every area has at least one part.
ranked_sets as (
    select
        scored_areas.choice_code,
        scored_areas.indicator_code,
        scored_areas.period_id,
        scored_areas.boundary_set
    from scored_areas
    inner join set_sizes
        on scored_areas.boundary_set = set_sizes.boundary_set
    group by
        scored_areas.choice_code,
        scored_areas.indicator_code,
        scored_areas.period_id,
        scored_areas.boundary_set,
        set_sizes.area_count
    having count(*) = set_sizes.area_count
),

worst_scores as (
    select
        usable_scores.choice_code,
        usable_scores.indicator_code,
        usable_scores.period_id,
        usable_scores.boundary_set,
        usable_scores.part_code,
        case
            when max(indicators.direction) = 'down' then max(usable_scores.score)
            else min(usable_scores.score)
        end as worst_score
    from usable_scores
    inner join indicators
        on usable_scores.part_code = indicators.indicator_code
    group by
        usable_scores.choice_code,
        usable_scores.indicator_code,
        usable_scores.period_id,
        usable_scores.boundary_set,
        usable_scores.part_code
),

filled_scores as (
    select
        scored_areas.choice_code,
        scored_areas.indicator_code,
        scored_areas.period_id,
        scored_areas.boundary_set,
        scored_areas.province_id,
        index_weights.year,
        index_weights.part_code,
        coalesce(
            usable_scores.score,
            case
                when scored_areas.missing_rule = 'zero' then cast(0 as decimal(16, 8))
                when scored_areas.missing_rule = 'worst' then worst_scores.worst_score
            end
        ) as score
    from scored_areas
    inner join ranked_sets
        on
            scored_areas.choice_code = ranked_sets.choice_code
            and scored_areas.indicator_code = ranked_sets.indicator_code
            and scored_areas.period_id = ranked_sets.period_id
            and scored_areas.boundary_set = ranked_sets.boundary_set
    inner join periods
        on scored_areas.period_id = periods.period_id
    inner join index_weights
        on
            scored_areas.indicator_code = index_weights.indicator_code
            and periods.year = index_weights.year
    left join usable_scores
        on
            scored_areas.choice_code = usable_scores.choice_code
            and scored_areas.indicator_code = usable_scores.indicator_code
            and scored_areas.period_id = usable_scores.period_id
            and scored_areas.province_id = usable_scores.province_id
            and index_weights.part_code = usable_scores.part_code
    left join worst_scores
        on
            scored_areas.choice_code = worst_scores.choice_code
            and scored_areas.indicator_code = worst_scores.indicator_code
            and scored_areas.period_id = worst_scores.period_id
            and scored_areas.boundary_set = worst_scores.boundary_set
            and index_weights.part_code = worst_scores.part_code
),

drawn_sums as (
    select
        filled_scores.choice_code,
        weight_draws.draw_no,
        filled_scores.indicator_code,
        filled_scores.period_id,
        filled_scores.boundary_set,
        filled_scores.province_id,
        sum(weight_draws.weight * filled_scores.score) as weighed_sum,
        sum(weight_draws.weight) as weight_sum,
        max(weight_draws.all_weights) as all_weights
    from filled_scores
    inner join weight_draws
        on
            filled_scores.choice_code = weight_draws.choice_code
            and filled_scores.indicator_code = weight_draws.indicator_code
            and filled_scores.year = weight_draws.year
            and filled_scores.part_code = weight_draws.part_code
    where filled_scores.score is not null
    group by
        filled_scores.choice_code,
        weight_draws.draw_no,
        filled_scores.indicator_code,
        filled_scores.period_id,
        filled_scores.boundary_set,
        filled_scores.province_id
),

-- What is left out takes its weight with it. Only there something is divided: it is dear.
drawn_scores as (
    select
        drawn_sums.*,
        case
            when weight_sum = all_weights then cast(weighed_sum as decimal(38, 10))
            else cast(
                    cast({{ exact_ratio('weighed_sum', 'weight_sum', '1') }} as decimal(19, 10))
                    * cast(all_weights as decimal(18, 6))
                    as decimal(38, 10)
                )
        end as score
    from drawn_sums
),

drawn_scores_directed as (
    select
        drawn_scores.*,
        case
            when indicators.direction = 'down' then drawn_scores.score
            else -drawn_scores.score
        end as sort_value
    from drawn_scores
    inner join indicators
        on drawn_scores.indicator_code = indicators.indicator_code
),

drawn_ranks as (
    select
        choice_code,
        indicator_code,
        period_id,
        boundary_set,
        province_id,
        rank() over (
            partition by choice_code, draw_no, indicator_code, period_id, boundary_set
            order by sort_value nulls last
        ) as rank
    from drawn_scores_directed
),

ranks_by_choice as (
    select
        province_id,
        indicator_code,
        period_id,
        boundary_set,
        choice_code,
        cast(rank as int) as rank,
        cast(count(*) as int) as draw_count
    from drawn_ranks
    group by province_id, indicator_code, period_id, boundary_set, choice_code, rank
)

select * from ranks_by_choice
