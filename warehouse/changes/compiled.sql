-- What only puts together what stands in other published tables has their causes, whatever they are.

-- what is owed, in shares of what is due
insert into evidence
select changes.change_id, evidence.cause, min(evidence.distance)
from changes
inner join changes as owed
    on owed.kind = 'owed'
    and changes.source_id = owed.source_id
    and changes.period_id = owed.period_id
    and changes.province_id = owed.province_id
inner join evidence on owed.change_id = evidence.change_id
where changes.kind = 'scored' and owed.change <> 'provenance'
group by changes.change_id, evidence.cause;

-- figures that came in time count from their due day on
insert into evidence
select changes.change_id, 'new_period', 0
from changes
cross join days_gone
where changes.kind = 'scored'
    and changes.due_on::date >= days_gone.first_day
    and changes.due_on::date < days_gone.last_day;

-- printed figures beside what their logs count
insert into evidence
select changes.change_id, evidence.cause, min(evidence.distance)
from changes
inner join changes as printed on printed.table_name = 'fct_observations' and changes.key = printed.key
inner join evidence on printed.change_id = evidence.change_id
where changes.kind = 'reconciled' and (printed.change <> 'provenance' or changes.change = 'provenance')
group by changes.change_id, evidence.cause;

-- a running total is held against its months; whether an indicator is counted at all, against any log
insert into evidence
select
    changes.change_id,
    evidence.cause,
    min(case
        when changes.province_id = counted.province_id
            and (
                changes.period_id = counted.period_id
                or (changes.basis = 'ytd' and own.year = part.year and own.end_date >= part.end_date)
            ) then evidence.distance
        else 10
    end)
from changes
inner join changes as counted on counted.kind = 'summed' and changes.indicator_code = counted.indicator_code
inner join evidence on counted.change_id = evidence.change_id
inner join periods as own on changes.period_id = own.period_id
inner join periods as part on counted.period_id = part.period_id
where changes.kind = 'reconciled'
group by changes.change_id, evidence.cause;

-- what was known before and came back: a figure of this build, or of one that was rolled back
insert into evidence
select changes.change_id, evidence.cause, evidence.distance
from changes
inner join changes as figures
    on figures.table_name = 'fct_observations'
    and changes.province_id = figures.province_id
    and changes.indicator_code = figures.indicator_code
    and changes.period_id = figures.period_id
    and changes.basis = figures.basis
    and changes.breakdown = figures.breakdown
    and changes.source_id = figures.source_id
    and changes.load_id_after = figures.load_id_after
inner join evidence on figures.change_id = evidence.change_id
where changes.kind = 'returned';

insert into evidence
select changes.change_id, 'source_revision', 10
from changes
inner join moved_sources using (source_id)
where changes.kind = 'returned';
