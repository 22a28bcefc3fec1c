{%- set changed = is_in_months('dossier_month', changed_dossier_months()) -%}

-- Written last of its folder: what stands here is built there too.
-- depends_on: {{ ref('int_dossier_flows') }}
-- depends_on: {{ ref('int_dossier_open_dues') }}
-- depends_on: {{ ref('int_dossier_days') }}
with loads as (
    select * from {{ ref('int_dossier_loads') }}
    where {{ changed }}
),

dossiers as (
    select * from {{ ref('int_dossiers_changed') }}
    where {{ changed }}
),

files as (
    select
        dossier_month,
        min(files_hash) as files_hash
    from loads
    group by dossier_month
),

counts as (
    select
        dossier_month,
        cast(count(*) as bigint) as dossier_count,
        cast(count(submitted_month) as bigint) as submitted_count,
        cast(count(received_month) as bigint) as received_count
    from dossiers
    group by dossier_month
),

partitions as (
    select
        files.dossier_month,
        files.files_hash,
        counts.dossier_count,
        counts.submitted_count,
        counts.received_count
    from files
    inner join counts
        on files.dossier_month = counts.dossier_month
)

select * from partitions
