-- 64 provinces from 2004-01-01 to 2008-07-31, 63 to 2025-06-30, 34 from 2025-07-01: each province
-- of a set holds on all days of the set.
with expected_sets as (
    select
        '64' as boundary_set,
        64 as area_count,
        date '2004-01-01' as valid_from,
        date '2008-07-31' as valid_to
    union all
    select
        '63' as boundary_set,
        63 as area_count,
        date '2008-08-01' as valid_from,
        date '2025-06-30' as valid_to
    union all
    select
        '34' as boundary_set,
        34 as area_count,
        date '2025-07-01' as valid_from,
        cast(null as date) as valid_to
),

found_sets as (
    select
        provinces.boundary_set,
        count(*) as area_count
    from {{ ref('dim_provinces') }} as provinces
    inner join expected_sets
        on provinces.boundary_set = expected_sets.boundary_set
    where
        provinces.area_level = 'province'
        and provinces.valid_from = expected_sets.valid_from
        and coalesce(provinces.valid_to, date '9999-12-31')
        = coalesce(expected_sets.valid_to, date '9999-12-31')
    group by provinces.boundary_set
)

select
    expected_sets.boundary_set,
    expected_sets.area_count,
    found_sets.area_count as found_count
from expected_sets
left join found_sets
    on expected_sets.boundary_set = found_sets.boundary_set
where coalesce(found_sets.area_count, 0) <> expected_sets.area_count
