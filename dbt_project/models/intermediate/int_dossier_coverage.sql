with dossier_months as (
    select * from {{ ref('int_dossier_months') }}
),

areas as (
    select * from {{ ref('int_dossier_areas') }}
),

sources as (
    select * from {{ ref('int_dossier_sources') }}
),

successions as (
    select * from {{ ref('int_area_successions') }}
),

periods as (
    select * from {{ ref('int_periods') }}
    where period_type = 'month'
),

first_events as (
    select
        province_id,
        source_id,
        min(event_month) as first_month
    from dossier_months
    group by province_id, source_id
),

-- A portal counts for a province from its first dossier there; its log ends where it ends.
province_sources as (
    select
        areas.province_id,
        areas.first_month as first_month_of_province,
        first_events.source_id,
        sources.as_of_date,
        sources.last_month,
        sources.known_from,
        min(first_events.first_month) as first_month
    from areas
    inner join first_events
        on areas.filed_in = first_events.province_id
    inner join sources
        on first_events.source_id = sources.source_id
    group by
        areas.province_id,
        areas.first_month,
        first_events.source_id,
        sources.as_of_date,
        sources.last_month,
        sources.known_from
),

provinces as (
    select
        province_id,
        min(first_month_of_province) as first_month,
        max(last_month) as last_month
    from province_sources
    group by province_id
),

own as (
    select
        provinces.province_id,
        periods.period_id,
        periods.start_date as event_month,
        cast(
            sum(case when province_sources.last_month >= periods.start_date then 1 else 0 end)
            as int
        ) as coverage_count,
        cast(count(*) as int) as coverage_expected,
        max(case when province_sources.as_of_date < periods.end_date then 1 else 0 end)
            as unfinished_flag,
        max(province_sources.known_from) as known_from
    from provinces
    inner join periods
        on periods.start_date between provinces.first_month and provinces.last_month
    inner join province_sources
        on
            provinces.province_id = province_sources.province_id
            and periods.start_date >= province_sources.first_month
    group by provinces.province_id, periods.period_id, periods.start_date
),

-- Before a later area has dossiers of its own, or where it never has, it is what its predecessors
-- add up to: of the nearest set, each of them whole and known in full.
carried as (
    select
        successions.area_id as province_id,
        own.period_id,
        own.event_month,
        successions.steps,
        successions.unknown_count,
        cast(
            sum(
                case
                    when own.coverage_count = own.coverage_expected and successions.is_whole then 1
                    else 0
                end
            ) as int
        ) as coverage_count,
        successions.ancestor_count as coverage_expected,
        sum(case when own.coverage_count = own.coverage_expected then 1 else 0 end)
            as number_count,
        max(own.unfinished_flag) as unfinished_flag,
        max(own.known_from) as known_from
    from own
    inner join successions
        on own.province_id = successions.ancestor_id
    group by
        successions.area_id,
        own.period_id,
        own.event_month,
        successions.steps,
        successions.unknown_count,
        successions.ancestor_count
),

carried_ordered as (
    select
        carried.*,
        row_number() over (
            partition by province_id, period_id
            order by
                case when number_count = 0 then 1 else 0 end asc nulls last,
                steps asc nulls last
        ) as set_order
    from carried
),

coverage as (
    select
        province_id,
        period_id,
        event_month,
        0 as steps,
        'source' as coverage_of,
        coverage_count,
        coverage_expected,
        case when coverage_count < coverage_expected then 'incomplete_coverage' end as reason_code,
        unfinished_flag,
        known_from
    from own
    union all
    select
        carried.province_id,
        carried.period_id,
        carried.event_month,
        carried.steps,
        'province' as coverage_of,
        carried.coverage_count,
        carried.coverage_expected,
        case
            when carried.unknown_count > 0 then 'unknown_share'
            when carried.coverage_count < carried.coverage_expected then 'incomplete_coverage'
        end as reason_code,
        carried.unfinished_flag,
        carried.known_from
    from carried_ordered as carried
    left join own
        on
            carried.province_id = own.province_id
            and carried.period_id = own.period_id
    where
        carried.set_order = 1
        and own.province_id is null
)

select * from coverage
