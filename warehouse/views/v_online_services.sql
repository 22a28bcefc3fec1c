select
    dossiers.province_id,
    provinces.name_vi as province_vi,
    provinces.name_en as province_en,
    provinces.region_vi,
    provinces.boundary_set,
    dossiers.period_id,
    periods.end_date,
    periods.year,
    periods.quarter,
    periods.month,
    dossiers.procedure_code,
    dossiers.service_level,
    levels.name_vi as service_level_vi,
    levels.name_en as service_level_en,
    levels.mapped_to as service_kind,
    dossiers.channel,
    channels.name_vi as channel_vi,
    channels.name_en as channel_en,
    dossiers.source_id,
    dossiers.as_of_date,
    dossiers.submitted_count,
    dossiers.received_count,
    dossiers.resolved_count,
    dossiers.early_count,
    dossiers.on_time_count,
    dossiers.late_count,
    dossiers.returned_count,
    dossiers.online_payment_count,
    dossiers.fee_vnd,
    dossiers.carried_over_count,
    dossiers.pending_count,
    dossiers.pending_late_count
from main.fct_dossiers as dossiers
inner join main.dim_provinces as provinces
    on dossiers.province_id = provinces.province_id
inner join main.dim_periods as periods
    on dossiers.period_id = periods.period_id
left join main.dim_members as levels
    on levels.dimension = 'service_level' and dossiers.service_level = levels.code
left join main.dim_members as channels
    on channels.dimension = 'channel' and dossiers.channel = channels.code
