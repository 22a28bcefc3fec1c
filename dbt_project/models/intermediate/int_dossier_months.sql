{%- set keys = [
    'source_id', 'province_id', 'procedure_code', 'service_level', 'channel', 'field_code',
] -%}
{%- set counts = [
    'submitted_count', 'received_count', 'resolved_count', 'early_count', 'on_time_count',
    'late_count', 'returned_count', 'refused_count', 'online_payment_count', 'late_stock_change',
    'fee_count', 'fee_paid_count', 'fee_unstated_count', 'digitised_count',
    'digitised_unstated_count',
] -%}

-- What is published is also written down as built.
-- depends_on: {{ ref('int_dossier_partitions') }}
with flows as (
    select * from {{ ref('int_dossier_flows') }}
),

open_dues as (
    select * from {{ ref('int_dossier_open_dues') }}
),

sources as (
    select * from {{ ref('int_dossier_sources') }}
),

periods as (
    select * from {{ ref('int_periods') }}
    where period_type = 'month'
),

-- Open dossiers that are overdue on the day the log reaches; the others fall due later.
overdue as (
    select
        open_dues.source_id,
        open_dues.province_id,
        open_dues.procedure_code,
        open_dues.service_level,
        open_dues.channel,
        open_dues.field_code,
        cast(date_trunc('month', open_dues.late_from) as date) as event_month,
        open_dues.dossier_count as late_stock_change
    from open_dues
    inner join sources
        on open_dues.source_id = sources.source_id
    where open_dues.late_from <= sources.as_of_date
),

changes as (
    select
        {{ keys | join(', ') }},
        event_month,
        {{ counts | join(', ') }},
        fee_vnd
    from flows
    union all
    select
        {{ keys | join(', ') }},
        event_month,
        {%- for name in counts %}
        {{ name if name == 'late_stock_change' else '0' }} as {{ name }},
        {%- endfor %}
        cast(0 as decimal(28, 0)) as fee_vnd
    from overdue
),

changes_by_month as (
    select
        {{ keys | join(', ') }},
        event_month,
        {%- for name in counts %}
        cast(sum({{ name }}) as bigint) as {{ name }},
        {%- endfor %}
        cast(sum(fee_vnd) as decimal(28, 0)) as fee_vnd
    from changes
    group by {{ keys | join(', ') }}, event_month
),

-- A number for each combination of the keys: joins and windows over it cost a third less.
groups as (
    select
        {{ keys | join(', ') }},
        row_number() over (order by {{ keys | join(' nulls last, ') }} nulls last) as group_no,
        min(event_month) as first_month
    from changes_by_month
    group by {{ keys | join(', ') }}
),

group_changes as (
    select
        groups.group_no,
        changes_by_month.*
    from changes_by_month
    inner join groups
        on
            changes_by_month.source_id = groups.source_id
            and changes_by_month.province_id = groups.province_id
            and changes_by_month.procedure_code = groups.procedure_code
            and changes_by_month.service_level = groups.service_level
            and changes_by_month.channel = groups.channel
            and changes_by_month.field_code = groups.field_code
),

-- Every month from a group's first event to the last month its source's log reaches.
group_months as (
    select
        groups.group_no,
        groups.source_id,
        groups.province_id,
        groups.procedure_code,
        groups.service_level,
        groups.channel,
        groups.field_code,
        periods.period_id,
        periods.start_date as event_month,
        least(periods.end_date, sources.as_of_date) as as_of_date
    from groups
    inner join sources
        on groups.source_id = sources.source_id
    inner join periods
        on periods.start_date between groups.first_month and sources.last_month
),

months as (
    select
        group_months.group_no,
        group_months.source_id,
        group_months.province_id,
        group_months.procedure_code,
        group_months.service_level,
        group_months.channel,
        group_months.field_code,
        group_months.period_id,
        group_months.event_month,
        group_months.as_of_date,
        {%- for name in counts %}
        coalesce(group_changes.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        coalesce(group_changes.fee_vnd, 0) as fee_vnd
    from group_months
    left join group_changes
        on
            group_months.group_no = group_changes.group_no
            and group_months.event_month = group_changes.event_month
),

months_with_stock as (
    select
        months.*,
        cast(
            sum(received_count - resolved_count - returned_count) over (
                partition by group_no
                order by event_month nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) as pending_count,
        cast(
            sum(late_stock_change) over (
                partition by group_no
                order by event_month nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) as pending_late_count
    from months
),

months_in_use as (
    select
        province_id,
        procedure_code,
        service_level,
        channel,
        field_code,
        period_id,
        source_id,
        event_month,
        submitted_count,
        received_count,
        resolved_count,
        early_count,
        on_time_count,
        late_count,
        returned_count,
        refused_count,
        pending_count,
        pending_late_count,
        cast(pending_count - received_count + resolved_count + returned_count as bigint)
            as carried_over_count,
        online_payment_count,
        fee_vnd,
        fee_count,
        fee_paid_count,
        fee_unstated_count,
        digitised_count,
        digitised_unstated_count,
        as_of_date
    from months_with_stock
    where
        submitted_count > 0
        or received_count > 0
        or resolved_count > 0
        or returned_count > 0
        or refused_count > 0
        or pending_count <> 0
        or pending_late_count <> 0
)

select * from months_in_use
