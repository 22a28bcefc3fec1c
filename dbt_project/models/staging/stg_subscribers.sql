with source as (
    select * from {{ source('inputs', 'subscribers') }}
),

renamed as (
    select
        ---------- ids
        cast(load_id as string) as load_id,
        cast(source_id as string) as source_id,
        cast(row_no as bigint) as row_no,
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,

        ---------- texts
        cast(kind as string) as kind,
        cast(basis as string) as basis,
        cast(breakdown as string) as breakdown,
        cast(area_level as string) as area_level,
        cast(boundary_set as string) as boundary_set,
        cast(unit as string) as unit,
        cast(catalogue_unit as string) as catalogue_unit,
        cast(status as string) as status,
        cast(qualifier as string) as qualifier,
        cast(comparator as string) as comparator,
        cast(target_status as string) as target_status,
        cast(base_period_id as string) as base_period_id,
        cast(sheet as string) as sheet,
        cast(cell as string) as cell,
        cast(place_text as string) as place_text,
        cast(label_text as string) as label_text,
        cast(period_text as string) as period_text,
        cast(value_text as string) as value_text,
        cast(unit_text as string) as unit_text,
        cast(quote as string) as quote,
        cast(correction as string) as correction,

        ---------- numerics
        cast(value as decimal(28, 10)) as value,
        cast(value_upper as decimal(28, 10)) as value_upper,
        cast(decimals as int) as decimals,
        cast(min_value as decimal(28, 10)) as min_value,
        cast(max_value as decimal(28, 10)) as max_value
    from source
)

select * from renamed
