-- Every row a load accepted reached dbt, once: the lake holds exactly what the ledger counted. Of
-- dossier logs only loads that were not replaced are read, counted when their months were built. A
-- load that was held back after it had counted has accepted no rows, and keeps those of then.
with rows_found as (
    select
        load_id,
        count(*) as row_count
    from {{ ref('stg_subscribers') }}
    group by load_id
    union all
    select
        load_id,
        count(*) as row_count
    from {{ ref('stg_indicators') }}
    group by load_id
    union all
    select
        load_id,
        sum(state_count) as row_count
    from {{ ref('int_dossier_loads') }}
    group by load_id
),

counts_found as (
    select
        load_id,
        sum(row_count) as row_count
    from rows_found
    group by load_id
)

select
    loads.load_id,
    loads.rows_accepted,
    counts_found.row_count
from {{ ref('stg_loads') }} as loads
full outer join counts_found
    on loads.load_id = counts_found.load_id
left join {{ ref('stg_load_spans') }} as load_spans
    on
        loads.load_id = load_spans.load_id
        and loads.rows_accepted = 0
where
    load_spans.load_id is null
    and coalesce(counts_found.row_count, 0)
    <> case
        when loads.shape = 'transactions' and loads.superseded_by is not null then 0
        else coalesce(loads.rows_accepted, 0)
    end
