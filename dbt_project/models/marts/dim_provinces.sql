with provinces as (
    select * from {{ ref('provinces') }}
),

province_sort as (
    select * from {{ ref('province_sort') }}
),

provinces_with_regions as (
    select
        provinces.*,
        regions.name_vi as region_vi,
        regions.name_en as region_en,
        province_sort.sort_vi
    from provinces
    left join provinces as regions
        on provinces.region_id = regions.province_id
    left join province_sort
        on provinces.province_id = province_sort.province_id
),

-- An area is current while its set has no end: no clock is asked.
final as (
    select
        cast(province_id as string) as province_id,
        cast(area_level as string) as area_level,
        cast(boundary_set as string) as boundary_set,
        cast(gso_code as string) as gso_code,
        cast(iso_code as string) as iso_code,
        cast(name_vi as string) as name_vi,
        cast(name_en as string) as name_en,
        cast(kind as string) as kind,
        cast(region_id as string) as region_id,
        cast(region_vi as string) as region_vi,
        cast(region_en as string) as region_en,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(valid_to is null as boolean) as is_current,
        cast(sort_vi as string) as sort_vi
    from provinces_with_regions
)

select * from final
