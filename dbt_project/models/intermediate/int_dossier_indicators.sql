{#- What each indicator is the sum of, and whether it is counted over the month or at its end. -#}
{%- set measures = {
    'dvc_received': ('received_count', 'period'),
    'dvc_carried_over': ('carried_over_count', 'point'),
    'dvc_to_process': ('carried_over_count + received_count', 'period'),
    'dvc_resolved': ('resolved_count', 'period'),
    'dvc_resolved_early': ('early_count', 'period'),
    'dvc_resolved_ontime': ('on_time_count - early_count', 'period'),
    'dvc_resolved_late': ('late_count', 'period'),
    'dvc_pending': ('pending_count', 'point'),
    'dvc_pending_late': ('pending_late_count', 'point'),
    'dvc_returned': ('returned_count', 'period'),
    'dvc_online': ('online_count', 'period'),
    'dvc_pay_txn': ('online_payment_count', 'period'),
    'dvc_pay_amount': ('fee_vnd', 'period'),
} -%}
{%- set counts = [
    'received_count', 'carried_over_count', 'resolved_count', 'early_count', 'on_time_count',
    'late_count', 'pending_count', 'pending_late_count', 'returned_count', 'online_count',
    'online_payment_count', 'fee_vnd',
] -%}

with dossier_months as (
    select * from {{ ref('int_dossier_months') }}
),

areas as (
    select * from {{ ref('int_dossier_areas') }}
),

days as (
    select * from {{ ref('int_dossier_days_summed') }}
),

sources as (
    select * from {{ ref('int_dossier_sources') }}
),

channels as (
    select * from {{ ref('dossier_channels') }}
),

periods as (
    select * from {{ ref('int_periods') }}
    where period_type = 'month'
),

indicators as (
    select * from {{ ref('indicators') }}
),

-- Counts by where the dossiers were filed: in a part of unknown size they are kept apart.
source_months as (
    select
        areas.province_id,
        areas.is_whole,
        areas.first_month,
        dossier_months.source_id,
        dossier_months.event_month,
        {%- for name in counts if name != 'online_count' %}
        sum(dossier_months.{{ name }}) as {{ name }},
        {%- endfor %}
        sum(case when channels.is_online then dossier_months.received_count else 0 end)
            as online_count
    from dossier_months
    inner join areas
        on dossier_months.province_id = areas.filed_in
    left join channels
        on dossier_months.channel = channels.channel
    group by
        areas.province_id,
        areas.is_whole,
        areas.first_month,
        dossier_months.source_id,
        dossier_months.event_month
),

-- A portal counts for a province from its first dossier there; its log ends where it ends.
province_sources as (
    select
        source_months.province_id,
        source_months.source_id,
        sources.as_of_date,
        sources.last_month,
        sources.known_from,
        min(source_months.first_month) as first_month_of_province,
        min(source_months.event_month) as first_month
    from source_months
    inner join sources
        on source_months.source_id = sources.source_id
    group by
        source_months.province_id,
        source_months.source_id,
        sources.as_of_date,
        sources.last_month,
        sources.known_from
),

provinces as (
    select
        province_id,
        min(first_month_of_province) as first_month,
        max(last_month) as last_month
    from province_sources
    group by province_id
),

province_months as (
    select
        provinces.province_id,
        periods.period_id,
        periods.start_date as event_month,
        cast(count(*) as int) as coverage_expected,
        cast(
            sum(case when province_sources.last_month >= periods.start_date then 1 else 0 end)
            as int
        ) as coverage_count,
        max(case when province_sources.as_of_date < periods.end_date then 1 else 0 end)
            as unfinished_flag,
        max(province_sources.known_from) as known_from
    from provinces
    inner join periods
        on periods.start_date between provinces.first_month and provinces.last_month
    inner join province_sources
        on
            provinces.province_id = province_sources.province_id
            and periods.start_date >= province_sources.first_month
    group by provinces.province_id, periods.period_id, periods.start_date
),

measures as (
    {%- for indicator_code, (expression, basis) in measures.items() %}
    select
        province_id,
        is_whole,
        event_month,
        '{{ indicator_code }}' as indicator_code,
        '{{ basis }}' as basis,
        cast({{ expression }} as decimal(28, 10)) as amount
    from source_months
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

measures_summed as (
    select
        province_id,
        event_month,
        indicator_code,
        sum(case when is_whole then amount else 0 end) as partial_value,
        max(case when not is_whole and amount <> 0 then 1 else 0 end) as unknown_flag
    from measures
    group by province_id, event_month, indicator_code
),

measured as (
    select distinct
        indicator_code,
        basis
    from measures
),

-- A month without a dossier, in a log that covers it, is a zero; a median of none is nothing.
province_measures as (
    select
        province_months.*,
        measured.indicator_code,
        measured.basis,
        cast(coalesce(summed.partial_value, 0) as decimal(28, 10)) as partial_value,
        coalesce(summed.unknown_flag, 0) as unknown_flag
    from province_months
    cross join measured
    left join measures_summed as summed
        on
            province_months.province_id = summed.province_id
            and province_months.event_month = summed.event_month
            and measured.indicator_code = summed.indicator_code
    {%- for name in ['days_median', 'days_p90'] %}
    union all
    select
        province_months.*,
        'dvc_{{ name }}' as indicator_code,
        'period' as basis,
        days.{{ name }} as partial_value,
        days.unknown_flag
    from province_months
    inner join days
        on
            province_months.province_id = days.province_id
            and province_months.event_month = days.event_month
    {%- endfor %}
),

measures_judged as (
    select
        measures.province_id,
        measures.indicator_code,
        measures.period_id,
        measures.basis,
        measures.coverage_count,
        measures.coverage_expected,
        measures.unfinished_flag,
        measures.known_from,
        measures.partial_value,
        indicators.unit,
        case
            when measures.unknown_flag = 1 then 'unknown_share'
            when measures.coverage_count < measures.coverage_expected then 'incomplete_coverage'
        end as reason_code
    from province_measures as measures
    inner join indicators
        on measures.indicator_code = indicators.indicator_code
),

-- The month a log ends in is still counted: its figures are provisional.
dossier_indicators as (
    select
        province_id,
        indicator_code,
        period_id,
        basis,
        'source' as coverage_of,
        coverage_count,
        coverage_expected,
        reason_code,
        partial_value,
        case when reason_code is null then partial_value end as value,
        unit,
        case
            when reason_code is not null then 'O'
            when unfinished_flag = 1 then 'P'
            else 'A'
        end as status,
        case when reason_code is null then 'exact' end as qualifier,
        known_from
    from measures_judged
)

select * from dossier_indicators
