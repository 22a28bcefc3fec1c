-- `decision` and `waiver` are columns since people decide about loads; older releases lack them.
create temp view all_loads as
select
    *,
    verdict in ('quarantined', 'failed') and superseded_by is null and decision is null as is_open
from (
    select * from main.audit_loads
    union all by name
    select cast(null as varchar) as decision
    where false
) as loads;

create temp view all_checks as
select * from main.audit_checks
union all by name
select cast(null as varchar) as waiver
where false;

-- Loads with a page: what is open comes first, then what this release brought and is not plainly
-- good.
create temp table page_loads as
select load_id
from all_loads
where is_open or first_release_id = getvariable('release_id')
order by
    is_open desc, rows_rejected > 0 or verdict <> 'accepted' desc, received_at desc, load_id asc
limit getvariable('pages_of_loads');
