{%- set keys = [
    'dossier_month', 'source_id', 'province_id', 'procedure_code', 'service_level', 'channel',
    'field_code',
] -%}
{%- set one_if = 'case when %s then 1 else 0 end' -%}
{#- What a dossier adds to the month of each of its events. -#}
{%- set events = {
    'submitted_month': {'submitted_count': '1'},
    'received_month': {
        'received_count': '1',
        'online_payment_count': one_if % 'is_paid_online',
        'fee_vnd': 'case when is_paid_online then fee_vnd else 0 end',
        'fee_count': one_if % 'fee_vnd > 0',
        'fee_paid_count': one_if % 'fee_vnd > 0 and is_paid_online',
        'fee_unstated_count': one_if % 'fee_vnd > 0 and not is_payment_stated',
    },
    'resolved_month': {
        'resolved_count': '1',
        'early_count': one_if % 'is_early',
        'on_time_count': one_if % 'not is_late',
        'late_count': one_if % 'is_late',
        'digitised_count': one_if % 'is_digitised',
        'digitised_unstated_count': one_if % 'is_digitised is null',
    },
    'returned_month': {'returned_count': '1'},
    'refused_month': {'refused_count': '1'},
    'late_stock_from': {'late_stock_change': '1'},
    'late_stock_to': {'late_stock_change': '-1'},
} -%}
{%- set counts = [
    'submitted_count', 'received_count', 'online_payment_count', 'resolved_count', 'early_count',
    'on_time_count', 'late_count', 'returned_count', 'refused_count', 'late_stock_change',
    'fee_count', 'fee_paid_count', 'fee_unstated_count', 'digitised_count',
    'digitised_unstated_count',
] -%}

{%- set changed = is_in_months('dossier_month', changed_dossier_months()) -%}

-- Each branch reads the table itself: a common expression would be kept in memory for all of them.
-- What is still overdue is in int_dossier_open_dues: that depends on the day the log reaches.
with events as (
    {%- for event_month, adds in events.items() %}
    select
        {{ keys | join(', ') }},
        {{ event_month }} as event_month,
        {%- for name in counts %}
        sum({{ adds.get(name, '0') }}) as {{ name }},
        {%- endfor %}
        sum({{ adds.get('fee_vnd', 'cast(0 as decimal(18, 0))') }}) as fee_vnd
    from {{ ref('int_dossiers_changed') }}
    where {{ changed }} and {{ event_month }} is not null
    group by {{ keys | join(', ') }}, {{ event_month }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

flows as (
    select
        {{ keys | join(', ') }},
        event_month,
        {%- for name in counts %}
        cast(sum({{ name }}) as bigint) as {{ name }},
        {%- endfor %}
        cast(sum(fee_vnd) as decimal(28, 0)) as fee_vnd
    from events
    group by {{ keys | join(', ') }}, event_month
)

select * from flows
