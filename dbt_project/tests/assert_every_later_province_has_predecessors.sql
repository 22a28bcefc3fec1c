-- Every province that is not of the first set took over from at least one: without it a sum over
-- the predecessors of its own successor would miss its land and look whole.
with provinces as (
    select * from {{ ref('dim_provinces') }}
    where area_level = 'province'
),

beginnings as (
    select min(valid_from) as first_day from provinces
)

select provinces.province_id
from provinces
cross join beginnings
left join {{ ref('bridge_province_succession') }} as succession
    on provinces.province_id = succession.successor_id
where
    provinces.valid_from > beginnings.first_day
    and succession.successor_id is null
