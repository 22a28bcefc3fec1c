-- Which figure can reach which: the areas that take over an area, the indicators made of an indicator, and for how many
-- years after it. A row of a seed that went away is evidence of its own.
create table areas_reached as
with recursive successions as (
    select predecessor_id, successor_id from old.main.bridge_province_succession
    union
    select predecessor_id, successor_id from new.main.bridge_province_succession
), reached as (
    select province_id as area_id, province_id as reached_id from old.main.dim_provinces
    union
    select province_id, province_id from new.main.dim_provinces
    union
    select reached.area_id, successions.successor_id
    from reached
    inner join successions on reached.reached_id = successions.predecessor_id
)
select * from reached;

-- A denominator or weight of an earlier year may stand in: how much earlier is a rule of the build, so a decade is allowed.
create table indicators_reached as
with recursive parts as (
    select part_code, indicator_code, max_age_years is not null as stands_in from indicator_parts
    union
    select area_weight_code, indicator_code, true from old.main.dim_indicators where area_weight_code is not null
    union
    select area_weight_code, indicator_code, true from new.main.dim_indicators where area_weight_code is not null
    union
    select part_code, indicator_code, false from index_weights
), reached as (
    select indicator_code, indicator_code as reached_code, 0 as years_later from new.main.dim_indicators
    union
    select indicator_code, indicator_code, 0 from old.main.dim_indicators
    union
    select
        reached.indicator_code,
        parts.indicator_code,
        case when parts.stands_in then 10 else reached.years_later end
    from reached
    inner join parts on reached.reached_code = parts.part_code
)
select indicator_code, reached_code, max(years_later) as years_later from reached group by all;

-- What an area's place is made of: its scores, their parts, the printed places; and last year's places are shown beside.
create table ranks_reached as
select indicator_code, reached_code as ranked_code, years_later + 1 as years_later from indicators_reached
union
select indicator_code, ranked_code, 1 as years_later from ranking_measures
union
select rank_choices.merge_weight_code, ranking_measures.ranked_code, 10 as years_later
from rank_choices
cross join ranking_measures
where rank_choices.merge_weight_code is not null;

create table periods as
select period_id, start_date, end_date, year from old.main.dim_periods
union
select period_id, start_date, end_date, year from new.main.dim_periods;

-- The areas that the dossier logs of a source tell of, and those that took them over.
create table log_areas as
select distinct dossiers.source_id, areas_reached.reached_id as province_id
from (
    select distinct source_id, province_id from old.main.fct_dossiers
    union
    select distinct source_id, province_id from new.main.fct_dossiers
) as dossiers
inner join areas_reached on dossiers.province_id = areas_reached.area_id;

-- What is said again unchanged while somebody else tells the same figure too: who is believed may hang on who came first.
create table contested as
select distinct changes.change_id
from changes
inner join (
    select * from old.main.fct_observations where is_latest
    union all by name
    select * from new.main.fct_observations where is_latest
) as rivals using (province_id, indicator_code, period_id, breakdown)
where changes.table_name = 'fct_observations'
    and changes.change = 'provenance'
    and (changes.source_id, changes.basis) <> (rivals.source_id, rivals.basis);
