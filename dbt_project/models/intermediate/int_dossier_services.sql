with dossier_months as (
    select * from {{ ref('int_dossier_months') }}
),

channels as (
    select * from {{ ref('dossier_channels') }}
),

service_levels as (
    select * from {{ ref('service_levels') }}
),

area_months as (
    select * from {{ ref('int_dossier_area_months') }}
),

spans as (
    select * from {{ ref('int_dossier_spans') }}
),

-- An online service is one of which at least a part can be done online.
services_by_month as (
    select distinct
        dossier_months.province_id,
        dossier_months.event_month,
        dossier_months.procedure_code,
        dossier_months.channel,
        dossier_months.service_level,
        service_levels.mapped_to as service_kind,
        dossier_months.field_code
    from dossier_months
    inner join channels
        on dossier_months.channel = channels.channel
    inner join service_levels
        on dossier_months.service_level = service_levels.service_level
    where
        channels.is_online
        and service_levels.mapped_to in ('partial', 'full')
        and dossier_months.received_count > 0
),

services_by_span as (
    select distinct
        area_months.province_id,
        spans.period_id,
        area_months.is_whole,
        services_by_month.procedure_code,
        services_by_month.channel,
        services_by_month.service_level,
        services_by_month.service_kind,
        services_by_month.field_code
    from services_by_month
    inner join area_months
        on
            services_by_month.province_id = area_months.filed_in
            and services_by_month.event_month = area_months.event_month
    inner join spans
        on
            area_months.province_id = spans.province_id
            and services_by_month.event_month between spans.start_date and spans.end_date
),

services as (
    {{ by_dossier_dimension(
        'services_by_span',
        ['province_id', 'period_id', 'is_whole'],
        {'service_count': 'cast(count(distinct procedure_code) as bigint)'},
    ) }}
)

select * from services
