-- Figures and targets as stated: each row names its load, and the load's own file must hold what the row says.
create table stated_evidence as
with own as (
    select
        changes.*,
        arrived.load_id is not null as is_new,
        arrived.other_id is not null as is_read_again,
        arrived.other_id is not null and arrived.other_id = changes.load_id_before as is_same_file,
        left_us.load_id is not null as is_gone,
        left_us.other_id as taken_over_by,
        coalesce(arrived.by_boundary, left_us.by_boundary) as by_boundary,
        coalesce(arrived.by_catalogue, left_us.by_catalogue) as by_catalogue,
        coalesce(arrived.by_correction, left_us.by_correction) as by_correction,
        arrived.other_id as read_before,
        exists (
            from stated
            where stated.load_id = changes.load_id_after
                and stated.sheet is not distinct from changes.sheet_after
                and stated.cell is not distinct from changes.cell_after
                and stated.province_id = changes.province_id
                and stated.indicator_code = changes.indicator_code
                and stated.period_id = changes.period_id
                and stated.breakdown = changes.breakdown
                and stated.value is not distinct from changes.number_after
        ) as is_in_file,
        exists (
            from stated
            inner join touched_loads using (load_id)
            where touched_loads.source_id = changes.source_id and stated.period_id = changes.period_id
        ) as is_spoken_of,
        exists (
            from stated
            inner join touched_loads using (load_id)
            where touched_loads.event = 'new'
                and touched_loads.source_id = changes.source_id
                and stated.province_id = changes.province_id
                and stated.indicator_code = changes.indicator_code
                and stated.period_id = changes.period_id
                and stated.breakdown = changes.breakdown
        ) as is_still_stated
    from changes
    left join touched_loads as arrived on changes.load_id_after = arrived.load_id and arrived.event = 'new'
    left join touched_loads as left_us on changes.load_id_before = left_us.load_id and left_us.event = 'gone'
    where changes.kind = 'stated'
), proven as (
    select
        *,
        change <> 'removed' and is_new and is_in_file as is_stated_anew,
        change <> 'removed'
        and not is_new
        and load_id_before is distinct from load_id_after
        and (is_gone or is_spoken_of) as is_stated_again,
        change = 'altered' and number_before is not null and number_after is null as is_emptied
    from own
)
-- a figure where there was none
select change_id, 'new_period' as cause from proven where change = 'added' and is_stated_anew and not is_read_again
union
-- another file says it otherwise, or an earlier statement stands again
select change_id, 'source_revision' from proven
where (change <> 'added' and is_stated_anew and not is_same_file or is_stated_again) and not is_emptied
union
select change_id, 'deletion_at_source' from proven where is_stated_anew and not is_same_file and is_emptied
union
-- its load does not count any more, or a younger file of the same name is silent about it
select change_id, 'deletion_at_source' from proven
where change = 'removed' and not is_still_stated and (is_gone and taken_over_by is null or not is_gone and is_spoken_of)
union
-- the register: its mark came, went or changed; a dropped row came back or went; the file was read again for it
select change_id, 'registered_correction' from proven
where is_stated_anew
    and change <> 'added'
    and (correction_before is distinct from correction_after or change = 'provenance' and is_same_file and by_correction)
union
select proven.change_id, 'registered_correction' from proven
inner join dropped on dropped.load_id = case when change = 'added' then read_before else taken_over_by end
    and dropped.sheet is not distinct from coalesce(proven.sheet_before, proven.sheet_after)
    and dropped.cell is not distinct from coalesce(proven.cell_before, proven.cell_after)
where proven.change in ('added', 'removed')
union
-- the same bytes read by other rules
select change_id, 'boundary_rebasing' from proven
where by_boundary and (is_stated_anew and is_read_again or change = 'removed' and taken_over_by is not null)
union
select change_id, 'formula_or_catalogue_change' from proven
where by_catalogue and (is_stated_anew and is_read_again or change = 'removed' and taken_over_by is not null);

insert into evidence select change_id, cause, 0 from stated_evidence;
