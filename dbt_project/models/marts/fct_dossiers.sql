{%- set keys = [
    'province_id', 'procedure_code', 'service_level', 'channel', 'period_id', 'source_id',
] -%}
{%- set counts = [
    'submitted_count', 'received_count', 'resolved_count', 'on_time_count', 'late_count',
    'returned_count', 'pending_count', 'pending_late_count', 'online_payment_count',
] -%}

with dossier_months as (
    select * from {{ ref('int_dossier_months') }}
),

-- A procedure has one field of administration, or several in the words of one portal: summed.
final as (
    select
        {%- for name in keys %}
        cast({{ name }} as string) as {{ name }},
        {%- endfor %}
        {%- for name in counts %}
        cast(sum({{ name }}) as bigint) as {{ name }},
        {%- endfor %}
        cast(sum(fee_vnd) as decimal(28, 10)) as fee_vnd,
        cast(max(as_of_date) as date) as as_of_date,
        cast(sum(early_count) as bigint) as early_count,
        cast(sum(refused_count) as bigint) as refused_count,
        cast(sum(carried_over_count) as bigint) as carried_over_count,
        cast(sum(fee_count) as bigint) as fee_count,
        cast(sum(fee_paid_count) as bigint) as fee_paid_count,
        cast(sum(fee_unstated_count) as bigint) as fee_unstated_count,
        cast(sum(digitised_count) as bigint) as digitised_count,
        cast(sum(digitised_unstated_count) as bigint) as digitised_unstated_count
    from dossier_months
    group by {{ keys | join(', ') }}
)

select * from final
