-- Names of the provinces and indicators that somebody owes, by id or code.
select
    province_id as code,
    name_vi,
    name_en
from main.dim_provinces
union all
select
    indicator_code as code,
    name_vi,
    name_en
from main.dim_indicators
