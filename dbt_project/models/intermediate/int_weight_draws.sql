with recursive

choices as (
    select * from {{ ref('rank_choices') }}
),

index_weights as (
    select * from {{ ref('int_index_weights') }}
),

index_scores as (
    select * from {{ ref('int_index_scores') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

digits as (
    select cast(0 as int) as digit
    union all
    select digit + 1 as digit
    from digits
    where digit < 9
),

draw_numbers as (
    select
        thousands.digit * 1000
        + hundreds.digit * 100
        + tens.digit * 10
        + ones.digit
        + 1 as draw_no
    from digits as thousands
    cross join digits as hundreds
    cross join digits as tens
    cross join digits as ones
),

draws as (
    select
        choices.choice_code,
        choices.weight_spread,
        choices.seed,
        draw_numbers.draw_no
    from choices
    inner join draw_numbers
        on choices.draw_count >= draw_numbers.draw_no
),

scored_years as (
    select distinct
        index_scores.indicator_code,
        periods.year
    from index_scores
    inner join periods
        on index_scores.period_id = periods.period_id
),

-- One draw moves a part of an index alike in all years and areas.
levels as (
    select
        draws.choice_code,
        draws.draw_no,
        draws.weight_spread,
        index_weights.indicator_code,
        index_weights.year,
        index_weights.part_code,
        index_weights.weight,
        {{ drawn_level(
            "cast(draws.seed as string) || ':' || cast(draws.draw_no as string)"
            ~ " || ':' || index_weights.part_code"
        ) }} as level
    from draws
    cross join index_weights
    inner join scored_years
        on
            index_weights.indicator_code = scored_years.indicator_code
            and index_weights.year = scored_years.year
),

-- weight × (1 - spread + 2 × spread × level / 65535), times 65535: only proportions count.
-- Twenty digits, because DuckDB multiplies shorter decimals in 18.
weight_draws as (
    select
        choice_code,
        draw_no,
        indicator_code,
        year,
        part_code,
        cast(
            weight * cast(65535 + weight_spread * (2 * level - 65535) as decimal(10, 4))
            as decimal(20, 6)
        ) as weight
    from levels
),

weight_draws_summed as (
    select
        weight_draws.*,
        sum(weight) over (
            partition by choice_code, draw_no, indicator_code, year
        ) as all_weights
    from weight_draws
)

select * from weight_draws_summed
