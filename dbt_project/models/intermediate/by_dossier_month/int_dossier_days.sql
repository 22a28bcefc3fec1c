with changed as (
    select * from {{ ref('int_dossiers_changed') }}
    where {{ is_in_months('dossier_month', changed_dossier_months()) }}
),

days as (
    select
        dossier_month,
        source_id,
        province_id,
        resolved_month,
        processing_days,
        cast(count(*) as bigint) as dossier_count
    from changed
    where resolved_month is not null
    group by dossier_month, source_id, province_id, resolved_month, processing_days
)

select * from days
