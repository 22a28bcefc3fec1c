-- What sources owe. First what was stated of the figure that is owed, then that its report came or went at all. What was
-- said again unchanged only changes which file it is from.
insert into evidence
select changes.change_id, evidence.cause, min(evidence.distance)
from changes
inner join changes as figures
    on figures.table_name = 'fct_observations'
    and figures.basis in ('point', 'period')
    and changes.source_id = figures.source_id
    and changes.indicator_code = figures.indicator_code
    and changes.breakdown = figures.breakdown
    and changes.period_id = figures.period_id
    and changes.province_id = figures.province_id
inner join evidence on figures.change_id = evidence.change_id
where changes.kind = 'owed' and (figures.change <> 'provenance' or changes.change = 'provenance')
group by changes.change_id, evidence.cause;

-- an older file that counts now may have been the first to tell it
insert into evidence
select distinct changes.change_id, touched_loads.cause, 10
from changes
inner join touched_loads on changes.source_id = touched_loads.source_id
inner join stated
    on touched_loads.load_id = stated.load_id
    and changes.indicator_code = stated.indicator_code
    and changes.breakdown = stated.breakdown
    and changes.period_id = stated.period_id
    and changes.province_id = stated.province_id
where changes.kind = 'owed' and changes.changed_columns = 'is_in_time';

-- late is what nothing came for, missing what the report of the period came without
insert into evidence
select distinct changes.change_id, touched_loads.cause, 1
from changes
inner join periods as owed on changes.period_id = owed.period_id
inner join touched_loads on changes.source_id = touched_loads.source_id
inner join periods as first_told on touched_loads.first_period_id = first_told.period_id
inner join periods as last_told on touched_loads.last_period_id = last_told.period_id
where changes.kind = 'owed'
    and owed.start_date <= last_told.end_date
    and owed.end_date >= first_told.start_date
    and 'late' in (changes.value_before, changes.value_after)
    and 'missing' in (changes.value_before, changes.value_after);

insert into evidence
select changes.change_id, waiting_loads.cause, 1
from changes
inner join waiting_loads on waiting_loads.load_id in (changes.held_load_id_before, changes.held_load_id_after)
where changes.kind = 'owed' and changes.held_load_id_before is distinct from changes.held_load_id_after;

-- As days go by a period ends and its figures are owed, or its due day is over. That is nobody's revision: it is a period
-- that had not been there, or not been judged, before.
insert into evidence
select changes.change_id, 'new_period', 1
from changes
inner join periods using (period_id)
cross join days_gone
where changes.kind = 'owed'
    and (
        changes.change <> 'altered' and periods.end_date >= days_gone.first_day and periods.end_date < days_gone.last_day
        or 'not_yet_due' in (changes.value_before, changes.value_after)
        and changes.due_on::date >= days_gone.first_day
        and changes.due_on::date < days_gone.last_day
    );

-- a log tells of any month of its source, and owes it as one figure
insert into evidence
select distinct changes.change_id, touched_loads.cause, 0
from changes
inner join touched_loads on changes.source_id = touched_loads.source_id and touched_loads.shape = 'transactions'
where changes.kind = 'owed';
