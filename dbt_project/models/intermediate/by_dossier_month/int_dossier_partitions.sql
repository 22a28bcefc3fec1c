-- Written last of its folder: what stands here is built there too.
-- depends_on: {{ ref('int_dossier_flows') }}
-- depends_on: {{ ref('int_dossier_open_dues') }}
-- depends_on: {{ ref('int_dossier_days') }}
-- depends_on: {{ ref('int_dossier_loads') }}
with changed as (
    select * from {{ ref('int_dossiers_changed') }}
    where {{ is_in_months('dossier_month', changed_dossier_months()) }}
),

partitions as (
    select
        dossier_month,
        files_hash,
        cast(count(*) as bigint) as dossier_count,
        cast(sum(case when submitted_month is not null then 1 else 0 end) as bigint)
            as submitted_count,
        cast(sum(case when received_month is not null then 1 else 0 end) as bigint)
            as received_count
    from changed
    group by dossier_month, files_hash
)

select * from partitions
