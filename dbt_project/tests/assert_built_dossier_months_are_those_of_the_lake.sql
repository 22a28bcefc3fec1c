-- What the sums were made of is what the lake holds now: no month is missing, stale or left over.
select
    lake.dossier_month,
    partitions.dossier_month as built_month
from {{ ref('stg_dossier_partitions') }} as lake
full outer join {{ ref('int_dossier_partitions') }} as partitions
    on lake.dossier_month = partitions.dossier_month
where
    lake.files_hash is null
    or partitions.files_hash is null
    or lake.files_hash <> partitions.files_hash
