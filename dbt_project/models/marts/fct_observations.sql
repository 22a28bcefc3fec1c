with vintages as (
    select * from {{ ref('int_observation_vintages') }}
),

final as (
    select
        cast(province_id as string) as province_id,
        cast(indicator_code as string) as indicator_code,
        cast(period_id as string) as period_id,
        cast(basis as string) as basis,
        cast(breakdown as string) as breakdown,
        cast(source_id as string) as source_id,
        cast(load_id as string) as load_id,
        cast(value as decimal(28, 10)) as value,
        cast(value_upper as decimal(28, 10)) as value_upper,
        cast(unit as string) as unit,
        cast(status as string) as status,
        cast(qualifier as string) as qualifier,
        cast(decimals as int) as decimals,
        cast(file_sha256 as string) as file_sha256,
        cast(sheet as string) as sheet,
        cast(cell as string) as cell,
        cast(value_text as string) as value_text,
        cast(quote as string) as quote,
        cast(correction as string) as correction,
        cast(vintage_no as int) as vintage_no,
        cast(known_from as timestamp) as known_from,
        cast(known_to as timestamp) as known_to,
        cast(is_latest as boolean) as is_latest
    from vintages
)

select * from final
