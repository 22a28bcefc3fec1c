{#- What each kind of period is made of: step by step, so that a reported quarter counts in a half
    beside one made of months. -#}
{%- set steps = [('month', 'quarter'), ('quarter', 'half'), ('half', 'year')] -%}

with indicators as (
    select * from {{ ref('indicators') }}
),

indicator_parts as (
    select * from {{ ref('indicator_parts') }}
),

periods as (
    select
        {{ code('period_id') }} as period_id,
        period_type,
        calendar,
        start_date,
        end_date
    from {{ ref('int_periods') }}
),

-- Ratios are recomputed from rolled parts, ranks and most scores have no rule over time.
own_rules as (
    select
        {{ code('indicator_code') }} as indicator_code,
        time_rule
    from indicators
    where time_rule in ('last', 'first', 'sum')
),

-- What is itself a sum of others takes each of them by its own rule: dossiers to process in a year
-- are those carried over into its first month and those received in all of them.
rules as (
    select
        indicator_code,
        indicator_code as part_code,
        time_rule
    from own_rules
    union all
    select
        {{ code('indicator_parts.indicator_code') }} as indicator_code,
        {{ code('indicator_parts.part_code') }} as part_code,
        own_rules.time_rule
    from indicator_parts
    inner join own_rules
        on indicator_parts.part_code = own_rules.indicator_code
    where indicator_parts.role = 'term'
),

-- Parts and wholes are of one calendar: quarters of the administration make no half of the year.
parts as (
    select
        wholes.period_id,
        parts.period_id as part_id,
        parts.period_type as part_type,
        parts.start_date = wholes.start_date as is_first,
        parts.end_date = wholes.end_date as is_last
    from periods as parts
    inner join periods as wholes
        on
            parts.calendar = wholes.calendar
            and parts.start_date >= wholes.start_date
            and parts.end_date <= wholes.end_date
    where
        parts.period_type || ' ' || wholes.period_type in (
            {%- for part, whole in steps %}
            '{{ part }} {{ whole }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
),

part_counts as (
    select
        period_id,
        count(*) as part_count
    from parts
    group by period_id
),

numbers_of_parts as (
    select distinct part_count from part_counts
),

expected_counts as (
    select
        rules.indicator_code,
        numbers_of_parts.part_count,
        cast(
            sum(case when rules.time_rule = 'sum' then numbers_of_parts.part_count else 1 end)
            as int
        ) as coverage_expected
    from rules
    cross join numbers_of_parts
    group by rules.indicator_code, numbers_of_parts.part_count
),

-- Of a flow only figures over a period add up: one at a point counts from an unknown day. Months
-- are nearly all there is: an import of its own each, so that they are never held in memory.
{%- for known, condition in [('month_values', '='), ('longer_values', '<>')] %}
{{ known }} as (
    select
        area_values.province_id,
        area_values.indicator_code,
        area_values.period_id,
        area_values.basis,
        area_values.value,
        cast(null as decimal(28, 10)) as partial_value,
        area_values.is_inexact,
        area_values.crosses_boundary,
        area_values.known_from,
        periods.period_type
    from {{ ref('int_area_values') }} as area_values
    inner join own_rules
        on area_values.indicator_code = own_rules.indicator_code
    inner join periods
        on area_values.period_id = periods.period_id
    where
        area_values.value is not null
        and (own_rules.time_rule <> 'sum' or area_values.basis = 'period')
        and periods.period_type {{ condition }} 'month'
),
{%- endfor %}
{%- for part, whole in steps %}

-- A rule takes all parts, or the first, or the last, for which no other stands in.
{{ whole }}_parts as (
    select
        known.*,
        rules.indicator_code as whole_code,
        parts.period_id as whole_id,
        case
            when rules.time_rule = 'first' then parts.is_first
            when rules.time_rule = 'last' then parts.is_last
            else true
        end as is_taken
    from {{ part }}_values as known
    inner join rules
        on known.indicator_code = rules.part_code
    inner join parts
        on known.period_id = parts.part_id
),

{{ whole }}_sums as (
    select
        province_id,
        whole_code as indicator_code,
        whole_id as period_id,
        min(case when is_taken then basis end) as basis,
        sum(case when is_taken then coalesce(value, partial_value) end) as total,
        cast(count(case when is_taken then value end) as int) as coverage_count,
        bool_or(is_taken and is_inexact) as is_inexact,
        bool_or(is_taken and crosses_boundary) as crosses_boundary,
        coalesce(max(case when is_taken then known_from end), max(known_from)) as known_from
    from {{ whole }}_parts
    group by province_id, whole_code, whole_id
    having count(value) > 0
),

{{ whole }}_rollups as (
    select
        sums.*,
        expected_counts.coverage_expected,
        '{{ part }}' as coverage_of,
        try_cast(sums.total as decimal(28, 10)) as partial_value,
        case
            when sums.coverage_count < expected_counts.coverage_expected then 'incomplete_coverage'
            when try_cast(sums.total as decimal(28, 10)) is null then 'out_of_range'
        end as reason_code
    from {{ whole }}_sums as sums
    inner join part_counts
        on sums.period_id = part_counts.period_id
    inner join expected_counts
        on
            sums.indicator_code = expected_counts.indicator_code
            and part_counts.part_count = expected_counts.part_count
),

-- What was stated for the period itself comes before what its parts make.
{{ whole }}_values as (
    select * from longer_values
    where period_type = '{{ whole }}'
    union all
    select
        rolled.province_id,
        rolled.indicator_code,
        rolled.period_id,
        rolled.basis,
        case when rolled.reason_code is null then rolled.partial_value end as value,
        rolled.partial_value,
        rolled.is_inexact,
        rolled.crosses_boundary,
        rolled.known_from,
        '{{ whole }}' as period_type
    from {{ whole }}_rollups as rolled
    left join longer_values
        on
            rolled.province_id = longer_values.province_id
            and rolled.indicator_code = longer_values.indicator_code
            and rolled.period_id = longer_values.period_id
    where longer_values.province_id is null
),
{%- endfor %}

rollups_unioned as (
    {%- for part, whole in steps %}
    select * from {{ whole }}_rollups
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

rollups as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        case when reason_code is null then partial_value end as value,
        partial_value,
        reason_code is null and coalesce(is_inexact, false) as is_inexact,
        reason_code,
        coverage_of,
        coverage_count,
        coverage_expected,
        coalesce(crosses_boundary, false) as crosses_boundary,
        known_from
    from rollups_unioned
)

select * from rollups
