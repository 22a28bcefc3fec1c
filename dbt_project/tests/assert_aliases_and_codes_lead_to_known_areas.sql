-- Every alias and external code ends at a province of the set of 63, or at Hà Tây (28) of the 64.
with known_codes as (
    select distinct gso_code
    from {{ ref('dim_provinces') }}
    where
        area_level = 'province'
        and (boundary_set = '63' or (boundary_set = '64' and gso_code = '28'))
),

used_codes as (
    select code_63 from {{ ref('province_aliases') }}
    union
    select code_63 from {{ ref('province_external_codes') }}
)

select used_codes.code_63
from used_codes
left join known_codes
    on used_codes.code_63 = known_codes.gso_code
where known_codes.gso_code is null
