with index_weights as (
    select * from {{ ref('index_weights') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

years as (
    select year from periods
    where period_type = 'year'
),

-- A part of weight zero is collected and not scored: nothing waits for it.
scored_parts as (
    select
        index_weights.indicator_code,
        years.year,
        index_weights.part_code,
        index_weights.weight
    from index_weights
    inner join years
        on
            index_weights.first_year <= years.year
            and coalesce(index_weights.last_year, 9999) >= years.year
    where index_weights.weight <> 0
)

select * from scored_parts
