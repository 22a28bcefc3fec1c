with transactions as (
    select * from {{ ref('stg_transactions') }}
    where {{ is_in_months('dossier_month', changed_dossier_months()) }}
),

partitions as (
    select * from {{ ref('stg_dossier_partitions') }}
),

-- A portal may date a result after the state that tells of it: the log reaches to the later one.
loads as (
    select
        dossier_month,
        source_id,
        load_id,
        province_id,
        cast(count(*) as bigint) as state_count,
        cast(
            max(greatest(event_at, submitted_at, received_at, finished_at, returned_at)) as date
        ) as last_event_on
    from transactions
    group by dossier_month, source_id, load_id, province_id
)

select
    loads.*,
    partitions.files_hash
from loads
left join partitions
    on loads.dossier_month = partitions.dossier_month
