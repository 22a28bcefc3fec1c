-- Figures of the centre: from what was stated of the same area, indicator and period, else from what they are made of.
-- What was said again unchanged is far evidence, which counts only where there is no other: where somebody else tells the
-- figure too, the other may win because a file came anew (10); else only the file that it is from is another (20).
create table moved as
select
    changes.province_id,
    changes.indicator_code,
    changes.period_id,
    changes.basis,
    evidence.cause,
    min(case
        when changes.change <> 'provenance' then 0 when contested.change_id is not null then 10 else 20
    end) as farness
from changes
inner join evidence using (change_id)
left join contested using (change_id)
where changes.table_name = 'fct_observations'
    or changes.table_name = 'fct_indicator_values' and evidence.distance = 0
group by changes.province_id, changes.indicator_code, changes.period_id, changes.basis, evidence.cause;

insert into evidence
select
    changes.change_id,
    moved.cause,
    min(case
        when (changes.province_id, changes.indicator_code, changes.period_id)
            = (moved.province_id, moved.indicator_code, moved.period_id) then moved.farness
        else moved.farness + 1
    end) as distance
from changes
inner join indicators_reached on changes.indicator_code = indicators_reached.reached_code
inner join moved on indicators_reached.indicator_code = moved.indicator_code
inner join areas_reached on moved.province_id = areas_reached.area_id and changes.province_id = areas_reached.reached_id
left join periods as own on changes.period_id = own.period_id
left join periods as part on moved.period_id = part.period_id
where changes.kind in ('derived', 'summed')
    and (moved.farness < 20 or changes.change = 'provenance')
    and (
        changes.period_id = moved.period_id
        or (own.start_date <= part.start_date and own.end_date >= part.end_date)
        or (moved.basis = 'ytd' and own.year = part.year)
        or (moved.basis = 'cumulative' and own.year between part.year and part.year + 1)
        or (indicators_reached.years_later > 0
            and own.year between part.year and part.year + indicators_reached.years_later)
    )
group by changes.change_id, moved.cause;
