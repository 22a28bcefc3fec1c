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
    'dvc_days_median': ('days_median', 'period'),
    'dvc_days_p90': ('days_p90', 'period'),
} -%}
{%- set counts = [
    'received_count', 'carried_over_count', 'resolved_count', 'early_count', 'on_time_count',
    'late_count', 'pending_count', 'pending_late_count', 'returned_count', 'online_count',
    'online_payment_count', 'fee_vnd',
] -%}

with dossier_months as (
    select * from {{ ref('int_dossier_months') }}
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

source_months as (
    select
        dossier_months.province_id,
        dossier_months.source_id,
        dossier_months.event_month,
        sum(dossier_months.received_count) as received_count,
        sum(dossier_months.carried_over_count) as carried_over_count,
        sum(dossier_months.resolved_count) as resolved_count,
        sum(dossier_months.early_count) as early_count,
        sum(dossier_months.on_time_count) as on_time_count,
        sum(dossier_months.late_count) as late_count,
        sum(dossier_months.pending_count) as pending_count,
        sum(dossier_months.pending_late_count) as pending_late_count,
        sum(dossier_months.returned_count) as returned_count,
        sum(case when channels.is_online then dossier_months.received_count else 0 end)
            as online_count,
        sum(dossier_months.online_payment_count) as online_payment_count,
        sum(dossier_months.fee_vnd) as fee_vnd
    from dossier_months
    left join channels
        on dossier_months.channel = channels.channel
    group by dossier_months.province_id, dossier_months.source_id, dossier_months.event_month
),

-- A portal counts for a province from its first dossier there; its log ends where it ends.
province_sources as (
    select
        source_months.province_id,
        source_months.source_id,
        sources.as_of_date,
        sources.last_month,
        sources.known_from,
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
        min(first_month) as first_month,
        max(last_month) as last_month
    from province_sources
    group by province_id
),

-- A month without a dossier, in a log that covers it, is a zero.
expected_source_months as (
    select
        provinces.province_id,
        province_sources.source_id,
        province_sources.known_from,
        periods.period_id,
        periods.start_date as event_month,
        province_sources.last_month >= periods.start_date as is_covered,
        province_sources.as_of_date < periods.end_date as is_unfinished
    from provinces
    inner join periods
        on periods.start_date between provinces.first_month and provinces.last_month
    inner join province_sources
        on
            provinces.province_id = province_sources.province_id
            and periods.start_date >= province_sources.first_month
),

province_months as (
    select
        expected.province_id,
        expected.period_id,
        expected.event_month,
        cast(count(*) as int) as coverage_expected,
        cast(sum(case when expected.is_covered then 1 else 0 end) as int) as coverage_count,
        max(case when expected.is_unfinished then 1 else 0 end) as unfinished_flag,
        {%- for name in counts %}
        cast(coalesce(sum(source_months.{{ name }}), 0) as decimal(28, 10)) as {{ name }},
        {%- endfor %}
        max(expected.known_from) as known_from
    from expected_source_months as expected
    left join source_months
        on
            expected.province_id = source_months.province_id
            and expected.source_id = source_months.source_id
            and expected.event_month = source_months.event_month
    group by expected.province_id, expected.period_id, expected.event_month
),

province_months_with_days as (
    select
        province_months.*,
        days.days_median,
        days.days_p90
    from province_months
    left join days
        on
            province_months.province_id = days.province_id
            and province_months.event_month = days.event_month
),

measures as (
    {%- for indicator_code, (expression, basis) in measures.items() %}
    select
        province_id,
        '{{ indicator_code }}' as indicator_code,
        period_id,
        '{{ basis }}' as basis,
        coverage_count,
        coverage_expected,
        unfinished_flag,
        known_from,
        cast({{ expression }} as decimal(28, 10)) as partial_value
    from province_months_with_days
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

measures_judged as (
    select
        measures.*,
        indicators.unit,
        case
            when measures.coverage_count < measures.coverage_expected then 'incomplete_coverage'
        end as reason_code
    from measures
    inner join indicators
        on measures.indicator_code = indicators.indicator_code
    where measures.partial_value is not null
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
