with indicators as (
    select * from {{ ref('indicators') }}
),

editions as (
    select * from {{ ref('indicator_editions') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

years as (
    select year from periods
    where period_type = 'year'
),

edition_owners as (
    select distinct indicator_code from editions
),

-- A component without editions of its own follows its parent's.
indicators_with_owner as (
    select
        indicators.indicator_code,
        case
            when edition_owners.indicator_code is not null then indicators.indicator_code
            else indicators.parent_code
        end as owner_code
    from indicators
    left join edition_owners
        on indicators.indicator_code = edition_owners.indicator_code
),

edition_years as (
    select
        indicators_with_owner.indicator_code,
        years.year,
        editions.edition
    from indicators_with_owner
    inner join editions
        on indicators_with_owner.owner_code = editions.indicator_code
    inner join years
        on
            editions.first_year <= years.year
            and coalesce(editions.last_year, 9999) >= years.year
)

select * from edition_years
