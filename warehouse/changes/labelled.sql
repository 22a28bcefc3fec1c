-- Every change with one cause, the nearest; of equally near ones the first in the list of causes, but that a figure that
-- was not there before is a new one first of all. All are kept beside it.
create table labelled as
with nearest as (
    select
        evidence.change_id,
        evidence.cause,
        min(evidence.distance) as distance,
        min(min(evidence.distance)) over (partition by evidence.change_id) as nearest
    from evidence
    group by evidence.change_id, evidence.cause
), listed as (
    select
        nearest.change_id,
        list(nearest.cause order by
            nearest.distance,
            changes.change = 'added' and nearest.cause = 'new_period' desc,
            causes.place
        ) as causes
    from nearest
    inner join causes using (cause)
    inner join changes using (change_id)
    where nearest.distance < 10 or nearest.nearest >= 10
    group by nearest.change_id
)
select
    changes.* exclude (change_id),
    coalesce(listed.causes[1], 'unexplained') as cause,
    coalesce(array_to_string(listed.causes, ';'), 'unexplained') as causes
from changes
left join listed using (change_id)
-- what is said again unchanged is no changed value, but somebody must have said it
where changes.change <> 'provenance' or listed.change_id is null;
