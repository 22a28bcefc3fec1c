-- Places and gaps: made of figures of the centre, of members, and of targets.
create table figures_moved as
select
    changes.province_id,
    changes.indicator_code,
    changes.period_id,
    evidence.cause,
    min(case
        when changes.change = 'provenance' and contested.change_id is null then 21
        when changes.change = 'provenance' or evidence.distance >= 10 then 11
        else 1
    end) as distance
from changes
inner join evidence using (change_id)
left join contested using (change_id)
where changes.table_name in ('fct_indicator_values', 'fct_observations')
group by changes.province_id, changes.indicator_code, changes.period_id, evidence.cause;

-- one score that moves moves others' places
insert into evidence
select changes.change_id, moved.cause, min(moved.distance)
from changes
inner join ranks_reached on changes.indicator_code = ranks_reached.ranked_code
inner join (
    select figures_moved.indicator_code, periods.year, figures_moved.cause, min(figures_moved.distance) as distance
    from figures_moved
    inner join periods using (period_id)
    group by all
) as moved on ranks_reached.indicator_code = moved.indicator_code
inner join periods on changes.period_id = periods.period_id
where changes.kind = 'ranked'
    and periods.year between moved.year and moved.year + ranks_reached.years_later
    and (moved.distance < 20 or changes.change = 'provenance')
group by changes.change_id, moved.cause;

insert into evidence
select changes.change_id, figures_moved.cause, min(figures_moved.distance)
from changes
inner join areas_reached on changes.province_id = areas_reached.area_id
inner join figures_moved
    on areas_reached.reached_id = figures_moved.province_id and changes.indicator_code = figures_moved.indicator_code
where changes.kind = 'judged' and (figures_moved.distance < 20 or changes.change = 'provenance')
group by changes.change_id, figures_moved.cause;

insert into evidence
select distinct changes.change_id, evidence.cause, 0
from changes
inner join changes as targets on changes.key = targets.key and targets.table_name = 'fct_targets'
inner join evidence on targets.change_id = evidence.change_id
where changes.kind = 'judged' and (targets.change <> 'provenance' or changes.change = 'provenance');

-- what is not yet due on one day is undecided on a later one, and a later receipt is a later day
insert into evidence
select changes.change_id, 'new_period', 2
from changes
cross join days_gone
where changes.kind = 'judged' and changes.changed_columns = 'outcome';
