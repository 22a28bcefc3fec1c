with changed as (
    select * from {{ ref('int_dossiers_changed') }}
    where {{ is_in_months('dossier_month', changed_dossier_months()) }}
),

open_dues as (
    select
        dossier_month,
        source_id,
        province_id,
        procedure_code,
        service_level,
        channel,
        field_code,
        late_from,
        cast(count(*) as bigint) as dossier_count
    from changed
    where
        left_month is null
        and late_from is not null
    group by
        dossier_month,
        source_id,
        province_id,
        procedure_code,
        service_level,
        channel,
        field_code,
        late_from
)

select * from open_dues
