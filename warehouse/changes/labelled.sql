-- Every change with one cause, the nearest; of equally near ones the first in the list of causes, but that a figure that
-- was not there before is a new one first of all. All are kept beside it. Many changes, few ways in which causes meet:
-- each way is put in order once.
create table labelled as
with found as (
    select change_id, list({cause: cause, distance: distance}) as met
    from evidence
    group by change_id
), ways as (
    select distinct found.met, changes.change = 'added' as is_added
    from found
    inner join changes using (change_id)
), causes_met as (
    select met, is_added, unnest(met, recursive := true) from ways
), nearest as (
    select
        met,
        is_added,
        cause,
        min(distance) as distance,
        min(min(distance)) over (partition by met, is_added) as nearest
    from causes_met
    group by met, is_added, cause
), listed as (
    select
        nearest.met,
        nearest.is_added,
        list(nearest.cause order by
            nearest.distance,
            nearest.is_added and nearest.cause = 'new_period' desc,
            causes.place
        ) as causes
    from nearest
    inner join causes using (cause)
    where nearest.distance < 10 or nearest.nearest >= 10
    group by nearest.met, nearest.is_added
)
select
    changes.* exclude (change_id, names),
    coalesce(listed.causes[1], 'unexplained') as cause,
    coalesce(array_to_string(listed.causes, ';'), 'unexplained') as causes
from changes
left join found using (change_id)
left join listed on found.met = listed.met and listed.is_added = (changes.change = 'added')
-- what is said again unchanged is no changed value, but somebody must have said it
where changes.change <> 'provenance' or found.change_id is null;
