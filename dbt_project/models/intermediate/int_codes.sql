{#- Reference rows, what was read, and words that our own SQL writes. An id that data have and no
    reference row knows is here as well: to find that out is the work of the tests. -#}
{%- set known = [
    (ref('provinces'), ['province_id']),
    (ref('province_succession'), ['predecessor_id', 'successor_id']),
    (ref('indicators'), ['indicator_code', 'unit']),
    (ref('indicator_parts'), ['indicator_code', 'part_code']),
    (ref('index_weights'), ['indicator_code']),
    (ref('int_periods'), ['period_id']),
    (ref('int_dossier_indicators'), ['province_id', 'indicator_code', 'period_id']),
    (
        ref('int_observations_unioned'),
        ['province_id', 'indicator_code', 'period_id', 'basis', 'unit', 'status', 'qualifier'],
    ),
] -%}
{%- set words = ['A', 'E', 'O', 'approx', 'exact', 'point', 'period'] -%}

with codes as (
    {%- for relation, columns in known %}
    {%- for column in columns %}
    select distinct {{ column }} as code from {{ relation }}
    union
    {%- endfor %}
    {%- endfor %}
    {%- for word in words %}
    select '{{ word }}' as code
    {{ 'union' if not loop.last }}
    {%- endfor %}
)

select code from codes
where code is not null
