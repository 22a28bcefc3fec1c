-- Sums of dossier logs, and the figures of the centre that come from them at once. A log tells states of any month of its
-- source, and a source whose log goes on changes what its earlier months are worth: whole provinces of it are reached.
create table logs_touched as
select distinct source_id, event, other_id is not null as is_read_again, by_boundary, by_catalogue
from touched_loads
where shape = 'transactions';

create table counted_evidence as
with reached as (
    select changes.change_id, changes.change, logs_touched.*
    from changes
    inner join logs_touched on changes.source_id = logs_touched.source_id
    where changes.kind = 'counted'
    union all
    select changes.change_id, changes.change, logs_touched.*
    from changes
    inner join log_areas on changes.province_id = log_areas.province_id
    inner join logs_touched on log_areas.source_id = logs_touched.source_id
    where changes.kind = 'derived' and 'source' in (changes.coverage_of_before, changes.coverage_of_after)
)
select
    change_id,
    case
        when is_read_again and by_boundary then 'boundary_rebasing'
        when is_read_again then 'formula_or_catalogue_change'
        when event = 'gone' then 'deletion_at_source'
        when change = 'added' then 'new_period'
        else 'source_revision'
    end as cause
from reached
where is_read_again or event = 'new' or change <> 'added';

insert into evidence select distinct change_id, cause, 0 from counted_evidence;
