select
    load_id,
    reason_code,
    count(*) as row_count
from main.audit_rejected_rows
group by load_id, reason_code
order by load_id asc, row_count desc, reason_code asc
