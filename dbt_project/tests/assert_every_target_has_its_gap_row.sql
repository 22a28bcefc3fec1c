-- Every target is judged or says why not; a judged one has its gap.
select targets.target_id
from {{ ref('fct_targets') }} as targets
left join {{ ref('rpt_target_gaps') }} as gaps
    on targets.target_id = gaps.target_id
where
    gaps.target_id is null
    or (gaps.is_met is not null and gaps.gap is null)
    or (gaps.is_met is null) <> (gaps.reason_code is not null)
