with measures as (
    select * from {{ ref('ranking_measures') }}
),

editions as (
    select * from {{ ref('int_edition_years') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

provinces as (
    select * from {{ ref('provinces') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

-- Narrowed once: a figure that is no place (beyond an int) is left out and stays in the centre.
-- Places are added as bigint, so that no published change can make the build fail. The bounds are
-- those of an int: a cast of every figure of the centre would be dear. The centre is an import of
-- its own wherever it is read, so that it is never held in memory.
measured as (
    select
        centre.province_id,
        measures.ranked_code,
        measures.measure,
        centre.period_id,
        centre.boundary_set,
        centre.area_level,
        cast(try_cast(centre.value as int) as bigint) as value
    from {{ ref('fct_indicator_values') }} as centre
    inner join measures
        on centre.indicator_code = measures.indicator_code
    where centre.value > -2147483648.5 and centre.value < 2147483647.5
),

set_sizes as (
    select
        boundary_set,
        count(*) as area_count
    from provinces
    where area_level = 'province'
    group by boundary_set
),

reported as (
    select
        measured.province_id,
        measured.ranked_code as indicator_code,
        measured.period_id,
        'reported' as method,
        measured.boundary_set,
        measured.value as rank
    from measured
    where measured.measure = 'rank' and measured.area_level = 'province'
),

-- A place is one among scores that were given: what was carried over a boundary is an estimate of a
-- score and ranks nobody.
scores as (
    select
        centre.province_id,
        centre.indicator_code,
        centre.period_id,
        centre.boundary_set,
        case
            when indicators.direction = 'up' then -centre.value
            else centre.value
        end as sort_value,
        count(*) over (
            partition by centre.indicator_code, centre.period_id, centre.boundary_set
        ) as scored_count
    from {{ ref('fct_indicator_values') }} as centre
    inner join indicators
        on centre.indicator_code = indicators.indicator_code
    where
        centre.value is not null
        and centre.area_level = 'province'
        and centre.method not like 'boundary%'
        and indicators.direction in ('up', 'down')
        and centre.indicator_code in (select measures.ranked_code from measures)
),

-- A rank in a partial set is no rank: every area of the set must have its score.
computed as (
    select
        scores.province_id,
        scores.indicator_code,
        scores.period_id,
        'computed' as method,
        scores.boundary_set,
        cast(
            rank() over (
                partition by scores.indicator_code, scores.period_id, scores.boundary_set
                order by scores.sort_value nulls last
            ) as bigint
        ) as rank
    from scores
    inner join set_sizes
        on scores.boundary_set = set_sizes.boundary_set
    where scores.scored_count = set_sizes.area_count
),

ranks as (
    select * from reported
    union all
    select * from computed
),

changes as (
    select * from measured
    where measure = 'rank_change'
),

-- Printed for the country, so without saying of which set of areas: it stands only where the number
-- of areas of the set is not known, never 63 beside ranks of the 34.
printed_totals as (
    select * from measured
    where measure = 'rank_of' and area_level = 'country'
),

-- The published change wins over a difference of ranks: the publisher may have corrected the
-- earlier ranking. The earlier rank is then computed back: 12 after +43 was 55.
ranks_compared as (
    select
        ranks.*,
        periods.year,
        set_sizes.area_count,
        printed_totals.value as printed_total,
        case when ranks.method = 'reported' then changes.value end as printed_change,
        earlier.rank as earlier_rank
    from ranks
    inner join periods
        on ranks.period_id = periods.period_id
    left join set_sizes
        on ranks.boundary_set = set_sizes.boundary_set
    left join printed_totals
        on
            ranks.indicator_code = printed_totals.ranked_code
            and ranks.period_id = printed_totals.period_id
    left join changes
        on
            ranks.province_id = changes.province_id
            and ranks.indicator_code = changes.ranked_code
            and ranks.period_id = changes.period_id
    left join ranks as earlier
        on
            ranks.province_id = earlier.province_id
            and ranks.indicator_code = earlier.indicator_code
            and ranks.method = earlier.method
            and ranks.boundary_set = earlier.boundary_set
            and periods.previous_year_period_id = earlier.period_id
),

ranks_with_editions as (
    select
        ranks_compared.*,
        this_year.edition,
        coalesce(this_year.edition <> last_year.edition, false) as crosses_break
    from ranks_compared
    left join editions as this_year
        on
            ranks_compared.indicator_code = this_year.indicator_code
            and ranks_compared.year = this_year.year
    left join editions as last_year
        on
            ranks_compared.indicator_code = last_year.indicator_code
            and ranks_compared.year - 1 = last_year.year
),

final as (
    select
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,
        cast(method as string) as method,
        cast(boundary_set as string) as boundary_set,
        cast(edition as string) as edition,
        cast(rank as int) as rank,
        cast(coalesce(area_count, printed_total) as int) as rank_of,
        try_cast(coalesce(rank + printed_change, earlier_rank) as int) as rank_previous,
        try_cast(coalesce(printed_change, earlier_rank - rank) as int) as rank_change,
        cast(crosses_break as boolean) as crosses_break
    from ranks_with_editions
)

select * from final
