with members as (
    select * from {{ ref('breakdown_members') }}
),

ended_members as (
    select * from {{ ref('ended_members') }}
),

channels as (
    select * from {{ ref('dossier_channels') }}
),

service_levels as (
    select * from {{ ref('service_levels') }}
),

fields as (
    select * from {{ ref('dossier_fields') }}
),

members_unioned as (
    select
        members.dimension,
        members.code,
        members.name_vi,
        members.name_en,
        cast(null as string) as mapped_to,
        ended_members.last_day
    from members
    left join ended_members
        on
            members.dimension = ended_members.dimension
            and members.code = ended_members.code
    union all
    select
        'channel' as dimension,
        channel as code,
        name_vi,
        name_en,
        case when is_online then 'online' end as mapped_to,
        cast(null as date) as last_day
    from channels
    union all
    select
        'service_level' as dimension,
        service_level as code,
        name_vi,
        name_en,
        mapped_to,
        cast(null as date) as last_day
    from service_levels
    union all
    select
        'field' as dimension,
        field_code as code,
        name_vi,
        name_en,
        cast(null as string) as mapped_to,
        cast(null as date) as last_day
    from fields
),

final as (
    select
        cast(dimension as string) as dimension,
        cast(code as string) as code,
        cast(name_vi as string) as name_vi,
        cast(name_en as string) as name_en,
        cast(mapped_to as string) as mapped_to,
        cast(last_day as date) as last_day
    from members_unioned
)

select * from final
