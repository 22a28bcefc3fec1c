with vintages as (
    select * from {{ ref('int_observation_vintages') }}
),

counted as (
    select * from {{ ref('rpt_online_services') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

counted_codes as (
    select distinct indicator_code from counted
),

-- `level:3` is a level as portals state it, `level:partial` the kind that it is read as.
printed as (
    select
        vintages.province_id,
        vintages.indicator_code,
        vintages.period_id,
        vintages.basis,
        vintages.breakdown,
        vintages.source_id,
        vintages.load_id,
        vintages.sheet,
        vintages.cell,
        vintages.value,
        vintages.unit,
        vintages.qualifier,
        vintages.decimals,
        vintages.known_from,
        indicators.time_rule,
        periods.year,
        periods.end_date,
        case when vintages.breakdown = 'total' then 'total'
            else split_part(vintages.breakdown, ':', 2)
        end as member,
        case
            when split_part(vintages.breakdown, ':', 1) <> 'level'
                then split_part(vintages.breakdown, ':', 1)
            when split_part(vintages.breakdown, ':', 2) in ('partial', 'full') then 'service_kind'
            else 'service_level'
        end as dimension
    from vintages
    inner join counted_codes
        on vintages.indicator_code = counted_codes.indicator_code
    inner join indicators
        on vintages.indicator_code = indicators.indicator_code
    inner join periods
        on vintages.period_id = periods.period_id
    where vintages.is_latest
),

-- A running total since January is what its months add up to, where all of them are known.
running as (
    select
        printed.province_id,
        printed.indicator_code,
        printed.period_id,
        printed.breakdown,
        printed.source_id,
        count(counted.value) as months_known,
        sum(counted.value) as value,
        max(counted.known_from) as known_from
    from printed
    inner join counted
        on
            printed.province_id = counted.province_id
            and printed.indicator_code = counted.indicator_code
            and printed.dimension = counted.dimension
            and printed.member = counted.member
    inner join periods
        on counted.period_id = periods.period_id
    where
        printed.basis = 'ytd'
        and printed.time_rule = 'sum'
        and counted.period_type = 'month'
        and periods.year = printed.year
        and periods.end_date <= printed.end_date
        and last_day(printed.end_date) = printed.end_date
    group by
        printed.province_id,
        printed.indicator_code,
        printed.period_id,
        printed.breakdown,
        printed.source_id
),

compared as (
    select
        printed.*,
        counted.status as counted_status,
        case
            when printed.basis in ('point', 'period') then counted.value
            when
                printed.basis = 'ytd'
                and running.months_known = extract(month from printed.end_date)
                then running.value
        end as counted_value,
        case
            when printed.value is null then 'no_printed_value'
            when printed.basis = 'cumulative' then 'unknown_start'
            when printed.basis = 'ytd' and printed.time_rule <> 'sum' then 'not_additive'
            when printed.basis = 'ytd' and running.months_known is null then 'not_counted'
            when
                printed.basis = 'ytd'
                and running.months_known < extract(month from printed.end_date)
                then 'incomplete_coverage'
            when printed.basis in ('point', 'period') and counted.indicator_code is null
                then 'not_counted'
            when printed.basis in ('point', 'period') then counted.reason_code
        end as reason_code,
        {{ half_printed_unit('printed.decimals') }} as tolerance,
        greatest(
            printed.known_from,
            coalesce(
                case when printed.basis = 'ytd' then running.known_from else counted.known_from end,
                printed.known_from
            )
        ) as compared_known_from
    from printed
    left join counted
        on
            printed.province_id = counted.province_id
            and printed.indicator_code = counted.indicator_code
            and printed.period_id = counted.period_id
            and printed.dimension = counted.dimension
            and printed.member = counted.member
    left join running
        on
            printed.province_id = running.province_id
            and printed.indicator_code = running.indicator_code
            and printed.period_id = running.period_id
            and printed.breakdown = running.breakdown
            and printed.source_id = running.source_id
            and printed.basis = 'ytd'
),

differences as (
    select
        compared.*,
        cast(case when reason_code is null then value - counted_value end as decimal(28, 10))
            as difference
    from compared
),

-- Some printers cut instead of rounding. "More than 8000" is contradicted by less, never by more;
-- "about" by neither.
judged as (
    select
        differences.*,
        case
            when reason_code is not null then 'not_compared'
            when abs(difference) <= tolerance then 'agrees'
            when difference < 0 and -difference < 2 * tolerance then 'agrees'
            when
                qualifier = 'approx'
                or (qualifier in ('more_than', 'at_least') and difference < 0)
                or (qualifier in ('almost', 'less_than', 'at_most') and difference > 0)
                then 'agrees'
            else 'differs'
        end as outcome
    from differences
),

final as (
    select
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,
        cast(basis as string) as basis,
        cast(breakdown as string) as breakdown,
        cast(source_id as string) as source_id,
        cast(value as decimal(28, 10)) as printed_value,
        cast(counted_value as decimal(28, 10)) as counted_value,
        cast(difference as decimal(28, 10)) as difference,
        cast(tolerance as decimal(28, 10)) as tolerance,
        cast(outcome as string) as outcome,
        cast(reason_code as string) as reason_code,
        cast(unit as string) as unit,
        cast(qualifier as string) as qualifier,
        cast(decimals as int) as decimals,
        cast(counted_status as string) as counted_status,
        cast(dimension = 'service_kind' as boolean) as is_approximate,
        cast(load_id as string) as load_id,
        cast(sheet as string) as sheet,
        cast(cell as string) as cell,
        cast(compared_known_from as timestamp) as known_from
    from judged
)

select * from final
