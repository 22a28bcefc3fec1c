{# What dossiers are told apart by: one query per dimension over a relation with the columns channel,
   service_level, service_kind and field_code, by `keys` and member. `sums` is name -> expression. #}
{% macro by_dossier_dimension(relation, keys, sums) -%}
    {%- set members = {
        'total': "'total'",
        'channel': 'channel',
        'service_level': 'service_level',
        'service_kind': 'service_kind',
        'field': 'field_code',
    } -%}
    {%- for dimension, member in members.items() %}
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
