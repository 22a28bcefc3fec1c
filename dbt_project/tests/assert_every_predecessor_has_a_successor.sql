-- Every province that ended passed on to something, the day after its last: no gap and no overlap
-- between an area and what took over.
select
    provinces.province_id,
    succession.successor_id,
    provinces.valid_to,
    succession.effective_date,
    successors.valid_from
from {{ ref('dim_provinces') }} as provinces
left join {{ ref('bridge_province_succession') }} as succession
    on provinces.province_id = succession.predecessor_id
left join {{ ref('dim_provinces') }} as successors
    on succession.successor_id = successors.province_id
where
    provinces.area_level = 'province'
    and provinces.valid_to is not null
    and (
        succession.successor_id is null
        or provinces.valid_to + interval '1' day <> succession.effective_date
        or successors.valid_from is null
        or successors.valid_from <> succession.effective_date
    )
