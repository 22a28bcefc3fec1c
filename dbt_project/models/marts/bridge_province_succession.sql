with province_succession as (
    select * from {{ ref('province_succession') }}
),

final as (
    select
        cast(predecessor_id as string) as predecessor_id,
        cast(successor_id as string) as successor_id,
        cast(effective_date as date) as effective_date,
        cast(change as string) as change,
        cast(share as decimal(28, 10)) as share
    from province_succession
)

select * from final
