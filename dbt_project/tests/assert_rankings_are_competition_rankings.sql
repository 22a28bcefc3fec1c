-- "1 2 2 4": a place is one more than the number of better places. Asked only where the whole set
-- is ranked. A published ranking can break it (the input's fault), so it warns.
{{ config(severity='warn') }}
with ranks as (
    select
        rankings.*,
        count(*) over (
            partition by indicator_code, period_id, method, boundary_set
        ) as ranked_count,
        count(*) over (
            partition by indicator_code, period_id, method, boundary_set
            order by rank nulls last
            range between unbounded preceding and current row
        ) as ranked_up_to_here,
        count(*) over (
            partition by indicator_code, period_id, method, boundary_set, rank
        ) as tied_count
    from {{ ref('rpt_rankings') }} as rankings
)

select
    province_id,
    indicator_code,
    period_id,
    method,
    boundary_set,
    rank
from ranks
where
    ranked_count = rank_of
    and rank <> ranked_up_to_here - tied_count + 1
