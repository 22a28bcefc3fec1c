with periods as (
    select * from {{ ref('int_periods') }}
),

months as (
    select * from periods
    where period_type = 'month'
),

-- A month's days are numbered by the months of three years: 31 of them are enough.
day_numbers as (
    select row_number() over (order by period_id asc nulls last) as day_no
    from months
    where year between {{ var('first_year') }} and {{ var('first_year') }} + 2
),

days as (
    select make_date(months.year, months.month, cast(day_numbers.day_no as int)) as date_day
    from months
    inner join day_numbers
        on day_numbers.day_no <= extract(day from months.end_date)
)

select date_day from days
