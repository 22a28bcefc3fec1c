-- Parents that lead back to where they came from, or further than any tree of indices goes.
with recursive

ancestors as (
    select
        indicator_code,
        parent_code as ancestor_code,
        1 as steps
    from {{ ref('dim_indicators') }}
    where parent_code is not null
    union all
    select
        ancestors.indicator_code,
        parents.parent_code as ancestor_code,
        ancestors.steps + 1 as steps
    from ancestors
    inner join {{ ref('dim_indicators') }} as parents
        on ancestors.ancestor_code = parents.indicator_code
    where parents.parent_code is not null and ancestors.steps < 10
)

select distinct indicator_code
from ancestors
where ancestor_code = indicator_code or steps >= 10
