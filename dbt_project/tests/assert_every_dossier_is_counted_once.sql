-- Each dossier of the months built last is one dossier in the sums and in one month only; and each
-- that was filed or received counts so once, in its month's sums and over all months in the mart.
{%- set built_last = is_in_months('dossier_month', last_built_months()) %}

with dossiers as (
    select count(distinct dossier_key) as dossier_count
    from {{ ref('stg_transactions') }}
    where {{ built_last }}
),

partitions as (
    select * from {{ ref('int_dossier_partitions') }}
),

partitions_built_last as (
    select coalesce(sum(dossier_count), 0) as dossier_count
    from partitions
    where {{ built_last }}
),

flows as (
    select
        dossier_month,
        sum(submitted_count) as submitted_count,
        sum(received_count) as received_count
    from {{ ref('int_dossier_flows') }}
    group by dossier_month
),

published as (
    select
        coalesce(sum(submitted_count), 0) as submitted_count,
        coalesce(sum(received_count), 0) as received_count
    from {{ ref('fct_dossiers') }}
),

built as (
    select
        coalesce(sum(submitted_count), 0) as submitted_count,
        coalesce(sum(received_count), 0) as received_count
    from partitions
)

select
    'all' as dossier_month,
    'dossiers' as what
from partitions_built_last
cross join dossiers
where partitions_built_last.dossier_count <> dossiers.dossier_count
union all
select
    partitions.dossier_month,
    'events' as what
from partitions
left join flows
    on partitions.dossier_month = flows.dossier_month
where
    partitions.submitted_count <> coalesce(flows.submitted_count, 0)
    or partitions.received_count <> coalesce(flows.received_count, 0)
union all
select
    'all' as dossier_month,
    'published' as what
from built
cross join published
where
    built.submitted_count <> published.submitted_count
    or built.received_count <> published.received_count
