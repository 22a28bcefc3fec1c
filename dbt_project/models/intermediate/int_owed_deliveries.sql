with vintages as (
    select * from {{ ref('int_observation_vintages') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

expected_areas as (
    select distinct source_id from {{ ref('stg_expected_areas') }}
),

log_deliveries as (
    select * from {{ ref('int_log_deliveries') }}
),

-- The day counts on which the figure first came, whatever came after it.
figures as (
    select
        vintages.source_id,
        vintages.indicator_code,
        vintages.breakdown,
        vintages.period_id,
        vintages.province_id,
        min(
            case
                when vintages.value is not null
                    then {{ day_in_viet_nam('loads.received_at') }}
            end
        ) as first_delivered_on,
        max(
            case when vintages.is_latest and vintages.value is not null then vintages.load_id end
        ) as load_id,
        max(
            case when vintages.is_latest and vintages.value is null then vintages.status end
        ) as absence_status
    from vintages
    inner join expected_areas
        on vintages.source_id = expected_areas.source_id
    inner join loads
        on vintages.load_id = loads.load_id
    where vintages.basis in ('point', 'period')
    group by
        vintages.source_id,
        vintages.indicator_code,
        vintages.breakdown,
        vintages.period_id,
        vintages.province_id
),

deliveries as (
    select * from figures
    union all
    select
        source_id,
        indicator_code,
        breakdown,
        period_id,
        province_id,
        first_delivered_on,
        load_id,
        cast(null as string) as absence_status
    from log_deliveries
)

select * from deliveries
