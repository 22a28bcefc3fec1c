select
    sheets.*,
    sheets.rows_read
    - sheets.rows_accepted
    - sheets.rows_rejected
    - sheets.rows_superseded as difference
from main.audit_load_sheets as sheets
inner join page_loads on sheets.load_id = page_loads.load_id
order by sheets.load_id, sheets.sheet
