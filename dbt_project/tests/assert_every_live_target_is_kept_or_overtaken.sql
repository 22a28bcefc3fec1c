-- Every target row a live load states is in fct_targets, or a younger load overtook it: one that
-- states the same target, or a file of the same name that speaks of the period.
select
    targets.load_id,
    targets.row_no
from {{ ref('int_targets_unioned') }} as targets
inner join {{ ref('int_loads_ordered') }} as loads
    on targets.load_id = loads.load_id
left join {{ ref('int_file_replacements') }} as file_replacements
    on
        targets.load_id = file_replacements.load_id
        and targets.period_id = file_replacements.period_id
left join {{ ref('fct_targets') }} as kept
    on
        targets.source_id = kept.source_id
        and targets.province_id = kept.province_id
        and targets.indicator_code = kept.indicator_code
        and targets.period_id = kept.period_id
        and targets.breakdown = kept.breakdown
        and targets.comparator = kept.comparator
        and targets.target_status = kept.target_status
left join {{ ref('int_loads_ordered') }} as kept_loads
    on kept.load_id = kept_loads.load_id
where
    not loads.is_superseded
    and not coalesce(file_replacements.is_replaced, false)
    and (
        kept.target_id is null
        or (
            (kept.load_id <> targets.load_id or kept.cell <> targets.cell)
            and kept_loads.file_order_no <= loads.file_order_no
        )
    )
