-- Sums of dossier logs, and the figures of areas that come from them at once. A log tells states of any month of its
-- source, and a source whose log goes on changes what its earlier months are worth: whole provinces of it are reached.
create table logs_touched as
select distinct source_id, cause from touched_loads where shape = 'transactions';

-- What a log tells of a month that was counted before revises it.
create table counted_before as
select distinct source_id, province_id, period_id from old.main.fct_dossiers
union all
select distinct null, province_id, period_id from old.main.rpt_online_services;

create table counted_evidence as
with log_provinces as (
    select log_areas.province_id, logs_touched.source_id, logs_touched.cause
    from log_areas
    inner join logs_touched using (source_id)
), counted_codes as (
    select indicator_code from old.main.rpt_online_services
    union
    select indicator_code from new.main.rpt_online_services
), reached as (
    select changes.change_id, logs_touched.cause, 0 as distance
    from changes
    inner join logs_touched using (source_id)
    where changes.kind = 'counted'
    union all
    select changes.change_id, log_provinces.cause, 0
    from changes
    inner join log_provinces using (province_id)
    where changes.kind = 'summed'
        or (changes.kind = 'derived' and 'source' in (changes.coverage_of_before, changes.coverage_of_after))
    union all
    -- A dossier of two portals is counted with one of them: what comes from the other takes it away or gives it back.
    -- And where somebody prints a counted figure too and is believed, the log agrees with it or does not.
    select changes.change_id, log_provinces.cause, 10
    from changes
    inner join log_provinces using (province_id)
    where changes.kind = 'counted' and changes.source_id <> log_provinces.source_id
        or changes.kind = 'derived' and changes.indicator_code in (from counted_codes)
)
select
    reached.change_id,
    case
        when reached.cause = 'new_period' and counted_before.period_id is not null then 'source_revision'
        else reached.cause
    end as cause,
    min(reached.distance) as distance
from reached
inner join changes using (change_id)
left join counted_before
    on changes.province_id = counted_before.province_id
    and changes.period_id = counted_before.period_id
    and case when changes.kind = 'counted' then changes.source_id end is not distinct from counted_before.source_id
group by all;

insert into evidence select change_id, cause, distance from counted_evidence;
