-- Rules: rows of seeds, declarations of sources, and the code. What they reach is wide, so what happened to a figure's own
-- inputs counts before them.
create table scopes as
with named as (
    select distinct cause, indicator_code, province_id, reaches_everything from seed_rows where table_name is null
    union
    select distinct 'formula_or_catalogue_change', observations.indicator_code, null, false
    from changed_sources
    inner join (
        select distinct source_id, indicator_code from old.main.fct_observations
        union
        select distinct source_id, indicator_code from new.main.fct_observations
        union
        select distinct source_id, indicator_code from new.main.fct_targets
        union
        from changed_promises
    ) as observations using (source_id)
    union
    -- of what is counted from logs, no row names the indicators
    select distinct 'formula_or_catalogue_change', null, log_areas.province_id, false
    from changed_sources
    inner join log_areas using (source_id)
), families as (
    -- rules of years and editions hold for the components of an index too
    select named.cause, children.indicator_code, named.province_id, named.reaches_everything
    from named
    inner join new.main.dim_indicators as children on named.indicator_code = children.parent_code
    union
    from named
)
select distinct
    families.cause,
    indicators_reached.reached_code as indicator_code,
    areas_reached.reached_id as province_id,
    families.reaches_everything
from families
left join indicators_reached using (indicator_code)
left join areas_reached on families.province_id = areas_reached.area_id;

insert into evidence
select distinct changes.change_id, scopes.cause, 2
from changes
inner join scopes
    on scopes.reaches_everything
    or changes.indicator_code = scopes.indicator_code
    or changes.province_id = scopes.province_id
where changes.kind in ('derived', 'summed', 'judged', 'reconciled');

-- a place is one among all: which areas there are reaches every place
insert into evidence
select distinct changes.change_id, scopes.cause, 2
from changes
inner join scopes
    on scopes.reaches_everything
    or scopes.province_id is not null
    or changes.indicator_code = scopes.indicator_code
where changes.kind = 'ranked';

insert into evidence
select distinct changes.change_id, seed_rows.cause, 2
from changes
inner join seed_rows on changes.table_name = seed_rows.table_name
where changes.names is null
    or list_bool_or(list_transform(
        changes.names, lambda way: len(way) > 0 and list_has_all(seed_rows.row_values, way)
    ));

insert into evidence
select changes.change_id, 'formula_or_catalogue_change', 2
from changes
inner join changed_sources using (source_id)
where changes.kind in ('reference', 'owed');

-- the day that a log reaches
insert into evidence
select distinct changes.change_id, touched_loads.cause, 2
from changes
inner join touched_loads on changes.source_id = touched_loads.source_id and touched_loads.shape = 'transactions'
where changes.table_name = 'dim_sources' and changes.changed_columns = 'as_of_date';

-- which of two portals counts where both tell of a dossier is declared by both
insert into evidence
select distinct changes.change_id, 'formula_or_catalogue_change', 2
from changes
cross join changed_sources
inner join log_areas on changed_sources.source_id = log_areas.source_id
where changes.kind = 'counted';

-- periods are those that something is said of or promised for
insert into evidence
select distinct changes.change_id, 'formula_or_catalogue_change', 2
from changes
cross join changed_sources
where changes.table_name = 'dim_periods';

insert into evidence
select distinct changes.change_id, case changes.change when 'added' then 'new_period' else 'deletion_at_source' end, 2
from changes
inner join touched_loads
    on touched_loads.event = case changes.change when 'added' then 'new' when 'removed' then 'gone' end
where changes.table_name = 'dim_periods';

insert into evidence
select changes.change_id, 'formula_or_catalogue_change', 3
from changes
cross join changed_code;
