with indicators as (
    select * from {{ ref('indicators') }}
),

indicator_parts as (
    select * from {{ ref('indicator_parts') }}
),

rule_years as (
    select * from {{ ref('area_rule_years') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

years as (
    select year from periods
    where period_type = 'year'
),

-- A ratio is recomputed elsewhere only when each of its parts can be added there.
unsummable_ratios as (
    select distinct indicator_parts.indicator_code
    from indicator_parts
    left join indicators
        on
            indicator_parts.part_code = indicators.indicator_code
            and indicators.kind in ('stock', 'flow')
            and indicators.area_rule = 'sum'
    where indicators.indicator_code is null
),

limited_indicators as (
    select distinct indicator_code from rule_years
),

-- A component without years of its own follows its parent's.
owned as (
    select
        indicators.*,
        case
            when limited_indicators.indicator_code is not null then indicators.indicator_code
            else limited_parents.indicator_code
        end as owner_code
    from indicators
    left join limited_indicators
        on indicators.indicator_code = limited_indicators.indicator_code
    left join limited_indicators as limited_parents
        on indicators.parent_code = limited_parents.indicator_code
),

-- What does not fit its kind is no rule: counts are added, ratios never, and ranks nothing at all.
fitting_rules as (
    select
        owned.indicator_code,
        owned.unit,
        owned.owner_code,
        owned.area_weight_code,
        case
            when owned.kind in ('stock', 'flow') and owned.area_rule = 'sum' then 'sum'
            when owned.kind = 'score' and owned.area_rule = 'simple_mean' then 'simple_mean'
            when
                owned.kind in ('ratio', 'survey')
                and owned.area_rule = 'weighted_mean'
                and owned.area_weight_code is not null
                then 'weighted_mean'
            when
                owned.kind = 'ratio'
                and owned.area_rule = 'recompute'
                and unsummable_ratios.indicator_code is null
                then 'recompute'
        end as area_rule
    from owned
    left join unsummable_ratios
        on owned.indicator_code = unsummable_ratios.indicator_code
),

area_rules as (
    select
        fitting_rules.indicator_code,
        years.year,
        fitting_rules.unit,
        fitting_rules.area_weight_code,
        case
            when fitting_rules.owner_code is null or rule_years.indicator_code is not null
                then coalesce(fitting_rules.area_rule, 'none')
            else 'none'
        end as area_rule
    from fitting_rules
    cross join years
    left join rule_years
        on
            fitting_rules.owner_code = rule_years.indicator_code
            and years.year between rule_years.first_year
            and coalesce(rule_years.last_year, 9999)
)

select * from area_rules
