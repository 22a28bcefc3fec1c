{# What each indicator of a log of dossiers is the sum of, whether it is counted over the period or
   at an end of it, and, where the portal may be silent, how many dossiers it does not tell of. The
   opening stock is that of the first month of the period, the closing one that of its last. #}
{% macro dossier_measures() -%}
    {{ return({
        'dvc_received': {'sum': 'received_count', 'basis': 'period'},
        'dvc_carried_over': {'sum': 'carried_over_count', 'basis': 'point'},
        'dvc_to_process': {'sum': 'carried_over_count + received_count', 'basis': 'period'},
        'dvc_resolved': {'sum': 'resolved_count', 'basis': 'period'},
        'dvc_resolved_early': {'sum': 'early_count', 'basis': 'period'},
        'dvc_resolved_ontime': {'sum': 'on_time_count - early_count', 'basis': 'period'},
        'dvc_resolved_late': {'sum': 'late_count', 'basis': 'period'},
        'dvc_pending': {'sum': 'pending_count', 'basis': 'point'},
        'dvc_pending_late': {'sum': 'pending_late_count', 'basis': 'point'},
        'dvc_returned': {'sum': 'returned_count', 'basis': 'period'},
        'dvc_online': {'sum': 'online_count', 'basis': 'period'},
        'dvc_pay_txn': {'sum': 'online_payment_count', 'basis': 'period'},
        'dvc_pay_amount': {'sum': 'fee_vnd', 'basis': 'period'},
        'dvc_fee': {'sum': 'fee_count', 'basis': 'period'},
        'dvc_fee_paid': {
            'sum': 'fee_paid_count', 'basis': 'period', 'unstated': 'fee_unstated_count'
        },
        'dvc_digitised': {
            'sum': 'digitised_count', 'basis': 'period', 'unstated': 'digitised_unstated_count'
        },
    }) }}
{%- endmacro %}

{# Counts that dossier_measures are made of, by when in a period they are taken. #}
{% macro dossier_counts() -%}
    {{ return({
        'received_count': 'sum', 'resolved_count': 'sum', 'early_count': 'sum',
        'on_time_count': 'sum', 'late_count': 'sum', 'returned_count': 'sum',
        'online_count': 'sum', 'online_payment_count': 'sum', 'fee_vnd': 'sum',
        'fee_count': 'sum', 'fee_paid_count': 'sum', 'fee_unstated_count': 'sum',
        'digitised_count': 'sum', 'digitised_unstated_count': 'sum',
        'carried_over_count': 'first', 'pending_count': 'last', 'pending_late_count': 'last',
    }) }}
{%- endmacro %}

{# Dimension -> column of its members. #}
{% macro dossier_dimensions() -%}
    {{ return({
        'total': "'total'",
        'channel': 'channel',
        'service_level': 'service_level',
        'service_kind': 'service_kind',
        'field': 'field_code',
    }) }}
{%- endmacro %}

{# One query per dimension over a relation of sums by channel, service_level, service_kind and
   field_code: the sums by `keys` and member. #}
{% macro by_dossier_dimension(relation, keys, sums) -%}
    {%- for dimension, member in dossier_dimensions().items() %}
    select
        {{ keys | join(', ') }},
        '{{ dimension }}' as dimension,
        {{ member }} as member,
        {%- for name, expression in sums.items() %}
        {{ expression }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    group by {{ keys | join(', ') }}{{ '' if dimension == 'total' else ', ' ~ member }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
