with sources as (
    select * from {{ ref('stg_sources') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

logs as (
    select * from {{ ref('int_dossier_sources') }}
),

-- Loads of a source whose declaration is gone, and of folders nobody declared, stay explainable.
undeclared as (
    select '_unknown' as source_id
    union
    select source_id from loads
    except
    select source_id from sources
),

sources_unioned as (
    select
        source_id,
        publisher,
        title,
        shape,
        licence,
        frequency,
        rank,
        legal_basis,
        url,
        description
    from sources
    union all
    select
        source_id,
        cast(null as string) as publisher,
        case
            when source_id = '_unknown' then 'Thư mục chưa khai báo nguồn / folder without a source'
            else 'Nguồn không còn khai báo / source no longer declared'
        end as title,
        cast(null as string) as shape,
        cast(null as string) as licence,
        cast(null as string) as frequency,
        cast(null as int) as rank,
        cast(null as string) as legal_basis,
        cast(null as string) as url,
        cast(null as string) as description
    from undeclared
),

final as (
    select
        cast(sources_unioned.source_id as string) as source_id,
        cast(sources_unioned.publisher as string) as publisher,
        cast(sources_unioned.title as string) as title,
        cast(sources_unioned.shape as string) as shape,
        cast(sources_unioned.licence as string) as licence,
        cast(sources_unioned.frequency as string) as frequency,
        cast(sources_unioned.rank as int) as rank,
        cast(sources_unioned.legal_basis as string) as legal_basis,
        cast(sources_unioned.url as string) as url,
        cast(sources_unioned.description as string) as description,
        cast(logs.as_of_date as date) as as_of_date
    from sources_unioned
    left join logs
        on sources_unioned.source_id = logs.source_id
)

select * from final
