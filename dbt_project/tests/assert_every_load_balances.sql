-- For every load, to the row: rows read = accepted + rejected + superseded inside the load.
-- Publishing is refused on any imbalance, so this is an error.
select
    load_id,
    rows_read,
    rows_accepted,
    rows_rejected,
    rows_superseded
from {{ ref('audit_loads') }}
where
    rows_read is null
    or rows_accepted is null
    or rows_rejected is null
    or rows_superseded is null
    or rows_read <> rows_accepted + rows_rejected + rows_superseded
