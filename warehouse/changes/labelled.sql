-- Every change with one cause, the nearest; of equally near ones the first in the list of causes. All are kept beside it.
create table labelled as
with nearest as (
    select evidence.change_id, evidence.cause, min(evidence.distance) as distance
    from evidence
    group by all
), listed as (
    select nearest.change_id, list(nearest.cause order by nearest.distance, causes.place) as causes
    from nearest
    inner join causes using (cause)
    group by nearest.change_id
)
select
    changes.* exclude (change_id),
    coalesce(listed.causes[1], 'unexplained') as cause,
    coalesce(array_to_string(listed.causes, ';'), 'unexplained') as causes
from changes
left join listed using (change_id);
