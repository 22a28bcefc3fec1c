select examples.*
from main.audit_rejected_rows as examples
inner join page_loads on examples.load_id = page_loads.load_id
qualify
    row_number() over (
        partition by examples.load_id, examples.reason_code order by examples.row_no
    ) <= getvariable('rejected_by_reason')
order by examples.load_id, examples.row_no
