with province_versions as (
    select * from {{ ref('province_versions') }}
),

final as (
    select
        cast(province_id as string) as province_id,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(name_vi as string) as name_vi,
        cast(name_en as string) as name_en,
        cast(kind as string) as kind,
        cast(legal_basis as string) as legal_basis
    from province_versions
)

select * from final
