-- Every release, the newest first, with the loads that it was the first to hold.
with brought as (
    select
        first_release_id as release_id,
        count(*) as loads,
        count(*) filter (where verdict = 'accepted') as accepted,
        count(*) filter (where verdict = 'accepted_with_warnings') as accepted_with_warnings,
        count(*) filter (where verdict = 'quarantined') as quarantined,
        count(*) filter (where verdict = 'superseded') as superseded,
        count(*) filter (where verdict = 'duplicate') as duplicate,
        count(*) filter (where verdict = 'failed') as failed,
        cast(sum(rows_read) as bigint) as rows_read,
        cast(sum(rows_accepted) as bigint) as rows_accepted,
        cast(sum(rows_superseded) as bigint) as rows_superseded,
        cast(sum(rows_rejected) as bigint) as rows_rejected
    from all_loads
    group by first_release_id
)

select
    releases.*,
    coalesce(brought.loads, 0) as loads,
    coalesce(brought.accepted, 0) as accepted,
    coalesce(brought.accepted_with_warnings, 0) as accepted_with_warnings,
    coalesce(brought.quarantined, 0) as quarantined,
    coalesce(brought.superseded, 0) as superseded,
    coalesce(brought.duplicate, 0) as duplicate,
    coalesce(brought.failed, 0) as failed,
    coalesce(brought.rows_read, 0) as rows_read,
    coalesce(brought.rows_accepted, 0) as rows_accepted,
    coalesce(brought.rows_superseded, 0) as rows_superseded,
    coalesce(brought.rows_rejected, 0) as rows_rejected
from main.audit_releases as releases
left join brought on releases.release_id = brought.release_id
order by releases.ledger_entry desc, releases.release_id desc
