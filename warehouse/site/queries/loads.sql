with failures as (
    select
        subject_id,
        count(*) as failed_checks
    from all_checks
    where subject_type = 'load' and (not success or errored)
    group by subject_id
)

select
    loads.*,
    loads.rows_read
    - loads.rows_accepted
    - loads.rows_rejected
    - loads.rows_superseded as difference,
    pages.load_id is not null as has_page,
    coalesce(failures.failed_checks, 0) as failed_checks
from all_loads as loads
left join page_loads as pages on loads.load_id = pages.load_id
left join failures on loads.load_id = failures.subject_id
order by loads.received_at desc, loads.source_id asc, loads.last_period_id desc, loads.load_id asc
