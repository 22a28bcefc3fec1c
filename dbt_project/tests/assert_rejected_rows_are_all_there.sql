-- Every row a load rejected is on record with its reason: no limit, no sample.
with counts_found as (
    select
        load_id,
        count(*) as row_count
    from {{ ref('audit_rejected_rows') }}
    group by load_id
)

select
    loads.load_id,
    loads.rows_rejected,
    counts_found.row_count
from {{ ref('audit_loads') }} as loads
full outer join counts_found
    on loads.load_id = counts_found.load_id
where coalesce(loads.rows_rejected, 0) <> coalesce(counts_found.row_count, 0)
