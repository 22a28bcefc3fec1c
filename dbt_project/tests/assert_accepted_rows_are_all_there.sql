-- Every row a load accepted reached dbt, once: the lake holds exactly what the ledger counted.
-- The shape `transactions` is not read as rows here and is left out.
with rows_found as (
    select load_id from {{ ref('stg_subscribers') }}
    union all
    select load_id from {{ ref('stg_indicators') }}
),

counts_found as (
    select
        load_id,
        count(*) as row_count
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
where
    coalesce(loads.shape, '') <> 'transactions'
    and coalesce(loads.rows_accepted, 0) <> coalesce(counts_found.row_count, 0)
