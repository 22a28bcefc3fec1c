with series_values as (
    select
        province_id,
        indicator_code,
        period_id,
        value
    from {{ ref('int_value_candidates') }}
    where is_winner
),

periods as (
    select
        {{ code('period_id') }} as period_id,
        period_type,
        year,
        sort_key
    from {{ ref('int_periods') }}
),

edition_years as (
    select
        {{ code('indicator_code') }} as indicator_code,
        year,
        edition
    from {{ ref('int_edition_years') }}
),

indicators_with_editions as (
    select distinct indicator_code from edition_years
),

-- Only series whose method changes are put in order: each length of period is a series.
values_ordered as (
    select
        series_values.province_id,
        series_values.indicator_code,
        series_values.period_id,
        series_values.value,
        edition_years.edition,
        lag(coalesce(edition_years.edition, '')) over (
            partition by
                series_values.province_id,
                series_values.indicator_code,
                periods.period_type,
                series_values.value is null
            order by periods.sort_key nulls last
        ) as previous_edition
    from series_values
    inner join indicators_with_editions
        on series_values.indicator_code = indicators_with_editions.indicator_code
    inner join periods
        on series_values.period_id = periods.period_id
    left join edition_years
        on
            series_values.indicator_code = edition_years.indicator_code
            and periods.year = edition_years.year
    where periods.period_type <> 'undated'
),

value_editions as (
    select
        province_id,
        indicator_code,
        period_id,
        edition,
        coalesce(value is not null and coalesce(edition, '') <> previous_edition, false)
            as is_new_edition
    from values_ordered
)

select * from value_editions
