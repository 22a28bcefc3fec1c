-- Nothing leaves that did not come, and only what is pending is overdue.
select
    province_id,
    procedure_code,
    service_level,
    channel,
    period_id,
    source_id,
    pending_count,
    pending_late_count
from {{ ref('fct_dossiers') }}
where
    pending_count < 0
    or pending_late_count < 0
    or pending_late_count > pending_count
    or carried_over_count < 0
