with rankings as (
    select * from {{ ref('rpt_rankings') }}
),

choices as (
    select * from {{ ref('rank_choices') }}
),

ranks_by_choice as (
    select * from {{ ref('int_ranks_by_choice') }}
),

index_weights as (
    select * from {{ ref('int_index_weights') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

weighted_years as (
    select distinct
        indicator_code,
        year
    from index_weights
),

ranks_judged as (
    select
        rankings.*,
        case when weighted_years.year is null then 'unknown_weights' else 'missing_parts' end
            as reason_if_none
    from rankings
    inner join periods
        on rankings.period_id = periods.period_id
    left join weighted_years
        on
            rankings.indicator_code = weighted_years.indicator_code
            and periods.year = weighted_years.year
),

ranks_found as (
    select
        ranks_judged.*,
        choices.choice_code,
        choices.name_vi as choice_vi,
        choices.name_en as choice_en,
        ranks_by_choice.rank as found_rank,
        ranks_by_choice.draw_count
    from ranks_judged
    cross join choices
    left join ranks_by_choice
        on
            ranks_judged.province_id = ranks_by_choice.province_id
            and ranks_judged.indicator_code = ranks_by_choice.indicator_code
            and ranks_judged.period_id = ranks_by_choice.period_id
            and ranks_judged.boundary_set = ranks_by_choice.boundary_set
            and choices.choice_code = ranks_by_choice.choice_code
),

choices_and_all as (
    select * from ranks_found
    union all
    select
        ranks_judged.*,
        'all' as choice_code,
        'Mọi lựa chọn' as choice_vi,
        'All choices' as choice_en,
        ranks_found.found_rank,
        ranks_found.draw_count
    from ranks_judged
    inner join ranks_found
        on
            ranks_judged.province_id = ranks_found.province_id
            and ranks_judged.indicator_code = ranks_found.indicator_code
            and ranks_judged.period_id = ranks_found.period_id
            and ranks_judged.method = ranks_found.method
            and ranks_judged.boundary_set = ranks_found.boundary_set
),

ranges as (
    select
        province_id,
        indicator_code,
        period_id,
        method,
        boundary_set,
        choice_code,
        choice_vi,
        choice_en,
        edition,
        rank,
        reason_if_none,
        min(found_rank) as rank_low,
        max(found_rank) as rank_high,
        sum(draw_count) as ranking_count,
        sum(case when found_rank = rank then draw_count else 0 end) as same_count
    from choices_and_all
    group by
        province_id,
        indicator_code,
        period_id,
        method,
        boundary_set,
        choice_code,
        choice_vi,
        choice_en,
        edition,
        rank,
        reason_if_none
),

final as (
    select
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,
        cast(method as string) as method,
        cast(boundary_set as string) as boundary_set,
        cast(choice_code as string) as choice_code,
        cast(choice_vi as string) as choice_vi,
        cast(choice_en as string) as choice_en,
        cast(edition as string) as edition,
        cast(rank as int) as rank,
        cast(rank_low as int) as rank_low,
        cast(rank_high as int) as rank_high,
        cast(coalesce(ranking_count, 0) as int) as ranking_count,
        {{ exact_ratio('same_count', 'ranking_count', '1') }} as share_at_rank,
        cast(case when rank_low is null then reason_if_none end as string) as reason_code
    from ranges
)

select * from final
