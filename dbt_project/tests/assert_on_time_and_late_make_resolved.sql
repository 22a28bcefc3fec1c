-- Every result is either on time or late, and what came early was on time.
select
    province_id,
    procedure_code,
    service_level,
    channel,
    period_id,
    source_id,
    resolved_count,
    on_time_count,
    late_count,
    early_count
from {{ ref('fct_dossiers') }}
where
    on_time_count + late_count <> resolved_count
    or early_count > on_time_count
