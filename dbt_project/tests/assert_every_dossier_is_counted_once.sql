-- Each dossier of the months built last is one dossier in the sums, and each that was filed or
-- received counts so once: by month here, over all months in the mart.
with dossiers as (
    select
        dossier_month,
        count(distinct dossier_key) as dossier_count
    from {{ ref('stg_transactions') }}
    where {{ is_in_months('dossier_month', last_built_months()) }}
    group by dossier_month
),

partitions as (
    select * from {{ ref('int_dossier_partitions') }}
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
    partitions.dossier_month,
    'dossiers' as what
from partitions
inner join dossiers
    on partitions.dossier_month = dossiers.dossier_month
where partitions.dossier_count <> dossiers.dossier_count
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
