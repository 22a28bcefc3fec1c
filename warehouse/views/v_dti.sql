with indices as (
    select
        indicator_code,
        name_vi,
        name_en,
        parent_code is null as is_total
    from main.dim_indicators
    where kind = 'score' and coalesce(parent_code, indicator_code) = 'dti_score'
),

scores as (
    select
        province_id,
        indicator_code,
        period_id,
        boundary_set,
        value,
        method
    from main.fct_indicator_values
    where area_level = 'province' and value is not null
),

rankings_ordered as (
    select
        rankings.*,
        row_number() over (
            partition by province_id, indicator_code, period_id, boundary_set
            order by method desc nulls last
        ) as reported_first_no
    from main.rpt_rankings as rankings
),

-- A rank needs no score: of most provinces only the place was published.
subjects as (
    select
        province_id,
        indicator_code,
        period_id,
        boundary_set
    from scores
    union
    select
        province_id,
        indicator_code,
        period_id,
        boundary_set
    from rankings_ordered
)

select
    subjects.boundary_set,
    subjects.province_id,
    provinces.name_vi as province_vi,
    provinces.name_en as province_en,
    provinces.region_vi,
    subjects.period_id,
    periods.year,
    subjects.indicator_code,
    indices.name_vi as index_vi,
    indices.name_en as index_en,
    indices.is_total,
    rankings.edition,
    scores.method as score_method,
    rankings.method as rank_method,
    rankings.crosses_break,
    case
        when scores.value is not null
            then cast(scores.value as union(value decimal(28, 10)))  -- noqa
    end as score,
    case
        when rankings.rank is not null
            then cast(rankings.rank as union(value integer))  -- noqa
    end as rank,
    case
        when rankings.rank_of is not null
            then cast(rankings.rank_of as union(value integer))  -- noqa
    end as rank_of,
    case
        when rankings.rank_change is not null
            then cast(rankings.rank_change as union(value integer))  -- noqa
    end as rank_change
from subjects
inner join indices
    on subjects.indicator_code = indices.indicator_code
inner join main.dim_provinces as provinces
    on subjects.province_id = provinces.province_id
inner join main.dim_periods as periods
    on subjects.period_id = periods.period_id
left join scores
    on
        subjects.province_id = scores.province_id
        and subjects.indicator_code = scores.indicator_code
        and subjects.period_id = scores.period_id
left join rankings_ordered as rankings
    on
        subjects.province_id = rankings.province_id
        and subjects.indicator_code = rankings.indicator_code
        and subjects.period_id = rankings.period_id
        and subjects.boundary_set = rankings.boundary_set
        and rankings.reported_first_no = 1
