-- Every province that ended passed on to something, on the day after its last.
select provinces.province_id
from {{ ref('dim_provinces') }} as provinces
left join {{ ref('bridge_province_succession') }} as succession
    on
        provinces.province_id = succession.predecessor_id
        and provinces.valid_to < succession.effective_date
where
    provinces.area_level = 'province'
    and provinces.valid_to is not null
    and succession.predecessor_id is null
