with recursive

observations as (
    select * from {{ ref('int_observations_unioned') }}
),

targets as (
    select * from {{ ref('int_targets_unioned') }}
),

expected_members as (
    select * from {{ ref('stg_expected_members') }}
),

dossier_flows as (
    select * from {{ ref('int_dossier_flows') }}
),

dossier_sources as (
    select * from {{ ref('int_dossier_sources') }}
),

dossier_months as (
    select min(event_month) as event_month from dossier_flows
    union all
    select max(last_month) as event_month from dossier_sources
),

periods_in_data as (
    select period_id from observations
    union
    select period_id from targets
    union
    select base_period_id as period_id from targets
    union
    select expected_from as period_id from expected_members
    union
    select expected_to as period_id from expected_members
    union
    select substr(cast(event_month as string), 1, 7) as period_id from dossier_months
),

year_span as (
    select cast({{ var('first_year') }} as int) as year
    union all
    select year + 1 as year
    from year_span
    where year < {{ var('last_year') }}
),

all_years as (
    select year from year_span
    union
    select try_cast(substr(period_id, 1, 4) as int) as year
    from periods_in_data
    where try_cast(substr(period_id, 1, 4) as int) is not null
),

month_numbers as (
    select 1 as month
    union all
    select month + 1 as month
    from month_numbers
    where month < 12
),

years as (
    select
        cast(year as string) as period_id,
        'year' as period_type,
        'calendar' as calendar,
        make_date(year, 1, 1) as start_date,
        make_date(year, 12, 31) as end_date,
        year,
        cast(null as int) as half,
        cast(null as int) as quarter,
        cast(null as int) as month,
        6 as type_order
    from all_years
),

halves as (
    select
        cast(all_years.year as string) || '-H' || cast(month_numbers.month as string) as period_id,
        'half' as period_type,
        'calendar' as calendar,
        make_date(all_years.year, month_numbers.month * 6 - 5, 1) as start_date,
        last_day(make_date(all_years.year, month_numbers.month * 6, 1)) as end_date,
        all_years.year,
        month_numbers.month as half,
        cast(null as int) as quarter,
        cast(null as int) as month,
        5 as type_order
    from all_years
    cross join month_numbers
    where month_numbers.month <= 2
),

quarters as (
    select
        cast(all_years.year as string) || '-Q' || cast(month_numbers.month as string) as period_id,
        'quarter' as period_type,
        'calendar' as calendar,
        make_date(all_years.year, month_numbers.month * 3 - 2, 1) as start_date,
        last_day(make_date(all_years.year, month_numbers.month * 3, 1)) as end_date,
        all_years.year,
        cast(floor((month_numbers.month + 1) / 2) as int) as half,
        month_numbers.month as quarter,
        cast(null as int) as month,
        3 as type_order
    from all_years
    cross join month_numbers
    where month_numbers.month <= 4
),

-- Reporting quarters of the administration: 15 December to 14 March is the first of the year.
administrative_quarters as (
    select
        cast(all_years.year as string) || '-Q' || cast(month_numbers.month as string) || '-adm'
            as period_id,
        'quarter' as period_type,
        'administrative' as calendar,
        case
            when month_numbers.month = 1 then make_date(all_years.year - 1, 12, 15)
            else make_date(all_years.year, greatest(month_numbers.month * 3 - 3, 1), 15)
        end as start_date,
        make_date(all_years.year, month_numbers.month * 3, 14) as end_date,
        all_years.year,
        cast(null as int) as half,
        month_numbers.month as quarter,
        cast(null as int) as month,
        4 as type_order
    from all_years
    cross join month_numbers
    where month_numbers.month <= 4
),

months as (
    select
        cast(all_years.year as string) || '-' || lpad(cast(month_numbers.month as string), 2, '0')
            as period_id,
        'month' as period_type,
        'calendar' as calendar,
        make_date(all_years.year, month_numbers.month, 1) as start_date,
        last_day(make_date(all_years.year, month_numbers.month, 1)) as end_date,
        all_years.year,
        cast(floor((month_numbers.month + 5) / 6) as int) as half,
        cast(floor((month_numbers.month + 2) / 3) as int) as quarter,
        month_numbers.month,
        2 as type_order
    from all_years
    cross join month_numbers
),

dates_in_data as (
    select distinct try_cast(period_id as date) as date_day
    from periods_in_data
    where length(period_id) = 10
),

days as (
    select
        cast(date_day as string) as period_id,
        'day' as period_type,
        'calendar' as calendar,
        date_day as start_date,
        date_day as end_date,
        cast(extract(year from date_day) as int) as year,
        cast(floor((extract(month from date_day) + 5) / 6) as int) as half,
        cast(floor((extract(month from date_day) + 2) / 3) as int) as quarter,
        cast(extract(month from date_day) as int) as month,
        1 as type_order
    from dates_in_data
    where date_day is not null
),

undated as (
    select
        'undated' as period_id,
        'undated' as period_type,
        'none' as calendar,
        cast(null as date) as start_date,
        cast(null as date) as end_date,
        cast(null as int) as year,
        cast(null as int) as half,
        cast(null as int) as quarter,
        cast(null as int) as month,
        9 as type_order
),

periods_unioned as (
    select * from years
    union all
    select * from halves
    union all
    select * from quarters
    union all
    select * from administrative_quarters
    union all
    select * from months
    union all
    select * from days
    union all
    select * from undated
),

-- Undated facts sort behind everything dated.
periods_keyed as (
    select
        periods_unioned.*,
        case
            when year is null then null
            else cast(year - 1 as string) || substr(period_id, 5)
        end as previous_year_period_id,
        coalesce(cast(replace(cast(end_date as string), '-', '') as bigint), 99991231)
        * 10 + type_order as sort_key
    from periods_unioned
)

select * from periods_keyed
