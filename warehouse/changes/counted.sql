-- Sums of dossier logs, and the figures of areas that come from them at once. A log tells states of any month of its
-- source, and a source whose log goes on changes what its earlier months are worth: whole provinces of it are reached.
create table logs_touched as
select distinct source_id, cause from touched_loads where shape = 'transactions';

create table counted_evidence as
with reached as (
    select changes.change_id, changes.change, logs_touched.cause, 0 as distance
    from changes
    inner join logs_touched on changes.source_id = logs_touched.source_id
    where changes.kind = 'counted'
    union all
    -- a dossier of two portals is counted with one of them: what comes from the other takes it away or gives it back
    select changes.change_id, changes.change, logs_touched.cause, 10
    from changes
    inner join log_areas on changes.province_id = log_areas.province_id
    inner join logs_touched on log_areas.source_id = logs_touched.source_id
    where changes.kind = 'counted' and changes.source_id <> logs_touched.source_id
    union all
    select changes.change_id, changes.change, logs_touched.cause, 0
    from changes
    inner join log_areas on changes.province_id = log_areas.province_id
    inner join logs_touched on log_areas.source_id = logs_touched.source_id
    where changes.kind = 'summed'
        or (changes.kind = 'derived' and 'source' in (changes.coverage_of_before, changes.coverage_of_after))
)
select
    change_id,
    case when cause = 'new_period' and change <> 'added' then 'source_revision' else cause end as cause,
    min(distance) as distance
from reached
group by all;

insert into evidence select change_id, cause, distance from counted_evidence;
