with candidates as (
    select * from {{ ref('int_value_candidates') }}
),

contested as (
    select
        province_id,
        indicator_code,
        period_id,
        value,
        is_conflict
    from {{ ref('int_value_candidates') }}
    where way_count > 1
),

provinces as (
    select
        {{ code('province_id') }} as province_id,
        boundary_set,
        area_level
    from {{ ref('dim_provinces') }}
),

value_editions as (
    select * from {{ ref('int_value_editions') }}
),

-- What else was said of the same key: the losers stay in int_value_candidates.
ways as (
    select
        province_id,
        indicator_code,
        period_id,
        count(value) as candidate_count,
        max(case when is_conflict then 1 else 0 end) = 1 as has_conflict
    from contested
    group by province_id, indicator_code, period_id
),

winners as (
    select
        candidates.*,
        coalesce(ways.candidate_count, case when candidates.value is null then 0 else 1 end)
            as candidate_count,
        coalesce(ways.has_conflict, false) as has_conflict,
        provinces.boundary_set,
        provinces.area_level
    from candidates
    left join ways
        on
            candidates.province_id = ways.province_id
            and candidates.indicator_code = ways.indicator_code
            and candidates.period_id = ways.period_id
    left join provinces
        on candidates.province_id = provinces.province_id
    where candidates.is_winner
),

winners_with_editions as (
    select
        winners.*,
        editions.edition,
        ';' || coalesce(winners.status, '') || ';' like '%;B;%'
        or coalesce(editions.is_new_edition, false) as is_break
    from winners
    left join value_editions as editions
        on
            winners.province_id = editions.province_id
            and winners.indicator_code = editions.indicator_code
            and winners.period_id = editions.period_id
),

final as (
    select
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,
        cast(value as decimal(28, 10)) as value,
        cast(unit as string) as unit,
        cast(status as string) as status,
        cast(method as string) as method,
        cast(reason_code as string) as reason_code,
        cast(coverage_of as string) as coverage_of,
        cast(coverage_count as int) as coverage_count,
        cast(coverage_expected as int) as coverage_expected,
        cast(source_id as string) as source_id,
        cast(load_id as string) as load_id,
        cast(boundary_set as string) as boundary_set,
        cast(area_level as string) as area_level,
        cast(basis as string) as basis,
        cast(qualifier as string) as qualifier,
        cast(decimals as int) as decimals,
        cast(denominator_period_id as string) as denominator_period_id,
        cast(candidate_count as int) as candidate_count,
        cast(has_conflict as boolean) as has_conflict,
        cast(known_from as timestamp) as known_from,
        cast(edition as string) as edition,
        cast(is_break as boolean) as is_break
    from winners_with_editions
)

select * from final
