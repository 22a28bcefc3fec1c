{%- set keys = ['province_id', 'period_id', 'dimension', 'member'] -%}
{#- What each indicator is the sum of, whether it is counted over the period or at an end of it,
    and of how many dossiers the portals do not tell it, where they may be silent. -#}
{%- set measures = {
    'dvc_received': ('received_count', 'period', '0'),
    'dvc_carried_over': ('carried_over_count', 'point', '0'),
    'dvc_to_process': ('carried_over_count + received_count', 'period', '0'),
    'dvc_resolved': ('resolved_count', 'period', '0'),
    'dvc_resolved_early': ('early_count', 'period', '0'),
    'dvc_resolved_ontime': ('on_time_count - early_count', 'period', '0'),
    'dvc_resolved_late': ('late_count', 'period', '0'),
    'dvc_pending': ('pending_count', 'point', '0'),
    'dvc_pending_late': ('pending_late_count', 'point', '0'),
    'dvc_returned': ('returned_count', 'period', '0'),
    'dvc_online': ('online_count', 'period', '0'),
    'dvc_pay_txn': ('online_payment_count', 'period', '0'),
    'dvc_pay_amount': ('fee_vnd', 'period', '0'),
    'dvc_fee': ('fee_count', 'period', '0'),
    'dvc_fee_paid': ('fee_paid_count', 'period', 'fee_unstated_count'),
    'dvc_digitised': ('digitised_count', 'period', 'digitised_unstated_count'),
} -%}
{%- set percentiles = ['days_median', 'days_p90'] -%}

with members as (
    select * from {{ ref('int_dossier_members') }}
),

services as (
    select * from {{ ref('int_dossier_services') }}
),

days as (
    select * from {{ ref('int_dossier_days_summed') }}
),

spans as (
    select * from {{ ref('int_dossier_spans') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

indicator_parts as (
    select * from {{ ref('indicator_parts') }}
),

measures as (
    {%- for indicator_code, (expression, basis, unstated) in measures.items() %}
    select
        {{ keys | join(', ') }},
        is_whole,
        '{{ indicator_code }}' as indicator_code,
        '{{ basis }}' as basis,
        cast({{ expression }} as decimal(28, 10)) as amount,
        {{ unstated }} as unstated_count
    from members
    union all
    {%- endfor %}
    select
        {{ keys | join(', ') }},
        is_whole,
        'dvc_active' as indicator_code,
        'period' as basis,
        cast(service_count as decimal(28, 10)) as amount,
        0 as unstated_count
    from services
),

measures_summed as (
    select
        {{ keys | join(', ') }},
        indicator_code,
        sum(case when is_whole then amount else 0 end) as partial_value,
        max(case when not is_whole and amount <> 0 then 1 else 0 end) as unknown_flag,
        max(case when is_whole and unstated_count > 0 then 1 else 0 end) as unstated_flag
    from measures
    group by {{ keys | join(', ') }}, indicator_code
),

measured as (
    select distinct
        indicator_code,
        basis
    from measures
),

members_of_areas as (
    select distinct
        province_id,
        dimension,
        member
    from members
),

-- Nothing in a month that the log covers is a zero; a median of nothing is no figure at all.
figures as (
    select
        spans.province_id,
        spans.period_id,
        names.dimension,
        names.member,
        measured.indicator_code,
        measured.basis,
        coalesce(summed.partial_value, 0) as partial_value,
        coalesce(summed.unknown_flag, 0) as unknown_flag,
        coalesce(summed.unstated_flag, 0) as unstated_flag
    from spans
    inner join members_of_areas as names
        on spans.province_id = names.province_id
    cross join measured
    left join measures_summed as summed
        on
            spans.province_id = summed.province_id
            and spans.period_id = summed.period_id
            and names.dimension = summed.dimension
            and names.member = summed.member
            and measured.indicator_code = summed.indicator_code
    {%- for name in percentiles %}
    union all
    select
        {{ keys | join(', ') }},
        'dvc_{{ name }}' as indicator_code,
        'period' as basis,
        {{ name }} as partial_value,
        unknown_flag,
        0 as unstated_flag
    from days
    {%- endfor %}
),

-- Which months a figure needs: all of them, or the one at an end, by the indicator's own rule over
-- time or, where it is a sum of others, by theirs. What is counted from the log needs all.
rules as (
    select
        indicator_code,
        case when time_rule in ('first', 'last') then time_rule else 'sum' end as time_rule
    from indicators
    where
        indicator_code not in (
            select indicator_parts.indicator_code from indicator_parts
            where indicator_parts.role = 'term'
        )
    union all
    select
        indicator_parts.indicator_code,
        indicators.time_rule
    from indicator_parts
    inner join indicators
        on indicator_parts.part_code = indicators.indicator_code
    where indicator_parts.role = 'term'
),

needs as (
    select
        spans.province_id,
        spans.period_id,
        rules.indicator_code,
        cast(
            sum(
                case rules.time_rule
                    when 'first' then spans.first_flag
                    when 'last' then spans.last_flag
                    else spans.known_count
                end
            ) as int
        ) as months_known,
        cast(
            sum(case when rules.time_rule in ('first', 'last') then 1 else spans.month_count end)
            as int
        ) as months_needed
    from spans
    cross join rules
    where
        rules.indicator_code in (select measured.indicator_code from measured)
        {%- for name in percentiles %}
        or rules.indicator_code = 'dvc_{{ name }}'
        {%- endfor %}
    group by spans.province_id, spans.period_id, rules.indicator_code
),

figures_judged as (
    select
        figures.*,
        spans.period_type,
        spans.carried_flag,
        spans.unfinished_flag,
        spans.known_from,
        case when spans.period_type = 'month' then spans.month_coverage_of else 'month' end
            as coverage_of,
        case
            when spans.period_type = 'month' then spans.month_coverage_count
            else needs.months_known
        end as coverage_count,
        case
            when spans.period_type = 'month' then spans.month_coverage_expected
            else needs.months_needed
        end as coverage_expected,
        case
            when figures.unknown_flag = 1 then 'unknown_share'
            when spans.period_type = 'month' and spans.month_reason_code is not null
                then spans.month_reason_code
            when needs.months_known < needs.months_needed then 'incomplete_coverage'
            when figures.unstated_flag = 1 then 'not_stated'
        end as reason_code
    from figures
    inner join spans
        on
            figures.province_id = spans.province_id
            and figures.period_id = spans.period_id
    inner join needs
        on
            figures.province_id = needs.province_id
            and figures.period_id = needs.period_id
            and figures.indicator_code = needs.indicator_code
),

-- The month a log ends in is still counted: its figures are provisional.
dossier_values as (
    select
        figures.province_id,
        figures.period_id,
        figures.dimension,
        figures.member,
        figures.indicator_code,
        figures.period_type,
        figures.basis,
        figures.carried_flag = 1 as is_carried,
        figures.coverage_of,
        figures.coverage_count,
        figures.coverage_expected,
        figures.reason_code,
        cast(figures.partial_value as decimal(28, 10)) as partial_value,
        cast(
            case when figures.reason_code is null then figures.partial_value end as decimal(28, 10)
        ) as value,
        indicators.unit,
        case
            when figures.reason_code is not null then 'O'
            when figures.unfinished_flag = 1 then 'P'
            else 'A'
        end as status,
        figures.known_from
    from figures_judged as figures
    inner join indicators
        on figures.indicator_code = indicators.indicator_code
)

select * from dossier_values
