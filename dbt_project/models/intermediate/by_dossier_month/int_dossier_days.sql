{%- set keys = [
    'dossier_month', 'source_id', 'province_id', 'service_level', 'channel', 'field_code',
    'resolved_month', 'processing_days',
] -%}

with changed as (
    select * from {{ ref('int_dossiers_changed') }}
    where {{ is_in_months('dossier_month', changed_dossier_months()) }}
),

days as (
    select
        {{ keys | join(', ') }},
        cast(count(*) as bigint) as dossier_count
    from changed
    where resolved_month is not null
    group by {{ keys | join(', ') }}
)

select * from days
