select checks.*
from all_checks as checks
inner join page_loads on checks.subject_type = 'load' and checks.subject_id = page_loads.load_id
order by
    checks.subject_id,
    checks.success and not checks.errored,
    checks.severity,
    checks.check_name,
    checks.run_id
