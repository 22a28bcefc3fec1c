-- New to old is refused: an area stands behind later areas only, and what is carried over a
-- boundary is carried to an area that has predecessors.
select
    successions.area_id as province_id,
    successions.ancestor_id,
    cast(null as string) as method
from {{ ref('int_area_successions') }} as successions
left join {{ ref('dim_provinces') }} as ancestors
    on successions.ancestor_id = ancestors.province_id
left join {{ ref('dim_provinces') }} as areas
    on successions.area_id = areas.province_id
where coalesce(ancestors.valid_from >= areas.valid_from, true)
union all
select distinct
    centre.province_id,
    cast(null as string) as ancestor_id,
    centre.method
from {{ ref('fct_indicator_values') }} as centre
left join {{ ref('bridge_province_succession') }} as succession
    on centre.province_id = succession.successor_id
where
    (centre.method like 'boundary%' or centre.coverage_of = 'province')
    and succession.successor_id is null
